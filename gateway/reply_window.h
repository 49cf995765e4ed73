/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * To whom our users wrote lately, so that whoever was written to may answer although he is no
 * contact (`messages.reply_window`, docs/reference/partners.md section 3). Bounded: the oldest pair
 * goes first, and all go with the process. Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

#define CW_REPLY_WINDOW_MAX    20000u
#define CW_REPLY_WINDOW_MAX_MS UINT64_C(86400000) /**< most that `messages.reply_window` may be */

struct cw_reply_window;

/** @param hash_key  random */
struct cw_reply_window *cw_reply_window_new(const uint64_t hash_key[2]);

/** Frees and sets NULL; `*window` may be NULL. */
void cw_reply_window_free(struct cw_reply_window **window);

/** `local` wrote to `remote` (address of record, bare JID). */
void cw_reply_window_open(struct cw_reply_window *window, struct cw_bytes local,
                          struct cw_bytes remote, uint64_t now_ms);

/** Did `local` write to `remote` less than `length_ms` before `at_ms`? 0: never. */
bool cw_reply_window_is_open(struct cw_reply_window *window, struct cw_bytes local,
                             struct cw_bytes remote, uint64_t length_ms, uint64_t at_ms);

/** `local` wants nothing of `remote` any more; no effect if he never wrote to him. */
void cw_reply_window_close(struct cw_reply_window *window, struct cw_bytes local,
                           struct cw_bytes remote);

/** Pairs that are remembered. */
size_t cw_reply_window_count(const struct cw_reply_window *window);
