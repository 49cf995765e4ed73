/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

#include <stdint.h>

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
    const char *at = c == '\0' ? NULL : strchr(ALPHABET, c);

    return at == NULL ? -1 : (int)(at - ALPHABET);
}

/** Four characters to one to three octets; 0 when they are not base64. */
static size_t decode_group(const char *group, bool last, char out[3])
{
    uint32_t bits = 0;
    size_t chars = 4;

    if (last && group[3] == '=') {
        chars = group[2] == '=' ? 2 : 3;
    }
    for (size_t i = 0; i < 4; i++) {
        const int value = i < chars ? value_of(group[i]) : 0;

        if (value < 0) {
            return 0;
        }
        bits = (bits << 6) | (uint32_t)value;
    }
    if ((chars == 2 && (bits & 0xffffu) != 0) || (chars == 3 && (bits & 0xffu) != 0)) {
        return 0; /* pad bits are not zero, STREAM-42 */
    }
    out[0] = (char)(bits >> 16);
    out[1] = (char)(bits >> 8);
    out[2] = (char)bits;
    return chars - 1;
}

bool cw_base64_decode(struct cw_bytes text, char *out, size_t room, size_t *len)
{
    size_t used = 0;

    if (text.len % 4 != 0) {
        return false;
    }
    for (size_t i = 0; i < text.len; i += 4) {
        char group[3];
        const size_t count = decode_group(text.base + i, i + 4 == text.len, group);

        if (count == 0 || count > room - used) {
            return false;
        }
        memcpy(out + used, group, count);
        used += count;
    }
    *len = used;
    return true;
}

size_t cw_base64_encode(struct cw_bytes data, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < data.len; i += 3) {
        const size_t left = data.len - i;
        uint32_t bits = (uint32_t)(unsigned char)data.base[i] << 16;

        bits |= left > 1 ? (uint32_t)(unsigned char)data.base[i + 1] << 8 : 0;
        bits |= left > 2 ? (uint32_t)(unsigned char)data.base[i + 2] : 0;
        memset(out + used, '=', 4);
        out[used] = ALPHABET[bits >> 18];
        out[used + 1] = ALPHABET[(bits >> 12) & 63];
        if (left > 1) {
            out[used + 2] = ALPHABET[(bits >> 6) & 63];
        }
        if (left > 2) {
            out[used + 3] = ALPHABET[bits & 63];
        }
        used += 4;
    }
    return used;
}
