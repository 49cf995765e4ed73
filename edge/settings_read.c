/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_read.h"

#include "certificates.h"
#include "pair.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* A configuration is the operator's own; the limit only stops a runaway file. */
#define ARENA_LIMIT    ((size_t)64 * 1024 * 1024)
#define NODE_MAX       64u /* octets of a name on the link */
#define SECRET_MIN     16u /* octets that cannot be guessed */
#define PEER_NAMES_MAX 32u

static bool is_address(const char *text, bool *loopback)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    char host[INET6_ADDRSTRLEN];
    uint16_t port;

    if (cw_settings_address(text, host, sizeof(host), &port) != CW_OK) {
        return false;
    }
    if (uv_ip4_addr(host, port, &v4) == 0) {
        *loopback = (ntohl(v4.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
        return true;
    }
    if (uv_ip6_addr(host, port, &v6) == 0) {
        *loopback = IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
        return true;
    }
    return false;
}

static bool is_name(const char *text, const char *allowed, size_t max)
{
    const size_t len = strlen(text);

    return len > 0 && len <= max && strspn(text, allowed) == len;
}

static bool is_node_name(const char *text)
{
    return is_name(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-",
                   NODE_MAX);
}

static bool is_domain(const char *text)
{
    return is_name(text, "abcdefghijklmnopqrstuvwxyz0123456789.-", CW_PAIR_DOMAIN_MAX) &&
           text[0] != '.' && text[0] != '-' && text[strlen(text) - 1] != '.';
}

static void check_node(const struct cw_edge_settings *s, struct cw_settings_file *file)
{
    if (s->node.name != NULL && !is_node_name(s->node.name)) {
        cw_settings_finding(file, &s->node.name_place, CW_ERROR, "E140", "this is not a node name",
                            "use 1 to 64 letters, digits, dots, dashes and underscores");
    }
}

static void check_listeners(const struct cw_edge_settings *s, struct cw_settings_file *file)
{
    for (size_t i = 0; i < s->s2s.listen.count; i++) {
        const char *const text = s->s2s.listen.items[i];
        bool loopback;

        if (!is_address(strncmp(text, "tls:", 4) == 0 ? text + 4 : text, &loopback)) {
            cw_settings_finding(file, &s->s2s.listen.places[i], CW_ERROR, "E141",
                                "this is not an address and port",
                                "write ADDRESS:PORT or tls:ADDRESS:PORT, e.g. 0.0.0.0:5269");
        }
    }
}

static void check_domains(const struct cw_edge_settings *s, struct cw_settings_file *file)
{
    const struct cw_edge_certificate *const items = s->s2s.certificates.items;

    for (size_t i = 0; i < s->s2s.certificates.count; i++) {
        if (items[i].domain == NULL) {
            continue; /* a missing key is a finding already */
        }
        if (!is_domain(items[i].domain)) {
            cw_settings_finding(file, &items[i].domain_place, CW_ERROR, "E120",
                                "this is not a domain name",
                                "write a DNS name in lower case, as A-labels (xn--...) if it has "
                                "other letters");
        }
        for (size_t k = 0; k < i; k++) {
            if (items[k].domain != NULL && strcmp(items[k].domain, items[i].domain) == 0) {
                cw_settings_finding(file, &items[i].domain_place, CW_ERROR, "E142",
                                    "this domain has a certificate already", "leave one of them");
            }
        }
    }
}

static void check_link(const struct cw_edge_settings *s, struct cw_settings_file *file)
{
    bool loopback;

    if (s->link.listen != NULL && !is_address(s->link.listen, &loopback)) {
        cw_settings_finding(file, &s->link.listen_place, CW_ERROR, "E141",
                            "this is not an address and port",
                            "write ADDRESS:PORT, e.g. 10.0.0.5:23456");
    }
    if (s->link.listen != NULL && s->link.peer_names.count == 0) {
        cw_settings_finding(file, &s->link.listen_place, CW_ERROR, "E143",
                            "no gateway may link: peer_names is empty",
                            "list the names in the gateways' certificates");
    }
    for (size_t i = 0; i < s->link.peer_names.count; i++) {
        if (!is_domain(s->link.peer_names.items[i]) || i >= PEER_NAMES_MAX) {
            cw_settings_finding(file, &s->link.peer_names.places[i], CW_ERROR, "E120",
                                "this is not a domain name, or one too many",
                                "write the DNS name of a gateway's certificate; at most 32");
        }
    }
}

static void check_dns(const struct cw_edge_settings *s, struct cw_settings_file *file)
{
    for (size_t i = 0; i < s->dns.servers.count; i++) {
        bool loopback;

        if (!is_address(s->dns.servers.items[i], &loopback)) {
            cw_settings_finding(file, &s->dns.servers.places[i], CW_ERROR, "E144",
                                "this is not the address of a resolver",
                                "write ADDRESS:PORT, e.g. 127.0.0.53:53; a name cannot be looked "
                                "up before there is a resolver");
        }
    }
}

static void check_rest(const struct cw_edge_settings *s, struct cw_settings_file *file)
{
    bool loopback = false;

    if (s->dialback.secret != NULL && strlen(s->dialback.secret) < SECRET_MIN) {
        cw_settings_finding(file, &s->dialback.secret_place, CW_ERROR, "E145",
                            "the dialback secret is shorter than 16 characters",
                            "write 32 random bytes as text, e.g. of openssl rand -hex 32");
    }
    if (s->admin.listen != NULL && s->admin.listen[0] != '\0' &&
        (!is_address(s->admin.listen, &loopback) || !loopback)) {
        cw_settings_finding(file, &s->admin.listen_place, CW_ERROR, "E146",
                            "the admin surface listens on loopback only",
                            "write 127.0.0.1:PORT, or \"\" for none");
    }
    if (s->limits.connections_per_address > s->limits.connections) {
        cw_settings_finding(file, &s->limits.connections_per_address_place, CW_WARNING, "W147",
                            "one address may have more connections than all together",
                            "lower it, or raise limits.connections");
    }
    if (s->limits.queue_per_partner > s->limits.queue_bytes) {
        cw_settings_finding(file, &s->limits.queue_per_partner_place, CW_WARNING, "W148",
                            "one partner may fill the whole queue",
                            "lower it, or raise limits.queue_bytes");
    }
}

static void check_one_certificate(const struct cw_edge_settings *s,
                                  const struct cw_edge_certificate *item,
                                  struct cw_settings_file *file)
{
    const char *problem = NULL;

    switch (cw_certificates_try(item, s->s2s.ca, &problem)) {
    case CW_CERTIFICATE_GOOD:
        break;
    case CW_CERTIFICATE_UNUSABLE:
        cw_settings_finding(file, &item->certificate_place, CW_ERROR, "E149", problem,
                            "check the paths and their permissions, and that the key belongs to "
                            "the certificate");
        break;
    case CW_CERTIFICATE_OTHER_NAME:
        cw_settings_finding(file, &item->certificate_place, CW_WARNING, "W150",
                            "partners will refuse the certificate for this domain: it does not "
                            "name it, or is not valid now",
                            "use a certificate whose subject alternative names hold the domain");
        break;
    }
}

static void check_credentials(const struct cw_edge_settings *s, struct cw_settings_file *file)
{
    const struct cw_edge_certificate *const items = s->s2s.certificates.items;

    for (size_t i = 0; i < s->s2s.certificates.count; i++) {
        if (items[i].domain != NULL && items[i].certificate != NULL && items[i].key != NULL) {
            check_one_certificate(s, &items[i], file);
        }
    }
    if (s->link.certificate != NULL && s->link.key != NULL && s->link.ca != NULL) {
        const char *problem = NULL;
        struct cw_tls *tls = NULL;

        if (cw_certificates_link(s, &tls, &problem) != CW_OK) {
            cw_settings_finding(file, &s->link.certificate_place, CW_ERROR, "E149", problem,
                                "check the paths and their permissions, and that the key belongs "
                                "to the certificate");
        }
        cw_tls_free(&tls);
    }
}

static void check_all(const struct cw_edge_settings *s, enum cw_edge_check check,
                      struct cw_settings_file *file)
{
    check_node(s, file);
    check_listeners(s, file);
    check_domains(s, file);
    check_link(s, file);
    check_dns(s, file);
    check_rest(s, file);
    if (check == CW_EDGE_CHECK_ALL) {
        check_credentials(s, file);
    }
}

enum cw_err cw_edge_settings_read(const char *path, enum cw_edge_check check, bool strict,
                                  char **report, struct cw_edge_settings **out)
{
    struct cw_arena *const arena = cw_arena_new(ARENA_LIMIT);
    struct cw_edge_settings *settings = cw_arena_alloc(arena, sizeof(*settings));
    struct cw_settings_file *file = cw_settings_new(arena);
    size_t errors;

    if (settings == NULL) {
        abort();
    }
    *out = NULL;
    settings->arena = arena;
    if (cw_settings_read(file, path, CW_EDGE_KEYS, settings) == CW_OK) {
        check_all(settings, check, file);
    }
    *report = cw_settings_report(file);
    errors = cw_settings_count(file, strict ? CW_WARNING : CW_ERROR);
    cw_settings_free(&file);
    if (errors > 0) {
        cw_edge_settings_free(&settings);
        return CW_ERR_CONFIG;
    }
    *out = settings;
    return CW_OK;
}
