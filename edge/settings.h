/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * edge.yaml, read and checked (OPERATOR.md 2.1). One immutable document; a reload makes a new one.
 * The edge has no list of partners: the gateways push permits.
 */

#include <causeway/log.h>
#include <causeway/settings_file.h>

/** One entry of s2s.certificates. */
struct cw_edge_certificate {
    const char *domain;      /**< A-labels, lower case */
    const char *certificate; /**< PEM chain, leaf first */
    const char *key;         /**< path */
    struct cw_place domain_place, certificate_place;
};

struct cw_edge_settings {
    int64_t version;
    struct {
        const char *name, *pool, *state_dir;
        struct cw_place name_place;
    } node;
    struct {
        struct cw_texts listen;
        const char *ca;              /**< "" for the system's trust anchors */
        struct cw_list certificates; /**< struct cw_edge_certificate */
    } s2s;
    struct {
        const char *listen;
        const char *certificate, *key, *ca;
        struct cw_texts peer_names;
        struct cw_place listen_place, certificate_place;
    } link;
    struct {
        struct cw_texts servers;
        bool dnssec;
    } dns;
    struct {
        const char *secret;
        struct cw_place secret_place;
    } dialback;
    struct {
        int64_t connections, connections_per_address, max_stanza_size, queue_per_pair,
            queue_per_partner, queue_bytes, queue_ttl_ms;
        struct cw_place connections_per_address_place, queue_per_partner_place;
    } limits;
    struct {
        const char *socket, *listen;
        struct cw_place listen_place;
    } admin;
    struct {
        int format, level; /**< enum cw_log_format, enum cw_log_level */
    } log;
    struct {
        int64_t timeout_ms;
    } drain;

    struct cw_arena *arena; /**< owns all of it */
};

/** The keys of edge.yaml, for the reader and for lists. */
extern const struct cw_key CW_EDGE_KEYS[];

/** Frees and sets NULL. */
void cw_edge_settings_free(struct cw_edge_settings **settings);

/** Every key with its default as commented YAML; malloc'ed. */
char *cw_edge_settings_defaults(void);

/** Names the first key that differs between `a` and `b` and that only a restart changes; NULL:
 * none. */
const char *cw_edge_settings_needs_restart(const struct cw_edge_settings *a,
                                           const struct cw_edge_settings *b);
