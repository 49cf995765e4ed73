/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Asks DNS, in the loop: SRV records of a service, addresses of a host. libunbound resolves; each
 * question is given up after 5 s (STREAM-128).
 */

#include "srv.h"

#include <causeway/log.h>
#include <causeway/metrics.h>
#include <sys/socket.h>

struct cw_dns;
struct cw_dns_question;
struct uv_loop_s;

#define CW_DNS_MAX_ADDRESSES 16u
#define CW_DNS_QUESTION_MS   5000u
#define CW_DNS_TOTAL_MS      15000u /* all questions of one connection attempt */

struct cw_dns_settings {
    const char *const *servers; /**< "address:port"; none: those of resolv.conf */
    size_t server_count;
    bool dnssec; /**< validate from the root's trust anchor */
};

/** Addresses of one host, ports unset, IPv6 first. */
struct cw_dns_addresses {
    enum cw_dns_status status; /**< FOUND with at least one address */
    struct sockaddr_storage items[CW_DNS_MAX_ADDRESSES];
    size_t count;
};

/** The answer; borrowed until return. The question is dead afterwards. */
typedef void cw_dns_srv_fn(const struct cw_srv_answer *answer, void *user);
/** The answer; borrowed until return. The question is dead afterwards. */
typedef void cw_dns_addresses_fn(const struct cw_dns_addresses *answer, void *user);

/** @return CW_OK or CW_ERR_CONFIG, `*problem` one line */
CW_MUST_USE enum cw_err cw_dns_new(struct uv_loop_s *loop, const struct cw_dns_settings *settings,
                                   struct cw_metrics *metrics, struct cw_dns **out,
                                   const char **problem);

/** Frees and sets NULL; questions still open get no answer. The memory goes with the loop's next
 * turn. */
void cw_dns_free(struct cw_dns **dns);

/** Asks for the SRV records of `name` ("_xmpp-server._tcp.fabrikam.example"). */
struct cw_dns_question *cw_dns_ask_srv(struct cw_dns *dns, const char *name,
                                       cw_dns_srv_fn *on_answer, void *user);

/** Asks for the A and AAAA records of `host`; an address as text is its own answer. */
struct cw_dns_question *cw_dns_ask_addresses(struct cw_dns *dns, const char *host,
                                             cw_dns_addresses_fn *on_answer, void *user);

/** The answer is not wanted any more; sets NULL. `*question` may be NULL. */
void cw_dns_cancel(struct cw_dns_question **question);
