/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * SHA-1 (RFC 3174), for names that must be short, stable and unique. Not for anything secret.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

#define CW_SHA1_LEN     20u
#define CW_SHA1_HEX_LEN 40u

/** Writes the digest of `data`: CW_SHA1_LEN octets. */
void cw_sha1(struct cw_bytes data, unsigned char *to);

/** Writes the digest of `data` as CW_SHA1_HEX_LEN lower-case digits, without NUL. */
void cw_sha1_hex(struct cw_bytes data, char *to);
