/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_mint.h"
#include "sip_bench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct wire in;
static struct wire in2;
static struct wire out;
static struct cw_mint *mint;

static struct cw_tls *context(const char *name, bool server)
{
    char crt[64];
    char key[64];
    struct cw_tls *made = NULL;
    const char *problem = NULL;

    (void)snprintf(crt, sizeof(crt), "%s.crt", name);
    (void)snprintf(key, sizeof(key), "%s.key", name);
    const struct cw_tls_settings settings = {.certificate = cw_mint_path(mint, crt),
                                             .key = cw_mint_path(mint, key),
                                             .ca = cw_mint_path(mint, "ca.crt"),
                                             .verify = CW_TLS_VERIFY_REQUIRE,
                                             .server = server};
    assert_int_equal(cw_tls_new(&settings, &made, &problem), CW_OK);
    return made;
}

/* Two SIP sides in one loop: `far` is a second one whose loop is the first's. */
struct far {
    struct cw_sip *sip;
    unsigned requests;
    char via[300];
};

static void on_far_request(struct cw_sip_server_transaction *transaction,
                           const struct cw_sip_message *request, void *user)
{
    struct far *const far = user;
    struct cw_sip_message answer;

    assert_int_equal(request->method, CW_SIP_MESSAGE);
    cw_assert_bytes(request->from.display, CW_LIT("Juliet \"J\" Capulet"));
    cw_assert_bytes(request->from.uri, CW_LIT("sip:juliet@partner.example;gr=balcony"));
    cw_assert_bytes(request->body, CW_LIT("hello"));
    assert_int_equal(request->max_forwards, 70); /* MSG-23 */
    far->requests++;
    cw_sip_message_init(&answer);
    answer.status = 202;
    cw_sip_respond(transaction, &answer);
}

