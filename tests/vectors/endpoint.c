/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of the transaction layer: the real SIP side on loopback, with a plain UDP socket as its
 * peer. Steps are those of README.md that concern SIP, and `taken: n`: so many requests have
 * reached the gateway.
 */
#include "sip_bench.h"
#include "sip_text.h"
#include "vector_run.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct endpoint {
    struct bench bench;
    int peer;
    uint16_t port; /* of the SIP side */
    struct wire in;
};

static bool is_said(struct cw_bytes lines, const char *name)
{
    return sip_header(lines, name).base != NULL;
}

/* What belongs to every request and is of no interest to the case. */
static void put_defaults(struct sip_text *text, struct cw_bytes lines, struct cw_bytes method)
{
    static const struct {
        const char *name, *line;
    } DEFAULTS[] = {
        {"Via", "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKv1;rport"},
        {"From", "From: <sip:tomasz@corp.example>;tag=a1"},
        {"To", "To: <sip:mira@partner.example>"},
        {"Call-ID", "Call-ID: call-1"},
        {"Max-Forwards", "Max-Forwards: 70"},
    };

    for (size_t i = 0; i < sizeof(DEFAULTS) / sizeof(DEFAULTS[0]); i++) {
        if (!is_said(lines, DEFAULTS[i].name)) {
            sip_text_print(text, "%s\r\n", DEFAULTS[i].line);
        }
    }
    if (!is_said(lines, "CSeq")) {
        sip_text_print(text, "CSeq: 1 " CW_FMT "\r\n", CW_ARG(method));
    }
}

static void request_comes(struct endpoint *e, const struct cw_yaml_node *step)
{
    const struct cw_bytes lines = vector_scalar(step->first->next);
    const struct cw_yaml_node *body = cw_yaml_lookup(step, "body");
    const struct cw_bytes line = sip_first_line(lines);
    const char *space = line.len == 0 ? NULL : memchr(line.base, ' ', line.len);
    struct cw_bytes rest = sip_behind_first_line(lines);
    struct sip_text text = {0};
    struct cw_bytes name;
    struct cw_bytes value;

    if (space == NULL) {
        vector_fail("line %d: not a request line", step->line);
    }
    sip_text_print(&text, CW_FMT " SIP/2.0\r\n", CW_ARG(line));
    while (sip_next_header(&rest, &name, &value)) {
        sip_text_print(&text, CW_FMT ": " CW_FMT "\r\n", CW_ARG(name), CW_ARG(value));
    }
    put_defaults(&text, lines, (struct cw_bytes){line.base, (size_t)(space - line.base)});
    sip_text_print(&text, "Content-Length: %zu\r\n\r\n", body == NULL ? (size_t)0 : body->len);
    if (body != NULL) {
        sip_text_put(&text, vector_scalar(body));
    }
    peer_send(e->peer, text.base, text.len, e->port);
    sip_text_free(&text);
}

static void expect_response(struct endpoint *e, const struct cw_yaml_node *step)
{
    const struct cw_bytes lines = vector_scalar(step->first->next);
    const struct cw_bytes wanted = sip_first_line(lines);
    struct cw_bytes rest = sip_behind_first_line(lines);
    struct cw_bytes name;
    struct cw_bytes pattern;

    peer_read(&e->bench, e->peer, &e->in, NULL);
    const struct cw_bytes got = {e->in.text, e->in.len};
    if (got.len < 12 || memcmp(got.base + 8, wanted.base, 3) != 0) {
        vector_fail("line %d: other response: %s", step->line, e->in.text);
    }
    while (sip_next_header(&rest, &name, &pattern)) {
        char key[64];

        (void)snprintf(key, sizeof(key), CW_FMT, CW_ARG(name));
        if (!vector_fits(pattern, sip_header(got, key))) {
            vector_fail("line %d: %s does not fit: %s", step->line, key, e->in.text);
        }
    }
    for (const struct cw_yaml_node *absent = cw_yaml_lookup(step, "without"); absent != NULL;
         absent = NULL) {
        if (vector_fits(vector_scalar(absent), got)) {
            vector_fail("line %d: there is %s: %s", step->line, absent->text, e->in.text);
        }
    }
}

static void expect_silence(struct endpoint *e, const struct cw_yaml_node *step)
{
    bench_run(&e->bench, (unsigned)strtoul(step->first->next->text, NULL, 10), NULL, 0);
    if (recv(e->peer, e->in.text, sizeof(e->in.text), MSG_DONTWAIT) > 0) {
        vector_fail("line %d: something was sent: %s", step->line, e->in.text);
    }
}

