/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The way out: a stanza from a gateway goes to the stream of its pair, or waits while one is set
 * up. Each ends with one fate: HANDED when the kernel has taken its bytes, FAILED when it never
 * left, AMBIGUOUS when its stream died in between (DESIGN section 7).
 */

#include "connector.h"
#include "outbox.h"

struct cw_sender;

/** Fate of a stanza; `owner` and `seq` as given to cw_sender_send(). */
typedef void cw_sender_fate_fn(void *owner, uint64_t seq, enum cw_fate fate, enum cw_fail why,
                               void *user);

/** @param connector  borrowed */
struct cw_sender *cw_sender_new(struct cw_shell *shell, struct cw_connector *connector,
                                const struct cw_outbox_limits *limits, cw_sender_fate_fn *on_fate,
                                void *user);

/** Frees and sets NULL; what waits fails with CW_FAIL_SHUTDOWN. Its streams must be gone. */
void cw_sender_free(struct cw_sender **sender);

/** New limits for what waits. */
void cw_sender_limit(struct cw_sender *sender, const struct cw_outbox_limits *limits);

/** Sends `stanza` from one of our domains to a remote one; its fate comes once, perhaps at once. */
void cw_sender_send(struct cw_sender *sender, struct cw_pair pair,
                    const struct cw_outbox_item *stanza);

/** The permits have changed: the set-ups of pairs that are not permitted any more end, what waits
 * for them fails with CW_FAIL_NO_PERMIT. Their streams are closed by the caller. */
void cw_sender_review(struct cw_sender *sender);

/** The way to `remote` is another one: set-ups begin anew. */
void cw_sender_reroute(struct cw_sender *sender, struct cw_bytes remote);

/** The permit of `remote` has changed or gone: it may be tried again at once. */
void cw_sender_forgive(struct cw_sender *sender, struct cw_bytes remote);

/** `remote` has proven itself on a stream that it opened: what waits for it is tried at once. */
void cw_sender_alive(struct cw_sender *sender, struct cw_bytes remote);

/** Twice a second: what has waited too long fails, remote domains whose back-off is over are tried.
 */
void cw_sender_tick(struct cw_sender *sender);

/** Nothing waits to be sent and nothing is on its way to the kernel. */
bool cw_sender_is_idle(const struct cw_sender *sender);

/** Something is on its way to the kernel, or a stream for it is being set up. */
bool cw_sender_is_busy(const struct cw_sender *sender);

/** Closes, in order, the streams that have nothing left to send; for draining. */
void cw_sender_close_idle(struct cw_sender *sender);

/** What waits fails with CW_FAIL_SHUTDOWN, set-ups end, streams close. */
void cw_sender_stop(struct cw_sender *sender);

/** Stanzas that wait, and their octets. */
size_t cw_sender_waiting(const struct cw_sender *sender, size_t *bytes);
