/* SPDX-License-Identifier: Apache-2.0 */
#include "sha1.h"

#define BLOCK 64u
#define WORDS 5u

static uint32_t rotate(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32u - bits);
}

static void expand(const unsigned char *block, uint32_t schedule[80])
{
    for (size_t i = 0; i < 16; i++, block += 4) {
        schedule[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
                      (uint32_t)block[2] << 8 | block[3];
    }
    for (size_t i = 16; i < 80; i++) {
        schedule[i] =
            rotate(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1);
    }
}

/* RFC 3174 section 5: function and constant of each quarter of the 80 steps. */
static uint32_t mix(size_t step, uint32_t b, uint32_t c, uint32_t d)
{
    static const uint32_t ADD[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    const size_t quarter = step / 20;

    if (quarter == 0) {
        return ((b & c) | (~b & d)) + ADD[0];
    }
    if (quarter == 2) {
        return ((b & c) | (b & d) | (c & d)) + ADD[2];
    }
    return (b ^ c ^ d) + ADD[quarter];
}

static void digest_block(uint32_t state[WORDS], const unsigned char *block)
{
    uint32_t schedule[80];
    uint32_t v[WORDS];

    expand(block, schedule);
    memcpy(v, state, sizeof(v));
    for (size_t i = 0; i < 80; i++) {
        const uint32_t next = rotate(v[0], 5) + mix(i, v[1], v[2], v[3]) + v[4] + schedule[i];

        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (size_t i = 0; i < WORDS; i++) {
        state[i] += v[i];
    }
}

/* The rest of the data, a one bit, zeros, and the length in bits: one or two blocks. */
static void digest_tail(uint32_t state[WORDS], struct cw_bytes data)
{
    unsigned char tail[2 * BLOCK] = {0};
    const size_t rest = data.len % BLOCK;
    const size_t size = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    const uint64_t bits = (uint64_t)data.len * 8;

    if (rest > 0) {
        memcpy(tail, data.base + (data.len - rest), rest);
    }
    tail[rest] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        tail[size - 1 - i] = (unsigned char)(bits >> (8 * i));
    }
    for (size_t at = 0; at < size; at += BLOCK) {
        digest_block(state, tail + at);
    }
}

void cw_sha1(struct cw_bytes data, unsigned char *to)
{
    uint32_t state[WORDS] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};

    for (size_t at = 0; data.len - at >= BLOCK; at += BLOCK) {
        digest_block(state, (const unsigned char *)data.base + at);
    }
    digest_tail(state, data);
    for (size_t i = 0; i < CW_SHA1_LEN; i++) {
        to[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

void cw_sha1_hex(struct cw_bytes data, char *to)
{
    static const char HEX[] = "0123456789abcdef";
    unsigned char digest[CW_SHA1_LEN];

    cw_sha1(data, digest);
    for (size_t i = 0; i < CW_SHA1_HEX_LEN; i++) {
        to[i] = HEX[digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
    }
}
