/* SPDX-License-Identifier: Apache-2.0 */
#include "converse.h"

#include "ability.h"
#include "admission.h"
#include "edge_pool.h"
#include "loop.h"
#include "mark.h"
#include "roster.h"
#include "tell.h"
#include "thread_table.h"
#include "turn.h"
#include "typing.h"

#include <causeway/clock.h>
#include <stdlib.h>

#define DUE_A_TURN 32u /* not more than the arena of one turn bears */

struct cw_converse {
    struct cw_gateway *gw;
    struct cw_typing *typing;
    struct cw_alarm due;
};

static void set_alarm(struct cw_converse *converse)
{
    const uint64_t next_ms = cw_typing_next_ms(converse->typing);

    if (next_ms == UINT64_MAX) {
        cw_loop_clear(converse->gw->timers, &converse->due);
    } else if (converse->due.place == 0 || converse->due.at_ms != next_ms) {
        cw_loop_set(converse->gw->timers, &converse->due, next_ms);
    }
}

/* ---- towards SIP ---- */

static enum cw_err send_status(struct cw_gateway *gw, const struct cw_typing_pair *pair,
                               bool active)
{
    struct cw_page_message page;
    struct cw_jid from;
    struct cw_jid to;

    CW_TRY(cw_jid_read(pair->remote, gw->arena, &from));
    from.resource = pair->resource;
    CW_TRY(cw_tell_local_jid(gw, pair->local, &to));
    CW_TRY(
        cw_message_typing(&from, &to, active, active ? CW_TYPING_REFRESH_S : 0, gw->arena, &page));
    return cw_mark_send(gw, &page, pair->local, pair->remote, true);
}

/* ---- towards XMPP ---- */

static enum cw_err send_state(struct cw_gateway *gw, const struct cw_typing_pair *pair,
                              enum cw_chat_state state, struct cw_bytes thread)
{
    struct cw_edge_stanza out = {.class = CW_CLASS_MESSAGE};
    struct cw_stanza_message message = {
        .type = CW_TYPE_CHAT, .chat_state = state, .thread = thread};

    CW_TRY(cw_tell_local_jid(gw, pair->local, &out.from));
    CW_TRY(cw_jid_read(pair->remote, gw->arena, &out.to));
    message.from = out.from;
    message.to = out.to;
    CW_TRY(cw_stanza_write_message(&message, gw->arena, &out.xml)); /* CT-10 */
    return cw_edge_pool_send(gw->edges, &out);
}

/* ---- both ---- */

/* A state may have become due after the pair was parted: removed, blocked, no partner any more. */
static bool may_pass(const struct cw_gateway *gw, enum cw_typing_effect effect,
                     const struct cw_typing_pair *pair)
{
    const bool to_sip = effect == CW_TYPING_SIP_ACTIVE || effect == CW_TYPING_SIP_IDLE;
    const struct cw_admission ask = cw_admission_between(
        to_sip ? CW_FROM_XMPP : CW_FROM_SIP, CW_REQUEST_TYPING, pair->local, pair->remote);

    return effect != CW_TYPING_NOTHING &&
           cw_admission_peek(gw, &ask).decision.verdict == CW_VERDICT_ALLOW;
}

/* What is due is sent once; a state that cannot go is not worth a second try (CT-11). */
static void carry_out(struct cw_converse *converse, enum cw_typing_effect effect,
                      const struct cw_typing_pair *pair, struct cw_bytes thread)
{
    struct cw_gateway *gw = converse->gw;
    const bool refused = cw_ability_of(gw->abilities, pair->local, CW_ABILITY_TYPING,
                                       cw_clock_now_ms()) == CW_ABLE_NO;
    enum cw_err err = CW_OK;

    switch (may_pass(gw, effect, pair) ? effect : CW_TYPING_NOTHING) {
    case CW_TYPING_SIP_ACTIVE:
    case CW_TYPING_SIP_IDLE:
        err = refused ? CW_OK : send_status(gw, pair, effect == CW_TYPING_SIP_ACTIVE);
        break;
    case CW_TYPING_COMPOSING:
        err = send_state(gw, pair, CW_CHAT_COMPOSING, thread);
        break;
    case CW_TYPING_ACTIVE:
        err = send_state(gw, pair, CW_CHAT_ACTIVE, thread);
        break;
    case CW_TYPING_PAUSED:
        err = send_state(gw, pair, CW_CHAT_PAUSED, thread);
        break;
    case CW_TYPING_NOTHING:
        break;
    }
    (void)err;
    set_alarm(converse);
}

