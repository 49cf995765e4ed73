/* SPDX-License-Identifier: Apache-2.0 */
#include "leg.h"

#include <stdlib.h>

/* One text of a leg. */
struct cw_leg_text {
    struct cw_leg_text *next;
    char bytes[];
};

static struct cw_bytes own(struct cw_leg *leg, struct cw_bytes text)
{
    struct cw_leg_text *made;

    if (text.base == NULL) {
        return (struct cw_bytes){0};
    }
    made = malloc(sizeof(*made) + text.len + 1);
    if (made == NULL) {
        abort();
    }
    memcpy(made->bytes, text.base, text.len);
    made->bytes[text.len] = '\0';
    made->next = leg->texts;
    leg->texts = made;
    return (struct cw_bytes){made->bytes, text.len};
}

static void disown(struct cw_leg *leg, struct cw_bytes *text)
{
    for (struct cw_leg_text **at = &leg->texts; *at != NULL; at = &(*at)->next) {
        struct cw_leg_text *found = *at;

        if (found->bytes == text->base) {
            *at = found->next;
            free(found);
            break;
        }
    }
    *text = (struct cw_bytes){0};
}

void cw_leg_init(struct cw_leg *leg, struct cw_bytes call_id, struct cw_bytes local_uri,
                 struct cw_bytes local_tag, struct cw_bytes remote_uri, uint32_t cseq)
{
    *leg = (struct cw_leg){.local_cseq = cseq};
    leg->call_id = own(leg, call_id);
    leg->local_uri = own(leg, local_uri);
    leg->local_tag = own(leg, local_tag);
    leg->remote_uri = own(leg, remote_uri);
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
        leg->routes[i] = own(leg, from->routes[source == CW_LEG_RESPONSE ? count - 1 - i : i]);
    }
    leg->route_count = (uint8_t)count;
}

void cw_leg_learn(struct cw_leg *leg, const struct cw_sip_message *from, enum cw_leg_source source)
{
    const struct cw_sip_party *peer = source == CW_LEG_RESPONSE ? &from->to : &from->from;

    if (leg->remote_tag.base == NULL && peer->tag.base != NULL) {
        leg->remote_tag = own(leg, peer->tag);
        learn_routes(leg, from, source);
    }
    if (from->contact.len != 0) {
        disown(leg, &leg->target);
        leg->target = own(leg, from->contact);
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

bool cw_leg_was_heard(const struct cw_leg *leg)
{
    return leg->remote_cseq != 0;
}

void cw_leg_forget_peer(struct cw_leg *leg)
{
    for (size_t i = 0; i < leg->route_count; i++) {
        disown(leg, &leg->routes[i]);
    }
    free(leg->routes);
    leg->routes = NULL;
    leg->route_count = 0;
    disown(leg, &leg->remote_tag);
    disown(leg, &leg->target);
}

void cw_leg_clear(struct cw_leg *leg)
{
    while (leg->texts != NULL) {
        struct cw_leg_text *first = leg->texts;

        leg->texts = first->next;
        free(first);
    }
    free(leg->routes);
    *leg = (struct cw_leg){0};
}