static void two_sides(enum cw_sip_transport transport, const char *near_certificate,
                      const char *far_certificate, bool works)
{
    struct bench bench;
    struct far far = {0};
    const uint16_t near_port = bench_port();
    const uint16_t far_port = bench_port();
    struct cw_tls *contexts[4] = {NULL};
    const char *problem = NULL;

    bench_init(&bench);
    bench_listen(&bench, transport, near_port);
    bench_route(&bench, "far", transport, "localhost", far_port, 1);
    if (transport == CW_SIP_TLS) {
        contexts[0] = context(near_certificate, true);
        contexts[1] = context(near_certificate, false);
        contexts[2] = context(far_certificate, true);
        contexts[3] = context(far_certificate, false);
        bench.settings.tls_server = contexts[0];
        bench.settings.tls_client = contexts[1];
    }
    bench_start(&bench);
    const struct cw_sip_listen listen = {transport, "127.0.0.1", far_port};
    const struct cw_sip_route route = {"near", transport, "localhost", near_port, 1, 1};
    struct cw_sip_settings settings = bench.settings;
    settings.listen = &listen;
    settings.listen_count = 1;
    settings.routes = &route;
    settings.route_count = 1;
    settings.tls_server = contexts[2];
    settings.tls_client = contexts[3];
    assert_int_equal(cw_sip_start(&bench.loop, &settings, on_far_request, &far, &far.sip, &problem),
                     CW_OK);

    assert_true(bench_route_is(&bench, 0, works));
    assert_int_equal(bench_message(&bench, "round-trip@x", "hello"), CW_OK);
    bench_run(&bench, 5000, &bench.done, 1);
    assert_int_equal(bench.done, 1);
    assert_int_equal(bench.status, works ? 202 : 0);
    assert_int_equal(far.requests, works ? 1 : 0);
    cw_sip_stop(&far.sip);
    bench_end(&bench);
    for (size_t i = 0; i < CW_COUNT(contexts); i++) {
        cw_tls_free(&contexts[i]);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    two_sides(CW_SIP_UDP, NULL, NULL, true);
    two_sides(CW_SIP_TCP, NULL, NULL, true);
    two_sides(CW_SIP_TLS, "local", "local", true);
}

/* RFC 5922: a valid chain with another name is not the next hop. */
static void test_wrong_certificate(void **state)
{
    (void)state;
    two_sides(CW_SIP_TLS, "local", "other", false);
    two_sides(CW_SIP_TLS, "local", "stranger", false);
}

/* MSG-31 */
static void test_lost_request(void **state)
{
    struct bench bench;
    struct sockaddr_in from;
    const int peer = peer_udp("127.0.0.1", 0);

    (void)state;
    bench_init(&bench);
    bench.settings.t1_ms = 60;
    bench_listen(&bench, CW_SIP_UDP, bench_port());
    bench_route(&bench, "peer", CW_SIP_UDP, "127.0.0.1", peer_port(peer), 1);
    bench_start(&bench);
    assert_int_equal(bench_message(&bench, "lost@x", "hello"), CW_OK);
    peer_read_request(&bench, peer, &in, &from, true);
    assert_int_not_equal(in.len, 0); /* the first one is dropped here */
    peer_read_request(&bench, peer, &in2, &from, true);
    assert_string_equal(in.text, in2.text); /* same branch, same CSeq: the same request */
    assert_int_equal(bench.done, 0);
    peer_answer(&in2, "SIP/2.0 200 OK", "", &out);
    peer_send(peer, out.text, out.len, ntohs(from.sin_port));
    peer_send(peer, out.text, out.len, ntohs(from.sin_port));
    bench_run(&bench, 2000, &bench.done, 1);
    bench_run(&bench, 30, NULL, 0);
    assert_int_equal(bench.done, 1); /* the second answer is absorbed */
    assert_int_equal(bench.status, 200);
    const char *const labels[] = {"MESSAGE"};
    assert_true(cw_metrics_value(bench.metrics, CW_METRIC_SIP_RETRANSMISSIONS_TOTAL, labels) >= 1);
    bench_end(&bench);
    (void)close(peer);
}

/* MSG-31: timer F, and a provisional answer does not stop it */
static void test_timer_f(void **state)
{
    struct bench bench;
    struct sockaddr_in from;
    const int peer = peer_udp("127.0.0.1", 0);

    (void)state;
    bench_init(&bench);
    bench.settings.t1_ms = 10;
    bench_listen(&bench, CW_SIP_UDP, bench_port());
    bench_route(&bench, "peer", CW_SIP_UDP, "127.0.0.1", peer_port(peer), 1);
    bench_start(&bench);
    assert_int_equal(bench_message(&bench, "silent@x", "hello"), CW_OK);
    peer_read_request(&bench, peer, &in, &from, false);
    peer_answer(&in, "SIP/2.0 100 Trying", "", &out);
    peer_send(peer, out.text, out.len, ntohs(from.sin_port));
    bench_run(&bench, 400, &bench.done, 1);
    assert_int_equal(bench.done, 0);
    bench_run(&bench, 1500, &bench.done, 1);
    assert_int_equal(bench.done, 1);
    assert_int_equal(bench.status, 0);
    assert_int_equal(bench.why, CW_ERR_TIMEOUT);
    assert_true(bench_route_is(&bench, 0, false)); /* nor did it answer OPTIONS */
    assert_int_equal(bench_message(&bench, "silent2@x", "hello"), CW_OK);
    bench_run(&bench, 1000, &bench.done, 2);
    assert_int_equal(bench.why, CW_ERR_NO_ROUTE);
    bench_end(&bench);
    (void)close(peer);
}

static void test_fail_over(void **state)
{
    struct bench bench;
    struct sockaddr_in from;
    const int peer = peer_udp("127.0.0.1", 0);

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_UDP, bench_port());
    bench_route(&bench, "gone", CW_SIP_TCP, "127.0.0.1", bench_port(), 1);
    bench_route(&bench, "peer", CW_SIP_UDP, "127.0.0.1", peer_port(peer), 2);
    bench_start(&bench);
    /* Before any probe has told anything: the first in priority refuses, the second takes it. */
    assert_int_equal(bench_message(&bench, "same@x", "hello"), CW_OK);
    peer_read_request(&bench, peer, &in, &from, true);
    assert_non_null(strstr(in.text, "\r\nCall-ID: same@x\r\n"));
    assert_non_null(strstr(in.text, "\r\nCSeq: 7 MESSAGE\r\n"));
    peer_answer(&in, "SIP/2.0 200 OK", "", &out);
    peer_send(peer, out.text, out.len, ntohs(from.sin_port));
    bench_run(&bench, 2000, &bench.done, 1);
    assert_int_equal(bench.status, 200);
    assert_true(bench_route_is(&bench, 0, false));
    bench_end(&bench);
    (void)close(peer);
}

/* MSG-42: 503 rests the hop, the request goes to the next one; so do later ones, at once */
static void test_unavailable(void **state)
{
    struct bench bench;
    struct sockaddr_in from;
    const int first = peer_udp("127.0.0.1", 0);
    const int second = peer_udp("127.0.0.1", 0);

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_UDP, bench_port());
    bench_route(&bench, "first", CW_SIP_UDP, "127.0.0.1", peer_port(first), 1);
    bench_route(&bench, "second", CW_SIP_UDP, "127.0.0.1", peer_port(second), 2);
    bench_start(&bench);
    assert_int_equal(bench_message(&bench, "busy@x", "hello"), CW_OK);
    peer_read_request(&bench, first, &in, &from, true);
    peer_answer(&in, "SIP/2.0 503 Busy", "Retry-After: 60\r\n", &out);
    peer_send(first, out.text, out.len, ntohs(from.sin_port));
    peer_read_request(&bench, second, &in2, &from, true);
    assert_non_null(strstr(in2.text, "\r\nCall-ID: busy@x\r\n"));
    peer_answer(&in2, "SIP/2.0 200 OK", "", &out);
    peer_send(second, out.text, out.len, ntohs(from.sin_port));
    bench_run(&bench, 2000, &bench.done, 1);
    assert_int_equal(bench.status, 200);
    assert_true(bench_route_is(&bench, 0, false));
    assert_int_equal(bench_message(&bench, "busy2@x", "hello"), CW_OK);
    peer_read_request(&bench, second, &in2, &from, true);
    assert_non_null(strstr(in2.text, "\r\nCall-ID: busy2@x\r\n"));
    bench_end(&bench);
    (void)close(first);
    (void)close(second);
}

