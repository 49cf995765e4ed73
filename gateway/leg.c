/* SPDX-License-Identifier: Apache-2.0 */
#include "leg.h"

#include <stdlib.h>

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
    made[text.len] = '\0';
    return (struct cw_bytes){made, text.len};
}

static void disown(struct cw_bytes *text)
{
    void *made;

    memcpy(&made, &text->base, sizeof(made)); /* borrowed runs are const, this one is ours */
    free(made);
    *text = (struct cw_bytes){0};
}

void cw_leg_init(struct cw_leg *leg, struct cw_bytes call_id, struct cw_bytes local_uri,
                 struct cw_bytes local_tag, struct cw_bytes remote_uri, uint32_t cseq)
{
    *leg = (struct cw_leg){
        .call_id = own(call_id),
        .local_uri = own(local_uri),
        .local_tag = own(local_tag),
        .remote_uri = own(remote_uri),
        .local_cseq = cseq,
    };
}

static void learn_routes(struct cw_leg *leg, const struct cw_sip_message *from,
                         enum cw_leg_source source)
{
    const size_t count = from->route_count;

    if (count == 0) {
        return;
    }
    leg->routes = calloc(count, sizeof(struct cw_bytes));
    if (leg->routes == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        leg->routes[i] = own(from->routes[source == CW_LEG_RESPONSE ? count - 1 - i : i]);
    }
    leg->route_count = (uint8_t)count;
}

void cw_leg_learn(struct cw_leg *leg, const struct cw_sip_message *from, enum cw_leg_source source)
{
    const struct cw_sip_party *peer = source == CW_LEG_RESPONSE ? &from->to : &from->from;

    if (leg->remote_tag.base == NULL && peer->tag.base != NULL) {
        leg->remote_tag = own(peer->tag);
        learn_routes(leg, from, source);
    }
    if (from->contact.len != 0) {
        disown(&leg->target);
        leg->target = own(from->contact);
    }
}

void cw_leg_request(struct cw_leg *leg, enum cw_sip_method method, struct cw_sip_message *out)
{
    cw_sip_message_init(out);
    leg->local_cseq++;
    out->method = method;
    out->request_uri = leg->target.base != NULL ? leg->target : leg->remote_uri;
    out->from = (struct cw_sip_party){.uri = leg->local_uri, .tag = leg->local_tag};
    out->to = (struct cw_sip_party){.uri = leg->remote_uri, .tag = leg->remote_tag};
    out->call_id = leg->call_id;
    out->cseq = leg->local_cseq;
    out->route_count = leg->route_count;
    for (size_t i = 0; i < leg->route_count; i++) {
        out->routes[i] = leg->routes[i];
    }
}

bool cw_leg_in_order(struct cw_leg *leg, uint32_t cseq)
{
    const bool fresh = leg->remote_cseq == 0 || cseq > leg->remote_cseq;

    if (fresh) {
        leg->remote_cseq = cseq;
    }
    return fresh;
}

bool cw_leg_is_confirmed(const struct cw_leg *leg)
{
    return leg->remote_tag.base != NULL;
}

void cw_leg_clear(struct cw_leg *leg)
{
    disown(&leg->call_id);
    disown(&leg->local_uri);
    disown(&leg->local_tag);
    disown(&leg->remote_uri);
    disown(&leg->remote_tag);
    disown(&leg->target);
    for (size_t i = 0; i < leg->route_count; i++) {
        disown(&leg->routes[i]);
    }
    free(leg->routes);
    leg->routes = NULL;
    leg->route_count = 0;
}
