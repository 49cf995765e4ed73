/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <causeway/frame_write.h>
#include <stdlib.h>

static void copy_name(char to[CW_FRAME_MAX_NODE + 1], const char *name)
{
    const size_t len = name == NULL ? 0 : strnlen(name, CW_FRAME_MAX_NODE);

    if (len > 0) {
        memcpy(to, name, len);
    }
    to[len] = '\0';
}

static struct cw_bytes text(const char *name)
{
    return (struct cw_bytes){name, strlen(name)};
}

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high)
{
    if (value < low) {
        return low;
    }
    return value > high ? high : value;
}

struct cw_session *cw_session_new(bool is_edge, const char *node, const char *pool, uint64_t epoch,
                                  uint32_t unsettled_max)
{
    struct cw_session *const session = calloc(1, sizeof(*session));

    if (session == NULL) {
        abort();
    }
    session->is_edge = is_edge;
    session->protocol = CW_FRAME_PROTOCOL;
    copy_name(session->node, node);
    copy_name(session->pool, pool);
    session->epoch = epoch;
    session->unsettled_max = clamp(unsettled_max, 1, CW_SESSION_MAX_UNSETTLED);
    session->own_window = clamp(session->unsettled_max / 8, 1, CW_SESSION_MAX_WINDOW);
    session->window = session->own_window;
    session->credit_out = cw_credit_new();
    session->credit_in = cw_credit_new();
    session->out = cw_ack_out_new();
    session->in = cw_ack_in_new(session->credit_in);
    return session;
}

void cw_session_free(struct cw_session **session)
{
    if (*session != NULL) {
        cw_ack_out_free(&(*session)->out);
        cw_ack_in_free(&(*session)->in);
        cw_credit_free(&(*session)->credit_out);
        cw_credit_free(&(*session)->credit_in);
        free(*session);
        *session = NULL;
    }
}

void cw_session_hello(const struct cw_session *session, uint64_t revision,
                      struct cw_frame_hello *out)
{
    *out = (struct cw_frame_hello){
        .protocol = session->is_edge ? session->protocol : CW_FRAME_PROTOCOL,
        .node = text(session->node),
        .pool = text(session->pool),
        .epoch = session->epoch,
        .peer_epoch = session->peer_epoch,
        .received = cw_ack_in_received(session->in),
        .oldest = cw_ack_out_oldest(session->out),
        .revision = revision,
        .credit = session->own_window,
    };
}

const char *cw_session_objection(const struct cw_session *session,
                                 const struct cw_frame_hello *peer)
{
    const struct cw_bytes pool = text(session->pool);

    if (!session->is_edge && peer->protocol > CW_FRAME_PROTOCOL) {
        return "the edge chose a protocol version that was not offered";
    }
    if (cw_bytes_equal(peer->node, text(session->node))) {
        return "both ends bear the same node name";
    }
    if (pool.len > 0 && peer->pool.len > 0 && !cw_bytes_equal(peer->pool, pool)) {
        return "the peer belongs to another pool";
    }
    return NULL;
}

/* What was sent towards a process that is gone: the edge's stanzas were never answered for, so the
 * new process gets them; of the gateway's nobody knows how far they came. */
static void peer_restarted(struct cw_session *session)
{
    if (session->is_edge) {
        cw_ack_out_renumber(session->out);
    } else {
        session->lost = true;
    }
}

enum cw_err cw_session_meet(struct cw_session *session, const struct cw_frame_hello *peer)
{
    const bool same_node = cw_bytes_equal(peer->node, text(session->peer));
    const bool same_process = same_node && session->peer_epoch == peer->epoch;

    if (session->peer_epoch != 0 && !same_process) {
        peer_restarted(session);
    } else if (peer->peer_epoch != session->epoch) {
        cw_ack_out_renumber(session->out); /* it never saw a stanza of ours */
    } else {
        CW_TRY(cw_ack_out_resume(session->out, peer->received));
    }
    cw_ack_in_meet(session->in, peer->epoch, peer->oldest);
    memcpy(session->peer, peer->node.base, peer->node.len);
    session->peer[peer->node.len] = '\0';
    session->peer_epoch = peer->epoch;
    session->protocol =
        peer->protocol < CW_FRAME_PROTOCOL ? peer->protocol : (uint16_t)CW_FRAME_PROTOCOL;
    session->window = peer->credit;
    session->peer_leaving = false;
    session->leaving = false;
    cw_credit_restart(session->credit_out);
    return CW_OK;
}

/* A stanza leaves the session; `credited`: its credit will not come back by CREDIT. */
static struct cw_sent *release(struct cw_session *session, struct cw_sent *sent, bool credited)
{
    if (sent != NULL) {
        if (credited) {
            cw_credit_give(session->credit_out, sent->slot, 1);
        }
        cw_credit_release(session->credit_out, sent->slot);
    }
    return sent;
}

