/* SPDX-License-Identifier: Apache-2.0 */
#include "link_connection.h"

#include <causeway/frame_write.h>

enum { FROM_GATEWAY = 1, FROM_EDGE = 2 };

#define NS_PER_US 1000u
#define US_PER_S  1e6

static enum cw_err on_permits(struct cw_link *link, struct cw_bytes payload)
{
    if (link->events.on_permits != NULL) {
        link->events.on_permits(link, payload, link->user);
    }
    return CW_OK;
}

static enum cw_err on_applied(struct cw_link *link, struct cw_bytes payload)
{
    uint64_t revision;

    CW_TRY(cw_frame_read_number(payload, &revision));
    if (link->meters.revision != NULL) {
        cw_metric_set(link->meters.revision, (double)revision);
    }
    if (link->events.on_applied != NULL) {
        link->events.on_applied(link, revision, link->user);
    }
    return CW_OK;
}

static enum cw_err on_stanza(struct cw_link *link, struct cw_bytes payload)
{
    struct cw_frame_stanza stanza;
    uint64_t handle;

    CW_TRY(cw_frame_read_stanza(payload, &stanza));
    CW_TRY(cw_session_receive(link->session, &stanza, &handle));
    if (handle != 0 && link->events.on_stanza != NULL) {
        stanza.seq = handle;
        link->events.on_stanza(link, &stanza, link->user);
    }
    return CW_OK;
}

static enum cw_err on_ack(struct cw_link *link, struct cw_bytes payload)
{
    struct cw_frame_ack ack;
    struct cw_sent *sent;

    CW_TRY(cw_frame_read_ack(payload, &ack));
    if (!cw_session_may_ack(link->session, &ack)) {
        return CW_ERR_PROTOCOL;
    }
    while (!link->closed && (sent = cw_session_settled(link->session, &ack)) != NULL) {
        cw_link_tell(link, sent, ack.fate, ack.reason);
    }
    return CW_OK;
}

static enum cw_err on_credit(struct cw_link *link, struct cw_bytes payload)
{
    struct cw_frame_credit credit;

    CW_TRY(cw_frame_read_credit(payload, &credit));
    cw_session_credited(link->session, &credit);
    return CW_OK;
}

static enum cw_err on_ping(struct cw_link *link, struct cw_bytes payload)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];
    uint64_t token;

    CW_TRY(cw_frame_read_number(payload, &token));
    cw_link_connection_write(link->connection, frame,
                             cw_frame_write_number(CW_FRAME_PONG, token, frame, sizeof(frame)));
    return CW_OK;
}

static enum cw_err on_pong(struct cw_link *link, struct cw_bytes payload)
{
    const struct cw_link_connection *const connection = link->connection;
    uint64_t token;

    CW_TRY(cw_frame_read_number(payload, &token));
    if (token > connection->ping_token) {
        return CW_ERR_PROTOCOL; /* an answer to nothing */
    }
    cw_ack_in_confirm(link->session->in, (uint32_t)token);
    if (token == connection->ping_token) {
        const uint64_t round_trip_us = (uv_hrtime() - connection->ping_ns) / NS_PER_US;

        link->round_trip_us = round_trip_us > UINT32_MAX ? UINT32_MAX : (uint32_t)round_trip_us;
        if (link->meters.round_trip != NULL) {
            cw_metric_observe(link->meters.round_trip, (double)round_trip_us / US_PER_S);
        }
    }
    return CW_OK;
}

static enum cw_err on_goaway(struct cw_link *link, struct cw_bytes payload)
{
    struct cw_frame_goaway goaway;
    struct cw_sent *sent;

    CW_TRY(cw_frame_read_goaway(payload, &goaway));
    while (!link->closed && (sent = cw_session_refused(link->session, goaway.last_seq)) != NULL) {
        cw_link_tell(link, sent, CW_FATE_FAILED, CW_FAIL_SHUTDOWN);
    }
    if (link->events.on_goaway != NULL) {
        link->events.on_goaway(link, goaway.reason, link->user);
    }
    return CW_OK;
}

static enum cw_err on_report(struct cw_link *link, struct cw_bytes payload)
{
    struct cw_frame_report report;

    CW_TRY(cw_frame_read_report(payload, &report));
    if (link->events.on_report != NULL) {
        link->events.on_report(link, &report, link->user);
    }
    return CW_OK;
}

static enum cw_err on_knocks(struct cw_link *link, struct cw_bytes payload)
{
    struct cw_frame_knocks knocks;

    CW_TRY(cw_frame_read_knocks(payload, &knocks));
    if (link->events.on_knocks != NULL) {
        link->events.on_knocks(link, &knocks, link->user);
    }
    return CW_OK;
}

/* Who may send what while the link is up. HELLO and WELCOME come once, before. */
static const struct {
    enum cw_err (*handle)(struct cw_link *link, struct cw_bytes payload);
    unsigned from;
} FRAMES[CW_FRAME_TYPES] = {
    [CW_FRAME_PERMITS] = {on_permits, FROM_GATEWAY},
    [CW_FRAME_APPLIED] = {on_applied, FROM_EDGE},
    [CW_FRAME_STANZA] = {on_stanza, FROM_GATEWAY | FROM_EDGE},
    [CW_FRAME_ACK] = {on_ack, FROM_GATEWAY | FROM_EDGE},
    [CW_FRAME_CREDIT] = {on_credit, FROM_GATEWAY | FROM_EDGE},
    [CW_FRAME_PING] = {on_ping, FROM_GATEWAY | FROM_EDGE},
    [CW_FRAME_PONG] = {on_pong, FROM_GATEWAY | FROM_EDGE},
    [CW_FRAME_GOAWAY] = {on_goaway, FROM_GATEWAY | FROM_EDGE},
    [CW_FRAME_REPORT] = {on_report, FROM_EDGE},
    [CW_FRAME_KNOCK] = {on_knocks, FROM_EDGE},
};

enum cw_err cw_link_frame(struct cw_link *link, const struct cw_frame_header *header,
                          struct cw_bytes payload)
{
    const unsigned sender = link->session->is_edge ? FROM_GATEWAY : FROM_EDGE;

    if ((FRAMES[header->type].from & sender) == 0) {
        return CW_ERR_PROTOCOL;
    }
    return FRAMES[header->type].handle(link, payload);
}
