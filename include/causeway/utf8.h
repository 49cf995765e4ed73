/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * UTF-8 (RFC 3629) checks and small text cleanings that every foreign text passes.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

/** Is `text` valid UTF-8 (no surrogates, no overlong forms)? Empty is valid. */
bool cw_utf8_valid(struct cw_bytes text);

/**
 * Length in octets (1..4) of the character at offset `at`, 0 where no valid one begins.
 * @param code_point  written unless 0 is returned
 */
size_t cw_utf8_step(struct cw_bytes text, size_t at, uint32_t *code_point);

/**
 * Replaces characters that XML 1.0 forbids by U+FFFD and CRLF or CR by LF (MSG-61, MSG-66).
 *
 * @param text  any bytes
 * @param out   `text` itself when nothing had to change, else bytes in `arena`
 * @return CW_OK, CW_ERR_MALFORMED (not UTF-8) or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_utf8_xml_text(struct cw_bytes text, struct cw_arena *arena,
                                         struct cw_bytes *out);

/**
 * Makes one line fit for a SIP header value: a run of CR, LF, TAB and other controls becomes one
 * space, cut at `max_len` octets on a character border (SEC-16, MSG-14).
 *
 * @return CW_OK, CW_ERR_MALFORMED (not UTF-8) or CW_ERR_LIMIT (arena)
 */
CW_MUST_USE enum cw_err cw_utf8_one_line(struct cw_bytes text, size_t max_len,
                                         struct cw_arena *arena, struct cw_bytes *out);

#define CW_UTF8_MAX 4u /* octets of one character */

/** Writes the character `code_point` (no surrogate, at most U+10FFFF) to `to`, which has room for
 * CW_UTF8_MAX octets. @return octets written */
size_t cw_utf8_put(char *to, uint32_t code_point);
