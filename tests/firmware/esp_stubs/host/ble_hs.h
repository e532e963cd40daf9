#include <stdint.h>

struct os_mbuf {
    uint16_t size;
};

static inline struct os_mbuf *ble_hs_mbuf_from_flat(const void *data, uint16_t size)
{
    static struct os_mbuf buffer;
    (void)data;
    buffer.size = size;
    return &buffer;
}

static inline int ble_gatts_notify_custom(uint16_t connection, uint16_t handle, struct os_mbuf *buffer)
{
    return connection == 1 && handle == 2 && buffer->size >= 14 ? 0 : 1;
}
