/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The life of a stream, both roles, as one table [state][event] -> (next, effects). Judgements (is
 * the certificate right, does the permit allow it) are made before, by features, sasl, dialback
 * and peer_cert, and are part of the event's name; the table says what may come when.
 *
 * What is not in the table is not allowed: it ends the stream with the error of its event.
 */

#include "condition.h"
#include <stdint.h>

/** R: we accepted the connection. I: we opened it. */
enum cw_stream_state {
    CW_ST_NONE,
    CW_ST_R_CONNECT,   /**< connection not yet handed over */
    CW_ST_R_START,     /**< in clear, header awaited */
    CW_ST_R_PLAIN,     /**< in clear, header answered, nothing proven */
    CW_ST_R_TLS,       /**< handshake */
    CW_ST_R_TLS_START, /**< under TLS, header awaited */
    CW_ST_R_SECURE,    /**< under TLS, header answered, nothing proven */
    CW_ST_R_CHALLENGE, /**< EXTERNAL without initial response: response awaited */
    CW_ST_R_PROVEN,    /**< EXTERNAL succeeded, header awaited */
    CW_ST_R_READY,     /**< at least one pair is proven */
    CW_ST_I_CONNECT,
    CW_ST_I_START,     /**< in clear, header sent */
    CW_ST_I_FEATURES,  /**< in clear, features awaited */
    CW_ST_I_PROCEED,   /**< asked for TLS */
    CW_ST_I_TLS,       /**< handshake */
    CW_ST_I_TLS_START, /**< under TLS, header sent */
    CW_ST_I_TLS_FEATURES,
    CW_ST_I_AUTH,       /**< EXTERNAL sent */
    CW_ST_I_AUTH_START, /**< EXTERNAL succeeded, header sent */
    CW_ST_I_AUTH_FEATURES,
    CW_ST_I_DIALBACK, /**< key sent for the first pair */
    CW_ST_I_READY,    /**< a pair is proven; or negotiated so far that db:verify may be sent */
    CW_ST_DRAINING,   /**< we closed in order a stream that was ready; stanzas in flight count */
    CW_ST_CLOSING,    /**< we closed; input is ignored but for the closing tag */
    CW_ST_CLOSED,     /**< connection is being closed */
    CW_STATES
};

enum cw_stream_event {
    CW_EV_OPEN,          /**< connected */
    CW_EV_OPEN_DIRECT,   /**< connected, TLS from byte 0 */
    CW_EV_SECURE,        /**< handshake done, certificate acceptable for what the permit allows */
    CW_EV_SECURE_BARRED, /**< handshake done, certificate unacceptable */
    CW_EV_LOST,          /**< the connection is gone */
    CW_EV_HEADER,        /**< stream header, judged good */
    CW_EV_HEADER_OLD,    /**< the same of version 0.9: no features follow */
    CW_EV_REFUSE,        /**< anything judged worth a stream error, condition with it */
    CW_EV_CLOSE,         /**< we want to end in order */
    CW_EV_END,           /**< closing tag of the peer */
    CW_EV_ERROR,         /**< stream error of the peer */
    CW_EV_UNKNOWN,       /**< first-level element that is nothing of the following */
    CW_EV_STANZA,        /**< stanza of a pair that was proven on this stream */
    CW_EV_FOREIGN,       /**< stanza of any other pair; condition with it */
    /* from an initiator */
    CW_EV_STARTTLS,
    CW_EV_STARTTLS_BARRED, /**< TLS is not for this partner */
    CW_EV_AUTH_PROVEN,     /**< the certificate proves the authorization identity */
    CW_EV_AUTH_EMPTY,      /**< no initial response */
    CW_EV_AUTH_FAILED,     /**< SASL failure follows */
    CW_EV_RESPONSE_PROVEN,
    CW_EV_RESPONSE_FAILED,
    CW_EV_ABORT,
    CW_EV_RESULT, /**< db:result request */
    CW_EV_VERIFY, /**< db:verify request */
    CW_EV_PAIR,   /**< a pair was proven by dialback */
    /* from a receiver */
    CW_EV_GO_TLS, /**< features, or none; choice by cw_features_choose() */
    CW_EV_GO_EXTERNAL,
    CW_EV_GO_DIALBACK,
    CW_EV_GO_READY,       /**< nothing left to do: authenticated, or only to verify keys */
    CW_EV_GO_NOWHERE,     /**< no way that the permit allows */
    CW_EV_GO_UNSUPPORTED, /**< the peer insists on what we do not do, or not with this partner */
    CW_EV_PROCEED,
    CW_EV_TLS_REFUSED,
    CW_EV_SUCCESS,
    CW_EV_CHALLENGED,
    CW_EV_FAILURE_GO_ON, /**< SASL failed, dialback is permitted */
    CW_EV_FAILURE_STOP,
    CW_EV_RESULT_ANSWER, /**< db:result with type */
    CW_EV_VERIFY_ANSWER, /**< db:verify with type */
    CW_EV_PAIR_FAILED,   /**< the first pair could not be proven */
    CW_STREAM_EVENTS
};

/* Effects, done in this order. */
#define CW_FX_ANSWER    (1u << 0)  /* forget what the last header said; send the response header */
#define CW_FX_FEATURES  (1u << 1)  /* send features */
#define CW_FX_PROCEED   (1u << 2)  /* send <proceed/> */
#define CW_FX_CHALLENGE (1u << 3)  /* send an empty challenge */
#define CW_FX_SUCCESS   (1u << 4)  /* send <success/> */
#define CW_FX_FAILURE   (1u << 5)  /* send the SASL failure that was judged */
#define CW_FX_NO_TLS    (1u << 6)  /* send <failure/> of STARTTLS */
#define CW_FX_RESTART   (1u << 7)  /* new parser; nothing of the old header counts */
#define CW_FX_START_TLS (1u << 8)  /* begin the handshake in our role */
#define CW_FX_HEADER    (1u << 9)  /* send our header */
#define CW_FX_STARTTLS  (1u << 10) /* send <starttls/> */
#define CW_FX_AUTH      (1u << 11) /* send EXTERNAL */
#define CW_FX_ASK       (1u << 12) /* send our key for the first pair */
#define CW_FX_GRANT     (1u << 13) /* the pair of the header is proven by EXTERNAL */
#define CW_FX_READY     (1u << 14) /* queued proofs and verifications may go out */
#define CW_FX_DIALBACK  (1u << 15) /* hand the element to the dialback */
#define CW_FX_DELIVER   (1u << 16) /* hand the stanza to the edge */
#define CW_FX_ERROR     (1u << 17) /* send a stream error */
#define CW_FX_END       (1u << 18) /* send the closing tag, await the peer's */
#define CW_FX_CLOSE     (1u << 19) /* close the connection */

struct cw_stream_step {
    enum cw_stream_state next;
    uint32_t effects;
    enum cw_condition condition; /**< of CW_FX_ERROR; NONE: the one that came with the event */
};

/** One step. */
struct cw_stream_step cw_stream_fsm_step(enum cw_stream_state state, enum cw_stream_event event);

/** May the peer's stanzas be taken, or ours be sent, by a pair that is proven? */
bool cw_stream_fsm_ready(enum cw_stream_state state);

/** Is the stream still under way to CW_ST_*_READY? */
bool cw_stream_fsm_negotiating(enum cw_stream_state state);
