// Compiles the function for Arduino against a characteristic as the ESP32 core has it.
#include <cstddef>
#include <cstdint>

struct BLECharacteristic {
    std::size_t size = 0;
    int notified = 0;
    void setValue(std::uint8_t *, std::size_t length) { size = length; }
    void notify() { notified++; }
};

#define OTATAP_ARDUINO
#include "otatap.h"

int main()
{
    static otatap tap;
    BLECharacteristic characteristic;
    otatap_init(&tap, otatap_send_arduino, &characteristic);
    otatap_begin(&tap);
    otatap_chunk(&tap, 0, "abc", 3);
    otatap_finish(&tap);
    return characteristic.notified == 2 && characteristic.size == 18 ? 0 : 1;
}
