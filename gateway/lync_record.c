/* SPDX-License-Identifier: Apache-2.0 */
#include "lync_record.h"

#include <causeway/utf8.h>

static const char *const NAMES[CW_LYNC_PROPERTY_COUNT] = {
#define X(name, text) text,
    CW_LYNC_PROPERTIES(X)
#undef X
};

/* What PowerShell and Lync's management shell hang on any object, and nobody misses. */
static const char *const NOISE[] = {
    "PSComputerName",
    "PSShowComputerName",
    "PSSourceJobInstanceId",
    "RunspaceId",
    "Element",
    "XsAnyElements",
    "XsAnyAttributes",
    "ScopeClass",
    "Anchor",
    "TypedIdentity",
    "InstanceId",
    "Key",
    "ConfigId",
    "Priority",
};

/* In the order of enum cw_partner_type and enum cw_negotiation. */
static const char *const TYPES[CW_PARTNER_TYPES] = {"Federated", "PublicVerified",
                                                    "PublicUnverified"};
static const char *const NEGOTIATIONS[CW_NEGOTIATIONS] = {"Required", "Optional", "NotSupported"};

#define TYPE_MAX 256u /* octets of a class's name that are looked at, once a record */

#define BIT(property) (1u << CW_LYNC_##property)

/* One of these makes the difference to an allowed SIP domain or the gateway's own settings. */
#define MARKS (BIT(TYPE) | BIT(TLS) | BIT(SASL) | BIT(DIALBACK))

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool cw_lync_same(struct cw_bytes text, struct cw_bytes word)
{
    if (text.len != word.len || text.base == word.base) { /* a long name may come with each row */
        return text.len == word.len;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (lower(text.base[i]) != lower(word.base[i])) {
            return false;
        }
    }
    return true;
}

bool cw_lync_has(struct cw_bytes text, struct cw_bytes word)
{
    while (text.len >= word.len) {
        const char *const at = memchr(text.base, word.base[0], text.len - word.len + 1);

        if (at == NULL || memcmp(at, word.base, word.len) == 0) {
            return at != NULL;
        }
        text.len -= (size_t)(at + 1 - text.base);
        text.base = at + 1;
    }
    return false;
}

static struct cw_bytes bytes_of(const char *word)
{
    return (struct cw_bytes){word, strlen(word)};
}

static bool has_prefix(struct cw_bytes text, const char *prefix)
{
    const size_t len = strlen(prefix);

    return text.len >= len && memcmp(text.base, prefix, len) == 0;
}

/* Place of `name` in a list of words, `count` if it is in none of them. */
static size_t word_index(const char *const *words, size_t count, struct cw_bytes name)
{
    size_t at = 0;

    while (at < count && !cw_lync_same(name, bytes_of(words[at]))) {
        at++;
    }
    return at;
}

bool cw_lync_is_property(struct cw_bytes name)
{
    return word_index(NAMES, CW_LYNC_PROPERTY_COUNT, name) < CW_LYNC_PROPERTY_COUNT;
}

struct cw_lync_value cw_lync_text(struct cw_bytes text)
{
    return (struct cw_lync_value){.kind = text.len > 0 ? CW_LYNC_TEXT : CW_LYNC_NONE, .text = text};
}

void *cw_lync_take(struct cw_lync_reading *reading, size_t size)
{
    void *const memory = cw_arena_alloc(reading->arena, size > 0 ? size : 1);

    if (memory == NULL) {
        reading->findings.out_of_room = true;
        reading->full = true;
    }
    return memory;
}

static void found(struct cw_lync_reading *reading, enum cw_lync_finding_kind kind,
                  const char *property, struct cw_bytes excerpt)
{
    const struct cw_lync_spot spot = {reading->record, reading->line, property, excerpt};

    cw_lync_found(&reading->findings, kind, &spot);
}

void cw_lync_begin(struct cw_lync_reading *reading, size_t line, struct cw_bytes type)
{
    reading->record++;
    reading->line = line;
    reading->type = (struct cw_bytes){type.base, type.len < TYPE_MAX ? type.len : TYPE_MAX};
    memset(reading->values, 0, sizeof(reading->values));
}