/* MSG-42: with no other hop the request waits until this one is back, within timer F */
static void test_unavailable_then_back(void **state)
{
    struct bench bench;
    struct sockaddr_in from;
    const int peer = peer_udp("127.0.0.1", 0);

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_UDP, bench_port());
    bench_route(&bench, "peer", CW_SIP_UDP, "127.0.0.1", peer_port(peer), 1);
    bench_start(&bench);
    assert_int_equal(bench_message(&bench, "later@x", "hello"), CW_OK);
    peer_read_request(&bench, peer, &in, &from, true);
    peer_answer(&in, "SIP/2.0 503 Busy", "Retry-After: 1\r\n", &out);
    peer_send(peer, out.text, out.len, ntohs(from.sin_port));
    peer_read_request(&bench, peer, &in2, &from, true);
    assert_non_null(strstr(in2.text, "\r\nCall-ID: later@x\r\n"));
    assert_string_not_equal(in.text, in2.text); /* a new branch: a new transaction */
    assert_int_equal(bench.done, 0);
    peer_answer(&in2, "SIP/2.0 503 Busy", "", &out); /* no time given: the user is told */
    peer_send(peer, out.text, out.len, ntohs(from.sin_port));
    bench_run(&bench, 2000, &bench.done, 1);
    assert_int_equal(bench.status, 503);
    bench_end(&bench);
    (void)close(peer);
}

static double rejected(const struct bench *bench, const char *reason)
{
    const char *const labels[] = {"sip", reason};

    return cw_metrics_value(bench->metrics, CW_METRIC_CONNECTIONS_REJECTED_TOTAL, labels);
}

/* Only configured next hops are believed: others get nothing, or a closed connection. */
static void test_unbelieved(void **state)
{
    struct bench bench;
    const uint16_t port = bench_port();
    const int stranger = peer_udp("127.0.0.9", 0);
    const int friend = peer_udp("127.0.0.1", 0);

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_UDP, port);
    bench_listen(&bench, CW_SIP_TCP, port);
    bench_route(&bench, "friend", CW_SIP_UDP, "127.0.0.1", peer_port(friend), 1);
    bench_start(&bench);
    message_write(&(struct message_text){0}, &out);
    peer_send(stranger, out.text, out.len, port);
    bench_run(&bench, 100, NULL, 0);
    assert_int_equal(recv(stranger, in.text, 100, 0), -1);
    assert_int_equal(bench.requests, 0);
    assert_int_equal(rejected(&bench, "unknown_source"), 1);
    const int connection = peer_connect("127.0.0.9", port);
    bench_run(&bench, 200, NULL, 0);
    assert_true(recv(connection, in.text, 100, 0) <= 0);
    assert_int_equal(rejected(&bench, "unknown_source"), 2);
    /* From a hop, but no SIP: STUN, keep-alives, noise, nothing. Silence, also no answer to an
     * attack. */
    memset(in.text, 0xa5, 60000);
    peer_send(friend,
              "\x00\x01\x00\x08\x21\x12\xa4\x42"
              "0123456789abcdefghij",
              28, port);
    peer_send(friend, "\r\n\r\n", 4, port);
    peer_send(friend, in.text, 60000, port);
    peer_send(friend, "", 0, port);
    bench_run(&bench, 50, NULL, 0);
    while (recv(friend, in.text, 4000, 0) > 0) { /* its own OPTIONS from the probe */
        assert_int_equal(strncmp(in.text, "OPTIONS ", 8), 0);
    }
    peer_send(friend, out.text, out.len, port);
    bench_run(&bench, 1000, &bench.requests, 1);
    assert_int_equal(bench.requests, 1);
    bench_end(&bench);
    (void)close(stranger);
    (void)close(friend);
    (void)close(connection);
}

/* MSG-48: a retransmission is answered again, and told once; another branch is a merged request */
static void test_retransmission_and_merge(void **state)
{
    struct bench bench;
    const uint16_t port = bench_port();
    const int peer = peer_udp("127.0.0.1", 0);

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_UDP, port);
    bench_route(&bench, "peer", CW_SIP_UDP, "127.0.0.1", 9, 1);
    bench_start(&bench);
    message_write(&(struct message_text){0}, &out);
    peer_send(peer, out.text, out.len, port);
    peer_read(&bench, peer, &in, NULL);
    assert_int_equal(strncmp(in.text, "SIP/2.0 202 ", 12), 0);
    peer_send(peer, out.text, out.len, port);
    peer_read(&bench, peer, &in2, NULL);
    assert_string_equal(in.text, in2.text);
    message_write(&(struct message_text){.via = "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx2;rport"},
                  &out);
    peer_send(peer, out.text, out.len, port);
    peer_read(&bench, peer, &in, NULL);
    assert_int_equal(strncmp(in.text, "SIP/2.0 482 ", 12), 0);
    assert_int_equal(bench.requests, 1);
    bench_end(&bench);
    (void)close(peer);
}

