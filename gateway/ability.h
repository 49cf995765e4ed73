/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What a SIP user's devices are known to take (RCPT-1, CT-7, MSG-40): learned from what they send,
 * from Accept and from refusals; forgotten after a day. Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

#define CW_ABILITY_MAX    50000u             /* users remembered */
#define CW_ABILITY_TTL_MS UINT64_C(86400000) /* CT-7: 24 h */

enum cw_ability_kind { CW_ABILITY_CPIM, CW_ABILITY_TYPING, CW_ABILITY_KINDS };

enum cw_able { CW_ABLE_UNKNOWN, CW_ABLE_YES, CW_ABLE_NO };

struct cw_ability;

/** @param hash_key  random */
struct cw_ability *cw_ability_new(const uint64_t hash_key[2]);

/** Frees and sets NULL. */
void cw_ability_free(struct cw_ability **ability);

/** `aor` was seen to take, or to refuse, `kind`. */
void cw_ability_learn(struct cw_ability *ability, struct cw_bytes aor, enum cw_ability_kind kind,
                      bool able, uint64_t now_ms);

/** `aor` said what it accepts (the value of Accept, comma separated); an absent value says
 * nothing. */
void cw_ability_learn_accept(struct cw_ability *ability, struct cw_bytes aor,
                             struct cw_bytes accept, uint64_t now_ms);

enum cw_able cw_ability_of(struct cw_ability *ability, struct cw_bytes aor,
                           enum cw_ability_kind kind, uint64_t now_ms);