struct cw_sent *cw_session_pop_lost(struct cw_session *session)
{
    if (!session->lost) {
        return NULL;
    }

    struct cw_sent *const sent = cw_ack_out_pop(session->out, 0, UINT64_MAX);

    session->lost = sent != NULL;
    return release(session, sent, true);
}

/* Presence leaves a quarter of every limit to the rest: a message never waits behind it. */
static size_t share_of(enum cw_stanza_class class, size_t limit)
{
    return class == CW_CLASS_PRESENCE && limit >= 4 ? limit - limit / 4 : limit;
}

static bool has_room(const struct cw_session *session, enum cw_stanza_class class)
{
    return cw_ack_out_count(session->out) < share_of(class, session->unsettled_max) &&
           cw_ack_out_octets(session->out) < share_of(class, CW_SESSION_MAX_OCTETS);
}

bool cw_session_has_room(const struct cw_session *session)
{
    return has_room(session, CW_CLASS_PRESENCE);
}

static struct cw_sent *encode(const struct cw_frame_stanza *stanza, void *cookie)
{
    const size_t len = cw_frame_write_stanza(stanza, NULL, 0);

    if (len == 0 || stanza->partner.len == 0) {
        return NULL;
    }

    struct cw_sent *const sent = malloc(sizeof(*sent) + len);

    if (sent == NULL) {
        abort();
    }
    *sent = (struct cw_sent){.cookie = cookie, .class = stanza->class, .len = len};
    if (cw_frame_write_stanza(stanza, sent->frame, len) != len) {
        abort();
    }
    return sent;
}

enum cw_err cw_session_send(struct cw_session *session, const struct cw_frame_stanza *stanza,
                            void *cookie)
{
    uint16_t slot;

    if (session->peer_leaving) {
        return CW_ERR_BUSY;
    }
    if (!has_room(session, stanza->class)) {
        cw_credit_wait(session->credit_out, stanza->partner);
        return CW_ERR_BUSY;
    }

    struct cw_sent *const sent = encode(stanza, cookie);

    if (sent == NULL) {
        return CW_ERR_LIMIT;
    }

    const enum cw_err err =
        cw_credit_take(session->credit_out, stanza->partner,
                       (uint32_t)share_of(stanza->class, session->window), &slot);

    if (err != CW_OK) {
        free(sent);
        return err;
    }
    sent->slot = slot;
    cw_ack_out_push(session->out, sent);
    return CW_OK;
}

bool cw_session_may_ack(const struct cw_session *session, const struct cw_frame_ack *ack)
{
    return ack->seq <= cw_ack_out_last(session->out);
}

struct cw_sent *cw_session_settled(struct cw_session *session, const struct cw_frame_ack *ack)
{
    if (ack->fate == CW_FATE_TAKEN) {
        /* An edge that has a stanza of ours still owes its fate. */
        return session->is_edge ? release(session, cw_ack_out_pop(session->out, 0, ack->seq), false)
                                : NULL;
    }
    return release(session, cw_ack_out_settle(session->out, ack->seq), false);
}

void cw_session_credited(struct cw_session *session, const struct cw_frame_credit *credit)
{
    const uint16_t slot = cw_credit_find(session->credit_out, credit->partner);

    if (slot != CW_CREDIT_NO_SLOT) {
        cw_credit_give(session->credit_out, slot, credit->count);
    }
}

struct cw_sent *cw_session_refused(struct cw_session *session, uint64_t last_seq)
{
    struct cw_sent *sent = NULL;

    session->peer_leaving = true;
    if (last_seq < UINT64_MAX) {
        sent = cw_ack_out_pop(session->out, last_seq + 1, UINT64_MAX);
    }
    if (sent == NULL) {
        sent = cw_ack_out_pop_unsent(session->out);
    }
    return release(session, sent, true);
}

struct cw_sent *cw_session_abandoned(struct cw_session *session, bool *was_sent)
{
    struct cw_sent *sent = cw_ack_out_pop(session->out, 0, UINT64_MAX);

    *was_sent = sent != NULL;
    if (sent == NULL) {
        sent = cw_ack_out_pop_unsent(session->out);
    }
    return release(session, sent, true);
}

enum cw_err cw_session_receive(struct cw_session *session, const struct cw_frame_stanza *stanza,
                               uint64_t *handle)
{
    *handle = 0;
    if (session->leaving && stanza->seq > cw_ack_in_received(session->in)) {
        return CW_OK; /* GOAWAY has told its fate */
    }
    return cw_ack_in_take(session->in, stanza->seq, stanza->partner, handle);
}
