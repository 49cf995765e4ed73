/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Inside of a connection, shared by tls_stream.c (calls of the owner, events), tls_stream_write.c,
 * tls_stream_read.c and tls_listener.c.
 */

#include "byte_queue.h"
#include "tls_record.h"
#include "tls_stream_state.h"

#include <causeway/error.h>
#include <uv.h>

struct cw_tls_stream_events;

enum {
    CW_STREAM_DETAIL_LEN = 200,
    CW_STREAM_PEER_LEN = 64,
    CW_STREAM_LINGER_MS = 5000,
    CW_STREAM_USER_TIMEOUT_MS = 60000
};

struct cw_tls_stream {
    uv_tcp_t tcp;
    uv_timer_t timer; /**< connect, handshake or linger: the state tells which */
    uv_idle_t turn;   /**< runs once when there is something to do in the next turn */
    uv_connect_t connecting;
    uv_write_t writing;
    uv_shutdown_t shutting;

    enum cw_stream_state state;
    unsigned handles; /**< not closed yet */
    bool accepted;
    bool paused;
    bool resumed; /**< bytes may wait in `held` or in OpenSSL */
    bool reading;
    bool was_high;
    bool in_flight;   /**< `flight` is with the kernel's queue */
    bool notify_sent; /**< close_notify is in `wire` or gone */
    bool fin_asked;
    bool fin_sent;
    bool peer_ended; /**< FIN of the peer was read */
    bool handshake_begun;

    const struct cw_tls_stream_events *events;
    void *user;
    struct cw_tls_record *tls;
    struct cw_byte_queue clear;  /**< written by the owner, not yet made records */
    struct cw_byte_queue wire;   /**< as it goes out */
    struct cw_byte_queue flight; /**< with the kernel */
    struct cw_byte_queue held;   /**< read, not handed up because paused */

    enum cw_err why;
    char detail[CW_STREAM_DETAIL_LEN];
    struct sockaddr_storage peer;
    char peer_text[CW_STREAM_PEER_LEN];
};

/** A connection with its handles initialised. */
struct cw_tls_stream *cw_stream_new(uv_loop_t *loop);

/** Runs the table: moves and carries out the effects. */
void cw_stream_happen(struct cw_tls_stream *stream, enum cw_stream_event event);

/** Notes the cause (the first one stays) and lets the stream die. */
void cw_stream_fail(struct cw_tls_stream *stream, enum cw_err why, const char *what,
                    const char *detail);

/** Notes the cause of a later end; the first one stays. */
void cw_stream_note(struct cw_tls_stream *stream, enum cw_err why, const char *what,
                    const char *detail);

/** Has work to do in the next turn of the loop. */
void cw_stream_wake(struct cw_tls_stream *stream);

/** TCP options and peer facts of a fresh connection. */
void cw_stream_set_up(struct cw_tls_stream *stream);

/** Sets the peer's address and its text. */
void cw_stream_set_peer(struct cw_tls_stream *stream, const struct sockaddr *address);

/** Makes records, sends, and goes on with an orderly end. From the loop only. */
void cw_stream_flush(struct cw_tls_stream *stream);

/** Sends what it can of an alert, before a failed stream dies. */
void cw_stream_flush_alert(struct cw_tls_stream *stream);

/** Starts or stops reading as state, pause and held bytes demand. */
void cw_stream_update_reading(struct cw_tls_stream *stream);

/** Goes on with what was held while paused. From the loop only. */
void cw_stream_read_held(struct cw_tls_stream *stream);

/** Goes on with the handshake. From the loop only. */
void cw_stream_handshake(struct cw_tls_stream *stream);
