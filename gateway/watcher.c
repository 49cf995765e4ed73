/* SPDX-License-Identifier: Apache-2.0 */
#include "watcher.h"

#include "loop.h"
#include "notifier.h"
#include "subscribe.h"
#include "turn.h"

#include <causeway/clock.h>
#include <causeway/sip_uri.h>
#include <stdlib.h>

static void on_expiry(struct cw_alarm *alarm, void *user)
{
    struct cw_watcher *watcher = user;
    struct cw_gateway *gw = watcher->gw;

    (void)alarm;
    cw_turn_begin(gw);
    watcher->on_expired(watcher);
    cw_turn_end(gw);
}

static struct cw_bytes own(struct cw_bytes text)
{
    char *made;

    if (text.base == NULL) {
        return (struct cw_bytes){0};
    }
    made = malloc(text.len + 1);
    if (made == NULL) {
        abort();
    }
    memcpy(made, text.base, text.len);
    return (struct cw_bytes){made, text.len};
}

static void release(struct cw_watcher *watcher)
{
    void *id;

    memcpy(&id, &watcher->event_id.base,
           sizeof(id)); /* borrowed runs are const, this one is ours */
    free(id);
    cw_leg_clear(&watcher->leg);
    free(watcher);
}

struct cw_watcher *cw_watcher_new(struct cw_gateway *gw, struct cw_notify_pair *pair,
                                  const struct cw_sip_message *request, struct cw_bytes local_tag)
{
    struct cw_watcher *watcher = calloc(1, sizeof(*watcher));

    if (watcher == NULL) {
        abort();
    }
    watcher->gw = gw;
    watcher->pair = pair;
    watcher->expiry = (struct cw_alarm){.ring = on_expiry, .user = watcher};
    watcher->event_id = own(request->event_id);
    cw_leg_init(&watcher->leg, request->call_id, request->to.uri, local_tag, request->from.uri, 0);
    cw_leg_learn(&watcher->leg, request, CW_LEG_REQUEST);
    (void)cw_leg_in_order(&watcher->leg, request->cseq);
    return watcher;
}

void cw_watcher_live(struct cw_watcher *watcher, int64_t lifetime_s)
{
    watcher->expires_at_ms = cw_clock_now_ms() + (uint64_t)lifetime_s * 1000;
    cw_loop_set(watcher->gw->timers, &watcher->expiry, watcher->expires_at_ms);
}

int64_t cw_watcher_left_s(const struct cw_watcher *watcher)
{
    const uint64_t now_ms = cw_clock_now_ms();

    return watcher->expires_at_ms > now_ms ? (int64_t)((watcher->expires_at_ms - now_ms) / 1000)
                                           : 0;
}

static void on_response(const struct cw_sip_message *response, enum cw_err why, void *user)
{
    struct cw_watcher *watcher = user;
    struct cw_gateway *gw = watcher->gw;
    const unsigned status = response != NULL ? response->status : 408;

    cw_turn_begin(gw);
    watcher->in_flight--;
    if (watcher->over) {
        if (watcher->in_flight == 0) {
            release(watcher);
        }
    } else if (why != CW_ERR_CLOSED && why != CW_ERR_NO_ROUTE &&
               cw_notifier_drops(status, &watcher->failures)) {
        watcher->on_dropped(watcher);
    }
    cw_turn_end(gw);
}

static enum cw_err send(struct cw_watcher *watcher, const struct cw_watcher_state *state)
{
    struct cw_gateway *gw = watcher->gw;
    struct cw_sip_message request;
    struct cw_sip_uri local;

    if (gw->sip == NULL) {
        return CW_ERR_CLOSED;
    }
    CW_TRY(cw_sip_uri_read(watcher->leg.local_uri, gw->arena, &local));
    cw_leg_request(&watcher->leg, CW_SIP_NOTIFY, &request);
    CW_TRY(cw_sip_contact(gw->sip, local.user, gw->arena, &request.contact));
    request.contact_count = 1;
    request.event = CW_LIT("presence"); /* PRES-2; the leg fixes the rest (PRES-3, PRES-4) */
    request.event_id = watcher->event_id;
    request.substate = cw_log_text(state->substate);
    request.substate_reason = cw_log_text(state->reason);
    if (!watcher->over) {
        request.substate_expires_s = cw_watcher_left_s(watcher); /* SUB-9 */
    }
    if (state->body.len != 0) {
        request.content_type = CW_LIT("application/pidf+xml");
        request.content_language = state->language;
        request.body = state->body;
    }
    cw_subscribe_mark(gw, local.host, &request);
    return cw_sip_send(gw->sip, &request, on_response, watcher);
}

void cw_watcher_notify(struct cw_watcher *watcher, const struct cw_watcher_state *state)
{
    watcher->over = state->substate[0] == 't';
    if (watcher->over) {
        cw_loop_clear(watcher->gw->timers, &watcher->expiry);
    }
    watcher->in_flight =
        (uint16_t)(watcher->in_flight + 2); /* ours keeps it alive until we are done */
    if (send(watcher, state) != CW_OK) {
        watcher->in_flight--;
        CW_LOG(watcher->gw->log, SIP_REJECTED, "a NOTIFY could not be sent",
               {"reason", cw_log_text(state->substate)});
    }
    watcher->in_flight--;
    if (watcher->over && watcher->in_flight == 0) {
        release(watcher);
    }
}

void cw_watcher_drop(struct cw_watcher *watcher)
{
    cw_loop_clear(watcher->gw->timers, &watcher->expiry);
    watcher->over = true;
    if (watcher->in_flight == 0) {
        release(watcher);
    }
}
