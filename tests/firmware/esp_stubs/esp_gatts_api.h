#include <stdbool.h>
#include <stdint.h>

typedef uint8_t esp_gatt_if_t;

static inline int esp_ble_gatts_send_indicate(esp_gatt_if_t gatts_if, uint16_t connection, uint16_t handle, uint16_t size,
                                              uint8_t *value, bool need_confirm)
{
    return gatts_if == 3 && connection == 1 && handle == 2 && size >= 14 && value && !need_confirm ? 0 : -1;
}
