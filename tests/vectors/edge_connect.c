/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_vectors.h"

#include "certificates.h"
#include "connector.h"
#include "edge_world.h"
#include "name_server.h"
#include "words.h"

#include <causeway/clock.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER                                                                                     \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                   \
    "xmlns:stream='http://etherx.jabber.org/streams' from='partner.example' to='corp.example' "    \
    "id='x' version='1.0' xml:lang='en'>"
#define TLS_OFFER                                                                                  \
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"    \
    "</stream:features>"
#define TLS_REFUSAL "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"

enum { HOSTS_MAX = 4, TRIED_SIZE = 1024, GOT_SIZE = 4096 };

struct search;

/* A server of the partner: it notes how it was reached, and is of no use. */
struct place {
    struct search *search;
    char name[16]; /* "b:5269" */
    bool direct_tls;
    struct cw_tls_listener *listener;
    struct cw_tls_stream *connection;
    char got[GOT_SIZE];
    bool greeted, noted;
};

struct search {
    const struct vector *vector;
    struct world world; /* its loop, and its corp */
    struct cw_mint *mint;
    struct cw_shell shell;
    struct name_server names;
    struct place places[HOSTS_MAX];
    size_t place_count;
    struct cw_tls *accepts;
    char protocol[32];      /* what a client offered last (ALPN) */
    char tried[TRIED_SIZE]; /* a line each */
    bool done;
    enum cw_fail fail;
};

/* Each process has addresses of its own. */
static struct in_addr address_of(const char *host)
{
    const unsigned pid = (unsigned)getpid();
    const uint32_t number = (127u << 24) | ((128u + pid / 250 % 120) << 16) |
                            ((pid % 250 + 1) << 8) | (uint32_t)(host[0] - 'a' + 1);

    if (host[0] < 'a' || host[0] > 'z' || host[1] != '\0') {
        vector_fail("a host is one letter, not %s", host);
    }
    return (struct in_addr){htonl(number)};
}

/* ---- the partner's servers ---- */

static void note(struct place *place, const char *how)
{
    const size_t used = strlen(place->search->tried);

    if (!place->noted) {
        (void)snprintf(place->search->tried + used, TRIED_SIZE - used, "%s %s\n", place->name, how);
        place->noted = true;
    }
}

static void on_place_open(struct cw_tls_stream *connection, void *user)
{
    const struct place *place = user;

    if (place->direct_tls) {
        cw_tls_stream_start_tls(connection, place->search->accepts, NULL, 3000);
    }
}

static void on_place_secure(struct cw_tls_stream *connection, void *user)
{
    struct place *place = user;
    const char *sni = cw_tls_stream_server_name(connection);
    char how[256];

    (void)snprintf(how, sizeof(how), "tls sni=%s alpn=%s", sni == NULL ? "none" : sni,
                   place->search->protocol);
    note(place, how);
}

static void on_place_read(struct cw_tls_stream *connection, struct cw_bytes data, void *user)
{
    struct place *place = user;
    const size_t used = strlen(place->got);

    (void)snprintf(place->got + used, GOT_SIZE - used, CW_FMT, CW_ARG(data));
    if (strstr(place->got, "<starttls") != NULL) {
        note(place, "starttls");
        cw_tls_stream_write(connection, CW_LIT(TLS_REFUSAL));
        cw_tls_stream_close(connection);
    } else if (!place->greeted && strstr(place->got, "version='1.0'") != NULL) {
        place->greeted = true;
        cw_tls_stream_write(connection, CW_LIT(HEADER));
        cw_tls_stream_write(connection,
                            place->direct_tls ? CW_LIT("</stream:stream>") : CW_LIT(TLS_OFFER));
    }
}

static void on_place_closed(struct cw_tls_stream *connection, enum cw_err why, const char *detail,
                            void *user)
{
    struct place *place = user;

    (void)connection;
    (void)why;
    (void)detail;
    note(place, "nothing");
    place->connection = NULL;
}

static void on_place_accept(struct cw_tls_stream *connection, void *user)
{
    static const struct cw_tls_stream_events EVENTS = {.on_open = on_place_open,
                                                       .on_secure = on_place_secure,
                                                       .on_read = on_place_read,
                                                       .on_closed = on_place_closed};
    struct place *place = user;

    place->connection = connection;
    cw_tls_stream_adopt(connection, &EVENTS, place);
}

