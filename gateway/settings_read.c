/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_read.h"

#include "settings_keys.h"
#include "settings_partners.h"
#include "settings_users.h"

#include <causeway/jid.h>
#include <causeway/sip_uri.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A configuration is the operator's own; the limit only stops a runaway include. */
#define ARENA_LIMIT ((size_t)64 * 1024 * 1024)

/* What a disco answer bears beside the rest. */
#define CONTACTS_MAX 8u
#define CONTACT_LEN  255u /* octets */

static const char *const TRANSPORTS[CW_SIP_TRANSPORTS] = {"udp", "tcp", "tls"};

static void *take(struct cw_arena *arena, size_t size)
{
    void *const memory = cw_arena_alloc(arena, size > 0 ? size : 1);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static const char *keep(struct cw_arena *arena, struct cw_bytes value)
{
    char *const copy = take(arena, value.len + 1);

    if (value.len > 0) {
        memcpy(copy, value.base, value.len);
    }
    return copy;
}

static void read_domains(struct cw_gateway_settings *s, struct cw_settings_file *file)
{
    const struct cw_texts *const names = &s->node.sip_domains;

    s->own_domains = take(s->arena, names->count * sizeof(struct cw_bytes));
    for (size_t i = 0; i < names->count; i++) {
        const struct cw_bytes name = {names->items[i], strlen(names->items[i])};

        if (cw_jid_domain_ascii(name, s->arena, &s->own_domains[s->own_domain_count]) == CW_OK) {
            s->own_domain_count++;
        } else {
            cw_settings_finding(file, &names->places[i], CW_ERROR, "E120",
                                "this is not a domain name",
                                "write a DNS name such as contoso.example");
        }
    }
}

/* RFC 3986 section 3, as far as it takes to see that somebody forgot the scheme. */
static bool is_contact_uri(const char *text)
{
    static const char *const SCHEMES[] = {"mailto:", "xmpp:", "https:"};
    const size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] >= 0x7f || strchr("\"<>\\^`{|}", text[i]) != NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++) {
        if (strncmp(text, SCHEMES[i], strlen(SCHEMES[i])) == 0) {
            return len > strlen(SCHEMES[i]) && len <= CONTACT_LEN;
        }
    }
    return false;
}

static void check_contacts(const struct cw_gateway_settings *s, struct cw_settings_file *file)
{
    const struct cw_texts *const contacts = &s->node.abuse_contact;

    for (size_t i = 0; i < contacts->count; i++) {
        if (!is_contact_uri(contacts->items[i])) {
            cw_settings_finding(file, &contacts->places[i], CW_ERROR, "E134",
                                "this is not a mailto:, xmpp: or https: URI",
                                "write e.g. mailto:abuse@contoso.example");
        }
    }
    if (contacts->count > CONTACTS_MAX) {
        cw_settings_finding(file, &contacts->places[CONTACTS_MAX], CW_ERROR, "E136",
                            "there are more than 8 contacts", "name the first ones to be asked");
    }
}

/* "tls:0.0.0.0:5061" */
static bool read_listen(struct cw_gateway_settings *s, const char *value, struct cw_sip_listen *out)
{
    const char *const colon = strchr(value, ':');
    char host[256];

    if (colon == NULL) {
        return false;
    }
    for (enum cw_sip_transport t = CW_SIP_UDP; t < CW_SIP_TRANSPORTS; t++) {
        if (strlen(TRANSPORTS[t]) == (size_t)(colon - value) &&
            strncmp(value, TRANSPORTS[t], (size_t)(colon - value)) == 0) {
            out->transport = t;
            if (cw_settings_address(colon + 1, host, sizeof(host), &out->port) != CW_OK) {
                return false;
            }
            out->host = keep(s->arena, (struct cw_bytes){host, strlen(host)});
            return true;
        }
    }
    return false;
}

static void require_tls(const struct cw_gateway_tls *tls, const struct cw_place *place,
                        struct cw_settings_file *file)
{
    /* a key that is written but cannot be had is a finding already */
    const bool key = tls->key != NULL || tls->key_place.file != NULL;

    if (tls->certificate == NULL || !key || tls->ca == NULL) {
        cw_settings_finding(file, place, CW_ERROR, "E130",
                            "TLS is used here, but certificate, key or ca is missing",
                            "set all three in the tls mapping beside it");
    }
}

static void read_listeners(struct cw_gateway_settings *s, struct cw_settings_file *file)
{
    const struct cw_texts *const listen = &s->sip.listen;

    s->sip_listen = take(s->arena, listen->count * sizeof(struct cw_sip_listen));
    for (size_t i = 0; i < listen->count; i++) {
        struct cw_sip_listen *const one = &s->sip_listen[s->sip_listen_count];

        if (!read_listen(s, listen->items[i], one)) {
            cw_settings_finding(file, &listen->places[i], CW_ERROR, "E131",
                                "this is not a SIP listener",
                                "write udp:ADDRESS:PORT, tcp:ADDRESS:PORT or tls:ADDRESS:PORT");
            continue;
        }
        if (one->transport == CW_SIP_TLS) {
            require_tls(&s->sip.tls, &listen->places[i], file);
        }
        s->sip_listen_count++;
    }
}

static bool read_transport(const struct cw_sip_uri *uri, enum cw_sip_transport *out)
{
    if (uri->transport.base == NULL) {
        *out = CW_SIP_UDP;
        return true;
    }
    for (enum cw_sip_transport t = CW_SIP_UDP; t < CW_SIP_TRANSPORTS; t++) {
        if (uri->transport.len == strlen(TRANSPORTS[t]) &&
            strncmp(uri->transport.base, TRANSPORTS[t], uri->transport.len) == 0) {
            *out = t;
            return true;
        }
    }
    return false;
}

