/* SPDX-License-Identifier: Apache-2.0 */
/* A byte stream from a peer, cut into frames wherever reads end and worked into a session, while
 * the session sends and settles by itself. The first octet says which end we are and how reads end.
 */
#include "frame_split.h"
#include "session.h"

#include <stdlib.h>

enum { HANDLES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct end {
    struct cw_session *session;
    uint64_t handles[HANDLES];
    size_t received;
    bool met;
};

static void send_some(struct cw_session *session)
{
    const struct cw_frame_stanza stanza = {.class = CW_CLASS_MESSAGE,
                                           .from_domain = CW_LIT("a.example"),
                                           .to_domain = CW_LIT("b.example"),
                                           .partner = CW_LIT("b.example"),
                                           .xml = CW_LIT("<m/>")};

    if (cw_session_send(session, &stanza, NULL) == CW_OK) {
        (void)cw_ack_out_next(session->out);
    }
}

static enum cw_err meet(struct end *end, struct cw_bytes payload)
{
    struct cw_frame_hello hello;
    struct cw_frame_ack ack;
    struct cw_sent *sent;
    size_t index = 0;

    CW_TRY(cw_frame_read_hello(payload, &hello));
    if (cw_session_objection(end->session, &hello) != NULL) {
        return CW_ERR_REFUSED;
    }
    CW_TRY(cw_session_meet(end->session, &hello));
    while (cw_ack_in_retell(end->session->in, &index, &ack)) {
    }
    while ((sent = cw_session_pop_lost(end->session)) != NULL) {
        free(sent);
    }
    end->met = true;
    send_some(end->session);
    return CW_OK;
}

static enum cw_err take_stanza(struct end *end, struct cw_bytes payload)
{
    struct cw_frame_stanza stanza;
    struct cw_frame_ack ack;
    uint64_t handle;

    CW_TRY(cw_frame_read_stanza(payload, &stanza));
    CW_TRY(cw_session_receive(end->session, &stanza, &handle));
    if (handle != 0) {
        end->handles[end->received++ % HANDLES] = handle;
        if (stanza.class == CW_CLASS_PRESENCE) {
            (void)cw_ack_in_taken(end->session->in, handle, &ack);
        } else if (stanza.class == CW_CLASS_IQ) {
            (void)cw_ack_in_settle(end->session->in, end->handles[stanza.seq % HANDLES],
                                   CW_FATE_HANDED, CW_FAIL_NONE, &ack);
        }
    }
    return CW_OK;
}

static enum cw_err take_ack(struct end *end, struct cw_bytes payload)
{
    struct cw_frame_ack ack;
    struct cw_sent *sent;

    CW_TRY(cw_frame_read_ack(payload, &ack));
    if (!cw_session_may_ack(end->session, &ack)) {
        return CW_ERR_PROTOCOL;
    }
    while ((sent = cw_session_settled(end->session, &ack)) != NULL) {
        free(sent);
    }
    send_some(end->session);
    return CW_OK;
}

static enum cw_err take_rest(struct end *end, uint8_t type, struct cw_bytes payload)
{
    struct cw_frame_credit credit;
    struct cw_frame_goaway goaway;
    struct cw_bytes partner;
    struct cw_sent *sent;
    size_t index = 0;
    uint64_t token;

    switch ((unsigned)type) {
    case CW_FRAME_CREDIT:
        CW_TRY(cw_frame_read_credit(payload, &credit));
        cw_session_credited(end->session, &credit);
        while (cw_credit_wake(end->session->credit_out, true, &index, &partner)) {
            send_some(end->session);
        }
        return CW_OK;
    case CW_FRAME_GOAWAY:
        CW_TRY(cw_frame_read_goaway(payload, &goaway));
        while ((sent = cw_session_refused(end->session, goaway.last_seq)) != NULL) {
            free(sent);
        }
        return CW_OK;
    case CW_FRAME_PING:
        (void)cw_ack_in_mark(end->session->in);
        return CW_OK;
    case CW_FRAME_PONG:
        CW_TRY(cw_frame_read_number(payload, &token));
        cw_ack_in_confirm(end->session->in, (uint32_t)token);
        return CW_OK;
    default:
        while (cw_credit_pay(end->session->credit_in, &credit)) {
        }
        return CW_OK;
    }
}

static enum cw_err take_frame(struct end *end, uint8_t type, struct cw_bytes payload)
{
    if (type == CW_FRAME_HELLO || type == CW_FRAME_WELCOME) {
        return meet(end, payload);
    }
    if (!end->met) {
        return CW_ERR_PROTOCOL;
    }
    if (type == CW_FRAME_STANZA) {
        return take_stanza(end, payload);
    }
    return type == CW_FRAME_ACK ? take_ack(end, payload) : take_rest(end, type, payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_frame_split split = {0};
    struct end end = {0};
    struct cw_frame_header header;
    struct cw_bytes payload;
    enum cw_frame_cut cut = CW_FRAME_CUT_MORE;
    enum cw_err err = CW_OK;

    if (size == 0) {
        return 0;
    }

    const size_t piece = (size_t)(data[0] >> 1) + 1;

    end.session = cw_session_new((data[0] & 1) != 0, "self", "pool", 7, 32);
    send_some(end.session);
    for (size_t at = 1; at < size && err == CW_OK; at += piece) {
        struct cw_bytes read = {(const char *)data + at, size - at < piece ? size - at : piece};

        do {
            cut = cw_frame_split_next(&split, &read, &header, &payload, &err);
            if (cut == CW_FRAME_CUT_WHOLE) {
                err = take_frame(&end, header.type, payload);
            }
        } while (cut == CW_FRAME_CUT_WHOLE && err == CW_OK);
        if (split.len >= CW_FRAME_HEADER_LEN + (size_t)CW_FRAME_MAX_PAYLOAD + 1) {
            abort(); /* holds more than one frame */
        }
    }
    cw_frame_split_clear(&split);
    cw_session_free(&end.session);
    return 0;
}