/* MSG-49: over UDP no 100 before 3.5 s (here T1 is shorter), then one; never 408 */
static void test_slow_answer(void **state)
{
    struct bench bench;
    const uint16_t port = bench_port();
    const int peer = peer_udp("127.0.0.1", 0);
    struct cw_sip_message answer;

    (void)state;
    bench_init(&bench);
    bench.settings.t1_ms = 20; /* 20+40+...+2560 = 5100 ms until T2, but 64*T1 = 1280 ms ends it */
    bench.answer = 0;
    bench_listen(&bench, CW_SIP_UDP, port);
    bench_route(&bench, "peer", CW_SIP_UDP, "127.0.0.1", 9, 1);
    bench_start(&bench);
    message_write(&(struct message_text){0}, &out);
    peer_send(peer, out.text, out.len, port);
    bench_run(&bench, 1000, &bench.requests, 1);
    assert_non_null(bench.waiting);
    assert_int_equal(cw_sip_local_tag(bench.waiting).len, 16);
    bench_run(&bench, 1500, NULL, 0);
    cw_sip_message_init(&answer);
    answer.status = 200;
    cw_sip_respond(bench.waiting, &answer); /* too late: nothing is sent */
    bench_run(&bench, 50, NULL, 0);
    assert_int_equal(recv(peer, in.text, 100, 0), -1);
    message_write(&(struct message_text){.cseq = "2 MESSAGE",
                                         .via = "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKy2;rport"},
                  &out);
    peer_send(peer, out.text, out.len, port);
    bench_run(&bench, 1000, &bench.requests, 2);
    answer.status = 408;
    cw_sip_respond(bench.waiting, &answer);
    peer_send(peer, out.text, out.len, port); /* is absorbed, not a new request */
    bench_run(&bench, 100, NULL, 0);
    assert_int_equal(recv(peer, in.text, 100, 0), -1);
    assert_int_equal(bench.requests, 2);
    bench_end(&bench);
    (void)close(peer);
}

struct verdict_case {
    const char *name;
    struct message_text text;
    const char *status; /* NULL: no answer */
    const char *needs;  /* a line that the answer must have */
};

#define CASE_VIA(n) "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKv" n ";rport"

static const struct verdict_case verdicts[] = {
    {"good", {.via = CASE_VIA("1"), .call_id = "v1"}, "202", "\r\nContent-Length: 0\r\n\r\n"},
    {"received and rport are filled in",
     {.via = "SIP/2.0/UDP elsewhere.example:9;branch=z9hG4bKv2;rport", .call_id = "v2"},
     "202",
     ";received=127.0.0.1"},
    {"unknown method",
     {.start = "INVITE sip:juliet@partner.example", .cseq = "1 INVITE", .via = CASE_VIA("3")},
     "405",
     "\r\nAllow: MESSAGE, SUBSCRIBE"},
    {"ACK has no answer",
     {.start = "ACK sip:juliet@partner.example", .cseq = "1 ACK", .via = CASE_VIA("3")},
     NULL,
     NULL},
    {"CANCEL of nothing",
     {.start = "CANCEL sip:juliet@partner.example", .cseq = "1 CANCEL", .via = CASE_VIA("4")},
     "481",
     NULL},
    {"CANCEL of what is answered changes nothing",
     {.start = "CANCEL sip:juliet@partner.example", .cseq = "1 CANCEL", .via = CASE_VIA("1")},
     "200",
     NULL},
    {"unknown extension",
     {.via = CASE_VIA("5"), .call_id = "v5", .extra = "Require: gruu, x-unknown , 100rel\r\n"},
     "420",
     "\r\nUnsupported: x-unknown,100rel\r\n"},
    {"our own Via below the top (MSG-52)",
     {.via = CASE_VIA("6") ", SIP/2.0/UDP own.example:5060;branch=z9hG4bKz", .call_id = "v6"},
     "482",
     NULL},
    {"OPTIONS",
     {.start = "OPTIONS sip:partner.example", .cseq = "1 OPTIONS", .via = CASE_VIA("7")},
     "200",
     "\r\nAllow-Events: presence\r\n"},
    {"Content-Length too long",
     {.via = CASE_VIA("8"), .content_length = "Content-Length: 900\r\n"},
     "400",
     NULL},
    {"another version",
     {.start = "MESSAGE sip:a@partner.example SIP/3.0\r\nX: y", .via = CASE_VIA("9")},
     "505",
     NULL},
    {"Expires out of range (MSG-45 comes after syntax)",
     {.via = CASE_VIA("10"), .extra = "Expires: 4294967296\r\n"},
     "400",
     NULL},
    {"two Call-ID", {.via = CASE_VIA("11"), .extra = "Call-ID: other\r\n"}, "400", NULL},
    {"CSeq of another method", {.via = CASE_VIA("12"), .cseq = "1 NOTIFY"}, "400", NULL},
    {"Contact not understood",
     {.via = CASE_VIA("13"), .call_id = "v13", .extra = "Contact: <sip:a@[::1\r\n"},
     "400",
     NULL},
};

