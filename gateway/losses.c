/* SPDX-License-Identifier: Apache-2.0 */
#include "losses.h"

#include "roster.h"

#include <stdio.h>

/* The partner of the same name in force. */
static const struct cw_partner *before(const struct cw_process *p, const struct cw_partner *partner)
{
    return cw_partners_find(p->gw.partners, partner->domain);
}

static bool is_trusted_less(const struct cw_process *p, const struct cw_partner *partner)
{
    const struct cw_partner *const old = before(p, partner);

    return partner->type == CW_PARTNER_PUBLIC_UNVERIFIED && old != NULL &&
           old->type != CW_PARTNER_PUBLIC_UNVERIFIED;
}

/* Users of `partner` who hold an authorization that rests on no invitation. */
static size_t count_losers(const struct cw_process *p, const struct cw_partner *partner)
{
    const struct cw_gateway *const gw = &p->gw;
    const struct cw_partner *const old = before(p, partner);
    const struct cw_contact *contact;
    size_t cursor = 0;
    size_t count = 0;

    while ((contact = cw_roster_next(gw->roster, &cursor)) != NULL) {
        if (contact->xmpp_watches != CW_GRANT_NONE && !contact->invited &&
            cw_partners_serving(gw->partners, cw_roster_domain(contact), gw->arena) == old) {
            count++;
        }
    }
    return count;
}

static json_t *finding(const struct cw_partner *partner, size_t count)
{
    json_t *const out = json_object();
    char detail[400];

    (void)snprintf(
        detail, sizeof(detail),
        "%.*s becomes public_unverified: %zu authorization%s of contacts whom nobody has "
        "invited end%s for good",
        (int)partner->domain.len, partner->domain.base, count, count == 1 ? "" : "s",
        count == 1 ? "s" : "");
    json_object_set_new(out, "pointer", json_string("/type"));
    json_object_set_new(out, "severity", json_string("warning"));
    json_object_set_new(out, "code", json_string("W140"));
    json_object_set_new(out, "detail", json_string_nocheck(detail));
    json_object_set_new(out, "help",
                        json_string("disable the partner instead, if it is for a while only"));
    return out;
}

json_t *cw_losses(const struct cw_process *process, const struct cw_policy_document *document)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < document->partner_count; i++) {
        const struct cw_partner *const partner = &document->partners[i];
        const size_t count = is_trusted_less(process, partner) ? count_losers(process, partner) : 0;

        if (count > 0) {
            json_array_append_new(list, finding(partner, count));
        }
    }
    return list;
}
