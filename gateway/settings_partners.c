/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Partner entries of the configuration, judged: names, owners of names, the negotiation matrix,
 * pins.
 */

#include "settings_partners.h"

#include "negotiation.h"

#include <causeway/jid.h>

#include <stdlib.h>
#include <string.h>

struct check {
    struct cw_gateway_settings *settings;
    struct cw_settings_file *file;
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

/* The partner, made or being made, that already holds `domain`. */
static bool is_taken(const struct check *check, const struct cw_partner *partner,
                     struct cw_bytes domain)
{
    const struct cw_partner *const list = check->settings->partner_list;

    for (size_t i = 0; i < check->settings->partner_count; i++) {
        if (cw_bytes_equal(list[i].domain, domain)) {
            return true;
        }
        for (size_t k = 0; k < list[i].additional_count; k++) {
            if (cw_bytes_equal(list[i].additional[k], domain)) {
                return true;
            }
        }
    }
    for (size_t k = 0; k < partner->additional_count; k++) {
        if (cw_bytes_equal(partner->additional[k], domain)) {
            return true;
        }
    }
    return partner->domain.base != NULL && cw_bytes_equal(partner->domain, domain);
}

/* A domain that may stand in a partner record, or a finding and false. */
static bool read_domain(const struct check *check, const struct cw_partner *partner,
                        const char *written, const struct cw_place *place, struct cw_bytes *out)
{
    struct cw_bytes domain;

    if (cw_jid_domain_ascii(text(written), check->settings->arena, &domain) != CW_OK) {
        cw_settings_finding(check->file, place, CW_ERROR, "E120", "this is not a domain name",
                            "write a DNS name such as fabrikam.example");
        return false;
    }
    if (cw_gateway_settings_is_own(check->settings, domain)) {
        cw_settings_finding(check->file, place, CW_ERROR, "E121",
                            "an own SIP domain can never be a partner",
                            "remove it here or from node.sip_domains");
        return false;
    }
    if (is_taken(check, partner, domain)) {
        cw_settings_finding(check->file, place, CW_ERROR, "E122",
                            "this domain belongs to a partner already",
                            "name it once; a domain belongs to one partner only");
        return false;
    }
    *out = domain;
    return true;
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
            cw_settings_finding(check->file, &pins->places[i], CW_ERROR, "E124", "too many pins",
                                "eight keys are the most a partner can have");
            return;
        }
        if (read_pin(pins->items[i], partner->pins[partner->pin_count])) {
            partner->pin_count++;
        } else {
            cw_settings_finding(check->file, &pins->places[i], CW_ERROR, "E123",
                                "this is not a pin",
                                "write the SHA-256 of the key's SPKI as 64 hex digits");
        }
    }
}

static void read_additional(const struct check *check, const struct cw_texts *names,
                            struct cw_partner *partner)
{
    struct cw_bytes *const list =
        take(check->settings->arena, names->count * sizeof(struct cw_bytes));

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
        cw_negotiation_judge(partner->tls, partner->sasl, partner->dialback,
                             (enum cw_floor)check->settings->security.floor);
    const struct cw_place *place = &entry->sasl_place;

    if (place->file == NULL) {
        place = entry->tls_place.file != NULL ? &entry->tls_place : &entry->domain_place;
    }
    if (judged.severity >= CW_FINDING_WARNING) {
        cw_settings_finding(check->file, place, severity_of(judged.severity), judged.code,
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
    partner->file = text(entry->domain_place.file);
    partner->line = entry->domain_place.line;
}

static void read_proxy(const struct check *check, const struct cw_gateway_partner *entry,
                       struct cw_partner *partner)
{
    char host[256];
    uint16_t port;

    if (entry->proxy[0] == '\0') {
        return;
    }
    if (cw_settings_address(entry->proxy, host, sizeof(host), &port) != CW_OK) {
        cw_settings_finding(check->file, &entry->proxy_place, CW_ERROR, "E125",
                            "this is not host:port", "write e.g. xmpp.fabrikam.example:5269");
        return;
    }
    partner->proxy = text(entry->proxy);
}

static void read_partner(const struct check *check, const struct cw_gateway_partner *entry)
{
    struct cw_gateway_settings *const s = check->settings;
    struct cw_partner partner = {0};

    if (!read_domain(check, &partner, entry->domain, &entry->domain_place, &partner.domain)) {
        return;
    }
    apply_settings(check, entry, &partner);
    read_additional(check, &entry->additional_domains, &partner);
    read_pins(check, &entry->pins, &partner);
    read_proxy(check, entry, &partner);
    judge_negotiation(check, entry, &partner);
    s->partner_list[s->partner_count++] = partner;
}

void cw_settings_partners(struct cw_gateway_settings *settings, struct cw_settings_file *file)
{
    const struct check check = {settings, file};
    const struct cw_gateway_partner *const entries = settings->partners.items;

    settings->partner_list =
        take(settings->arena, settings->partners.count * sizeof(struct cw_partner));
    for (size_t i = 0; i < settings->partners.count; i++) {
        if (entries[i].domain != NULL) { /* a missing key is a finding already */
            read_partner(&check, &entries[i]);
        }
    }
}