/* MSG-45, MSG-46 (no body in the 2xx), MSG-52 and the malformed ones, each over UDP; afterwards the
 * endpoint is as before */
static void test_verdicts(void **state)
{
    struct bench bench;
    const uint16_t port = bench_port();
    const int peer = peer_udp("127.0.0.1", 0);
    char status[32];

    (void)state;
    bench_init(&bench);
    bench.settings.advertise = "own.example:5060";
    bench_listen(&bench, CW_SIP_UDP, port);
    bench_route(&bench, "peer", CW_SIP_UDP, "127.0.0.1", 9, 1);
    bench_start(&bench);
    for (size_t i = 0; i < CW_COUNT(verdicts); i++) {
        const struct verdict_case *const it = &verdicts[i];

        cw_case(it->name);
        message_write(&it->text, &out);
        peer_send(peer, out.text, out.len, port);
        if (it->status == NULL) {
            bench_run(&bench, 50, NULL, 0);
            assert_int_equal(recv(peer, in.text, 100, 0), -1);
            continue;
        }
        peer_read(&bench, peer, &in, NULL);
        (void)snprintf(status, sizeof(status), "SIP/2.0 %s ", it->status);
        assert_int_equal(strncmp(in.text, status, strlen(status)), 0);
        assert_true(it->needs == NULL || strstr(in.text, it->needs) != NULL);
    }
    message_write(&(struct message_text){.via = CASE_VIA("20"), .call_id = "v20"}, &out);
    char *const hops = strstr(out.text, "Max-Forwards: 70");
    memcpy(hops, "Max-Forwards:  0", 16);
    peer_send(peer, out.text, out.len, port);
    peer_read(&bench, peer, &in, NULL);
    assert_int_equal(strncmp(in.text, "SIP/2.0 483 ", 12), 0);
    cw_sip_set_draining(bench.sip, true);
    message_write(&(struct message_text){.start = "OPTIONS sip:partner.example",
                                         .cseq = "1 OPTIONS",
                                         .call_id = "drain",
                                         .via = CASE_VIA("21")},
                  &out);
    peer_send(peer, out.text, out.len, port);
    peer_read(&bench, peer, &in, NULL);
    assert_int_equal(strncmp(in.text, "SIP/2.0 503 ", 12), 0);
    assert_non_null(strstr(in.text, "\r\nRetry-After: 10\r\n"));
    assert_int_equal(bench.requests, 2);
    bench_end(&bench);
    (void)close(peer);
}

static unsigned answers_in(const char *text)
{
    unsigned count = 0;

    for (const char *at = strstr(text, "SIP/2.0 202 "); at != NULL;
         at = strstr(at + 1, "SIP/2.0 202 ")) {
        count++;
    }
    return count;
}

/* Two messages and a keep-alive in one stream, cut at every octet. */
static void test_split_stream(void **state)
{
    struct bench bench;
    const uint16_t port = bench_port();
    size_t cut = 1;
    size_t total = 2;
    char via[80];
    char call_id[40];

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_TCP, port);
    bench_route(&bench, "peer", CW_SIP_TCP, "127.0.0.1", 9, 1);
    bench_start(&bench);
    const int connection = peer_connect("127.0.0.1", port);
    for (; cut < total; cut++) {
        size_t len = 0;

        out.len = 0;
        for (unsigned i = 0; i < 2; i++) {
            (void)snprintf(via, sizeof(via), "SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK%zu.%u", cut, i);
            (void)snprintf(call_id, sizeof(call_id), "split-%zu-%u", cut, i);
            message_write(&(struct message_text){.via = via, .call_id = call_id}, &in2);
            memcpy(out.text + out.len, in2.text, in2.len);
            out.len += in2.len;
            if (i == 0) {
                memcpy(out.text + out.len, "\r\n\r\n", 4);
                out.len += 4;
            }
        }
        total = out.len;
        peer_send(connection, out.text, cut, 0);
        bench_run(&bench, 1, NULL, 0);
        peer_send(connection, out.text + cut, total - cut, 0);
        bench_run(&bench, 3000, &bench.requests, 2 * (unsigned)cut);
        assert_int_equal(bench.requests, 2 * cut);
        in.text[0] = '\0';
        while (answers_in(in.text) < 2 && len < sizeof(in.text) - 1) {
            const ssize_t got = recv(connection, in.text + len, sizeof(in.text) - 1 - len, 0);

            len += got > 0 ? (size_t)got : 0;
            in.text[len] = '\0';
            bench_run(&bench, 1, NULL, 0);
        }
        assert_int_equal(answers_in(in.text), 2);
    }
    bench_end(&bench);
    (void)close(connection);
}

struct broken_case {
    const char *name;
    const char *content_length;
};

