/* Runs otatap.h on the host. Standard input: for each chunk its offset (4 bytes) and length (2), little-endian, and
 * its bytes; then the slot's content behind a length of 0xffff. Arguments: the MTU, how many sends of each ten the
 * stack refuses, and after how many bytes of the slot a read fails, or 0. Standard output: one line a frame or a line. */
#include <stdlib.h>

#include "otatap.h"

static unsigned char slot[1 << 21];
static size_t slot_size;
static size_t readable;
static int refused_of_ten;
static int sends;

static int send_frame(void *context, const uint8_t *frame, size_t size)
{
    size_t i;
    (void)context;
    if (sends++ % 10 < refused_of_ten) return -1;
    printf("frame ");
    for (i = 0; i < size; i++) printf("%02x", frame[i]);
    printf("\n");
    return 0;
}

static int read_slot(void *context, uint32_t offset, void *to, size_t size)
{
    (void)context;
    if (readable && offset + size > readable) return -1;
    memset(to, 0xff, size);
    if (offset < slot_size) memcpy(to, slot + offset, slot_size - offset < size ? slot_size - offset : size);
    return 0;
}

static void print_line(void *context, const char *line)
{
    (void)context;
    printf("line %s\n", line);
}

int main(int argc, char **argv)
{
    static otatap tap;
    static unsigned char chunk[0x10000];
    unsigned char head[6];
    uint32_t next = 0;
    int tries;
    if (argc != 4) return 2;
    refused_of_ten = atoi(argv[2]);
    readable = (size_t)atol(argv[3]);
    otatap_init(&tap, send_frame, NULL);
    otatap_set_mtu(&tap, (uint16_t)atoi(argv[1]));
    otatap_begin(&tap);
    while (fread(head, 1, sizeof head, stdin) == sizeof head) {
        size_t length = (size_t)head[4] | (size_t)head[5] << 8;
        uint32_t offset = head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
        if (length == 0xffff) break;
        if (fread(chunk, 1, length, stdin) != length) return 2;
        otatap_chunk(&tap, offset, chunk, length);
    }
    slot_size = fread(slot, 1, sizeof slot, stdin);
    for (tries = 0; tries < 1000 && otatap_finish(&tap); tries++) {
    }
    for (tries = 0; tries < 1000 && otatap_send_map(&tap, read_slot, NULL, (uint32_t)slot_size, &next); tries++) {
    }
    printf("map %d\n", otatap_print_map(read_slot, NULL, (uint32_t)slot_size, print_line, NULL));
    return 0;
}