static void listen_at(struct search *search, const struct cw_yaml_node *node)
{
    struct place *place = &search->places[search->place_count++];
    const struct cw_yaml_node *host = cw_yaml_lookup(node, "host");
    const struct cw_yaml_node *port = cw_yaml_lookup(node, "port");
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *problem = NULL;

    if (search->place_count > HOSTS_MAX || host == NULL || port == NULL) {
        vector_fail("line %d: `host` and `port` are needed", node->line);
    }
    place->search = search;
    place->direct_tls = cw_yaml_lookup(node, "direct_tls") != NULL;
    (void)snprintf(place->name, sizeof(place->name), "%s:%s", host->text, port->text);
    address.sin_addr = address_of(host->text);
    address.sin_port = htons((uint16_t)strtoul(port->text, NULL, 10));
    if (cw_tls_listen(&search->world.loop, (const struct sockaddr *)&address, on_place_accept,
                      place, &place->listener, &problem) != CW_OK) {
        vector_fail("%s: %s", place->name, problem);
    }
}

/* ---- the edge ---- */

static void permit_partner(struct search *search)
{
    struct cw_arena *arena = cw_arena_new((size_t)1 << 20);
    const struct cw_bytes own = CW_LIT("corp.example");
    const struct cw_permits permits = {.revision = 1,
                                       .own_domains = &own,
                                       .own_count = 1,
                                       .permits = search->world.corp.permits,
                                       .count = 1,
                                       .connection_limit = 100,
                                       .stream_establishment_timeout_s = 5,
                                       .stream_inactivity_timeout_s = 60,
                                       .keep_alive_interval_s = 60,
                                       .lease_s = 600};
    struct cw_bytes payload;

    if (cw_permits_write(&permits, arena, &payload) != CW_OK ||
        cw_permits_table_apply(search->shell.permits, payload, cw_clock_now_ms(), NULL, NULL) !=
            CW_OK) {
        vector_fail("the permits are not taken");
    }
    cw_arena_free(&arena);
}

static void on_report(const struct cw_frame_report *report, void *user)
{
    (void)report;
    (void)user;
}

static void on_done(const struct cw_attempt_result *result, void *user)
{
    struct search *search = user;

    search->done = true;
    search->fail = result->fail;
}

static void look(struct search *search)
{
    char server[32];
    const char *const servers[] = {server};
    const struct cw_dns_settings settings = {.servers = servers, .server_count = 1};
    const char *problem = NULL;
    struct cw_dns *dns = NULL;
    struct cw_streams *streams;
    struct cw_connector *connector;

    (void)snprintf(server, sizeof(server), "127.0.0.1:%u", search->names.port);
    if (cw_dns_new(&search->world.loop, &settings, search->shell.metrics, &dns, &problem) !=
        CW_OK) {
        vector_fail("%s", problem);
    }
    streams = cw_streams_new(&search->shell, on_report, NULL);
    connector = cw_connector_new(&search->shell, dns, streams);
    (void)cw_connector_open(connector,
                            (struct cw_pair){CW_LIT("corp.example"), CW_LIT("partner.example")},
                            on_done, search);
    while (!search->done && world_turn(&search->world)) {
    }
    world_calm(&search->world);
    if (!search->done) {
        vector_fail("no end; tried:\n%s", search->tried);
    }
    while (cw_streams_count(streams) > 0 && world_turn(&search->world)) {
    }
    world_calm(&search->world);
    cw_connector_free(&connector);
    cw_streams_free(&streams);
    cw_dns_free(&dns);
}

/* ---- the case ---- */

static void set_names(struct search *search)
{
    const struct cw_yaml_node *dns = vector_get(search->vector, "dns");

    for (dns = dns == NULL ? NULL : dns->first; dns != NULL; dns = dns->next) {
        struct name_record *record = &search->names.records[search->names.count++];
        const struct cw_yaml_node *name = cw_yaml_lookup(dns, "name");
        const struct cw_yaml_node *srv = cw_yaml_lookup(dns, "srv");
        const struct cw_yaml_node *a = cw_yaml_lookup(dns, "a");

        if (search->names.count > NAME_SERVER_RECORDS || name == NULL ||
            (srv == NULL) == (a == NULL)) {
            vector_fail("line %d: `name`, and `srv` or `a`", dns->line);
        }
        *record = (struct name_record){.name = name->text, .srv = srv == NULL ? NULL : srv->text};
        if (a != NULL) {
            record->address = address_of(a->text);
        }
    }
    name_server_open(&search->names, &search->world.loop);
}

