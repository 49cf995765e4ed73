/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * For tests of streams: two servers of ours on loopback, each with its own domain, permits and
 * certificate, and a raw client that plays a script.
 */

#include "cw_mint.h"
#include "stream.h"

#include <netinet/in.h>
#include <uv.h>

#define MAX_EVENTS 4096

/** One of the two servers: the streams it accepted and opened, and all that happened to them. */
struct server {
    struct world *world;
    const char *domain;
    struct cw_permit permits[12];
    size_t permit_count;
    struct cw_tls *accepts, *connects;
    struct cw_stream_environment env;
    struct cw_tls_listener *listener;
    struct sockaddr_in address;
    struct server *peer;
    bool direct_tls;            /**< of what it accepts */
    struct cw_stream *accepted; /**< the last one */
    struct cw_stream *opened;
    struct cw_stream *verifier;
    char wanted_own[64], wanted_remote[64]; /**< of the verification under way */
    bool deaf;                              /**< on_verify is not answered */
    bool disowns;                           /**< on_verify is answered: invalid */
    enum cw_fail cannot;                    /**< on_verify is answered with this */
    bool orderly, asked;                    /**< facts of the stream that closed last */
    char log[MAX_EVENTS];                   /**< one line an event */
    char stanza[MAX_EVENTS];
};

struct world {
    uv_loop_t loop;
    uv_timer_t patience;
    bool late;
    struct server corp, partner;
    const char *awaited;
    struct server *awaiting;
};

/** corp.example and partner.example; both permit the other `methods`, both own a certificate from
 * `mint`. */
void world_open(struct world *world, struct cw_mint *mint, unsigned methods, bool tls_offered);

/** Closes what is open and the loop. */
void world_close(struct world *world);

/** Runs until `server`'s log has `text`. False: it never came. */
bool world_until(struct world *world, struct server *server, const char *text);

/** corp opens to partner. */
void world_connect(struct world *world);

/** One step of a raw client. */
struct step {
    const char *send;   /**< NULL: nothing; "<TLS>": starts TLS; "<FIN>": closes */
    const char *expect; /**< what must have come since the last step; NULL: nothing awaited;
                             "<CLOSED>": the end */
};

/** Plays `steps` against `server` and gives back all that came (static buffer). `context` may be
 * NULL.
 */
const char *raw_play(struct world *world, struct server *server, struct cw_tls *context,
                     const struct step *steps, size_t count);

/** corp opens a stream to a raw server on partner's address, which plays `steps`; as raw_play(). */
const char *raw_serve(struct world *world, struct cw_tls *context, const struct step *steps,
                      size_t count);

/** The raw client or server by hand; there is one at a time. */
struct raw;

/** It connects to `server`. */
struct raw *raw_connect(struct world *world, struct server *server);

/** It takes partner's place, and corp opens a stream to it. */
struct raw *raw_await(struct world *world);

/** All that has come; grows as the loop turns. */
const char *raw_got(const struct raw *raw);
bool raw_is_closed(const struct raw *raw);

void raw_send(struct raw *raw, struct cw_bytes text);

/** TLS from here on. False: no handshake. */
bool raw_secure_now(struct world *world, struct raw *raw, struct cw_tls *context);

/** Closes it, if it is not closed. */
void raw_close(struct world *world, struct raw *raw);

/** One turn of the loop. False: it has turned for too long, counted from the first turn after
 * world_calm(). */
bool world_turn(struct world *world);
void world_calm(struct world *world);

/** Permits `domain` to `server`. */
void world_permit(struct server *server, const char *domain, unsigned methods, bool tls_offered);

/** A TLS context of a client with the certificate NAME of `mint`; NULL: none. */
struct cw_tls *raw_tls(struct cw_mint *mint, const char *name);

/** The same for a server. */
struct cw_tls *raw_server_tls(struct cw_mint *mint, const char *name);
