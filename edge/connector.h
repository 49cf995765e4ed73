/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Gets a stream to a remote domain: asks DNS, tries the addresses in order, until a pair is proven
 * or a dialback key is judged, or nothing is left to try.
 */

#include "back_off.h"
#include "dns.h"
#include "streams.h"

#define CW_CONNECTOR_DEADLINE_MS        60000u /* a whole attempt, STREAM-128 */
#define CW_CONNECTOR_VERIFY_DEADLINE_MS 30000u /* a dialback question, STREAM-63 */

struct cw_attempt;

/** What came of an attempt. Borrowed until return. */
struct cw_attempt_result {
    enum cw_fail fail;    /**< CW_FAIL_NONE: it succeeded */
    enum cw_loss loss;    /**< how long to wait before the next, with a failure */
    const char *detail;   /**< one line, with a failure */
    struct cw_live *live; /**< a stream that may send for the pair; hand it over at once */
    bool valid;           /**< a dialback question: the key is right */
};

/** The attempt is over and its handle dead. */
typedef void cw_attempt_fn(const struct cw_attempt_result *result, void *user);

struct cw_connector;

/** @param dns, streams  borrowed */
struct cw_connector *cw_connector_new(struct cw_shell *shell, struct cw_dns *dns,
                                      struct cw_streams *streams);

/** Frees and sets NULL; attempts must be cancelled before. */
void cw_connector_free(struct cw_connector **connector);

/** Gets a stream that may send for `pair`. `on_done` comes from the loop. */
struct cw_attempt *cw_connector_open(struct cw_connector *connector, struct cw_pair pair,
                                     cw_attempt_fn *on_done, void *user);

/**
 * Asks the server of pair.remote whether `key` for the stream `id` is its own (STREAM-67), over a
 * short stream of its own. `on_done` comes from the loop.
 */
struct cw_attempt *cw_connector_verify(struct cw_connector *connector, struct cw_pair pair,
                                       struct cw_bytes id, struct cw_bytes key,
                                       cw_attempt_fn *on_done, void *user);

/** Gives an attempt up without on_done; sets NULL. `*attempt` may be NULL. */
void cw_attempt_cancel(struct cw_attempt **attempt);
