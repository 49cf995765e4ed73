/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The load generator: one process plays an XMPP partner towards the edge and the SIP server towards
 * the gateway, sends numbered and stamped messages, and counts what arrives.
 */

#include "samples.h"

#include <causeway/tls.h>

#include <stdbool.h>
#include <uv.h>

struct cw_sip;
struct cw_stream;

struct load_options {
    const char *partner, *own;          /* domains */
    const char *edge, *listen;          /* host:port: the edge's S2S, and ours for its streams */
    const char *sip_listen, *gateway;   /* host:port */
    const char *transport;              /* udp or tcp */
    const char *certificate, *key, *ca; /* of the partner */
    bool to_xmpp;                       /* SIP to XMPP, else XMPP to SIP */
    unsigned lanes;                     /* pairs of users */
    unsigned seconds;
    long edge_pid, gateway_pid;
};

/* One pair of users; one message at a time is under way on it when no rate is set. */
struct lane {
    uint64_t sent, arrived;
    bool busy;
};

struct load {
    struct load_options options;
    uv_loop_t loop;
    uv_timer_t tick;
    struct cw_tls *server_tls, *client_tls;
    struct cw_sip *sip;
    struct cw_stream *out; /* to the edge, proven */
    struct lane *lanes;
    struct samples samples;
    unsigned next_lane;
    unsigned phase;    /* of LOAD_PERCENT */
    unsigned rate;     /* messages a second; 0: as fast as answers come */
    double full_rate;  /* measured in the first phase */
    uint64_t phase_ns; /* when it began */
    uint64_t last_ns;  /* of the last tick */
    bool failed;
    bool ready, measuring, sending;
    uint64_t number;                             /* of the message in hand, over the whole run */
    uint64_t sent, arrived, refused, duplicates; /* while measuring */
    uint64_t begun_ns, ended_ns, owed_micro;     /* owed: millionths of a message */
    uint64_t edge_cpu_us, gateway_cpu_us;
};

/** Sends the next message of `lane`, stamped. */
void load_send(struct load *load, unsigned lane);

/** A message arrived at the far end; `text` is its body. */
void load_arrived(struct load *load, const char *text, size_t len);

/** `lane` may send again. */
void load_free_lane(struct load *load, unsigned lane);

/** Opens the partner's side. Exits the process with a line on failure. */
void partner_start(struct load *load);

/** Sends `body` from the partner's user of `lane` to our user of the same number. */
void partner_send(struct load *load, unsigned lane, const char *body);

/** Opens the SIP server's side. */
void server_start(struct load *load);

/** Sends `body` from the SIP user of `lane` to the partner's user of the same number. */
void server_send(struct load *load, unsigned lane, const char *body);

/** Prints `what` and ends the process with 1. */
_Noreturn void load_fail(const char *what);
