/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection costs: CPU of an echo of 400 octets, one at a time and in batches, and the
 * memory of idle connections (both ends in this process). Prints, judges nothing. */
#include "cw_mint.h"

#include <causeway/tls_stream.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

enum { LEN = 400, IDLE = 1000, TIMEOUT_MS = 10000, ROUNDS = 200000 };

struct bench {
    uv_loop_t loop;
    struct cw_tls *server;
    struct cw_tls *client;
    struct cw_tls_listener *listener;
    unsigned secured;
    unsigned batch;
    size_t waiting;
    unsigned left;
    struct cw_tls_stream *first;
};

static char payload[LEN];

static void send_batch(struct bench *bench, struct cw_tls_stream *stream)
{
    bench->waiting = (size_t)bench->batch * LEN;
    for (unsigned i = 0; i < bench->batch; i++) {
        cw_tls_stream_write(stream, (struct cw_bytes){payload, LEN});
    }
}

static void on_server_open(struct cw_tls_stream *stream, void *user)
{
    cw_tls_stream_start_tls(stream, ((struct bench *)user)->server, NULL, TIMEOUT_MS);
}

static void on_client_open(struct cw_tls_stream *stream, void *user)
{
    cw_tls_stream_start_tls(stream, ((struct bench *)user)->client, "peer.example", TIMEOUT_MS);
}

static void on_secure(struct cw_tls_stream *stream, void *user)
{
    (void)stream;
    ((struct bench *)user)->secured++;
}

static void on_server_read(struct cw_tls_stream *stream, struct cw_bytes data, void *user)
{
    (void)user;
    cw_tls_stream_write(stream, data);
}

static void on_client_read(struct cw_tls_stream *stream, struct cw_bytes data, void *user)
{
    struct bench *bench = user;
    bench->waiting -= data.len;
    if (bench->waiting > 0) {
        return;
    }
    bench->left -= bench->batch < bench->left ? bench->batch : bench->left;
    if (bench->left > 0) {
        send_batch(bench, stream);
    }
}

static void on_closed(struct cw_tls_stream *stream, enum cw_err why, const char *detail, void *user)
{
    (void)stream;
    (void)user;
    if (why != CW_OK && why != CW_ERR_CLOSED) {
        (void)printf("closed: %s\n", detail);
    }
}

static const struct cw_tls_stream_events SERVER = {on_server_open, on_secure, on_server_read, NULL,
                                                   on_closed};
static const struct cw_tls_stream_events CLIENT = {on_client_open, on_secure, on_client_read, NULL,
                                                   on_closed};

static void on_accept(struct cw_tls_stream *stream, void *user)
{
    cw_tls_stream_adopt(stream, &SERVER, user);
}

static double cpu_s(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static struct cw_tls *context(struct cw_mint *mint, bool server)
{
    struct cw_tls *tls = NULL;
    const char *problem = NULL;
    const struct cw_tls_settings settings = {.certificate = cw_mint_path(mint, "peer.crt"),
                                             .key = cw_mint_path(mint, "peer.key"),
                                             .ca = cw_mint_path(mint, "ca.crt"),
                                             .verify = CW_TLS_VERIFY_REQUIRE,
                                             .server = server};
    if (cw_tls_new(&settings, &tls, &problem) != CW_OK) {
        (void)fprintf(stderr, "%s\n", problem);
        exit(1);
    }
    return tls;
}

static struct cw_tls_stream *connect_one(struct bench *bench)
{
    struct sockaddr_in to;
    const unsigned wanted = bench->secured + 2;
    (void)uv_ip4_addr("127.0.0.1", cw_tls_listener_port(bench->listener), &to);
    struct cw_tls_stream *stream = cw_tls_stream_connect(&bench->loop, (const struct sockaddr *)&to,
                                                         TIMEOUT_MS, &CLIENT, bench);
    while (bench->secured < wanted) {
        (void)uv_run(&bench->loop, UV_RUN_ONCE);
    }
    return stream;
}

static void run_echo(struct bench *bench, unsigned batch)
{
    bench->batch = batch;
    bench->left = ROUNDS;
    const double begun_s = cpu_s();
    const uint64_t begun_ns = uv_hrtime();
    send_batch(bench, bench->first);
    while (bench->left > 0) {
        (void)uv_run(&bench->loop, UV_RUN_ONCE);
    }
    const double cpu_us = (cpu_s() - begun_s) * 1e6 / ROUNDS;
    const double wall_us = (double)(uv_hrtime() - begun_ns) / 1e3 / ROUNDS;
    (void)printf("echo of %d octets over TLS, batches of %u: %.2f CPU-us, %.2f us\n", LEN, batch,
                 cpu_us, wall_us);
}

int main(void)
{
    static const unsigned BATCHES[] = {1, 4, 20, 40, 200};
    static struct bench bench;
    struct sockaddr_in any;
    const char *problem = NULL;
    const struct cw_mint_leaf leaf = {.usage = "serverAuth,clientAuth"};
    struct cw_mint *mint = cw_mint_new();
    cw_mint_make(mint, "peer", &leaf);
    bench.server = context(mint, true);
    bench.client = context(mint, false);
    memset(payload, 'x', sizeof(payload));
    (void)uv_loop_init(&bench.loop);
    (void)uv_ip4_addr("127.0.0.1", 0, &any);
    if (cw_tls_listen(&bench.loop, (const struct sockaddr *)&any, on_accept, &bench,
                      &bench.listener, &problem) != CW_OK) {
        (void)fprintf(stderr, "%s\n", problem);
        return 1;
    }
    bench.first = connect_one(&bench);
    for (size_t i = 0; i < sizeof(BATCHES) / sizeof(BATCHES[0]); i++) {
        run_echo(&bench, BATCHES[i]);
    }
    const size_t before = mallinfo2().uordblks;
    const double begun_s = cpu_s();
    for (unsigned i = 0; i < IDLE; i++) {
        (void)connect_one(&bench);
    }
    (void)printf("handshakes, both ends, mutual P-256: %.0f CPU-us\n",
                 (cpu_s() - begun_s) * 1e6 / IDLE);
    (void)printf("heap of an idle connection, mean of both ends: %zu octets\n",
                 (mallinfo2().uordblks - before) / IDLE / 2);
    cw_mint_free(&mint);
    return 0;
}