/* Each unknown name is told once, not once a partner. */
static void note_unknown(struct cw_lync_reading *reading, struct cw_bytes name)
{
    const size_t noise = sizeof(NOISE) / sizeof(NOISE[0]);

    if (word_index(NOISE, noise, name) < noise || reading->unknown_count == CW_LYNC_MAX_UNKNOWN) {
        return;
    }
    for (size_t i = 0; i < reading->unknown_count; i++) {
        if (cw_lync_same(reading->unknown[i], name)) {
            return;
        }
    }
    reading->unknown[reading->unknown_count++] = name;
    found(reading, CW_LYNC_FINDING_UNKNOWN, NULL, name);
}

void cw_lync_set(struct cw_lync_reading *reading, struct cw_bytes name,
                 const struct cw_lync_value *value)
{
    const size_t at = word_index(NAMES, CW_LYNC_PROPERTY_COUNT, name);

    if (at == CW_LYNC_PROPERTY_COUNT) {
        note_unknown(reading, name);
    } else if (reading->values[at].kind == CW_LYNC_NONE) {
        reading->values[at] = *value;
    }
}

void cw_lync_no_object(struct cw_lync_reading *reading, size_t line)
{
    cw_lync_begin(reading, line, (struct cw_bytes){0});
    found(reading, CW_LYNC_FINDING_OBJECT, NULL, (struct cw_bytes){0});
}

static uint16_t present(const struct cw_lync_reading *reading)
{
    unsigned set = 0;

    for (size_t i = 0; i < CW_LYNC_PROPERTY_COUNT; i++) {
        set |= reading->values[i].kind != CW_LYNC_NONE ? 1u << i : 0;
    }
    return (uint16_t)set;
}

/* Select-Object leaves "Selected.*XmppAllowedPartner#Decorated" or an object without a class. */
static bool is_partner(const struct cw_lync_reading *reading)
{
    const struct cw_bytes type = reading->type;

    if ((present(reading) & MARKS) == 0) {
        return false;
    }
    return type.len == 0 || cw_lync_has(type, CW_LIT("XmppAllowedPartner")) ||
           cw_lync_has(type, CW_LIT("PSCustomObject"));
}

static void wrong_shape(struct cw_lync_reading *reading, enum cw_lync_property property)
{
    found(reading, CW_LYNC_FINDING_SHAPE, NAMES[property], (struct cw_bytes){0});
}

/* The text of a property; absent if there is none, a finding if it is something else. */
static struct cw_bytes text_of(struct cw_lync_reading *reading, enum cw_lync_property property)
{
    const struct cw_lync_value *const value = &reading->values[property];

    if (value->kind == CW_LYNC_LIST || value->kind == CW_LYNC_OTHER) {
        wrong_shape(reading, property);
    }
    return value->kind == CW_LYNC_TEXT ? value->text : (struct cw_bytes){0};
}

/* An Identity may bear a scope before the domain: "Global/fabrikam.example". */
static struct cw_bytes without_scope(struct cw_bytes identity)
{
    for (size_t i = identity.len; i > 0; i--) {
        if (identity.base[i - 1] == '/') {
            return (struct cw_bytes){identity.base + i, identity.len - i};
        }
    }
    return identity;
}

/* Domain is the domain itself; Identity is the key and may be an object of its own. */
static struct cw_bytes read_domain(struct cw_lync_reading *reading)
{
    const struct cw_lync_value *const key = &reading->values[CW_LYNC_IDENTITY];
    const struct cw_bytes domain = text_of(reading, CW_LYNC_DOMAIN);
    const struct cw_bytes identity =
        key->kind == CW_LYNC_TEXT ? without_scope(key->text) : (struct cw_bytes){0};

