/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Partner entries of the configuration, judged: names, owners of names, the negotiation matrix,
 * pins.
 */

#include "settings_partners.h"

#include "negotiation.h"
#include "table.h"

#include <causeway/jid.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CW_STANZA_LEAST 10000 /* octets, RFC 6120 section 13.12 */

struct check {
    const struct cw_gateway_settings *settings;
    const struct cw_partner_entries *entries;
    struct cw_table *owners; /* the partner that holds a domain */
};

static struct cw_bytes text(const char *value)
{
    return (struct cw_bytes){value, value == NULL ? 0 : strlen(value)};
}

static void *take(struct cw_arena *arena, size_t size)
{
    void *const memory = cw_arena_alloc(arena, size > 0 ? size : 1);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static void complain(const struct check *check, const struct cw_place *place, const char *code,
                     const char *what, const char *remedy)
{
    cw_settings_finding(check->entries->file, place, CW_ERROR, code, what, remedy);
}

static void complain_taken(const struct check *check, const struct cw_place *place,
                           struct cw_bytes domain, const struct cw_partner *owner)
{
    char what[800];

    if (owner->file.base == NULL) {
        (void)snprintf(what, sizeof(what), "%.*s belongs to the partner %.*s already",
                       (int)domain.len, domain.base, (int)owner->domain.len, owner->domain.base);
    } else {
        (void)snprintf(what, sizeof(what), "%.*s belongs to the partner %.*s already (%.*s:%d)",
                       (int)domain.len, domain.base, (int)owner->domain.len, owner->domain.base,
                       (int)owner->file.len, owner->file.base, owner->line);
    }
    complain(check, place, "E122", what, "name it once; a domain belongs to one partner only");
}

/* "192.0.2.1", "[2001:db8::1]": no certificate and no dialback speaks for it. */
static bool is_ip_address(struct cw_bytes domain)
{
    size_t at = domain.len;

    if (domain.len > 0 && domain.base[0] == '[') {
        return true;
    }
    while (at > 0 && domain.base[at - 1] >= '0' && domain.base[at - 1] <= '9') {
        at--;
    }
    return at < domain.len && (at == 0 || domain.base[at - 1] == '.');
}

/* A domain that may stand in a partner record, or a finding and false. */
static bool read_domain(const struct check *check, struct cw_partner *partner, const char *written,
                        const struct cw_place *place, struct cw_bytes *out)
{
    const struct cw_partner *owner;
    struct cw_bytes domain;

    if (cw_jid_domain_ascii(text(written), check->entries->arena, &domain) != CW_OK) {
        complain(check, place, "E120", "this is not a domain name",
                 "write a DNS name such as fabrikam.example");
        return false;
    }
    if (is_ip_address(domain)) {
        complain(check, place, "E127", "an address cannot be a partner",
                 "write the domain of the partner's users; proxy may name an address");
        return false;
    }
    if (cw_gateway_settings_is_own(check->settings, domain)) {
        complain(check, place, "E121", "an own SIP domain can never be a partner",
                 "remove it here or from node.sip_domains");
        return false;
    }
    owner = cw_table_find(check->owners, domain);
    if (owner != NULL) {
        complain_taken(check, place, domain, owner);
        return false;
    }
    cw_table_add(check->owners, domain, partner);
    *out = domain;
    return true;
}

/* The table holds pointers to things that it does not change. */
static void *held(const struct cw_partner *partner)
{
    union {
        const struct cw_partner *from;
        struct cw_partner *to;
    } both = {.from = partner};

    return both.to;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_pin(const char *written, uint8_t out[32])
{
    if (strlen(written) != 64) {
        return false;
    }
    for (size_t i = 0; i < 32; i++) {
        const int high = hex_value(written[2 * i]);
        const int low = hex_value(written[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static void read_pins(const struct check *check, const struct cw_texts *pins,
                      struct cw_partner *partner)
{
    for (size_t i = 0; i < pins->count; i++) {
        if (partner->pin_count == CW_PERMIT_MAX_PINS) {
            complain(check, &pins->places[i], "E124", "too many pins",
                     "eight keys are the most a partner can have");
            return;
        }
        if (read_pin(pins->items[i], partner->pins[partner->pin_count])) {
            partner->pin_count++;
        } else {
            complain(check, &pins->places[i], "E123", "this is not a pin",
                     "write the SHA-256 of the key's SPKI as 64 hex digits");
        }
    }
}

static void read_additional(const struct check *check, const struct cw_texts *names,
                            struct cw_partner *partner)
{
    struct cw_bytes *const list =
        take(check->entries->arena, names->count * sizeof(struct cw_bytes));

    partner->additional = list;
    for (size_t i = 0; i < names->count; i++) {
        struct cw_bytes domain;

        if (read_domain(check, partner, names->items[i], &names->places[i], &domain)) {
            list[partner->additional_count++] = domain;
        }
    }
}

static enum cw_severity severity_of(enum cw_finding_severity severity)
{
    if (severity == CW_FINDING_ERROR) {
        return CW_ERROR;
    }
    return severity == CW_FINDING_WARNING ? CW_WARNING : CW_NOTE;
}

static void judge_negotiation(const struct check *check, const struct cw_gateway_partner *entry,
                              const struct cw_partner *partner)
{
    const struct cw_negotiated judged =
        cw_negotiation_of(partner, (enum cw_floor)check->settings->security.floor);
    const struct cw_place *place = &entry->sasl_place;

    if (place->file == NULL) {
        place = entry->tls_place.file != NULL ? &entry->tls_place : &entry->domain_place;
    }
    if (judged.severity >= CW_FINDING_WARNING) {
        cw_settings_finding(check->entries->file, place, severity_of(judged.severity), judged.code,
                            judged.text, judged.remedy);
    }
}

/* 0 stands for "default" in the choices of an entry, so a set value is one more than its enum. */
static int choose(int entry, int fallback)
{
    return entry == 0 ? fallback : entry - 1;
}

static bool choose_switch(int entry, bool fallback)
{
    return entry == 0 ? fallback : entry == 1;
}

static void apply_settings(const struct check *check, const struct cw_gateway_partner *entry,
                           struct cw_partner *partner)
{
    const struct cw_gateway_settings *const s = check->settings;

    partner->description = text(entry->description);
    partner->type = (enum cw_partner_type)choose(entry->type, s->partner_defaults.type);
    partner->tls = (enum cw_negotiation)choose(entry->tls, s->partner_defaults.tls);
    partner->sasl = (enum cw_negotiation)choose(entry->sasl, s->partner_defaults.sasl);
    partner->dialback = choose_switch(entry->dialback, s->partner_defaults.dialback);
    partner->keep_alive = choose_switch(entry->keep_alive, s->partner_defaults.keep_alive);
    partner->enabled = entry->enabled;
    partner->accept = (enum cw_accept)entry->accept;
    partner->connection_limit =
        (uint32_t)(entry->connection_limit > 0 ? entry->connection_limit
                                               : s->limits.partner_connection_limit);
    partner->rates =
        (struct cw_rates){.invites_per_minute = (uint32_t)entry->rate.invites_per_minute,
                          .messages_per_second = (uint32_t)entry->rate.messages_per_second,
                          .presence_per_second = (uint32_t)entry->rate.presence_per_second};
    partner->max_stanza = (uint32_t)entry->max_stanza;
    if (!check->entries->stored) {
        partner->file = text(entry->domain_place.file);
        partner->line = entry->domain_place.line;
    }
}

static bool has_port(const char *address)
{
    const char *const bracket = strrchr(address, ']');

    return strchr(bracket != NULL ? bracket : address, ':') != NULL;
}

static void read_proxy(const struct check *check, const struct cw_gateway_partner *entry,
                       struct cw_partner *partner)
{
    const size_t room = strlen(entry->proxy) + sizeof(":5269");
    char *const written = take(check->entries->arena, room);
    char host[256];
    uint16_t port;

    if (entry->proxy[0] == '\0') {
        return;
    }
    (void)snprintf(written, room, "%s%s", entry->proxy, has_port(entry->proxy) ? "" : ":5269");
    if (cw_settings_address(written, host, sizeof(host), &port) != CW_OK || port == 0 ||
        strlen(written) > 255) {
        complain(check, &entry->proxy_place, "E125", "this is not host or host:port",
                 "write e.g. xmpp.fabrikam.example or xmpp.fabrikam.example:5269");
        return;
    }
    partner->proxy = text(written);
}

/* RFC 6120 section 13.12: nobody may refuse a stanza of 10000 octets. */
static void judge_max_stanza(const struct check *check, const struct cw_gateway_partner *entry)
{
    if (entry->max_stanza != 0 && entry->max_stanza < CW_STANZA_LEAST) {
        complain(check, &entry->max_stanza_place, "E128", "a stanza limit below 10000 octets",
                 "write 10000 or more, or 0 for messages.max_stanza");
    }
}

static bool read_partner(const struct check *check, const struct cw_gateway_partner *entry,
                         struct cw_partner *partner)
{
    if (!read_domain(check, partner, entry->domain, &entry->domain_place, &partner->domain)) {
        return false;
    }
    apply_settings(check, entry, partner);
    read_additional(check, &entry->additional_domains, partner);
    read_pins(check, &entry->pins, partner);
    read_proxy(check, entry, partner);
    judge_max_stanza(check, entry);
    judge_negotiation(check, entry, partner);
    return true;
}

/* The hash needs no secret: the names are the operator's own. */
static struct cw_table *owners_of(const struct cw_partner *list, size_t count)
{
    static const uint64_t NO_SECRET[2] = {0, 0};
    struct cw_table *const owners = cw_table_new(NO_SECRET);

    for (size_t i = 0; i < count; i++) {
        cw_table_add(owners, list[i].domain, held(&list[i]));
        for (size_t k = 0; k < list[i].additional_count; k++) {
            cw_table_add(owners, list[i].additional[k], held(&list[i]));
        }
    }
    return owners;
}

size_t cw_settings_partners(const struct cw_gateway_settings *settings,
                            const struct cw_partner_entries *entries, struct cw_partner **list)
{
    const struct cw_gateway_partner *const written = entries->entries->items;
    struct check check = {settings, entries, owners_of(entries->others, entries->other_count)};
    const size_t most = entries->entries->count;
    size_t count = 0;

    *list = take(entries->arena, most * sizeof(struct cw_partner));
    for (size_t i = 0; i < most; i++) {
        struct cw_partner *const partner = &(*list)[count];

        memset(partner, 0, sizeof(*partner));
        if (written[i].domain != NULL && /* a missing key is a finding already */
            read_partner(&check, &written[i], partner)) {
            count++;
        }
    }
    cw_table_free(&check.owners);
    return count;
}
