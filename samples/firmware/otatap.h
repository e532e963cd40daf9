/* otatap.h: lets otadiff see what a Bluetooth LE OTA receiver gets and stores.
 *
 * Call otatap_chunk() in the write callback and otatap_finish() behind the last esp_ota_write(): the tap notifies a
 * fingerprint of every chunk and a CRC32 of every sector that was written, and otatap_print_map() prints the sectors
 * to the serial log. README.md beside this file shows where the calls go. The layouts are those of
 * forensics/spec/tap.py, version 1; numbers are little-endian, and every CRC32 is zlib's.
 *
 * C99 or C++, no allocation, no global variables; one struct otatap that you declare. Not safe against calls from two
 * tasks at once: call it where you call esp_ota_write(). SPDX-License-Identifier: MIT
 */
#ifndef OTATAP_H
#define OTATAP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OTATAP_VERSION 1

/* One service with one characteristic, property notify. */
#define OTATAP_SERVICE_UUID "0f7a0001-7461-4f70-9d1c-6f7461646966"
#define OTATAP_CHARACTERISTIC_UUID "0f7a0002-7461-4f70-9d1c-6f7461646966"

#define OTATAP_SECTOR_SIZE 4096u

/* Chunks kept until they are notified; 16 bytes of RAM each. */
#ifndef OTATAP_RING
#define OTATAP_RING 64
#endif

/* Largest notification that is ever made: ATT MTU - 3 of the largest MTU you allow. */
#ifndef OTATAP_LARGEST_PAYLOAD
#define OTATAP_LARGEST_PAYLOAD 244
#endif

/* Sectors of one printed line, 1 to 16. With 4 a line and its log head fit into 80 columns. */
#ifndef OTATAP_LINE_SECTORS
#define OTATAP_LINE_SECTORS 4
#endif

/* Bytes of the buffer for one printed line, the final NUL included. */
#define OTATAP_LINE_SIZE (24 + 9 * OTATAP_LINE_SECTORS + 10)

#define OTATAP_SMALLEST_PAYLOAD 20u
#define OTATAP_HEADER_SIZE 4u
#define OTATAP_CHUNK_SIZE 14u

enum { OTATAP_CHUNKS = 1, OTATAP_SECTORS = 2, OTATAP_TOTALS = 3 };

/* Notifies one frame. Returns 0 when the stack took it; anything else keeps the frame for the next call. */
typedef int (*otatap_send_fn)(void *context, const uint8_t *frame, size_t size);

/* Reads size bytes at offset of the written slot, as they are in flash. Returns 0 when it could. */
typedef int (*otatap_read_fn)(void *context, uint32_t offset, void *to, size_t size);

/* Prints one line, which has no line break at its end. */
typedef void (*otatap_print_fn)(void *context, const char *line);

typedef struct {
    uint32_t index;
    uint32_t offset;
    uint32_t crc32;
    uint16_t length;
} otatap_fingerprint;

typedef struct otatap {
    otatap_send_fn send;
    void *send_context;
    uint16_t payload;
    uint16_t sequence;
    uint32_t chunks;
    uint32_t size;
    uint32_t crc32;
    uint16_t unrecorded;
    uint16_t first; /* oldest fingerprint in the ring */
    uint16_t held;  /* how many are in it */
    otatap_fingerprint ring[OTATAP_RING];
} otatap;

/* CRC32 of zlib; pass the CRC32 of what came before, or 0. Define OTATAP_CRC32 to use the ROM's esp_rom_crc32_le. */
static inline uint32_t otatap_crc32(uint32_t crc, const void *data, size_t size)
{
#ifdef OTATAP_CRC32
    return OTATAP_CRC32(crc, (const uint8_t *)data, size);
#else
    /* By half bytes: a table of 64 bytes, a tenth of the time that single bits take. */
    static const uint32_t table[16] = {
        0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
        0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
    };
    const uint8_t *byte = (const uint8_t *)data;
    crc = ~crc;
    while (size--) {
        crc ^= *byte++;
        crc = (crc >> 4) ^ table[crc & 15u];
        crc = (crc >> 4) ^ table[crc & 15u];
    }
    return ~crc;
#endif
}

