/* SPDX-License-Identifier: Apache-2.0 */
#include "roster.h"

#include "ledger.h"
#include "policy.h"
#include "table.h"
#include "tally.h"

#include <stdlib.h>

#define KEY_MAX 8192u /* two addresses of at most 3071 octets each, and the border between them */

struct cw_roster {
    struct cw_table *contacts; /* by local, NUL, remote */
    struct cw_tally *watched;  /* authorizations by bare JID and by domain */
    struct cw_tally *asked;    /* of them, those that wait for an answer */
    struct cw_ledger *ledger;
    struct cw_store *store;
    cw_roster_put_fn *put;
};

struct cw_roster *cw_roster_new(const uint64_t hash_key[2], struct cw_store *store,
                                cw_roster_put_fn *put)
{
    struct cw_roster *roster = calloc(1, sizeof(*roster));

    if (roster == NULL) {
        abort();
    }
    roster->contacts = cw_table_new(hash_key);
    roster->watched = cw_tally_new(hash_key);
    roster->asked = cw_tally_new(hash_key);
    roster->ledger = cw_ledger_new();
    roster->store = store;
    roster->put = put;
    return roster;
}

void cw_roster_free(struct cw_roster **roster)
{
    size_t cursor = 0;
    struct cw_contact *contact;

    if (*roster == NULL) {
        return;
    }
    while ((contact = cw_table_next((*roster)->contacts, &cursor)) != NULL) {
        free(contact);
    }
    cw_table_free(&(*roster)->contacts);
    cw_tally_free(&(*roster)->watched);
    cw_tally_free(&(*roster)->asked);
    cw_ledger_free(&(*roster)->ledger);
    free(*roster);
    *roster = NULL;
}

/* A contact keeps its key right behind itself; local and remote are parts of it. */
static struct cw_bytes key_of(const struct cw_contact *contact)
{
    return (struct cw_bytes){contact->local.base, contact->local.len + 1 + contact->remote.len};
}

static struct cw_bytes join(struct cw_bytes local, struct cw_bytes remote, char buffer[KEY_MAX])
{
    if (local.base == NULL || remote.base == NULL || local.len + remote.len + 1 > KEY_MAX) {
        return (struct cw_bytes){0};
    }
    memcpy(buffer, local.base, local.len);
    buffer[local.len] = '\0';
    memcpy(buffer + local.len + 1, remote.base, remote.len);
    return (struct cw_bytes){buffer, local.len + 1 + remote.len};
}

struct cw_contact *cw_roster_find(const struct cw_roster *roster, struct cw_bytes local,
                                  struct cw_bytes remote)
{
    char buffer[KEY_MAX];

    return cw_table_find(roster->contacts, join(local, remote, buffer));
}

struct cw_contact *cw_roster_get(struct cw_roster *roster, struct cw_bytes local,
                                 struct cw_bytes remote)
{
    struct cw_contact *contact = cw_roster_find(roster, local, remote);
    char *text;

    if (contact != NULL) {
        return contact;
    }
    contact = calloc(1, sizeof(*contact) + local.len + 1 + remote.len);
    if (contact == NULL) {
        abort();
    }
    text = (char *)(contact + 1);
    memcpy(text, local.base, local.len);
    memcpy(text + local.len + 1, remote.base, remote.len);
    contact->local = (struct cw_bytes){text, local.len};
    contact->remote = (struct cw_bytes){text + local.len + 1, remote.len};
    cw_table_add(roster->contacts, key_of(contact), contact);
    return contact;
}

void cw_roster_load(const struct cw_relation *relation, void *roster)
{
    struct cw_contact *contact = cw_roster_get(roster, relation->local, relation->remote);

    cw_roster_grant(roster, contact, relation->xmpp_watches);
    contact->sip_watches = relation->sip_watches;
    contact->invited = relation->invited;
    contact->blocked = relation->blocked;
    contact->changed_s = relation->changed_s;
}

void cw_roster_save(struct cw_roster *roster, struct cw_contact *contact, int64_t wall_s,
                    cw_store_done_fn *done, void *user)
{
    contact->changed_s = wall_s;
    roster->put(roster->store,
                &(struct cw_relation){
                    .local = contact->local,
                    .remote = contact->remote,
                    .xmpp_watches = contact->xmpp_watches,
                    .sip_watches = contact->sip_watches,
                    .invited = contact->invited,
                    .blocked = contact->blocked,
                    .changed_s = wall_s,
                },
                cw_ledger_report, cw_ledger_begin(roster->ledger, done, user));
}

struct cw_ledger *cw_roster_ledger(const struct cw_roster *roster)
{
    return roster->ledger;
}

void cw_roster_release(struct cw_roster *roster, struct cw_contact *contact)
{
    const bool worth = contact->xmpp_watches != CW_GRANT_NONE ||
                       contact->sip_watches != CW_GRANT_NONE || contact->invited ||
                       contact->blocked || contact->watch != NULL || contact->notify != NULL;

    if (!worth) {
        (void)cw_table_remove(roster->contacts, key_of(contact));
        free(contact);
    }
}

uint8_t cw_roster_facts(const struct cw_roster *roster, struct cw_bytes local,
                        struct cw_bytes remote)
{
    const struct cw_contact *contact = cw_roster_find(roster, local, remote);
    unsigned facts = 0;

    if (contact != NULL) {
        facts |= contact->invited ? CW_FACT_INVITED : 0u;
        facts |= contact->blocked ? CW_FACT_BLOCKED : 0u;
        facts |= contact->xmpp_watches == CW_GRANT_GRANTED ? CW_FACT_GRANTED : 0u;
    }
    return (uint8_t)facts;
}

struct cw_bytes cw_roster_domain_of(struct cw_bytes remote)
{
    const char *at = remote.base;
    const char *end = at + remote.len;

    while (at < end && *at != '@') {
        at++;
    }
    return at < end ? (struct cw_bytes){at + 1, (size_t)(end - at - 1)} : (struct cw_bytes){0};
}

struct cw_bytes cw_roster_domain(const struct cw_contact *contact)
{
    return cw_roster_domain_of(contact->remote);
}

static void count(struct cw_tally *tally, const struct cw_contact *contact, bool before, bool after)
{
    const struct cw_bytes domain = cw_roster_domain(contact);

    if (!before && after) {
        cw_tally_more(tally, contact->remote);
        cw_tally_more(tally, domain);
    } else if (before && !after) {
        cw_tally_less(tally, contact->remote);
        cw_tally_less(tally, domain);
    }
}

void cw_roster_grant(struct cw_roster *roster, struct cw_contact *contact, enum cw_grant grant)
{
    const enum cw_grant before = contact->xmpp_watches;

    contact->xmpp_watches = grant;
    count(roster->watched, contact, before != CW_GRANT_NONE, grant != CW_GRANT_NONE);
    count(roster->asked, contact, before == CW_GRANT_ASKED, grant == CW_GRANT_ASKED);
}

uint32_t cw_roster_watched_by(const struct cw_roster *roster, struct cw_bytes who)
{
    return cw_tally_of(roster->watched, who);
}

uint32_t cw_roster_asked_by(const struct cw_roster *roster, struct cw_bytes who)
{
    return cw_tally_of(roster->asked, who);
}

struct cw_contact *cw_roster_next(const struct cw_roster *roster, size_t *cursor)
{
    return cw_table_next(roster->contacts, cursor);
}

size_t cw_roster_count(const struct cw_roster *roster)
{
    return cw_table_count(roster->contacts);
}
