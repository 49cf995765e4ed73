/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The life of a connection as a table: what each event means in each state.
 */

#include <stdint.h>

enum cw_stream_state {
    CW_STREAM_STARTING,  /**< connecting, or accepted and not yet told */
    CW_STREAM_CLEAR,     /**< open without TLS */
    CW_STREAM_HANDSHAKE, /**< TLS has begun */
    CW_STREAM_SECURE,    /**< open under TLS */
    CW_STREAM_ENDING,    /**< queued bytes and FIN leave, the peer's FIN is awaited */
    CW_STREAM_DEAD,      /**< handles are closing */
    CW_STREAM_STATES
};

enum cw_stream_event {
    CW_STREAM_OPENED,    /**< TCP is there */
    CW_STREAM_START_TLS, /**< the owner asks for TLS */
    CW_STREAM_SECURED,   /**< the handshake is done */
    CW_STREAM_CLOSE,     /**< the owner wants an orderly end */
    CW_STREAM_PEER_END,  /**< FIN or close_notify of the peer */
    CW_STREAM_FAIL,      /**< anything that ends it at once */
    CW_STREAM_EVENTS
};

/** Bits of what is to be done, in this order. */
enum cw_stream_effect {
    CW_STREAM_TIMER_OFF = 1,
    CW_STREAM_TELL_OPEN = 2,
    CW_STREAM_TLS_ON = 4,
    CW_STREAM_TELL_SECURE = 8,
    CW_STREAM_LINGER = 16, /**< start the closing timer and flush */
    CW_STREAM_KILL = 32    /**< close the handles */
};

struct cw_stream_move {
    enum cw_stream_state next;
    unsigned effects;
};

/** The table's cell. */
struct cw_stream_move cw_stream_move(enum cw_stream_state state, enum cw_stream_event event);