static inline void otatap_put16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static inline void otatap_put32(uint8_t *to, uint32_t value)
{
    otatap_put16(to, (uint16_t)value);
    otatap_put16(to + 2, (uint16_t)(value >> 16));
}

/* Once, before anything else. A null send only collects, for those who print the map and notify nothing. */
static inline void otatap_init(otatap *tap, otatap_send_fn send, void *context)
{
    memset(tap, 0, sizeof *tap);
    tap->send = send;
    tap->send_context = context;
    tap->payload = OTATAP_SMALLEST_PAYLOAD;
}

/* When an MTU is agreed on, and with 23 when a link begins. */
static inline void otatap_set_mtu(otatap *tap, uint16_t mtu)
{
    uint16_t payload = mtu > 3 ? (uint16_t)(mtu - 3) : 0;
    if (payload > OTATAP_LARGEST_PAYLOAD) payload = OTATAP_LARGEST_PAYLOAD;
    tap->payload = payload < OTATAP_SMALLEST_PAYLOAD ? (uint16_t)OTATAP_SMALLEST_PAYLOAD : payload;
}

/* When a transfer begins, beside esp_ota_begin(). */
static inline void otatap_begin(otatap *tap)
{
    tap->sequence = 0;
    tap->chunks = tap->size = tap->crc32 = 0;
    tap->unrecorded = tap->first = tap->held = 0;
}

static inline int otatap_send_frame(otatap *tap, uint8_t kind, uint8_t count, uint8_t *frame, size_t size)
{
    int failed;
    frame[0] = (uint8_t)(OTATAP_VERSION << 4 | kind);
    frame[1] = count;
    otatap_put16(frame + 2, tap->sequence);
    failed = tap->send ? tap->send(tap->send_context, frame, size) : -1;
    /* A frame that the stack refused keeps its number, so a gap in the numbers is a loss on the way. */
    if (!failed) tap->sequence++;
    return failed;
}

/* Notifies what the ring holds. Returns 0 when all of it was taken; else call it again later. */
static inline int otatap_flush(otatap *tap)
{
    uint8_t frame[OTATAP_LARGEST_PAYLOAD];
    uint16_t most = (uint16_t)((tap->payload - OTATAP_HEADER_SIZE) / OTATAP_CHUNK_SIZE);
    while (tap->held) {
        uint16_t count = tap->held < most ? tap->held : most;
        uint8_t *at = frame + OTATAP_HEADER_SIZE;
        uint16_t i;
        for (i = 0; i < count; i++, at += OTATAP_CHUNK_SIZE) {
            const otatap_fingerprint *one = &tap->ring[(tap->first + i) % OTATAP_RING];
            otatap_put32(at, one->index);
            otatap_put32(at + 4, one->offset);
            otatap_put16(at + 8, one->length);
            otatap_put32(at + 10, one->crc32);
        }
        if (otatap_send_frame(tap, OTATAP_CHUNKS, (uint8_t)count, frame, (size_t)(at - frame))) return -1;
        tap->first = (uint16_t)((tap->first + count) % OTATAP_RING);
        tap->held = (uint16_t)(tap->held - count);
    }
    return 0;
}