static bool read_route(struct cw_gateway_settings *s, const struct cw_gateway_route *entry,
                       struct cw_sip_route *out)
{
    const struct cw_bytes written = {entry->uri, strlen(entry->uri)};
    struct cw_sip_uri uri;

    if (cw_sip_uri_read(written, s->arena, &uri) != CW_OK || uri.scheme != CW_URI_SIP ||
        uri.host.len == 0 || !read_transport(&uri, &out->transport)) {
        return false;
    }
    out->name = entry->name;
    out->host = keep(s->arena, uri.host);
    out->port = uri.port;
    if (out->port == 0) {
        out->port = out->transport == CW_SIP_TLS ? 5061 : 5060;
    }
    out->priority = (unsigned)entry->priority;
    out->weight = (unsigned)entry->weight;
    return true;
}

static void read_routes(struct cw_gateway_settings *s, struct cw_settings_file *file)
{
    const struct cw_gateway_route *const entries = s->sip.routes.items;

    s->sip_routes = take(s->arena, s->sip.routes.count * sizeof(struct cw_sip_route));
    for (size_t i = 0; i < s->sip.routes.count; i++) {
        struct cw_sip_route *const route = &s->sip_routes[s->sip_route_count];

        if (entries[i].uri == NULL || entries[i].name == NULL) {
            continue; /* a missing key is a finding already */
        }
        if (!read_route(s, &entries[i], route)) {
            cw_settings_finding(file, &entries[i].place, CW_ERROR, "E132",
                                "this is not the URI of a next hop",
                                "write e.g. sip:10.0.0.20:5061;transport=tls");
            continue;
        }
        if (route->transport == CW_SIP_TLS) {
            require_tls(&s->sip.tls, &entries[i].place, file);
        }
        s->sip_route_count++;
    }
}

static void read_edges(struct cw_gateway_settings *s, struct cw_settings_file *file)
{
    for (size_t i = 0; i < s->edge.connect.count; i++) {
        char host[256];
        uint16_t port;

        if (cw_settings_address(s->edge.connect.items[i], host, sizeof(host), &port) != CW_OK) {
            cw_settings_finding(file, &s->edge.connect.places[i], CW_ERROR, "E125",
                                "this is not host:port",
                                "write e.g. edge1.dmz.contoso.example:23456");
        }
        require_tls(&s->edge.tls, &s->edge.connect.places[i], file);
    }
}

/* 0 of show_to_activity is none; the enum has it at its end. */
static void make_show_map(struct cw_gateway_settings *s)
{
    struct cw_show_map *const map = &s->presence.show_map;

    for (enum cw_activity i = 0; i < CW_ACTIVITIES; i++) {
        map->show_of[i] = (enum cw_show)s->presence.activity_to_show[i];
    }
    for (size_t i = 0; i < CW_SHOWS; i++) {
        const int activity = s->presence.show_to_activity[i];

        map->activity_of[i] = activity == 0 ? CW_ACTIVITIES : (enum cw_activity)(activity - 1);
    }
    map->driving = (enum cw_show)s->presence.activity_to_show[CW_DRIVING];
    map->words = s->presence.activity_text;
}

/* RFC 3261 section 25.1: a header field's name is a token. */
static void check_header(const struct cw_gateway_settings *s, struct cw_settings_file *file)
{
    static const char TOKEN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-.!%*_+`\'~";

    if (s->sip.partner_header != NULL && /* a wrong type is a finding already */
        strspn(s->sip.partner_header, TOKEN) != strlen(s->sip.partner_header)) {
        cw_settings_finding(file, &s->sip.partner_header_place, CW_ERROR, "E137",
                            "this is no name of a header",
                            "write e.g. P-Causeway-Partner, or \"\" for none");
    }
}

static void check_all(struct cw_gateway_settings *s, struct cw_settings_file *file)
{
    make_show_map(s);
    read_domains(s, file);
    check_contacts(s, file);
    read_listeners(s, file);
    check_header(s, file);
    read_routes(s, file);
    read_edges(s, file);
    s->access = cw_settings_users(s, &s->users, file, s->arena);
    s->partner_count = cw_settings_partners(
        s, &(struct cw_partner_entries){.entries = &s->partners, .file = file, .arena = s->arena},
        &s->partner_list);
}

enum cw_err cw_gateway_settings_read(const char *path, bool strict, char **report,
                                     struct cw_gateway_settings **out)
{
    struct cw_arena *const arena = cw_arena_new(ARENA_LIMIT);
    struct cw_gateway_settings *settings = take(arena, sizeof(*settings));
    struct cw_settings_file *file = cw_settings_new(arena);
    size_t errors;

    *out = NULL;
    settings->arena = arena;
    if (cw_settings_read(file, path, CW_GATEWAY_KEYS, settings) == CW_OK) {
        check_all(settings, file);
    }
    *report = cw_settings_report(file);
    errors = cw_settings_count(file, strict ? CW_WARNING : CW_ERROR);
    cw_settings_free(&file);
    if (errors > 0) {
        cw_gateway_settings_free(&settings);
        return CW_ERR_CONFIG;
    }
    *out = settings;
    return CW_OK;
}

char *cw_gateway_settings_defaults(void)
{
    return cw_settings_defaults(CW_GATEWAY_KEYS);
}
