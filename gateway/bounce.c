/* SPDX-License-Identifier: Apache-2.0 */
#include "bounce.h"

#include "alarm.h"
#include "edge_pool.h"
#include "loop.h"
#include "turn.h"

#include <causeway/clock.h>
#include <stdlib.h>

#define JITTER_MS   200u  /* ERR-30 */
#define AGAIN_MS    2000u /* a full edge */
#define DELAYED_MAX 2000u /* refusals held back; beyond it they leave at once */

struct delayed {
    struct cw_alarm alarm;
    struct cw_bounce *owner;
    struct delayed *next;
    struct delayed **link; /* what points here */
    struct cw_jid from;    /* of the error stanza: only the domains count */
    struct cw_jid to;
    enum cw_stanza_class class;
    struct cw_bytes xml;
    char text[];
};

struct cw_bounce {
    struct cw_gateway *gw;
    struct delayed *waiting;
    size_t count;
};

struct cw_bounce *cw_bounce_new(struct cw_gateway *gw)
{
    struct cw_bounce *bounce = calloc(1, sizeof(*bounce));

    if (bounce == NULL) {
        abort();
    }
    bounce->gw = gw;
    return bounce;
}

static void release(struct delayed *delayed)
{
    *delayed->link = delayed->next;
    if (delayed->next != NULL) {
        delayed->next->link = delayed->link;
    }
    delayed->owner->count--;
    free(delayed);
}

void cw_bounce_free(struct cw_bounce **bounce)
{
    if (*bounce == NULL) {
        return;
    }
    for (struct delayed *at = (*bounce)->waiting; at != NULL;) {
        struct delayed *next = at->next;

        cw_loop_clear((*bounce)->gw->timers, &at->alarm);
        free(at);
        at = next;
    }
    free(*bounce);
    *bounce = NULL;
}

static enum cw_stanza_class class_of(const struct cw_stanza *in)
{
    switch (in->kind) {
    case CW_STANZA_MESSAGE:
        return CW_CLASS_MESSAGE;
    case CW_STANZA_IQ:
        return CW_CLASS_IQ;
    case CW_STANZA_PRESENCE:
    case CW_STANZA_KINDS:
        break;
    }
    return CW_CLASS_PRESENCE;
}

/* ERR-3, MSG-3, MSG-44, EXT-6 */
static bool may_answer(const struct cw_stanza *in)
{
    if (in->type == CW_TYPE_ERROR || in->type == CW_TYPE_RESULT) {
        return false;
    }
    if (in->kind != CW_STANZA_MESSAGE) {
        return true;
    }
    return in->type != CW_TYPE_HEADLINE &&
           (in->body.base != NULL || in->subject.base != NULL || in->encrypted);
}

static bool build(struct cw_bounce *bounce, const struct cw_stanza *in,
                  const struct cw_stanza_error *error, struct cw_edge_stanza *out)
{
    *out = (struct cw_edge_stanza){.class = class_of(in), .from = in->to, .to = in->from};
    return may_answer(in) &&
           cw_stanza_write_error(in, error, bounce->gw->arena, &out->xml) == CW_OK;
}

static void on_alarm(struct cw_alarm *alarm, void *user)
{
    struct delayed *delayed = user;
    struct cw_gateway *gw = delayed->owner->gw;

    (void)alarm;
    cw_turn_begin(gw);
    if (cw_edge_pool_send(gw->edges, &(struct cw_edge_stanza){.class = delayed->class,
                                                              .from = delayed->from,
                                                              .to = delayed->to,
                                                              .xml = delayed->xml}) != CW_OK) {
        CW_LOG(gw->log, QUEUE_FULL, "an error stanza could not be sent",
               {"to", delayed->to.domain});
    }
    cw_turn_end(gw);
    release(delayed);
}

static struct cw_bytes put(char **end, struct cw_bytes from)
{
    const struct cw_bytes kept = {*end, from.len};

    memcpy(*end, from.base, from.len);
    *end += from.len;
    return kept;
}

static void delay(struct cw_bounce *bounce, const struct cw_edge_stanza *out, uint32_t most_ms)
{
    struct delayed *delayed =
        calloc(1, sizeof(*delayed) + out->xml.len + out->from.domain.len + out->to.domain.len);
    char *end;
    uint32_t random;

    if (delayed == NULL) {
        abort();
    }
    end = delayed->text;
    delayed->owner = bounce;
    delayed->class = out->class;
    delayed->xml = put(&end, out->xml);
    delayed->from.domain = put(&end, out->from.domain);
    delayed->to.domain = put(&end, out->to.domain);
    delayed->next = bounce->waiting;
    delayed->link = &bounce->waiting;
    if (delayed->next != NULL) {
        delayed->next->link = &delayed->next;
    }
    bounce->waiting = delayed;
    bounce->count++;
    delayed->alarm.ring = on_alarm;
    delayed->alarm.user = delayed;
    cw_clock_random(&random, sizeof(random));
    cw_loop_set(bounce->gw->timers, &delayed->alarm, cw_clock_now_ms() + random % most_ms);
}

/* A full edge is tried once more; beyond DELAYED_MAX nothing is kept. */
static void send(struct cw_bounce *bounce, const struct cw_edge_stanza *out)
{
    if (cw_edge_pool_send(bounce->gw->edges, out) == CW_OK) {
        return;
    }
    if (bounce->count < DELAYED_MAX) {
        delay(bounce, out, AGAIN_MS);
    } else {
        CW_LOG(bounce->gw->log, QUEUE_FULL, "an error stanza could not be sent",
               {"to", out->to.domain});
    }
}

void cw_bounce_now(struct cw_bounce *bounce, const struct cw_stanza *in,
                   const struct cw_stanza_error *error)
{
    struct cw_edge_stanza out;

    if (build(bounce, in, error, &out)) {
        send(bounce, &out);
    }
}

void cw_bounce_unknown(struct cw_bounce *bounce, const struct cw_stanza *in)
{
    const struct cw_stanza_error error = CW_STANZA_ERROR("service-unavailable", "cancel");
    struct cw_edge_stanza out;

    if (!build(bounce, in, &error, &out)) { /* MSG-10 */
        return;
    }
    if (bounce->count >= DELAYED_MAX) {
        send(bounce, &out);
    } else {
        delay(bounce, &out, JITTER_MS);
    }
}
