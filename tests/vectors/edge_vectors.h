/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Drivers of the edge's cases: conversations on one stream, finding a partner's server, and what is
 * one call.
 */

#include "vector_file.h"

/**
 * A conversation between a server of corp.example and the script, which is partner.example and
 * opens a connection to it; with `opens: true` corp opens it.
 *
 * `methods` (permit of partner.example; words of cw_method_name(), default sasl_tls and
 * tls_dialback), `tls: false` (not supported for the partner), `permits` (further domains permitted
 * alike), `from` and `to` of the header, `certificate: {san, eku, stranger}` of the script,
 * `secret` of dialback, `never` (texts that must not be in corp's log of events).
 *
 * Steps: the words of README.md `X>` (text as it is; `octets: n` fills `${fill}` up) and `X<`, and
 *   open        sends a header; the answer is a header for it
 *   secure      STARTTLS, TLS and a new header, the features before are not looked at
 *   external    EXTERNAL with "=", and the new header behind its success
 *   tls         the handshake alone
 *   answered: {from, to}     the next piece is a header like this, with an id; `from` may be left
 * out refused: condition       a stream error, the closing tag, and nothing accepted outcome:
 * accepted | condition ended       the closing tag, and the end closed      the connection ends,
 * nothing more comes before event: text              corp's log of events says so (edge_world.c)
 *   failed: {remote, why}    corp could not prove the pair (words of cw_word_fail())
 *   why: word                corp's stream failed for this reason
 *   prove: domain            corp wants a further pair on the stream it opened
 *   sends: true | false      corp may send to partner.example
 *   use: name                the steps of `define: name`
 *   counted: {role, outcome} of dialback, at least one
 */
void play_stream(const struct vector *vector);

/**
 * corp looks for a server of partner.example: `dns` (list of {name, srv or a: what it answers}),
 * `listen` (list of {host, port, direct_tls}); `tried` (list of what came: "b:5269 starttls"),
 * `fail` (word of cw_word_fail()). Hosts are single letters: addresses of the loopback.
 */
void play_connect(const struct vector *vector);

/** `secret`, `receiving`, `originating`, `stream_id`; `key`; `invalid_id`: not its key. */
void play_dialback_key(const struct vector *vector);

/** `reference`, `san` ("DNS:...", "SRV:...", "XmppAddr:...") or null, `common_name`; `match`. */
void play_certificate(const struct vector *vector);

/** `reference`, `san` (list), `match`: of a SIP peer. */
void play_sip_certificate(const struct vector *vector);

/** `stream_id`, `secret`; `handshake` of XEP-0114. */
void play_component_handshake(const struct vector *vector);
