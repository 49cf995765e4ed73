/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What gateway.yaml and partners.d say. One immutable document (settings_read.h makes it); a reload
 * makes a new one.
 */

#include "access.h"
#include "partners.h"

#include "sip/sip.h"
#include <causeway/log.h>
#include <causeway/settings_file.h>
#include <causeway/show_map.h>

struct cw_gateway_tls {
    const char *certificate, *key, *ca;
    bool require_client_certificate;
    struct cw_place place, key_place; /**< of `certificate` and `key` */
};

/** One entry of sip.routes as written. */
struct cw_gateway_route {
    const char *name, *uri;
    int64_t priority, weight;
    struct cw_place place; /**< of `uri` */
};

/** One entry of partners as written; settings_partners.c makes a struct cw_partner of it. */
struct cw_gateway_partner {
    const char *domain, *description, *proxy;
    struct cw_texts additional_domains, pins;
    int type, tls, sasl, dialback, keep_alive, accept; /**< 0: as partner_defaults says */
    bool enabled;
    int64_t connection_limit; /**< 0: as limits.partner_connection_limit says */
    int64_t max_stanza;       /**< 0: as messages.max_stanza says */
    struct {
        int64_t invites_per_minute, messages_per_second, presence_per_second; /**< 0: by type */
    } rate;
    struct cw_place domain_place, tls_place, sasl_place, proxy_place, max_stanza_place;
};

/** One entry of users.groups as written. */
struct cw_gateway_group {
    const char *name;
    int access; /**< enum cw_access_verdict */
    struct cw_texts members;
    struct cw_place place; /**< of `name` */
};

/** Who may federate, as written; settings_users.c makes a struct cw_access of it. */
struct cw_gateway_users {
    bool federation;             /**< master switch of XMPP federation */
    int default_access;          /**< enum cw_access_verdict: users without an entry below */
    struct cw_texts allow, deny; /**< addresses of record, without "sip:" */
    struct cw_list groups;       /**< struct cw_gateway_group */
};

/** The policy document as written; policy_document.h judges it. */
struct cw_policy_entries {
    struct cw_list partners; /**< struct cw_gateway_partner */
    struct cw_gateway_users users;
    struct cw_place users_place; /**< without file: the document does not say */
};

#define CW_DRIVING CW_ACTIVITIES /* place of in-transit and steering together */
struct cw_gateway_settings {
    int64_t version;
    struct {
        const char *name, *pool, *state_dir;
        struct cw_texts sip_domains, abuse_contact;
    } node;
    struct {
        struct cw_texts listen;
        const char *advertise, *partner_header; /**< "" for none */
        struct cw_gateway_tls tls;
        int64_t t1_ms, max_message_size, options_interval_ms;
        bool path_congestion_safe;
        struct cw_list routes; /**< struct cw_gateway_route */
        struct cw_place partner_header_place;
    } sip;
    struct {
        int64_t subscription_refresh_interval_ms, subscribe_expires_ms, coalesce_ms;
        bool activity_text, capabilities, pep, software_version;
        int entity_scheme;                       /**< enum cw_document_scheme */
        int activity_to_show[CW_ACTIVITIES + 1]; /**< enum cw_show; the last: CW_DRIVING */
        int show_to_activity[CW_SHOWS];          /**< 0: none, else 1 + enum cw_activity */
        struct cw_show_map show_map;             /**< made of these */
    } presence;
    struct {
        int64_t ttl_ms, hold_ms, max_body, max_stanza, queue_per_pair, reply_window_ms;
        bool typing, receipts, receipt_from_200;
        int type_mode, languages;    /**< 0 mirror, 1 rfc; 0 one, 1 all */
        const char *language;        /**< of the local users; "" for unknown */
        const char *correction_mark; /**< "" for none */
    } messages;
    struct {
        int reason_phrase; /**< enum cw_error_text */
        bool hide_existence;
    } errors;
    struct {
        struct cw_texts connect, peer_names;
        struct cw_gateway_tls tls;
        int64_t heartbeat_ms, fail_after_ms;
    } edge;
    struct {
        int64_t connection_limit, partner_connection_limit, keep_alive_interval_ms,
            stream_establishment_timeout_ms, stream_inactivity_timeout_ms;
        bool quarantine;
    } limits;
    struct {
        int floor; /**< enum cw_floor */
        bool log_message_bodies;
    } security;
    struct cw_gateway_users users;
    struct {
        int type, tls, sasl; /**< enum cw_partner_type, enum cw_negotiation */
        bool dialback, keep_alive;
    } partner_defaults;
    struct cw_list partners; /**< struct cw_gateway_partner, from all files */
    struct {
        const char *socket, *listen;
    } admin;
    struct {
        int format, level; /**< enum cw_log_format, enum cw_log_level */
    } log;
    struct {
        int64_t timeout_ms;
    } drain;

    /* made from the above by the reader */
    struct cw_sip_listen *sip_listen;
    size_t sip_listen_count;
    struct cw_sip_route *sip_routes;
    size_t sip_route_count;
    struct cw_bytes *own_domains; /**< A-labels, lower case */
    size_t own_domain_count;
    struct cw_partner *partner_list;
    size_t partner_count;
    const struct cw_access *access; /**< what `users` means */
    struct cw_arena *arena;         /**< owns all of it */
};

/** Frees and sets NULL. */
void cw_gateway_settings_free(struct cw_gateway_settings **settings);

/** Is `domain` (A-labels, lower case) one of ours? */
bool cw_gateway_settings_is_own(const struct cw_gateway_settings *settings, struct cw_bytes domain);