static const struct broken_case broken_cases[] = {
    {"missing", ""},
    {"negative", "Content-Length: -1\r\n"},
    {"2^32", "Content-Length: 4294967296\r\n"},
    {"two", "Content-Length: 2\r\nContent-Length: 2\r\n"},
    {"two, one compact", "Content-Length: 2\r\nl: 900\r\n"},
    {"list", "Content-Length: 2, 3\r\n"},
    {"sign", "Content-Length: +2\r\n"},
};

/* Where two readers could differ about the end, the answer is 400 and the connection ends. */
static void test_broken_stream(void **state)
{
    struct bench bench;
    const uint16_t port = bench_port();

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_TCP, port);
    bench_route(&bench, "peer", CW_SIP_TCP, "127.0.0.1", 9, 1);
    bench_start(&bench);
    for (size_t i = 0; i < CW_COUNT(broken_cases); i++) {
        cw_case(broken_cases[i].name);
        const int connection = peer_connect("127.0.0.1", port);
        message_write(&(struct message_text){.content_length = broken_cases[i].content_length,
                                             .via = "SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKq"},
                      &out);
        peer_send(connection, out.text, out.len, 0);
        peer_read(&bench, connection, &in, NULL);
        assert_int_equal(strncmp(in.text, "SIP/2.0 400 ", 12), 0);
        bench_run(&bench, 50, NULL, 0);
        assert_int_equal(recv(connection, in.text, 10, 0), 0); /* closed */
        (void)close(connection);
    }
    assert_int_equal(bench.requests, 0);
    bench_end(&bench);
}

/* A message that has begun must end within 10 s. */
static void test_header_deadline(void **state)
{
    struct bench bench;
    const uint16_t port = bench_port();

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_TCP, port);
    bench_route(&bench, "peer", CW_SIP_TCP, "127.0.0.1", 9, 1);
    bench_start(&bench);
    const int connection = peer_connect("127.0.0.1", port);
    for (unsigned i = 0; i < 9; i++) { /* octets that come slowly do not help */
        peer_send(connection, &"MESSAGE s"[i], 1, 0);
        bench_run(&bench, 1000, NULL, 0);
    }
    assert_int_equal(recv(connection, in.text, 10, 0), -1);
    bench_run(&bench, 1500, NULL, 0);
    assert_true(recv(connection, in.text, 10, 0) <= 0);
    assert_int_equal(rejected(&bench, "header_deadline"), 1);
    bench_end(&bench);
    (void)close(connection);
}

/* No address may hold more than its share of connections. */
static void test_connection_limit(void **state)
{
    enum { LIMIT = 64, MORE = 3 };
    struct bench bench;
    const uint16_t port = bench_port();
    int connections[LIMIT + MORE];

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_TCP, port);
    bench_route(&bench, "peer", CW_SIP_TCP, "127.0.0.1", 9, 1);
    bench_start(&bench);
    for (size_t i = 0; i < CW_COUNT(connections); i++) {
        connections[i] = peer_connect("127.0.0.1", port);
        bench_run(&bench, 1, NULL, 0);
    }
    bench_run(&bench, 100, NULL, 0);
    assert_int_equal(rejected(&bench, "limit"), MORE);
    assert_int_equal(recv(connections[LIMIT - 1], in.text, 10, 0), -1);
    assert_true(recv(connections[LIMIT], in.text, 10, 0) <= 0);
    for (size_t i = 0; i < CW_COUNT(connections); i++) {
        (void)close(connections[i]);
    }
    bench_end(&bench);
}

/* A request over a connection that has ended meanwhile goes out again over a new one. */
static void test_reconnect(void **state)
{
    struct bench bench;
    const int listener = peer_listen("127.0.0.1", 0);

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_TCP, bench_port());
    bench_route(&bench, "peer", CW_SIP_TCP, "127.0.0.1", peer_port(listener), 1);
    bench_start(&bench);
    bench_run(&bench, 100, NULL, 0);
    const int first = accept(listener, NULL, NULL);
    assert_true(first >= 0);
    peer_read(&bench, first, &in, NULL); /* OPTIONS */
    peer_answer(&in, "SIP/2.0 200 OK", "", &out);
    peer_send(first, out.text, out.len, 0);
    assert_true(bench_route_is(&bench, 0, true));
    assert_int_equal(bench_message(&bench, "again@x", "hello"), CW_OK);
    bench_run(&bench, 50, NULL, 0);
    (void)close(first);
    bench_run(&bench, 200, NULL, 0);
    const int second = accept(listener, NULL, NULL);
    assert_true(second >= 0);
    peer_read(&bench, second, &in, NULL);
    assert_non_null(strstr(in.text, "\r\nCall-ID: again@x\r\n"));
    assert_non_null(strstr(in.text, "\r\nVia: SIP/2.0/TCP 127.0.0.1:"));
    peer_answer(&in, "SIP/2.0 202 Accepted", "", &out);
    peer_send(second, out.text, out.len, 0);
    bench_run(&bench, 2000, &bench.done, 1);
    assert_int_equal(bench.status, 202);
    (void)close(second);
    (void)close(listener);
    bench_end(&bench);
}

