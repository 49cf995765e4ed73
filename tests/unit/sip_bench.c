/* SPDX-License-Identifier: Apache-2.0 */
#include "sip_bench.h"

#include <arpa/inet.h>
#include <causeway/clock.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_request(struct cw_sip_server_transaction *transaction,
                       const struct cw_sip_message *request, void *user)
{
    struct bench *const bench = user;
    struct cw_sip_message answer;

    bench->requests++;
    (void)snprintf(bench->body, sizeof(bench->body), CW_FMT, CW_ARG(request->body));
    (void)snprintf(bench->call_id, sizeof(bench->call_id), CW_FMT, CW_ARG(request->call_id));
    if (bench->answer == 0) {
        bench->waiting = transaction;
        return;
    }
    cw_sip_message_init(&answer);
    answer.status = bench->answer;
    answer.body = CW_LIT("must not appear"); /* MSG-46 */
    answer.content_type = CW_LIT("text/plain");
    answer.contact = CW_LIT("sip:must-not@appear.example");
    cw_sip_respond(transaction, &answer);
}

static void on_done(const struct cw_sip_message *response, enum cw_err why, void *user)
{
    struct bench *const bench = user;

    bench->done++;
    bench->status = response == NULL ? 0 : response->status;
    bench->why = why;
}

uint16_t bench_port(void)
{
    const int fd = peer_listen("127.0.0.1", 0);
    const uint16_t port = peer_port(fd);

    (void)close(fd);
    return port;
}

void bench_init(struct bench *bench)
{
    memset(bench, 0, sizeof(*bench));
    assert_int_equal(uv_loop_init(&bench->loop), 0);
    bench->metrics = cw_metrics_new("gateway");
    bench->settings.t1_ms = 500;
    bench->settings.options_interval_ms = 30000;
    bench->settings.path_congestion_safe = true;
    bench->settings.listen = bench->listen;
    bench->settings.routes = bench->routes;
    bench->settings.metrics = bench->metrics;
    bench->answer = 202;
}

void bench_start(struct bench *bench)
{
    const char *problem = NULL;
    const enum cw_err err =
        cw_sip_start(&bench->loop, &bench->settings, on_request, bench, &bench->sip, &problem);

    if (err != CW_OK) {
        print_message("start: %s: %s\n", cw_err_text(err), problem);
    }
    assert_int_equal(err, CW_OK);
}

void bench_end(struct bench *bench)
{
    cw_sip_stop(&bench->sip);
    assert_null(bench->sip);
    (void)uv_run(&bench->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&bench->loop), 0);
    cw_metrics_free(&bench->metrics);
}

void bench_listen(struct bench *bench, enum cw_sip_transport transport, uint16_t port)
{
    bench->listen[bench->settings.listen_count++] =
        (struct cw_sip_listen){transport, "127.0.0.1", port};
}

void bench_route(struct bench *bench, const char *name, enum cw_sip_transport transport,
                 const char *host, uint16_t port, unsigned priority)
{
    bench->routes[bench->settings.route_count++] =
        (struct cw_sip_route){name, transport, host, port, priority, 100};
}

