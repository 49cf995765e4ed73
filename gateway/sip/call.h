/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A request of ours in flight: one client transaction after the other until a next hop answers.
 */

#include "endpoint.h"
#include "transaction_client.h"

struct cw_sip_call {
    struct cw_sip_node node; /**< by `branch`; first */
    struct cw_sip_timer timer;
    struct cw_sip *sip;
    struct cw_sip_hop *hop;           /**< NULL while it waits for one */
    struct cw_sip_call *next, **link; /**< in the list of the hop */
    struct cw_sip_client machine;
    uint64_t connection;
    uint64_t deadline_ms; /**< timer F of the first attempt bounds them all */
    uint32_t tried;       /**< bit i: route i of the configuration */
    enum cw_sip_method method;
    enum cw_err outcome;  /**< not CW_OK: to be told when the timer fires */
    bool fixed;           /**< to this hop or to none: a probe */
    bool reconnected;     /**< has been sent again over a new connection */
    bool streams_only;    /**< too long for a datagram (MSG-28) */
    cw_sip_done_fn *done; /**< NULL: told */
    void *user;
    char *wire;
    size_t start_len, wire_len;
    char branch[CW_SIP_TOKEN_LEN + 8];
};
