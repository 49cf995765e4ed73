/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Error stanzas back to a partner: never for an error (ERR-3), never for a headline (MSG-3);
 * locally made refusals leave after a random delay of up to 200 ms, so that their timing tells
 * nothing (ERR-30).
 */

#include "gateway.h"
#include <causeway/stanza_write.h>

struct cw_bounce;

struct cw_bounce *cw_bounce_new(struct cw_gateway *gw);

/** Frees and sets NULL; delayed errors are dropped. */
void cw_bounce_free(struct cw_bounce **bounce);

/** Answers `in` with `error` now. */
void cw_bounce_now(struct cw_bounce *bounce, const struct cw_stanza *in,
                   const struct cw_stanza_error *error);

/** Answers `in` as if its addressee did not exist (MSG-10), after the delay. */
void cw_bounce_unknown(struct cw_bounce *bounce, const struct cw_stanza *in);

/** `{condition, type}` from literals. */
#define CW_STANZA_ERROR(condition_text, type_text)                                                 \
    ((struct cw_stanza_error){.condition = CW_LIT(condition_text), .type = CW_LIT(type_text)})
