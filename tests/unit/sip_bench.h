/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A SIP side under test with plain sockets around it: peers that do exactly what a test says.
 */

#include "cw_test.h"
#include "sip/sip.h"

#include <netinet/in.h>
#include <uv.h>

struct bench {
    uv_loop_t loop;
    struct cw_log *log;
    struct cw_metrics *metrics;
    struct cw_sip *sip;
    struct cw_sip_settings settings;
    struct cw_sip_listen listen[3];
    struct cw_sip_route routes[3];
    /* what arrived */
    unsigned requests;
    char body[512];
    char call_id[300];
    struct cw_sip_server_transaction *waiting;
    unsigned answer; /**< given at once; 0: the transaction waits */
    /* how requests of ours ended */
    unsigned done;
    unsigned status;
    enum cw_err why;
};

/** Reads or writes of one message; NUL-terminated. */
struct wire {
    char text[70000];
    size_t len;
};

/** UDP, TCP and TLS listeners of the bench stand on this port of 127.0.0.1 (TLS: +1). */
uint16_t bench_port(void);

/** Makes metrics, log and settings; nothing is opened. */
void bench_init(struct bench *bench);

/** Starts the SIP side of `bench`. */
void bench_start(struct bench *bench);

/** Stops it and ends the loop. */
void bench_end(struct bench *bench);

/** Adds a listener or a route to the settings. */
void bench_listen(struct bench *bench, enum cw_sip_transport transport, uint16_t port);
void bench_route(struct bench *bench, const char *name, enum cw_sip_transport transport,
                 const char *host, uint16_t port, unsigned priority);

/** Runs the loop for `ms`, or until `*until` reaches `count` (NULL: no such end). */
void bench_run(struct bench *bench, unsigned ms, const unsigned *until, unsigned count);

/** Runs until the route of this index is up or not, at most 5 s. */
bool bench_route_is(struct bench *bench, size_t index, bool up);

/** Sends a MESSAGE through the SIP side under test. */
enum cw_err bench_message(struct bench *bench, const char *call_id, const char *body);

/** A socket of our own, bound to host:port (0: any), not blocking. */
int peer_udp(const char *host, uint16_t port);
int peer_listen(const char *host, uint16_t port);
int peer_connect(const char *from, uint16_t port);
uint16_t peer_port(int fd);

/** Waits up to 3 s for a datagram or octets; 0 in `len` when nothing came. */
void peer_read(struct bench *bench, int fd, struct wire *wire, struct sockaddr_in *from);
/** Like it, but skips OPTIONS, answering them 200 (or not at all). */
void peer_read_request(struct bench *bench, int fd, struct wire *wire, struct sockaddr_in *from,
                       bool answer_options);
void peer_send(int fd, const char *text, size_t len, uint16_t port);

/** Turns a request into a response with the given status line and extra header lines. */
void peer_answer(const struct wire *request, const char *status_line, const char *extra,
                 struct wire *out);

/** A MESSAGE as text. NULL parts get good values. */
struct message_text {
    const char *start, *via, *call_id, *cseq, *extra, *body, *content_length;
};
void message_write(const struct message_text *parts, struct wire *out);