/* The context that a configured certificate gives the edge. */
static struct cw_tls *edge_tls(struct cw_mint *mint)
{
    struct cw_edge_certificate certificate = {.domain = "corp.example",
                                              .certificate = cw_mint_path(mint, "corp.crt"),
                                              .key = cw_mint_path(mint, "corp.key")};
    struct cw_edge_settings settings = {.s2s = {.ca = cw_mint_path(mint, "ca.crt")}};
    struct cw_certificates *certificates = NULL;
    const char *problem = NULL;
    struct cw_tls *tls;

    settings.s2s.certificates.items = &certificate;
    settings.s2s.certificates.count = 1;
    if (cw_certificates_new(&settings, &certificates, &certificates, &problem) != CW_OK) {
        vector_fail("%s", problem);
    }
    tls = cw_tls_share(cw_certificates_find(certificates, CW_LIT("corp.example"), false));
    cw_certificates_free(&certificates);
    return tls;
}

/* Notes what the client offers, and agrees to it. */
static int on_protocols(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                        const unsigned char *in, unsigned in_len, void *user)
{
    struct search *search = user;

    (void)ssl;
    if (in_len > 0 && in[0] + 1u == in_len) {
        (void)snprintf(search->protocol, sizeof(search->protocol), "%.*s", (int)in[0], in + 1);
        *out = in + 1;
        *out_len = in[0];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;
}

static void set_edge(struct search *search)
{
    search->accepts = raw_server_tls(search->mint, "partner");
    SSL_CTX_set_alpn_select_cb(cw_tls_context(search->accepts), on_protocols, search);
    cw_tls_free(&search->world.corp.connects);
    search->world.corp.connects = edge_tls(search->mint);
    search->shell = (struct cw_shell){
        .loop = &search->world.loop,
        .metrics = search->world.corp.env.metrics,
        .permits = cw_permits_table_new(),
        .environment = search->world.corp.env,
        .seed = 1,
    };
    permit_partner(search);
}

static void check(struct search *search)
{
    const struct cw_yaml_node *tried = vector_get(search->vector, "tried");
    const char *left = search->tried;

    for (tried = tried == NULL ? NULL : tried->first; tried != NULL; tried = tried->next) {
        if (strncmp(left, tried->text, tried->len) != 0 || left[tried->len] != '\n') {
            vector_fail("expected `%s`; tried:\n%s", tried->text, search->tried);
        }
        left += tried->len + 1;
    }
    if (*left != '\0') {
        vector_fail("also tried:\n%s", left);
    }
    if (strcmp(cw_word_fail(search->fail), vector_need(search->vector, "fail")) != 0) {
        vector_fail("fail: %s", cw_word_fail(search->fail));
    }
}

static void close_all(struct search *search)
{
    for (size_t i = 0; i < search->place_count; i++) {
        struct place *place = &search->places[i];

        /* What is not allowed on TLS from byte 0. */
        if (place->direct_tls && strstr(place->got, "<starttls") != NULL) {
            vector_fail("%s: <starttls/>", place->name);
        }
        if (place->connection != NULL) {
            cw_tls_stream_close(place->connection);
        }
        cw_tls_listener_close(&place->listener);
    }
    name_server_close(&search->names);
    world_close(&search->world);
    cw_permits_table_free(&search->shell.permits);
    cw_tls_free(&search->accepts);
    cw_mint_free(&search->mint);
}

void play_connect(const struct vector *vector)
{
    struct search search = {.vector = vector, .mint = cw_mint_new()};
    const struct cw_yaml_node *listen = vector_get(vector, "listen");

    cw_mint_make(search.mint, "corp", &(struct cw_mint_leaf){.names = "DNS:corp.example"});
    cw_mint_make(search.mint, "partner", &(struct cw_mint_leaf){.names = "DNS:partner.example"});
    world_open(&search.world, search.mint,
               (1u << CW_METHOD_SASL_TLS) | (1u << CW_METHOD_TLS_DIALBACK), true);
    set_names(&search);
    set_edge(&search);
    for (listen = listen == NULL ? NULL : listen->first; listen != NULL; listen = listen->next) {
        listen_at(&search, listen);
    }
    look(&search);
    check(&search);
    close_all(&search);
}