/* One call of the write callback: the bytes as they came, and the offset in the image where they will be put. */
static inline void otatap_chunk(otatap *tap, uint32_t offset, const void *data, size_t length)
{
    if (tap->held < OTATAP_RING) {
        otatap_fingerprint *one = &tap->ring[(tap->first + tap->held++) % OTATAP_RING];
        one->index = tap->chunks;
        one->offset = offset;
        one->length = (uint16_t)length;
        one->crc32 = otatap_crc32(0, data, length);
    } else if (tap->unrecorded < UINT16_MAX) {
        tap->unrecorded++;
    }
    tap->chunks++;
    tap->size += (uint32_t)length;
    tap->crc32 = otatap_crc32(tap->crc32, data, length);
    if (tap->send && (size_t)(tap->held + 1) * OTATAP_CHUNK_SIZE + OTATAP_HEADER_SIZE > tap->payload)
        (void)otatap_flush(tap);
}

/* The end of a transfer: what the ring still holds, and the totals. Returns 0 when the stack took all. */
static inline int otatap_finish(otatap *tap)
{
    uint8_t frame[OTATAP_HEADER_SIZE + 14];
    if (otatap_flush(tap)) return -1;
    otatap_put32(frame + 4, tap->chunks);
    otatap_put32(frame + 8, tap->size);
    otatap_put32(frame + 12, tap->crc32);
    otatap_put16(frame + 16, tap->unrecorded);
    return otatap_send_frame(tap, OTATAP_TOTALS, 1, frame, sizeof frame);
}

/* CRC32 of one sector as it is in flash. Reads by 256 bytes, so that it needs little stack. */
static inline int otatap_sector(otatap_read_fn read, void *context, uint32_t sector, uint32_t *crc32)
{
    uint8_t piece[256];
    uint32_t done;
    *crc32 = 0;
    for (done = 0; done < OTATAP_SECTOR_SIZE; done += sizeof piece) {
        if (read(context, sector * OTATAP_SECTOR_SIZE + done, piece, sizeof piece)) return -1;
        *crc32 = otatap_crc32(*crc32, piece, sizeof piece);
    }
    return 0;
}

/* Notifies the map of the first size bytes of the slot, from sector *next on; start with *next = 0. Returns 0 at the
 * end; else call it again with the same next, where it goes on. */
static inline int otatap_send_map(otatap *tap, otatap_read_fn read, void *context, uint32_t size, uint32_t *next)
{
    uint8_t frame[OTATAP_LARGEST_PAYLOAD];
    uint32_t sectors = size / OTATAP_SECTOR_SIZE + (size % OTATAP_SECTOR_SIZE != 0);
    uint32_t most = (tap->payload - OTATAP_HEADER_SIZE - 2u) / 4u;
    while (*next < sectors) {
        uint32_t count = sectors - *next < most ? sectors - *next : most;
        uint32_t i, crc32;
        otatap_put16(frame + 4, (uint16_t)*next);
        for (i = 0; i < count; i++) {
            if (otatap_sector(read, context, *next + i, &crc32)) return -1;
            otatap_put32(frame + 6 + 4 * i, crc32);
        }
        if (otatap_send_frame(tap, OTATAP_SECTORS, (uint8_t)count, frame, 6 + 4 * (size_t)count)) return -1;
        *next += count;
    }
    return 0;
}

/* Prints the map of the first size bytes of the slot. Returns 0 when every sector could be read. */
static inline int otatap_print_map(otatap_read_fn read, void *read_context, uint32_t size, otatap_print_fn print,
                                   void *print_context)
{
    uint32_t sectors = size / OTATAP_SECTOR_SIZE + (size % OTATAP_SECTOR_SIZE != 0);
    uint32_t first;
    for (first = 0; first < sectors; first += OTATAP_LINE_SECTORS) {
        uint32_t count = sectors - first < OTATAP_LINE_SECTORS ? sectors - first : OTATAP_LINE_SECTORS;
        char line[OTATAP_LINE_SIZE];
        uint8_t word[4];
        uint32_t i, crc32, check;
        int used = snprintf(line, sizeof line, "OTAMAP %04lx %lu", (unsigned long)first, (unsigned long)count);
        otatap_put32(word, first);
        check = otatap_crc32(0, word, sizeof word);
        for (i = 0; i < count; i++) {
            if (otatap_sector(read, read_context, first + i, &crc32)) return -1;
            used += snprintf(line + used, sizeof line - (size_t)used, " %08lx", (unsigned long)crc32);
            otatap_put32(word, crc32);
            check = otatap_crc32(check, word, sizeof word);
        }
        snprintf(line + used, sizeof line - (size_t)used, " =%08lx", (unsigned long)check);
        print(print_context, line);
    }
    return 0;
}