static void expect_taken(const struct endpoint *e, const struct cw_yaml_node *step)
{
    if (e->bench.requests != strtoul(step->first->next->text, NULL, 10)) {
        vector_fail("line %d: %u requests reached the gateway", step->line, e->bench.requests);
    }
}

static void play_step(struct endpoint *e, const struct cw_yaml_node *step)
{
    const char *word = step->kind == CW_YAML_MAPPING ? step->first->text : "";

    if (strcmp(word, "S>") == 0) {
        vector_allow(step, (const char *const[]){"S>", "body", NULL});
        request_comes(e, step);
    } else if (strcmp(word, "R<") == 0) {
        vector_allow(step, (const char *const[]){"R<", "without", NULL});
        expect_response(e, step);
    } else if (strcmp(word, "silence") == 0) {
        expect_silence(e, step);
    } else if (strcmp(word, "taken") == 0) {
        expect_taken(e, step);
    } else {
        vector_fail("line %d: no such step: %s", step->line, word);
    }
}

/* `answer`: what the gateway answers at once; 0: nothing. `t1`: ms. */
static void play_endpoint(const struct vector *vector)
{
    struct endpoint *e = calloc(1, sizeof(*e));
    const struct cw_yaml_node *steps = vector_get(vector, "script");
    const char *answer = vector_text(vector, "answer");
    const char *t1 = vector_text(vector, "t1");

    if (e == NULL || steps == NULL || steps->kind != CW_YAML_SEQUENCE) {
        vector_fail("`script` is missing");
    }
    bench_init(&e->bench);
    e->peer = peer_udp("127.0.0.1", 0);
    e->port = bench_port();
    bench_listen(&e->bench, CW_SIP_UDP, e->port);
    bench_route(&e->bench, "peer", CW_SIP_UDP, "127.0.0.1", 9, 1);
    e->bench.answer = answer == NULL ? 202 : (unsigned)strtoul(answer, NULL, 10);
    e->bench.settings.t1_ms = t1 == NULL ? 500 : (uint32_t)strtoul(t1, NULL, 10);
    bench_start(&e->bench);
    for (const struct cw_yaml_node *step = steps->first; step != NULL; step = step->next) {
        play_step(e, step);
    }
    bench_end(&e->bench);
    (void)close(e->peer);
    free(e);
}

/* `body_bytes`, `request_bytes`: how long; `path_congestion_safe`, `stream`: there is a route over
 * TCP. `result`: limit, or sent; then over TCP, and never over UDP. */
static void play_size(const struct vector *vector)
{
    struct bench bench;
    static struct wire in;
    const int udp = peer_udp("127.0.0.1", 0);
    const int tcp = peer_listen("127.0.0.1", 0);
    const size_t len = strtoul(vector_need(vector, "body_bytes"), NULL, 10);
    const bool sent = strcmp(vector_need(vector, "result"), "sent") == 0;
    char *body = calloc(1, len + 1);
    enum cw_err err;

    if (body == NULL) {
        abort();
    }
    memset(body, 'x', len);
    bench_init(&bench);
    bench.settings.path_congestion_safe = vector_flag(vector, "path_congestion_safe", true);
    bench.settings.max_message_size = 65536;
    bench_listen(&bench, CW_SIP_UDP, bench_port());
    bench_route(&bench, "datagrams", CW_SIP_UDP, "127.0.0.1", peer_port(udp), 1);
    if (vector_flag(vector, "stream", true)) {
        bench_route(&bench, "stream", CW_SIP_TCP, "127.0.0.1", peer_port(tcp), 2);
    }
    bench_start(&bench);
    if (vector_flag(vector, "stream_fails", false)) {
        (void)close(tcp);
    }
    err = bench_message(&bench, "size@x", body);
    if ((err == CW_OK) != sent) {
        vector_fail("it ended with: %s", cw_err_text(err));
    }
    bench_run(&bench, 300, NULL, 0);
    const int connection = accept(tcp, NULL, NULL);
    if (sent && !vector_flag(vector, "stream_fails", false)) {
        peer_read(&bench, connection, &in, NULL);
        if (strstr(in.text, "\r\nVia: SIP/2.0/TCP ") == NULL ||
            strstr(in.text, "MESSAGE ") == NULL) {
            vector_fail("not over TCP: %.300s", in.text);
        }
    }
    while (recv(udp, in.text, sizeof(in.text) - 1, MSG_DONTWAIT) > 0) {
        if (strncmp(in.text, "MESSAGE ", 8) == 0) {
            vector_fail("it went over UDP");
        }
    }
    bench_end(&bench);
    free(body);
}

int main(int argc, char **argv)
{
    static const struct vector_driver DRIVERS[] = {
        {"endpoint", play_endpoint}, {"size", play_size}, {NULL, NULL}};

    return vector_main(argc, argv, DRIVERS);
}
