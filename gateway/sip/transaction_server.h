/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The non-INVITE server transaction (RFC 3261 section 17.2.2 with RFC 4320), as a table. Never 408;
 * the only provisional response is a 100 after the time in which timer E would have reached T2.
 */

#include <stdbool.h>
#include <stdint.h>

enum cw_sip_server_state {
    CW_SIP_SERVER_TRYING,     /**< arrived, no answer yet */
    CW_SIP_SERVER_PROCEEDING, /**< 100 is out */
    CW_SIP_SERVER_COMPLETED,  /**< answered; retransmissions get the answer again */
    CW_SIP_SERVER_EXPIRED,    /**< too late for any answer (RFC 4320 section 4.2) */
    CW_SIP_SERVER_TERMINATED,
    CW_SIP_SERVER_STATES
};

enum cw_sip_server_event {
    CW_SIP_SERVER_REQUEST,   /**< the same request again */
    CW_SIP_SERVER_FINAL,     /**< the user answers */
    CW_SIP_SERVER_TIMER_100, /**< the answer takes long */
    CW_SIP_SERVER_TIMER_END, /**< 64*T1 without an answer */
    CW_SIP_SERVER_TIMER_J,
    CW_SIP_SERVER_TRANSPORT_ERROR,
    CW_SIP_SERVER_EVENTS
};

enum cw_sip_server_effect {
    CW_SIP_SERVER_SEND_100 = 1,
    CW_SIP_SERVER_SEND_FINAL = 2, /**< the answer, for the first time or again */
    CW_SIP_SERVER_START_J = 4,    /**< internal: timer J begins (0 on reliable transports) */
    CW_SIP_SERVER_FORGET = 8,     /**< out of the tables: a repetition would be a new request */
    CW_SIP_SERVER_FREE = 16       /**< over */
};

struct cw_sip_server {
    uint64_t hundred_at_ms; /**< when a 100 is due; 0: no more */
    uint64_t end_at_ms;     /**< 64*T1 after arrival or, once completed, timer J */
    uint32_t t1_ms;
    uint8_t state;
    bool reliable;
};

/** A transaction for a request that arrived at `now_ms`. */
struct cw_sip_server cw_sip_server_new(uint32_t t1_ms, bool reliable, uint64_t now_ms);

/** @return set of cw_sip_server_effect */
unsigned cw_sip_server_step(struct cw_sip_server *server, enum cw_sip_server_event event,
                            uint64_t now_ms);

/** When the next timer fires; UINT64_MAX if none runs. */
uint64_t cw_sip_server_due_ms(const struct cw_sip_server *server);

/** Steps by the timer that is due at `now_ms`, if one is. @return effects */
unsigned cw_sip_server_tick(struct cw_sip_server *server, uint64_t now_ms);
