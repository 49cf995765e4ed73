/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The XMPP partner of the load generator, on the edge's own stream: what is measured is the edge,
 * so both ends cost the same.
 */

#include "load.h"

#include "stream.h"

#include <causeway/settings_file.h>

#include <stdio.h>
#include <string.h>

static struct load *the(void *user)
{
    return user;
}

static struct cw_bytes bytes(const char *text)
{
    return (struct cw_bytes){text, strlen(text)};
}

static const struct cw_permit *permit(struct cw_bytes remote, void *user)
{
    static struct cw_permit permit;

    permit = (struct cw_permit){
        .domain = remote,
        .partner = bytes(the(user)->options.own),
        .methods = 1u << CW_METHOD_SASL_TLS,
        .tls_required = true,
        .tls_offered = true,
        .keep_alive = true,
        .connection_limit = 100,
    };
    return &permit;
}

static bool is_own(struct cw_bytes domain, void *user)
{
    return cw_bytes_equal(domain, bytes(the(user)->options.partner));
}

static struct cw_tls *tls(struct cw_bytes own, bool server, void *user)
{
    (void)own;
    return server ? the(user)->server_tls : the(user)->client_tls;
}

static struct cw_stream_environment environment;

static void on_pair(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                    enum cw_method method, void *user)
{
    (void)own;
    (void)remote;
    (void)method;
    if (cw_stream_facts(stream).outgoing) {
        the(user)->out = stream;
        the(user)->ready = true;
    }
}

static void on_pair_failed(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                           enum cw_fail why, const char *detail, void *user)
{
    (void)stream;
    (void)own;
    (void)remote;
    (void)user;
    (void)fprintf(stderr, "the edge refused the pair (%d): ", (int)why);
    load_fail(detail);
}

/* The body is the one place where "T" follows a tag's end. */
static void on_stanza(struct cw_stream *stream, const struct cw_authenticated_stanza *stanza,
                      void *user)
{
    const char *at = stanza->xml.base;
    const char *const end = at + stanza->xml.len;

    (void)stream;
    while ((at = memchr(at, '>', (size_t)(end - at))) != NULL) {
        at++;
        if (end - at > 2 && at[0] == 'T' && at[1] == '=') {
            load_arrived(the(user), at, (size_t)(end - at));
            return;
        }
    }
    if (stanza->class == CW_CLASS_MESSAGE) {
        the(user)->refused++;
    }
}

static void on_verify(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                      struct cw_bytes id, struct cw_bytes key, void *user)
{
    (void)id;
    (void)key;
    (void)user;
    cw_stream_verified(stream, own, remote, false, CW_FAIL_CONNECT);
}

static void on_verify_answer(struct cw_stream *stream, struct cw_bytes id, bool valid,
                             enum cw_fail fail, void *user)
{
    (void)stream;
    (void)id;
    (void)valid;
    (void)fail;
    (void)user;
}

static void on_drain(struct cw_stream *stream, void *user)
{
    (void)stream;
    (void)user;
}

static void on_closed(struct cw_stream *stream, enum cw_fail why, const char *detail, void *user)
{
    if (the(user)->out == stream || !the(user)->ready) {
        (void)fprintf(stderr, "a stream of the edge ended (%d): ", (int)why);
        load_fail(detail);
    }
}

static const struct cw_stream_events EVENTS = {
    on_pair, on_pair_failed, on_stanza, on_verify, on_verify_answer, on_drain, on_closed,
};

static void on_accept(struct cw_tls_stream *connection, void *user)
{
    (void)cw_stream_accept(&environment, connection, false, &EVENTS, user);
}

static struct sockaddr_in address_of(const char *text)
{
    struct sockaddr_in address;
    char host[64];
    uint16_t port;

    if (cw_settings_address(text, host, sizeof(host), &port) != CW_OK ||
        uv_ip4_addr(host, port, &address) != 0) {
        load_fail(text);
    }
    return address;
}

static struct cw_tls *make_tls(const struct load_options *o, bool server)
{
    const struct cw_tls_settings settings = {.certificate = o->certificate,
                                             .key = o->key,
                                             .ca = o->ca,
                                             .verify = CW_TLS_VERIFY_ASK,
                                             .server = server};
    struct cw_tls *made = NULL;
    const char *problem = "";

    if (cw_tls_new(&settings, &made, &problem) != CW_OK) {
        load_fail(problem);
    }
    return made;
}

void partner_start(struct load *load)
{
    const struct load_options *const o = &load->options;
    const struct sockaddr_in listen = address_of(o->listen);
    const struct sockaddr_in edge = address_of(o->edge);
    struct cw_tls_listener *listener;
    const char *problem = "";

    load->server_tls = make_tls(o, true);
    load->client_tls = make_tls(o, false);
    environment = (struct cw_stream_environment){
        .loop = &load->loop,
        .permit = permit,
        .is_own = is_own,
        .tls = tls,
        .dialback_secret = CW_LIT("load"),
        .establishment_timeout_ms = 30000,
        .inactivity_timeout_ms = 600000,
        .keep_alive_interval_ms = 300000,
        .max_stanza_size = 65536,
        .metrics = cw_metrics_new("bench"),
        .user = load,
    };
    if (cw_tls_listen(&load->loop, (const struct sockaddr *)&listen, on_accept, load, &listener,
                      &problem) != CW_OK) {
        load_fail(problem);
    }
    (void)cw_stream_open(&environment, (const struct sockaddr *)&edge, false, false,
                         bytes(o->partner), bytes(o->own), &EVENTS, load);
}

void partner_send(struct load *load, unsigned lane, const char *body)
{
    const struct load_options *const o = &load->options;
    char xml[1024];
    const int len =
        snprintf(xml, sizeof(xml),
                 "<message from='p%u@%s/bench' to='s%u@%s' type='chat' id='b%llu'>"
                 "<body>%s</body></message>",
                 lane, o->partner, lane, o->own, (unsigned long long)load->number, body);

    if (cw_stream_send(load->out, bytes(o->partner), bytes(o->own),
                       (struct cw_bytes){xml, (size_t)len}) != CW_OK) {
        load_fail("the stream to the edge takes no stanza");
    }
}
