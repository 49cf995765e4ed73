/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The streams of one edge as it reported them.
 */

#include <causeway/frame.h>

/** One stream of an edge. */
struct cw_stream_state {
    const char *edge;
    uint64_t stream;
    bool outgoing;
    enum cw_method method;
    struct cw_bytes own_domain, remote_domain, partner, tls_version, peer, detail;
    uint64_t up_s; /**< age, seconds */
};

/** Borrowed until return. */
typedef void cw_stream_visit_fn(const struct cw_stream_state *stream, void *user);

struct cw_edge_stream;

struct cw_edge_streams {
    struct cw_edge_stream *first;
    size_t count;
};

/** Takes one report over. */
void cw_edge_streams_note(struct cw_edge_streams *streams, const struct cw_frame_report *report,
                          uint64_t now_ms);

/** Visits all. */
void cw_edge_streams_visit(const struct cw_edge_streams *streams, const char *edge, uint64_t now_ms,
                           cw_stream_visit_fn *visit, void *user);

/** Forgets all. */
void cw_edge_streams_clear(struct cw_edge_streams *streams);
