/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The non-INVITE client transaction (RFC 3261 section 17.1.2), as a table. Events in, effects out,
 * time is an argument; it keeps no message and touches no socket.
 */

#include <stdbool.h>
#include <stdint.h>

#define CW_SIP_T2_MS 4000u /* longest pause between two sendings */
#define CW_SIP_T4_MS 5000u /* longest time a datagram lives in the network */

enum cw_sip_client_state {
    CW_SIP_CLIENT_IDLE,
    CW_SIP_CLIENT_TRYING,
    CW_SIP_CLIENT_PROCEEDING,
    CW_SIP_CLIENT_COMPLETED,
    CW_SIP_CLIENT_TERMINATED,
    CW_SIP_CLIENT_STATES
};

enum cw_sip_client_event {
    CW_SIP_CLIENT_SEND,
    CW_SIP_CLIENT_PROVISIONAL,
    CW_SIP_CLIENT_FINAL,
    CW_SIP_CLIENT_TIMER_E,
    CW_SIP_CLIENT_TIMER_F,
    CW_SIP_CLIENT_TIMER_K,
    CW_SIP_CLIENT_TRANSPORT_ERROR,
    CW_SIP_CLIENT_EVENTS
};

/** What the caller has to do, in this order. */
enum cw_sip_client_effect {
    CW_SIP_CLIENT_TRANSMIT = 1, /**< hand the request to the transport */
    CW_SIP_CLIENT_PASS = 2,     /**< the response is for the user */
    CW_SIP_CLIENT_TELL_TIMEOUT = 4,
    CW_SIP_CLIENT_TELL_ERROR = 8,
    CW_SIP_CLIENT_START_F = 16,  /**< internal: timers E and F begin */
    CW_SIP_CLIENT_NEXT_E = 32,   /**< internal: timer E again, doubled up to T2 */
    CW_SIP_CLIENT_SLOW_E = 64,   /**< internal: timer E at T2 */
    CW_SIP_CLIENT_START_K = 128, /**< internal: timer K begins (0 on reliable transports) */
    CW_SIP_CLIENT_FREE = 256     /**< over: forget it */
};

struct cw_sip_client {
    uint64_t e_at_ms;   /**< when timer E fires; 0: not running */
    uint64_t end_at_ms; /**< when timer F or, once completed, K fires */
    uint32_t t1_ms;
    uint32_t e_ms; /**< pause before the next sending */
    uint8_t state;
    bool reliable;
};

/** A transaction in CW_SIP_CLIENT_IDLE; CW_SIP_CLIENT_SEND starts it. */
struct cw_sip_client cw_sip_client_new(uint32_t t1_ms, bool reliable);

/** @return set of cw_sip_client_effect */
unsigned cw_sip_client_step(struct cw_sip_client *client, enum cw_sip_client_event event,
                            uint64_t now_ms);

/** When the next timer fires; UINT64_MAX if none runs. */
uint64_t cw_sip_client_due_ms(const struct cw_sip_client *client);

/** Steps by the timer that is due at `now_ms`, if one is. @return effects */
unsigned cw_sip_client_tick(struct cw_sip_client *client, uint64_t now_ms);
