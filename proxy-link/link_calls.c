/* SPDX-License-Identifier: Apache-2.0 */
#include "link_connection.h"

#include <causeway/frame_write.h>
#include <stdlib.h>

bool cw_link_is_up(const struct cw_link *link)
{
    return link->connection != NULL;
}

const char *cw_link_peer(const struct cw_link *link)
{
    return link->session->peer;
}

const char *cw_link_problem(const struct cw_link *link)
{
    return link->detail;
}

uint32_t cw_link_round_trip_us(const struct cw_link *link)
{
    return link->round_trip_us;
}

size_t cw_link_unsettled(const struct cw_link *link)
{
    return cw_ack_out_count(link->session->out);
}

enum cw_err cw_link_send(struct cw_link *link, const struct cw_frame_stanza *stanza, void *cookie)
{
    if (link->closed) {
        return CW_ERR_BUSY;
    }
    CW_TRY(cw_session_send(link->session, stanza, cookie));
    cw_link_pump(link);
    return CW_OK;
}

/* The edge answers for nothing: of its fates only the last one counts. */
static void settle_taken(struct cw_link *link, uint64_t handle)
{
    struct cw_frame_ack ack;

    if (!link->session->is_edge && cw_ack_in_taken(link->session->in, handle, &ack)) {
        link->taken = ack;
    }
}

static void settle_one(struct cw_link *link, uint64_t handle, enum cw_fate fate,
                       enum cw_fail reason)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];
    struct cw_frame_ack ack;

    if (cw_ack_in_settle(link->session->in, handle, fate, reason, &ack) &&
        link->connection != NULL) {
        cw_link_connection_write(link->connection, frame,
                                 cw_frame_write_ack(&ack, frame, sizeof(frame)));
    }
}

void cw_link_settle(struct cw_link *link, uint64_t seq, enum cw_fate fate, enum cw_fail reason)
{
    if (fate == CW_FATE_TAKEN) {
        settle_taken(link, seq);
    } else {
        settle_one(link, seq, fate, reason);
    }
    if (link->connection != NULL) {
        cw_link_connection_dirty(link->connection);
    }
}

void cw_link_push_permits(struct cw_link *link)
{
    uint8_t header[CW_FRAME_HEADER_LEN];

    if (link->connection != NULL && link->permits != NULL) {
        cw_frame_write_header(CW_FRAME_PERMITS, (uint32_t)link->permits_len, header);
        cw_link_connection_write(link->connection, header, sizeof(header));
        cw_tls_stream_write(link->connection->stream,
                            (struct cw_bytes){link->permits, link->permits_len});
    }
}

void cw_link_set_permits(struct cw_link *link, uint64_t revision, struct cw_bytes payload)
{
    if (payload.len == 0 || payload.len > CW_FRAME_MAX_PAYLOAD) {
        return; /* cw_permits_write() makes neither */
    }
    link->revision = revision;
    link->permits = realloc(link->permits, payload.len);
    if (link->permits == NULL) {
        abort();
    }
    memcpy(link->permits, payload.base, payload.len);
    link->permits_len = payload.len;
    cw_link_push_permits(link);
}

void cw_link_applied(struct cw_link *link, uint64_t revision)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];

    link->revision = revision;
    if (link->connection != NULL) {
        cw_link_connection_write(
            link->connection, frame,
            cw_frame_write_number(CW_FRAME_APPLIED, revision, frame, sizeof(frame)));
    }
}

/* A text of the report that is too long loses its end, not the report. */
static struct cw_bytes shorten(struct cw_bytes text)
{
    if (text.len > CW_FRAME_MAX_NAME) {
        text.len = CW_FRAME_MAX_NAME;
        while (text.len > 0 && ((uint8_t)text.base[text.len] & 0xc0u) == 0x80u) {
            text.len--;
        }
    }
    return text;
}

void cw_link_report(struct cw_link *link, const struct cw_frame_report *report)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];
    struct cw_frame_report fit = *report;

    if (link->connection == NULL) {
        return;
    }
    fit.own_domain = shorten(fit.own_domain);
    fit.remote_domain = shorten(fit.remote_domain);
    fit.partner = shorten(fit.partner);
    fit.tls_version = shorten(fit.tls_version);
    fit.peer = shorten(fit.peer);
    fit.detail = shorten(fit.detail);
    cw_link_connection_write(link->connection, frame,
                             cw_frame_write_report(&fit, frame, sizeof(frame)));
}

void cw_link_knocks(struct cw_link *link, const struct cw_frame_knocks *knocks)
{
    uint8_t frame[CW_FRAME_MAX_KNOCK];
    const size_t len = cw_frame_write_knocks(knocks, frame, sizeof(frame));

    if (link->connection != NULL && len > 0 && len <= sizeof(frame)) {
        cw_link_connection_write(link->connection, frame, len);
    }
}

void cw_link_goaway(struct cw_link *link, const char *reason)
{
    const struct cw_frame_goaway goaway = {cw_ack_in_received(link->session->in),
                                           shorten((struct cw_bytes){reason, strlen(reason)})};
    uint8_t frame[CW_FRAME_MAX_SMALL];

    if (reason != link->goaway_reason) {
        free(link->goaway_reason);
        link->goaway_reason = strdup(reason);
        if (link->goaway_reason == NULL) {
            abort();
        }
    }
    if (link->connection != NULL && !link->session->leaving) {
        link->session->leaving = true;
        cw_link_connection_write(link->connection, frame,
                                 cw_frame_write_goaway(&goaway, frame, sizeof(frame)));
    }
}

void cw_link_pause(struct cw_link *link, bool pause)
{
    link->paused = pause;
    if (link->connection != NULL) {
        cw_tls_stream_pause(link->connection->stream, pause);
    }
}

void cw_link_abandon(struct cw_link *link)
{
    struct cw_sent *sent;
    bool was_sent;

    if (link->connection != NULL) {
        return;
    }
    if (link->greeting != NULL && !link->greeting->ended) {
        /* Its HELLO may have told of stanzas that are about to go. */
        cw_link_connection_abort(link->greeting, CW_OK, "the session was given up");
    }
    while ((sent = cw_session_abandoned(link->session, &was_sent)) != NULL) {
        if (was_sent) {
            cw_link_tell(link, sent, CW_FATE_AMBIGUOUS, CW_FAIL_TIMEOUT);
        } else {
            cw_link_tell(link, sent, CW_FATE_FAILED, CW_FAIL_TIMEOUT);
        }
    }
}