/* Ready-made functions. Define what you use before including this header. */

#ifdef OTATAP_ESP_IDF /* ESP-IDF and Arduino: the slot and the serial log */
#include "esp_log.h"
#include "esp_partition.h"

/* Context: the const esp_partition_t * that esp_ota_begin() got. */
static inline int otatap_read_partition(void *partition, uint32_t offset, void *to, size_t size)
{
    return esp_partition_read((const esp_partition_t *)partition, offset, to, size) == ESP_OK ? 0 : -1;
}

static inline void otatap_print_log(void *unused, const char *line)
{
    (void)unused;
    ESP_LOGI("otatap", "%s", line);
}
#endif

#ifdef OTATAP_NIMBLE /* ESP-IDF with NimBLE */
#include "host/ble_hs.h"

/* ble_gattc_notify_custom in ESP-IDF v4. */
#ifndef OTATAP_NIMBLE_NOTIFY
#define OTATAP_NIMBLE_NOTIFY ble_gatts_notify_custom
#endif

typedef struct {
    uint16_t connection; /* from BLE_GAP_EVENT_CONNECT */
    uint16_t handle;     /* val_handle of the characteristic */
} otatap_nimble;

static inline int otatap_send_nimble(void *context, const uint8_t *frame, size_t size)
{
    const otatap_nimble *link = (const otatap_nimble *)context;
    struct os_mbuf *buffer = ble_hs_mbuf_from_flat(frame, (uint16_t)size);
    /* Out of buffers is usual while chunks pour in: the ring keeps the fingerprints for the next call. */
    if (!buffer) return -1;
    return OTATAP_NIMBLE_NOTIFY(link->connection, link->handle, buffer);
}
#endif

#ifdef OTATAP_BLUEDROID /* ESP-IDF with Bluedroid */
#include "esp_gatts_api.h"

typedef struct {
    esp_gatt_if_t gatts_if;
    uint16_t connection; /* from ESP_GATTS_CONNECT_EVT */
    uint16_t handle;     /* attr_handle of the characteristic */
} otatap_bluedroid;

static inline int otatap_send_bluedroid(void *context, const uint8_t *frame, size_t size)
{
    const otatap_bluedroid *link = (const otatap_bluedroid *)context;
    return esp_ble_gatts_send_indicate(link->gatts_if, link->connection, link->handle, (uint16_t)size,
                                       (uint8_t *)(uintptr_t)frame, false) == ESP_OK ? 0 : -1;
}
#endif

#ifdef __cplusplus
}
#endif

#ifdef OTATAP_ARDUINO /* Arduino, BLE library of the ESP32 core or NimBLE-Arduino; include its headers before this one */
#ifndef OTATAP_ARDUINO_CHARACTERISTIC
#define OTATAP_ARDUINO_CHARACTERISTIC BLECharacteristic /* NimBLECharacteristic with NimBLE-Arduino */
#endif

/* Context: the characteristic. notify() tells of no failure, so keep the ring large and the transfer unhurried. */
static inline int otatap_send_arduino(void *characteristic, const uint8_t *frame, size_t size)
{
    OTATAP_ARDUINO_CHARACTERISTIC *one = static_cast<OTATAP_ARDUINO_CHARACTERISTIC *>(characteristic);
    one->setValue(const_cast<uint8_t *>(frame), size);
    one->notify();
    return 0;
}
#endif

#endif /* OTATAP_H */
