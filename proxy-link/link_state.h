/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Inside of the link's shell: a session with its owner's events (struct cw_link), and a connection
 * that carries it for a while (struct cw_link_connection).
 */

#include "frame_split.h"
#include "link_config.h"
#include "session.h"

#include <causeway/tls_stream.h>
#include <uv.h>

#define CW_LINK_DETAIL_LEN 256u /* octets of a cause in words, with NUL */

struct cw_link_connection;

/** Children of the metrics table, kept because the path is hot; all NULL without metrics. */
struct cw_link_meters {
    struct cw_metric_child *up, *in_flight, *round_trip, *revision;
    struct cw_metric_child *frames_in, *frames_out, *bytes_in, *bytes_out;
};

struct cw_link {
    const struct cw_link_config *config; /**< borrowed from the owner */
    struct cw_link_events events;
    void *user;
    void *owner; /**< dialler or listener */
    struct cw_session *session;
    struct cw_link_connection *connection; /**< NULL while down */
    struct cw_link_connection *greeting;   /**< gateway: being set up; NULL: none */
    struct cw_link_meters meters;
    char *label;       /**< of metrics and log: configured address, or the peer's node name */
    size_t name_index; /**< edge: the listed name that the peer's certificate must bear */
    uint64_t revision; /**< gateway: of `permits`; edge: applied */
    char *permits;     /**< malloc'ed, NULL until set */
    size_t permits_len;
    char *goaway_reason;       /**< NULL: not going away */
    struct cw_frame_ack taken; /**< cumulative ACK to be sent at the end of the turn; seq 0: none */
    uint32_t round_trip_us;
    bool paused;
    bool closed; /**< the owner is done with it: no more events */
    bool ever_up;
    enum cw_err why; /**< of the last end */
    char detail[CW_LINK_DETAIL_LEN];
};

/** What differs between the two ends, while a connection is being set up and when it has gone. */
struct cw_link_role {
    /** TLS is up and the peer's certificate is believed. */
    void (*on_trusted)(struct cw_link_connection *connection);
    /** HELLO or WELCOME came. @return NULL, or why the peer is refused */
    const char *(*on_hello)(struct cw_link_connection *connection,
                            const struct cw_frame_hello *hello);
    /** The connection has gone; its memory goes after this. `detail` is never NULL. */
    void (*on_end)(struct cw_link_connection *connection, enum cw_err why, const char *detail);
    /** SNI, or NULL. */
    const char *(*server_name)(const struct cw_link_connection *connection);
    enum cw_frame_type greeting; /**< the frame that this end waits for */
};

struct cw_link_connection {
    const struct cw_link_config *config;
    const struct cw_link_role *role;
    void *owner;          /**< dialler or listener; NULL: let go, nobody is told */
    struct cw_link *link; /**< the session it serves; NULL before HELLO at the edge, or let go */
    struct cw_tls_stream *stream;
    uv_timer_t tick;
    uv_idle_t turn;
    unsigned handles;
    struct cw_frame_split split;
    bool up;
    bool ended; /**< asked to end: nothing more is read from it */
    size_t name_index;
    uint64_t begun_ms, heard_ms, pinged_ms;
    uint64_t ping_ns; /**< when the last PING left */
    uint64_t ping_token;
    char detail[CW_LINK_DETAIL_LEN]; /**< the peer's reason for refusing, "" for none */
};

/** A session without connection. `label` is copied. */
struct cw_link *cw_link_new(const struct cw_link_config *config, bool is_edge, const char *label,
                            const struct cw_link_events *events, void *user);

/** Frees what cw_link_new() made. */
void cw_link_free(struct cw_link *link);

/** No events but the last fates, AMBIGUOUS; the connection, if any, is let go. */
void cw_link_shut(struct cw_link *link);

/** Carries `link` from now on: tells, resends, pushes. */
void cw_link_up(struct cw_link *link, struct cw_link_connection *connection,
                const struct cw_frame_hello *peer);

/** The connection of `link` has gone. */
void cw_link_down(struct cw_link *link, enum cw_err why, const char *detail);

/** Notes why an attempt failed; logs it when it is news. */
void cw_link_note(struct cw_link *link, enum cw_err why, const char *detail);

/** Writes what may be written now: stanzas as the stream has room. */
void cw_link_pump(struct cw_link *link);

/** Writes acknowledgement and credit of this turn. */
void cw_link_flush(struct cw_link *link);

/** Calls on_credit for partners that may go on. */
void cw_link_wake(struct cw_link *link);

/** Sends the permits, if there are any. */
void cw_link_push_permits(struct cw_link *link);

/** Hands fates of stanzas that are settled here to the owner, and frees them. */
void cw_link_tell(struct cw_link *link, struct cw_sent *sent, enum cw_fate fate,
                  enum cw_fail reason);

/** One frame of the connection that is up. */
CW_MUST_USE enum cw_err cw_link_frame(struct cw_link *link, const struct cw_frame_header *header,
                                      struct cw_bytes payload);
