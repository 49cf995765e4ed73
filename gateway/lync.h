/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The XMPP partners of a Lync Server 2013 (or Skype for Business Server), as its administrator
 * exports them: Get-CsXmppAllowedPartner piped into Export-Clixml, ConvertTo-Json or Export-Csv
 * (docs/how-to/migrate-from-lync.md). Pure: bytes in, partners and findings out.
 */

#include "lync_import.h"

#include <causeway/arena.h>
#include <causeway/error.h>

#define CW_LYNC_ARENA ((size_t)96 << 20) /* limit of an arena that is room enough */

/**
 * Reads one export. The format is known by its content; UTF-8, also with a byte order mark, or
 * UTF-16 with one.
 *
 * @param file   the whole file
 * @param arena  for everything in `out`, see CW_LYNC_ARENA; made for this file, no other
 * @return CW_OK, also for a file that cannot be used: `out->errors` tells; CW_ERR_LIMIT if the
 *         arena is full. CW_LYNC_ARENA is enough for whatever PowerShell writes, not for a file
 *         that was made to fill it
 */
CW_MUST_USE enum cw_err cw_lync_read(struct cw_bytes file, struct cw_arena *arena,
                                     struct cw_lync_import *out);
