/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Text in the character sets that SIP bodies come in -> UTF-8 (MSG-65). Tables of our own: iconv
 * loads its modules from disk while it runs, which a pure function may not.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

/**
 * @param charset  IANA name or alias, in any case; absent: UTF-8, the default of SIP
 * @param out      UTF-8, `text` itself or in `arena`, without byte order mark; octets that the set
 *                 does not define and lone surrogates are U+FFFD
 * @return CW_OK, CW_ERR_UNSUPPORTED (no such charset here), CW_ERR_MALFORMED (not UTF-8, not ASCII,
 * half a code unit) or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_charset_decode(struct cw_bytes text, struct cw_bytes charset,
                                          struct cw_arena *arena, struct cw_bytes *out);
