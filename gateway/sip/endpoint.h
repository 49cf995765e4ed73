/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The state of the SIP side, shared by the files of its shell: facade, client, server, probe, hop.
 */

#include "guard.h"
#include "route.h"
#include "sip.h"
#include "table.h"
#include "wheel.h"

#include <uv.h>

#define CW_SIP_TOKEN_LEN  16u
#define CW_SIP_SERVER_MAX 300000u /* server transactions; about 0.8 KB each for 32 s over UDP */

struct cw_sip_hop;
struct cw_sip_origin;
struct cw_sip_transports;
struct sockaddr;

struct cw_sip {
    uv_loop_t *loop;
    uv_timer_t wake;
    uint64_t wake_at_ms;
    struct cw_sip_wheel wheel;
    struct cw_sip_transports *transports;
    struct cw_sip_hop *hops[CW_SIP_MAX_ROUTES]; /**< in the order of the configuration */
    size_t hop_count;
    uint64_t generation;         /**< grows when hops or their addresses change; begins at 1 */
    struct cw_sip_hop *retired;  /**< no longer configured, with requests in flight */
    struct cw_sip_table clients; /**< by branch */
    struct cw_sip_table servers; /**< by branch, sent-by and method */
    struct cw_sip_table merged;  /**< by From tag, Call-ID, CSeq and method (MSG-48) */
    struct cw_arena *read_arena;
    struct cw_arena *write_arena;
    cw_sip_request_fn *on_request;
    void *user;
    struct cw_log *log;
    struct cw_metrics *metrics;
    struct cw_metric_child *requests[2][CW_SIP_METHODS][CW_SIP_TRANSPORTS];
    struct cw_metric_child *transactions[2];
    struct cw_metric_child *responses[2][CW_SIP_METHODS][700];
    uint64_t secret; /**< of tags in answers that leave no state */
    uint32_t t1_ms;
    uint32_t options_interval_ms;
    size_t max_message_size;
    bool path_congestion_safe;
    bool draining;
    bool stopped;
    unsigned closing; /**< handles and look-ups that still have to report their end */
};

/** A timer on the wheel of `sip`; UINT64_MAX stops it. */
void cw_sip_timer_set(struct cw_sip *sip, struct cw_sip_timer *timer, uint64_t due_ms);

/** Which hop may have sent this? NULL: nobody we believe. `certificate` NULL: judge by address. */
struct cw_sip_hop *cw_sip_believe(const struct cw_sip *sip, const struct sockaddr *address,
                                  enum cw_sip_transport transport, struct x509_st *certificate);

/** IP address of `address` as text; returns its port. */
uint16_t cw_sip_address_text(const struct sockaddr *address, char *text, size_t size);

/** Writes `len` random letters and digits and a NUL. */
void cw_sip_token_write(char *out, size_t len);

/** One handle less; frees a stopped `sip` when it was the last. */
void cw_sip_closed(struct cw_sip *sip);

/** Marks it as gone; frees it once nothing is under way to it. */
void cw_sip_hop_retire(struct cw_sip_hop *hop);

/** Frees a retired hop if nothing holds it any more. */
void cw_sip_hop_settle(struct cw_sip_hop *hop);

/* client.c */

/** Sends to `hop` only, without fail-over: a probe. Same results as cw_sip_send(). */
CW_MUST_USE enum cw_err cw_sip_send_to(struct cw_sip *sip, struct cw_sip_hop *hop,
                                       const struct cw_sip_message *request, cw_sip_done_fn *done,
                                       void *user);

/** A response arrived. */
void cw_sip_client_response(struct cw_sip *sip, const struct cw_sip_guarded *guarded);

/** A connection is gone: its requests try again or elsewhere. */
void cw_sip_client_lost(struct cw_sip *sip, struct cw_sip_hop *hop, uint64_t connection,
                        bool was_open);

/** `hop` went down: what waits for its answer is tried elsewhere. */
void cw_sip_client_leave(struct cw_sip *sip, struct cw_sip_hop *hop);

/** Ends everything in flight with CW_ERR_CLOSED. */
void cw_sip_client_stop(struct cw_sip *sip);

/* server.c */

/** A request arrived. */
void cw_sip_server_request(struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                           const struct cw_sip_origin *origin);

/** Answers a request that leaves no state; `problem` (may be NULL) becomes the Reason-Phrase. */
void cw_sip_server_refuse(struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                          const struct cw_sip_origin *origin, unsigned status, const char *problem);

/** Frees all server transactions. */
void cw_sip_server_stop(struct cw_sip *sip);

/* probe.c */

/** Result of a request or probe for the state of `hop`. */
void cw_sip_hop_event(struct cw_sip *sip, struct cw_sip_hop *hop, enum cw_sip_route_event event,
                      int64_t retry_after_s, const char *detail);

/** Answers OPTIONS (200; 503 while draining). */
void cw_sip_answer_options(struct cw_sip *sip, struct cw_sip_server_transaction *transaction);

/** Looks when the next probe of `hop` is due. */
void cw_sip_hop_schedule(struct cw_sip *sip, struct cw_sip_hop *hop);

/* counters.c */

/** Counts a request; `out`: sent by us. */
void cw_sip_count_request(struct cw_sip *sip, bool out, enum cw_sip_method method,
                          enum cw_sip_transport transport);

/** Counts a response; `out`: sent by us. */
void cw_sip_count_response(struct cw_sip *sip, bool out, enum cw_sip_method method,
                           unsigned status);

/** Sets the gauges of transactions in progress. */
void cw_sip_count_transactions(struct cw_sip *sip);