/* A hop that names itself in Via is reached over the connection it opened. */
static void test_reuse_of_inbound(void **state)
{
    struct bench bench;
    const uint16_t port = bench_port();
    const uint16_t hop_port = bench_port(); /* nobody listens there */
    char via[80];

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_TCP, port);
    bench_route(&bench, "peer", CW_SIP_TCP, "127.0.0.1", hop_port, 1);
    bench_start(&bench);
    assert_true(bench_route_is(&bench, 0, false));
    const int connection = peer_connect("127.0.0.1", port);
    (void)snprintf(via, sizeof(via), "SIP/2.0/TCP 127.0.0.1:%u;branch=z9hG4bKr", hop_port);
    message_write(&(struct message_text){.via = via}, &out);
    peer_send(connection, out.text, out.len, 0);
    peer_read(&bench, connection, &in, NULL);
    assert_int_equal(strncmp(in.text, "SIP/2.0 202 ", 12), 0);
    peer_read(&bench, connection, &in, NULL); /* the next probe, within 2 s */
    assert_int_equal(strncmp(in.text, "OPTIONS ", 8), 0);
    peer_answer(&in, "SIP/2.0 200 OK", "", &out);
    peer_send(connection, out.text, out.len, 0);
    assert_true(bench_route_is(&bench, 0, true));
    (void)close(connection);
    bench_end(&bench);
}

struct size_case {
    const char *name;
    size_t body_len;
    bool safe;
    bool stream; /* there is a route over TCP, too */
    enum cw_err want;
};

static const struct size_case sizes[] = {
    {"short over an unsafe path", 200, false, false, CW_OK},
    {"long over an unsafe path", 1300, false, false, CW_ERR_LIMIT}, /* MSG-26 */
    {"long, unsafe further on", 1300, false, true, CW_ERR_LIMIT},   /* MSG-27 */
    {"long over a safe path", 1300, true, true, CW_OK},             /* MSG-27, MSG-28 */
    {"over the maximum", 64000, true, true, CW_ERR_LIMIT},
};

static void test_sizes(void **state)
{
    static char body[70000];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(sizes); i++) {
        struct bench bench;
        const int udp = peer_udp("127.0.0.1", 0);
        const int tcp = peer_listen("127.0.0.1", 0);

        cw_case(sizes[i].name);
        bench_init(&bench);
        bench.settings.path_congestion_safe = sizes[i].safe;
        bench.settings.max_message_size = 60000;
        bench_listen(&bench, CW_SIP_UDP, bench_port());
        bench_route(&bench, "datagrams", CW_SIP_UDP, "127.0.0.1", peer_port(udp), 1);
        if (sizes[i].stream) {
            bench_route(&bench, "stream", CW_SIP_TCP, "127.0.0.1", peer_port(tcp), 2);
        }
        bench_start(&bench);
        memset(body, 'x', sizes[i].body_len);
        body[sizes[i].body_len] = '\0';
        assert_int_equal(bench_message(&bench, "size@x", body), sizes[i].want);
        if (sizes[i].want == CW_OK && sizes[i].stream) { /* over the stream, though second */
            bench_run(&bench, 200, NULL, 0);
            const int connection = accept(tcp, NULL, NULL);
            assert_true(connection >= 0);
            peer_read(&bench, connection, &in, NULL);
            assert_non_null(strstr(in.text, "\r\nCall-ID: size@x\r\n"));
            (void)close(connection);
        }
        bench_end(&bench);
        assert_int_equal(bench.done, sizes[i].want == CW_OK ? 1 : 0); /* ended by the stop */
        (void)close(udp);
        (void)close(tcp);
    }
}