static void on_due(struct cw_alarm *alarm, void *user)
{
    struct cw_converse *converse = user;
    struct cw_typing_pair pair;

    (void)alarm;
    cw_turn_begin(converse->gw);
    for (unsigned i = 0; i < DUE_A_TURN; i++) {
        const enum cw_typing_effect effect =
            cw_typing_due(converse->typing, cw_clock_now_ms(), &pair);

        if (effect == CW_TYPING_NOTHING) {
            break;
        }
        carry_out(converse, effect, &pair, (struct cw_bytes){0});
    }
    set_alarm(converse);
    cw_turn_end(converse->gw);
}

struct cw_converse *cw_converse_new(struct cw_gateway *gw)
{
    struct cw_converse *converse = calloc(1, sizeof(*converse));
    uint64_t key[2];

    if (converse == NULL) {
        abort();
    }
    cw_clock_random(key, sizeof(key));
    converse->gw = gw;
    converse->typing = cw_typing_new(key);
    converse->due = (struct cw_alarm){.ring = on_due, .user = converse};
    return converse;
}

void cw_converse_free(struct cw_converse **converse)
{
    if (*converse == NULL) {
        return;
    }
    cw_loop_clear((*converse)->gw->timers, &(*converse)->due);
    cw_typing_free(&(*converse)->typing);
    free(*converse);
    *converse = NULL;
}

void cw_converse_state(struct cw_converse *converse, const struct cw_stanza *in,
                       struct cw_bytes local, struct cw_bytes remote)
{
    const struct cw_typing_pair pair = {local, remote, in->from.resource};

    if (converse->gw->settings->messages.typing) {
        carry_out(converse,
                  cw_typing_state(converse->typing, &pair, in->chat_state, cw_clock_now_ms()),
                  &pair, (struct cw_bytes){0});
    }
}

void cw_converse_away(struct cw_converse *converse, struct cw_bytes local, struct cw_bytes remote,
                      struct cw_bytes resource)
{
    const struct cw_typing_pair pair = {local, remote, resource};

    carry_out(converse, cw_typing_state(converse->typing, &pair, CW_CHAT_GONE, cw_clock_now_ms()),
              &pair, (struct cw_bytes){0});
}

void cw_converse_from_xmpp(struct cw_converse *converse, const struct cw_stanza *in,
                           struct cw_bytes local, struct cw_bytes remote)
{
    const struct cw_typing_pair pair = {.local = local, .remote = remote};

    cw_typing_from_xmpp(converse->typing, &pair, in->chat_state != CW_CHAT_NONE, cw_clock_now_ms());
    set_alarm(converse);
}

bool cw_converse_from_sip(struct cw_converse *converse, struct cw_bytes local,
                          struct cw_bytes remote)
{
    const struct cw_typing_pair pair = {.local = local, .remote = remote};
    const bool active = cw_typing_from_sip(converse->typing, &pair, cw_clock_now_ms());

    set_alarm(converse);
    return active && converse->gw->settings->messages.typing;
}

void cw_converse_indication(struct cw_converse *converse, const struct cw_sip_message *request,
                            const struct cw_is_composing *state, struct cw_bytes local,
                            struct cw_bytes remote)
{
    const struct cw_typing_pair pair = {.local = local, .remote = remote};
    const uint64_t now_ms = cw_clock_now_ms();
    enum cw_typing_effect effect;

    cw_ability_learn(converse->gw->abilities, local, CW_ABILITY_TYPING, true, now_ms);
    if (!converse->gw->settings->messages.typing) {
        return;
    }
    effect = cw_typing_indication(converse->typing, &pair, state->active, state->refresh_s, now_ms);
    carry_out(converse, effect, &pair,
              cw_thread_of(converse->gw->threads, request->call_id, now_ms));
}
