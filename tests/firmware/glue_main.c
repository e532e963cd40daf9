/* Compiles every ready-made function of otatap.h against declarations as ESP-IDF has them. */
#define OTATAP_ESP_IDF
#define OTATAP_NIMBLE
#define OTATAP_BLUEDROID
#include "otatap.h"

int main(void)
{
    static otatap tap;
    otatap_nimble nimble = {1, 2};
    otatap_bluedroid bluedroid = {3, 1, 2};
    esp_partition_t partition = {0x110000, 0x100000};
    uint32_t next = 0;
    otatap_init(&tap, otatap_send_nimble, &nimble);
    otatap_set_mtu(&tap, 247);
    otatap_begin(&tap);
    otatap_chunk(&tap, 0, "abc", 3);
    if (otatap_finish(&tap)) return 1;
    otatap_init(&tap, otatap_send_bluedroid, &bluedroid);
    otatap_chunk(&tap, 0, "abc", 3);
    if (otatap_finish(&tap)) return 1;
    if (otatap_send_map(&tap, otatap_read_partition, &partition, 8192, &next)) return 1;
    return otatap_print_map(otatap_read_partition, &partition, 8192, otatap_print_log, NULL);
}
