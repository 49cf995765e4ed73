/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Base64 of RFC 4648 section 4, strictly (STREAM-42).
 */

#include <causeway/bytes.h>

/** Octets that `len` octets need in base64. */
#define CW_BASE64_LEN(len) (((len) + 2) / 3 * 4)

/** Decodes; alphabet, padding and zero pad bits must be right, nothing else may be there.
 * @return false: not base64, or `room` is too small */
bool cw_base64_decode(struct cw_bytes text, char *out, size_t room, size_t *len);

/** Encodes; `out` has room for CW_BASE64_LEN(data.len) octets. @return that number */
size_t cw_base64_encode(struct cw_bytes data, char *out);
