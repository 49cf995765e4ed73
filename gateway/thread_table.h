/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * XMPP threads and SIP Call-IDs (MSG-15, MSG-16, MSG-56): which one stands for which, for a day.
 * Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

#define CW_THREADS_MAX    50000u             /* conversations remembered */
#define CW_THREADS_TTL_MS UINT64_C(86400000) /* MAPPING 18: 24 h */

#define CW_THREAD_DIGEST_LEN 32u /* hex digits of two hashes */

struct cw_thread_table;

/** @param secret  of this process: keys the digests that stand for threads */
struct cw_thread_table *cw_thread_table_new(const uint64_t secret[2]);

/** Frees and sets NULL. */
void cw_thread_table_free(struct cw_thread_table **threads);

/**
 * Call-ID for a message of `thread` from `from` to `to` (bare addresses): the thread itself if it
 * is a Call-ID that came from SIP, else a digest of all three, written to `digest`; remembered.
 */
struct cw_bytes cw_thread_call_id(struct cw_thread_table *threads, struct cw_bytes thread,
                                  struct cw_bytes from, struct cw_bytes to, uint64_t now_ms,
                                  char digest[CW_THREAD_DIGEST_LEN]);

/** Notes that `call_id` came from SIP, so that it may come back as a thread. */
void cw_thread_note(struct cw_thread_table *threads, struct cw_bytes call_id, uint64_t now_ms);

/** The thread that our `call_id` stands for; `call_id` itself if it is not ours (MSG-56). Borrowed
 * until the next call. */
struct cw_bytes cw_thread_of(struct cw_thread_table *threads, struct cw_bytes call_id,
                             uint64_t now_ms);