    if (domain.len > 0 && identity.len > 0 && !cw_lync_same(domain, identity)) {
        found(reading, CW_LYNC_FINDING_IDENTITY, NAMES[CW_LYNC_IDENTITY], key->text);
    }
    if (domain.len == 0 && identity.len == 0) {
        found(reading, CW_LYNC_FINDING_NO_DOMAIN, NULL, (struct cw_bytes){0});
    }
    return domain.len > 0 ? domain : identity;
}

static uint8_t read_choice(struct cw_lync_reading *reading, enum cw_lync_property property,
                           const char *const words[3], uint8_t fallback)
{
    const struct cw_bytes text = text_of(reading, property);
    const size_t at = word_index(words, 3, text);

    if (text.len == 0 || at < 3) {
        return text.len == 0 ? fallback : (uint8_t)at;
    }
    found(reading,
          text.base[0] >= '0' && text.base[0] <= '9' ? CW_LYNC_FINDING_ENUM_NUMBER
                                                     : CW_LYNC_FINDING_CHOICE,
          NAMES[property], text);
    return fallback;
}

static bool read_switch(struct cw_lync_reading *reading, enum cw_lync_property property)
{
    const struct cw_bytes text = text_of(reading, property);

    if (text.len > 0 && !cw_lync_same(text, CW_LIT("True")) &&
        !cw_lync_same(text, CW_LIT("False"))) {
        found(reading, CW_LYNC_FINDING_SWITCH, NAMES[property], text);
    }
    return text.len == 0 || cw_lync_same(text, CW_LIT("True"));
}

static uint32_t read_number(struct cw_lync_reading *reading, enum cw_lync_property property)
{
    const struct cw_bytes text = text_of(reading, property);
    uint64_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] < '0' || text.base[i] > '9' || value > UINT32_MAX) {
            value = UINT64_MAX;
            break;
        }
        value = value * 10 + (uint64_t)(text.base[i] - '0');
    }
    if (value > UINT32_MAX) {
        found(reading, CW_LYNC_FINDING_NUMBER, NAMES[property], text);
        return 0;
    }
    return (uint32_t)value;
}

/* In a table a list is nothing but the name of its class; no domain looks like one of these. */
static bool is_class_name(struct cw_bytes text)
{
    return memchr(text.base, '[', text.len) != NULL || memchr(text.base, '`', text.len) != NULL ||
           has_prefix(text, "System.Collections.") || has_prefix(text, "Microsoft.Rtc.") ||
           has_prefix(text, "Deserialized.");
}

static bool separates(char c)
{
    return c == ' ' || c == ',' || c == ';' || c == '\t' || c == '\r' || c == '\n';
}

struct domains {
    struct cw_bytes *list; /* room for CW_LYNC_MAX_ADDITIONAL */
    size_t count;          /* counts on beyond */
};

static void add_domain(struct cw_lync_reading *reading, struct domains *domains,
                       struct cw_bytes domain)
{
    if (domains->list == NULL) {
        domains->list = cw_lync_take(reading, CW_LYNC_MAX_ADDITIONAL * sizeof(*domains->list));
    }
    if (domains->count == CW_LYNC_MAX_ADDITIONAL) {
        found(reading, CW_LYNC_FINDING_DOMAINS, NULL, (struct cw_bytes){0});
    } else if (domains->count < CW_LYNC_MAX_ADDITIONAL && domains->list != NULL) {
        domains->list[domains->count] = domain;
    }
    domains->count++;
}

/* A calculated property joins the domains with whatever its author likes. */
static void split_domains(struct cw_lync_reading *reading, struct domains *domains,
                          struct cw_bytes text)
{
    size_t from = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || separates(text.base[i])) {
            if (i > from) {
                add_domain(reading, domains, (struct cw_bytes){text.base + from, i - from});
            }
            from = i + 1;
        }
    }
}

static void read_list(struct cw_lync_reading *reading, const struct cw_lync_value *value,
                      struct domains *domains)
{
    for (size_t i = 0; i < value->count; i++) {
        if (value->items[i].len > 0) {
            add_domain(reading, domains, value->items[i]);
        } else {
            wrong_shape(reading, CW_LYNC_ADDITIONAL);
        }
    }
}