static void on_tick(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void nothing(uv_handle_t *handle)
{
    (void)handle;
}

void bench_run(struct bench *bench, unsigned ms, const unsigned *until, unsigned count)
{
    const uint64_t end_ms = cw_clock_now_ms() + ms;
    uv_timer_t timer;

    assert_int_equal(uv_timer_init(&bench->loop, &timer), 0);
    uv_update_time(&bench->loop);
    assert_int_equal(uv_timer_start(&timer, on_tick, 1, 1), 0);
    do {
        (void)uv_run(&bench->loop, UV_RUN_DEFAULT);
    } while (cw_clock_now_ms() < end_ms && (until == NULL || *until < count));
    uv_close((uv_handle_t *)&timer, nothing);
    (void)uv_run(&bench->loop, UV_RUN_NOWAIT);
}

bool bench_route_is(struct bench *bench, size_t index, bool up)
{
    struct cw_sip_route_state states[CW_SIP_MAX_ROUTES];

    for (unsigned i = 0; i < 1000; i++) {
        assert_true(cw_sip_routes(bench->sip, states, CW_SIP_MAX_ROUTES) > index);
        if (states[index].up == up && (up || states[index].detail[0] != '\0')) {
            return true;
        }
        bench_run(bench, 5, NULL, 0);
    }
    return false;
}

enum cw_err bench_message(struct bench *bench, const char *call_id, const char *body)
{
    struct cw_sip_message message;

    cw_sip_message_init(&message);
    message.method = CW_SIP_MESSAGE;
    message.request_uri = CW_LIT("sip:romeo@contoso.example");
    message.to.uri = message.request_uri;
    message.from.uri = CW_LIT("sip:juliet@partner.example;gr=balcony");
    message.from.display = CW_LIT("Juliet \"J\" Capulet");
    message.from.tag = CW_LIT("f1");
    message.call_id = (struct cw_bytes){call_id, strlen(call_id)};
    message.cseq = 7;
    message.content_type = CW_LIT("text/plain;charset=UTF-8");
    message.body = (struct cw_bytes){body, strlen(body)};
    return cw_sip_send(bench->sip, &message, on_done, bench);
}

static struct sockaddr_in address_of(const char *host, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
    return address;
}

static int bound(int type, const char *host, uint16_t port)
{
    const struct sockaddr_in address = address_of(host, port);
    const int fd = socket(AF_INET, type, 0);
    const int one = 1;

    assert_true(fd >= 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

int peer_udp(const char *host, uint16_t port)
{
    const int fd = bound(SOCK_DGRAM, host, port);

    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

int peer_listen(const char *host, uint16_t port)
{
    const int fd = bound(SOCK_STREAM, host, port);

    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

int peer_connect(const char *from, uint16_t port)
{
    const struct sockaddr_in to = address_of("127.0.0.1", port);
    const int fd = bound(SOCK_STREAM, from, 0);
    const int one = 1;

    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

uint16_t peer_port(int fd)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);

    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

void peer_read(struct bench *bench, int fd, struct wire *wire, struct sockaddr_in *from)
{
    const uint64_t end_ms = cw_clock_now_ms() + 3000;
    socklen_t size = sizeof(*from);
    ssize_t len = -1;

    while (len < 0 && cw_clock_now_ms() < end_ms) {
        bench_run(bench, 1, NULL, 0);
        len = recvfrom(fd, wire->text, sizeof(wire->text) - 1, 0, (struct sockaddr *)from,
                       from == NULL ? NULL : &size);
    }
    wire->len = len < 0 ? 0 : (size_t)len;
    wire->text[wire->len] = '\0';
}

void peer_read_request(struct bench *bench, int fd, struct wire *wire, struct sockaddr_in *from,
                       bool answer_options)
{
    static struct wire answer;

    do {
        peer_read(bench, fd, wire, from);
        if (strncmp(wire->text, "OPTIONS ", 8) == 0 && answer_options) {
            peer_answer(wire, "SIP/2.0 200 OK", "", &answer);
            peer_send(fd, answer.text, answer.len, from == NULL ? 0 : ntohs(from->sin_port));
        }
    } while (strncmp(wire->text, "OPTIONS ", 8) == 0);
}

void peer_send(int fd, const char *text, size_t len, uint16_t port)
{
    if (port == 0) {
        assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
    } else {
        const struct sockaddr_in to = address_of("127.0.0.1", port);

        assert_int_equal(sendto(fd, text, len, 0, (const struct sockaddr *)&to, sizeof(to)), len);
    }
}

void peer_answer(const struct wire *request, const char *status_line, const char *extra,
                 struct wire *out)
{
    const char *line = strstr(request->text, "\r\n");
    size_t at = (size_t)snprintf(out->text, sizeof(out->text), "%s\r\n", status_line);

    assert_non_null(line);
    line += 2;
    while (strncmp(line, "\r\n", 2) != 0) {
        const char *const end = strstr(line, "\r\n") + 2;

        if (strncmp(line, "Via:", 4) == 0 || strncmp(line, "From:", 5) == 0 ||
            strncmp(line, "Call-ID:", 8) == 0 || strncmp(line, "CSeq:", 5) == 0) {
            memcpy(out->text + at, line, (size_t)(end - line));
            at += (size_t)(end - line);
        } else if (strncmp(line, "To:", 3) == 0) {
            at += (size_t)snprintf(out->text + at, sizeof(out->text) - at, "%.*s;tag=peer\r\n",
                                   (int)(end - line - 2), line);
        }
        line = end;
    }
    out->len = at + (size_t)snprintf(out->text + at, sizeof(out->text) - at,
                                     "%sContent-Length: 0\r\n\r\n", extra);
}

static const char * or (const char *text, const char *other)
{
    return text == NULL ? other : text;
}

void message_write(const struct message_text *parts, struct wire *out)
{
    const char *const body = or (parts->body, "hi");
    char length[48];

    (void)snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(body));
    out->len = (size_t)snprintf(
        out->text, sizeof(out->text),
        "%s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\nFrom: <sip:romeo@contoso.example>;tag=r1\r\n"
        "To: <sip:juliet@partner.example>\r\nCall-ID: %s\r\nCSeq: %s\r\n%s%s\r\n%s",
        or (parts->start, "MESSAGE sip:juliet@partner.example"),
        or (parts->via, "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx1;rport"),
        or (parts->call_id, "c1"), or (parts->cseq, "1 MESSAGE"),
        or (parts->extra, "Content-Type: text/plain\r\n"), or (parts->content_length, length),
        body);
    assert_true(out->len < sizeof(out->text));
}
