/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_stream.h"

#include <stdlib.h>

#define STREAMS_MAX 20000u /* descriptors of an edge */

struct cw_edge_stream {
    struct cw_edge_stream *next;
    struct cw_stream_state state;
    uint64_t since_ms;
    char text[];
};

static struct cw_bytes keep(char **end, struct cw_bytes from)
{
    const struct cw_bytes kept = {*end, from.len};

    if (from.len != 0) {
        memcpy(*end, from.base, from.len);
        *end += from.len;
    }
    return kept;
}

static uint64_t take_out(struct cw_edge_streams *streams, uint64_t number)
{
    for (struct cw_edge_stream **at = &streams->first; *at != NULL; at = &(*at)->next) {
        struct cw_edge_stream *found = *at;

        if (found->state.stream == number) {
            const uint64_t since_ms = found->since_ms;

            *at = found->next;
            free(found);
            streams->count--;
            return since_ms;
        }
    }
    return 0;
}

void cw_edge_streams_note(struct cw_edge_streams *streams, const struct cw_frame_report *report,
                          uint64_t now_ms)
{
    const uint64_t since_ms = take_out(streams, report->stream);
    struct cw_edge_stream *made;
    char *end;

    if (!report->up || streams->count >= STREAMS_MAX) {
        return;
    }
    made = calloc(1, sizeof(*made) + report->own_domain.len + report->remote_domain.len +
                         report->partner.len + report->tls_version.len + report->peer.len +
                         report->detail.len);
    if (made == NULL) {
        abort();
    }
    end = made->text;
    made->since_ms = since_ms != 0 ? since_ms : now_ms;
    made->state = (struct cw_stream_state){
        .stream = report->stream,
        .outgoing = report->outgoing,
        .method = report->method,
        .own_domain = keep(&end, report->own_domain),
        .remote_domain = keep(&end, report->remote_domain),
        .partner = keep(&end, report->partner),
        .tls_version = keep(&end, report->tls_version),
        .peer = keep(&end, report->peer),
        .detail = keep(&end, report->detail),
    };
    made->next = streams->first;
    streams->first = made;
    streams->count++;
}

void cw_edge_streams_visit(const struct cw_edge_streams *streams, const char *edge, uint64_t now_ms,
                           cw_stream_visit_fn *visit, void *user)
{
    for (const struct cw_edge_stream *at = streams->first; at != NULL; at = at->next) {
        struct cw_stream_state state = at->state;

        state.edge = edge;
        state.up_s = (now_ms - at->since_ms) / 1000;
        visit(&state, user);
    }
}

void cw_edge_streams_clear(struct cw_edge_streams *streams)
{
    while (streams->first != NULL) {
        struct cw_edge_stream *gone = streams->first;

        streams->first = gone->next;
        free(gone);
    }
    streams->count = 0;
}