static void test_named_hop_and_reload(void **state)
{
    struct bench bench;
    struct sockaddr_in from;
    const int first = peer_udp("127.0.0.1", 0);
    const int second = peer_udp("127.0.0.1", 0);
    struct cw_sip_message message;
    char route[80];

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_UDP, bench_port());
    bench_route(&bench, "first", CW_SIP_UDP, "127.0.0.1", peer_port(first), 1);
    bench_route(&bench, "second", CW_SIP_UDP, "127.0.0.1", peer_port(second), 2);
    bench_start(&bench);
    cw_sip_message_init(&message);
    message.method = CW_SIP_NOTIFY;
    message.request_uri = CW_LIT("sip:romeo@192.0.2.1");
    message.to.uri = message.request_uri;
    message.from.uri = CW_LIT("sip:juliet@partner.example");
    message.from.tag = CW_LIT("f");
    message.call_id = CW_LIT("named@x");
    message.cseq = 1;
    (void)snprintf(route, sizeof(route), "<sip:127.0.0.1:%u;lr>", peer_port(second));
    message.routes[0] = (struct cw_bytes){route, strlen(route)};
    message.route_count = 1;
    message.substate = CW_LIT("active");
    message.substate_expires_s = 60;
    message.event = CW_LIT("presence");
    assert_int_equal(cw_sip_send(bench.sip, &message, NULL, NULL), CW_OK);
    peer_read_request(&bench, second, &in, &from, true);
    assert_int_equal(strncmp(in.text, "NOTIFY ", 7), 0);
    assert_non_null(strstr(in.text, "\r\nSubscription-State: active;expires=60\r\n"));
    message.call_id = CW_LIT("bad\r\nX-Evil: 1");
    assert_int_equal(cw_sip_send(bench.sip, &message, NULL, NULL), CW_ERR_MALFORMED);

    const struct cw_sip_route twice[] = {{"a", CW_SIP_UDP, "127.0.0.1", 9, 1, 1},
                                         {"a", CW_SIP_UDP, "127.0.0.1", 10, 1, 1}};
    assert_int_equal(cw_sip_set_routes(bench.sip, twice, 2), CW_ERR_CONFIG);
    assert_int_equal(cw_sip_set_routes(bench.sip, &bench.routes[1], 1), CW_OK);
    struct cw_sip_route_state states[2];
    assert_int_equal(cw_sip_routes(bench.sip, states, 2), 1);
    assert_string_equal(states[0].name, "second");
    assert_int_equal(bench_message(&bench, "moved@x", "hello"), CW_OK);
    do {
        peer_read_request(&bench, second, &in, &from, true);
    } while (strncmp(in.text, "NOTIFY ", 7) == 0);
    assert_non_null(strstr(in.text, "\r\nCall-ID: moved@x\r\n"));
    bench_end(&bench);
    assert_int_equal(bench.done, 1);
    assert_int_equal(bench.why, CW_ERR_CLOSED);
    (void)close(first);
    (void)close(second);
}

/* In-dialog requests come back the way that ours go. */
static void test_contact_follows_the_route(void **state)
{
    struct bench bench;
    struct cw_arena *arena = cw_arena_new(10000);
    struct cw_bytes contact;

    (void)state;
    bench_init(&bench);
    bench_listen(&bench, CW_SIP_UDP, 0);
    bench_listen(&bench, CW_SIP_TCP, bench_port());
    bench_route(&bench, "only", CW_SIP_UDP, "127.0.0.1", 9, 1);
    bench_start(&bench);
    assert_int_equal(cw_sip_contact(bench.sip, CW_LIT("juliet"), arena, &contact), CW_OK);
    assert_null(memchr(contact.base, ';', contact.len));
    bench_end(&bench);
    cw_arena_free(&arena);
}

static void test_contact_and_token(void **state)
{
    struct bench bench;
    struct cw_arena *arena = cw_arena_new(10000);
    struct cw_bytes contact;

    (void)state;
    bench_init(&bench);
    bench.settings.advertise = "gw.contoso.example";
    bench_listen(&bench, CW_SIP_UDP, 0);
    bench_listen(&bench, CW_SIP_TCP, bench_port());
    bench_start(&bench);
    assert_int_equal(cw_sip_contact(bench.sip, CW_LIT("juliet"), arena, &contact), CW_OK);
    assert_int_equal(strncmp(contact.base, "sip:juliet@gw.contoso.example:", 30), 0);
    assert_int_equal(strncmp(contact.base + contact.len - 14, ";transport=tcp", 14), 0);
    const char *const one = cw_sip_token(arena, 24);
    const char *const other = cw_sip_token(arena, 24);
    assert_int_equal(strlen(one), 24);
    assert_string_not_equal(one, other);
    bench_end(&bench);
    cw_arena_free(&arena);
}

static int set_up(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN); /* as every daemon does */
    mint = cw_mint_new();
    cw_mint_make(
        mint, "local",
        &(struct cw_mint_leaf){.names = "DNS:localhost", .usage = "serverAuth,clientAuth"});
    cw_mint_make(
        mint, "other",
        &(struct cw_mint_leaf){.names = "DNS:other.example", .usage = "serverAuth,clientAuth"});
    cw_mint_make(mint, "stranger",
                 &(struct cw_mint_leaf){
                     .names = "DNS:localhost", .usage = "serverAuth,clientAuth", .stranger = true});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cw_mint_free(&mint);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_wrong_certificate),
        cmocka_unit_test(test_lost_request),
        cmocka_unit_test(test_timer_f),
        cmocka_unit_test(test_fail_over),
        cmocka_unit_test(test_unavailable),
        cmocka_unit_test(test_unavailable_then_back),
        cmocka_unit_test(test_unbelieved),
        cmocka_unit_test(test_retransmission_and_merge),
        cmocka_unit_test(test_slow_answer),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_split_stream),
        cmocka_unit_test(test_broken_stream),
        cmocka_unit_test(test_header_deadline),
        cmocka_unit_test(test_connection_limit),
        cmocka_unit_test(test_reconnect),
        cmocka_unit_test(test_reuse_of_inbound),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_named_hop_and_reload),
        cmocka_unit_test(test_contact_follows_the_route),
        cmocka_unit_test(test_contact_and_token),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
