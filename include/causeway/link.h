/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The link as gateway and edge see it: a session with one peer node that outlives its connections.
 * What was not settled when a connection died is sent again on the next one; the receiver drops
 * what it has seen (epoch, seq). The gateway dials, the edge listens.
 *
 * Sending: cw_link_send() gives the stanza a sequence number; its fate comes once, by `on_fate`.
 * Receiving: `on_stanza` comes once for each stanza, in order; the owner tells its fate with
 * cw_link_settle(): TAKEN when it answers for it (gateway), HANDED, FAILED or AMBIGUOUS (edge).
 */

#include <causeway/frame_knock.h>
#include <causeway/log.h>
#include <causeway/metrics.h>
#include <causeway/tls.h>

struct cw_link;
struct uv_loop_s;

struct cw_link_events {
    /** HELLO and WELCOME are through. `peer` is borrowed until return. */
    void (*on_up)(struct cw_link *link, const struct cw_frame_hello *peer, void *user);
    /** The connection is gone; the session goes on and sends again later. */
    void (*on_down)(struct cw_link *link, enum cw_err why, const char *detail, void *user);
    /** A stanza arrived, first time. Borrowed until return. */
    void (*on_stanza)(struct cw_link *link, const struct cw_frame_stanza *stanza, void *user);
    /** Fate of a stanza that we sent. TAKEN ends the duty of the edge; the gateway waits for more.
     * `cookie` as given to cw_link_send(). */
    void (*on_fate)(struct cw_link *link, const struct cw_frame_ack *ack, void *cookie, void *user);
    /** Edge: a new policy arrived; answer with cw_link_applied(). `payload` for cw_permits_read().
     */
    void (*on_permits)(struct cw_link *link, struct cw_bytes payload, void *user);
    /** Gateway: the edge has put `revision` in force. */
    void (*on_applied)(struct cw_link *link, uint64_t revision, void *user);
    /** Gateway: a stream of the edge came or went. */
    void (*on_report)(struct cw_link *link, const struct cw_frame_report *report, void *user);
    /** Gateway: the edge turned somebody away. */
    void (*on_knocks)(struct cw_link *link, const struct cw_frame_knocks *knocks, void *user);
    /** The peer goes away: no new stanzas to it. */
    void (*on_goaway)(struct cw_link *link, struct cw_bytes reason, void *user);
    /** Credit for `partner` came back after cw_link_send() had said CW_ERR_BUSY. */
    void (*on_credit)(struct cw_link *link, struct cw_bytes partner, void *user);
};

struct cw_link_settings {
    const char *node; /**< own name in HELLO */
    const char *pool;
    struct cw_tls *tls;            /**< shared */
    const char *const *peer_names; /**< DNS-IDs that the peer's certificate may carry */
    size_t peer_name_count;
    uint32_t heartbeat_ms;  /**< 2000 */
    uint32_t fail_after_ms; /**< 6000 */
    uint32_t unsettled_max; /**< stanzas kept for sending again, default 10000 */
    struct cw_log *log;
    struct cw_metrics *metrics;
};

/**
 * Gateway: dials `address` ("host:port") for ever, with back-off 0.2 s to 5 s and jitter. The
 * session is owned by the caller.
 */
struct cw_link *cw_link_dial(struct uv_loop_s *loop, const struct cw_link_settings *settings,
                             const char *address, const struct cw_link_events *events, void *user);

struct cw_link_listener;

/**
 * Edge: accepts gateways. A session is made for each gateway node that proves itself, is found
 * again when it comes back, and is owned by the listener.
 * @return CW_OK or CW_ERR_IO (`*problem`: one line)
 */
CW_MUST_USE enum cw_err cw_link_listen(struct uv_loop_s *loop,
                                       const struct cw_link_settings *settings, const char *address,
                                       const struct cw_link_events *events, void *user,
                                       struct cw_link_listener **out, const char **problem);

/** Port that it listens on; for `address` with port 0. */
uint16_t cw_link_listener_port(const struct cw_link_listener *listener);

/** Gateways that connect from now on meet `tls` (shared): for new certificates. */
void cw_link_listener_set_tls(struct cw_link_listener *listener, struct cw_tls *tls);

/** Ends the listener and all its sessions; sets NULL. */
void cw_link_listener_close(struct cw_link_listener **listener);

/** Dials with `tls` (shared) from now on: for new certificates. A connection that is up goes on. */
void cw_link_set_tls(struct cw_link *link, struct cw_tls *tls);

/** Ends a dialled session; sets NULL. Unsettled stanzas get fate AMBIGUOUS first. */
void cw_link_close(struct cw_link **link);

/** Is the connection up (HELLO and WELCOME done, peer alive)? */
bool cw_link_is_up(const struct cw_link *link);

/** The peer's node name, "" before the first HELLO. */
const char *cw_link_peer(const struct cw_link *link);

/** Why the connection, or the last attempt at one, ended; "" while up and before the first. */
const char *cw_link_problem(const struct cw_link *link);

/** Last measured round trip, microseconds; 0 before the first. */
uint32_t cw_link_round_trip_us(const struct cw_link *link);

/** Stanzas sent and not settled. */
size_t cw_link_unsettled(const struct cw_link *link);

/**
 * Sends `stanza` (its `seq` is ignored and assigned; bytes are copied), now or when the connection
 * is back.
 * @param cookie  handed to on_fate
 * @return CW_OK, CW_ERR_BUSY (no credit for its partner, too many unsettled, or the peer goes
 * away), CW_ERR_LIMIT (a field is longer than the frame can carry)
 */
CW_MUST_USE enum cw_err cw_link_send(struct cw_link *link, const struct cw_frame_stanza *stanza,
                                     void *cookie);

/** Tells the fate of a received stanza. TAKEN settles everything up to `seq`. */
void cw_link_settle(struct cw_link *link, uint64_t seq, enum cw_fate fate, enum cw_fail reason);

/** Gateway: the policy to push now and after each reconnect; `payload` is copied. */
void cw_link_set_permits(struct cw_link *link, uint64_t revision, struct cw_bytes payload);

/** Edge: confirms a policy. */
void cw_link_applied(struct cw_link *link, uint64_t revision);

/** Edge: tells about a stream; lost when the link is down. */
void cw_link_report(struct cw_link *link, const struct cw_frame_report *report);

/** Edge: tells who was turned away; lost when the link is down. */
void cw_link_knocks(struct cw_link *link, const struct cw_frame_knocks *knocks);

/**
 * While the link is down: gives up what waits in it, so that it can be refused or sent another way.
 * Stanzas never written get fate FAILED (CW_FAIL_TIMEOUT), the others AMBIGUOUS; the session goes
 * on.
 */
void cw_link_abandon(struct cw_link *link);

/** Says GOAWAY: the peer sends no new stanzas; fates still flow. */
void cw_link_goaway(struct cw_link *link, const char *reason);

/** Stops and restarts reading from the peer (back-pressure). */
void cw_link_pause(struct cw_link *link, bool pause);