static void read_additional(struct cw_lync_reading *reading, struct cw_lync_partner *partner)
{
    const struct cw_lync_value *const value = &reading->values[CW_LYNC_ADDITIONAL];
    struct domains domains = {0};

    if (value->kind == CW_LYNC_OTHER) {
        wrong_shape(reading, CW_LYNC_ADDITIONAL);
    } else if (value->kind == CW_LYNC_LIST) {
        read_list(reading, value, &domains);
    } else if (value->kind == CW_LYNC_TEXT && is_class_name(value->text)) {
        found(reading, CW_LYNC_FINDING_LOST, NAMES[CW_LYNC_ADDITIONAL], value->text);
        partner->present &= (uint16_t)~BIT(ADDITIONAL);
    } else if (value->kind == CW_LYNC_TEXT) {
        split_domains(reading, &domains, value->text);
    }
    partner->additional = domains.list;
    partner->additional_count = domains.count;
}

/* A text for people: its lines end with LF, and it has no control characters. */
static struct cw_bytes read_description(struct cw_lync_reading *reading)
{
    const struct cw_bytes text = text_of(reading, CW_LYNC_DESCRIPTION);
    struct cw_bytes clean;

    if (text.base == NULL) {
        return CW_LIT("");
    }
    if (cw_utf8_xml_text(text, reading->arena, &clean) != CW_OK) {
        reading->findings.out_of_room = true; /* UTF-8 was checked before */
        return CW_LIT("");
    }
    return clean;
}

/* Defaults: New-CsXmppAllowedPartner says PublicUnverified, Required, Required, True, True. It
 * names none for ConnectionLimit; the gateway's PartnerConnectionLimit holds there. */
static struct cw_lync_partner read_partner(struct cw_lync_reading *reading)
{
    struct cw_lync_partner partner = {
        .present = present(reading), .record = reading->record, .line = reading->line};

    partner.domain = read_domain(reading);
    partner.description = read_description(reading);
    read_additional(reading, &partner);
    partner.type = read_choice(reading, CW_LYNC_TYPE, TYPES, CW_PARTNER_PUBLIC_UNVERIFIED);
    partner.tls = read_choice(reading, CW_LYNC_TLS, NEGOTIATIONS, CW_REQUIRED);
    partner.sasl = read_choice(reading, CW_LYNC_SASL, NEGOTIATIONS, CW_REQUIRED);
    partner.dialback = read_switch(reading, CW_LYNC_DIALBACK);
    partner.keep_alive = read_switch(reading, CW_LYNC_KEEP_ALIVE);
    partner.connection_limit = read_number(reading, CW_LYNC_CONNECTION_LIMIT);
    partner.proxy = text_of(reading, CW_LYNC_PROXY);
    return partner;
}

static bool make_room(struct cw_lync_reading *reading)
{
    struct cw_lync_partner *list;

    if (reading->partner_count < reading->partner_room) {
        return true;
    }

    const size_t room = reading->partner_room == 0 ? 64 : reading->partner_room * 2;

    list = cw_lync_take(reading, room * sizeof(*list));
    if (list == NULL) {
        return false;
    }
    if (reading->partner_count > 0) {
        memcpy(list, reading->partners, reading->partner_count * sizeof(*list));
    }
    reading->partners = list;
    reading->partner_room = room;
    return true;
}

void cw_lync_end(struct cw_lync_reading *reading)
{
    const size_t errors = reading->findings.errors;

    if (!is_partner(reading)) {
        found(reading, CW_LYNC_FINDING_OBJECT, NULL, reading->type);
        return;
    }

    const struct cw_lync_partner partner = read_partner(reading);

    if (reading->findings.errors != errors) {
        return;
    }
    if (reading->partner_count == CW_LYNC_MAX_PARTNERS) {
        found(reading, CW_LYNC_FINDING_PARTNERS, NULL, (struct cw_bytes){0});
        reading->full = true;
    } else if (make_room(reading)) {
        reading->partners[reading->partner_count++] = partner;
    }
}
