/* SPDX-License-Identifier: Apache-2.0 */
#include "address_property.h"

#include <causeway/address.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHARACTERS_MAX 12u
#define UNICODE_MAX    3u /* most code points are no part of any JID; more of them, and no user is */
#define SLOTS          ((size_t)1 << 19) /* twice what 200,000 users need */
#define HOST           "corp.example"

struct entry {
    char *key;
    char *value;
};

struct address_set {
    struct cw_arena *memory;
    struct entry *jid_of_uri;
    struct entry *user_of_jid; /* in lower case */
    size_t mapped;
    char problem[1024];
};

/* ---- users ---- */

/* Scripts and forms with rules of their own in PRECIS; drawn as often as all the rest. */
static const struct {
    uint32_t first, last;
} RANGES[] = {
    {0x21, 0x7E},     {0xA0, 0x24F},    {0x300, 0x36F},   {0x370, 0x3FF},   {0x400, 0x4FF},
    {0x590, 0x5FF},   {0x600, 0x6FF},   {0x900, 0x97F},   {0x1100, 0x11FF}, {0x1E00, 0x1FFF},
    {0x2000, 0x206F}, {0x3040, 0x30FF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0xFF00, 0xFFEF},
};

static unsigned draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33) % below;
}

static uint32_t draw_character(struct address_source *source)
{
    const size_t count = strlen(source->alphabet);
    uint32_t code_point;
    unsigned range;

    if (count != 0) {
        return (unsigned char)source->alphabet[draw(&source->seed, (unsigned)count)];
    }
    if (draw(&source->seed, 2) == 0) {
        range = draw(&source->seed, sizeof(RANGES) / sizeof(RANGES[0]));
        return RANGES[range].first +
               draw(&source->seed, RANGES[range].last - RANGES[range].first + 1);
    }
    do {
        code_point = draw(&source->seed, 0x110000);
    } while (code_point >= 0xD800 && code_point <= 0xDFFF);
    return code_point;
}

static size_t put_character(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | (c >> 6));
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | (c >> 12));
        to[1] = (char)(0x80 | ((c >> 6) & 0x3F));
        to[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | (c >> 18));
    to[1] = (char)(0x80 | ((c >> 12) & 0x3F));
    to[2] = (char)(0x80 | ((c >> 6) & 0x3F));
    to[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

void address_next(struct address_source *source)
{
    do {
        const unsigned most = source->alphabet[0] == '\0' ? UNICODE_MAX : CHARACTERS_MAX;
        const unsigned count = 1 + draw(&source->seed, most);

        source->len = 0;
        for (unsigned i = 0; i < count; i++) {
            source->len += put_character(source->user + source->len, draw_character(source));
        }
    } while (source->user[0] == ' ' || source->user[source->len - 1] == ' ');
}

/* ---- memory ---- */

static char *copy(struct cw_bytes text)
{
    char *made = malloc(text.len + 1);

    if (made == NULL) {
        abort();
    }
    memcpy(made, text.base, text.len);
    made[text.len] = '\0';
    return made;
}

static bool is_text(const char *text, struct cw_bytes bytes)
{
    return strlen(text) == bytes.len && memcmp(text, bytes.base, bytes.len) == 0;
}

/* The value under `key`, which is `value` if there was none. */
static const char *remember(struct entry *table, struct cw_bytes key, struct cw_bytes value)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    size_t at;

    for (size_t i = 0; i < key.len; i++) {
        hash = (hash ^ (unsigned char)key.base[i]) * UINT64_C(1099511628211);
    }
    at = (size_t)hash % SLOTS;
    while (table[at].key != NULL && !is_text(table[at].key, key)) {
        at = (at + 1) % SLOTS;
    }
    if (table[at].key == NULL) {
        table[at] = (struct entry){copy(key), copy(value)};
    }
    return table[at].value;
}

static void forget(struct entry *table)
{
    for (size_t i = 0; i < SLOTS; i++) {
        free(table[i].key);
        free(table[i].value);
    }
    free(table);
}

struct address_set *address_set_new(void)
{
    struct address_set *set = calloc(1, sizeof(*set));

    if (set == NULL) {
        abort();
    }
    set->memory = cw_arena_new(65536);
    set->jid_of_uri = calloc(SLOTS, sizeof(struct entry));
    set->user_of_jid = calloc(SLOTS, sizeof(struct entry));
    if (set->jid_of_uri == NULL || set->user_of_jid == NULL) {
        abort();
    }
    return set;
}

void address_set_free(struct address_set **set)
{
    forget((*set)->jid_of_uri);
    forget((*set)->user_of_jid);
    cw_arena_free(&(*set)->memory);
    free(*set);
    *set = NULL;
}

size_t address_set_mapped(const struct address_set *set)
{
    return set->mapped;
}

/* ---- syntax: RFC 3261 section 25.1, written apart from the code that is looked at ---- */

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

static bool is_sip_user(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] == '%') {
            if (text.len - i < 3 || !is_hex(text.base[i + 1]) || !is_hex(text.base[i + 2])) {
                return false;
            }
            i += 2;
        } else if (!is_alphanumeric(text.base[i]) &&
                   strchr("-_.!~*'()&=+$,;?/", text.base[i]) == NULL) {
            return false;
        }
    }
    return text.len != 0;
}

/* "sip:" user "@" HOST and nothing else. */
static bool is_sip_uri(struct cw_bytes uri)
{
    static const char TAIL[] = "@" HOST;
    const size_t tail = sizeof(TAIL) - 1;

    return uri.len > 4 + tail && memcmp(uri.base, "sip:", 4) == 0 &&
           memcmp(uri.base + uri.len - tail, TAIL, tail) == 0 &&
           is_sip_user((struct cw_bytes){uri.base + 4, uri.len - 4 - tail});
}

/* ---- one user ---- */

static const char *problem(struct address_set *set, const char *what, struct cw_bytes text)
{
    (void)snprintf(set->problem, sizeof(set->problem), "%s: " CW_FMT, what, CW_ARG(text));
    return set->problem;
}

/* Every octet percent-encoded: the spelling that says least about what may stand raw. */
static struct cw_bytes encode_all(struct cw_arena *arena, struct cw_bytes user, bool lower)
{
    static const char HEX[] = "0123456789ABCDEF";
    static const char TAIL[] = "@" HOST;
    char *base = cw_arena_alloc(arena, 4 + 3 * user.len + sizeof(TAIL));
    char *at = base;

    if (base == NULL) {
        abort();
    }
    memcpy(at, "sip:", 4);
    at += 4;
    for (size_t i = 0; i < user.len; i++) {
        unsigned char c = (unsigned char)user.base[i];

        c = lower && c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
        *at++ = '%';
        *at++ = HEX[c >> 4];
        *at++ = HEX[c & 15];
    }
    memcpy(at, TAIL, sizeof(TAIL) - 1);
    return (struct cw_bytes){base, (size_t)(at - base) + sizeof(TAIL) - 1};
}

static enum cw_err jid_of(struct cw_arena *arena, struct cw_bytes uri, struct cw_jid *jid,
                          struct cw_bytes *text)
{
    struct cw_sip_uri read;

    CW_TRY(cw_sip_uri_read(uri, arena, &read));
    CW_TRY(cw_address_to_jid(&read, arena, jid));
    return cw_jid_write(jid, arena, text);
}

/* A JID that the gateway made: canonical, and there and back again. */
static const char *check_jid(struct address_set *set, const struct cw_jid *jid,
                             struct cw_bytes text, struct cw_bytes *back)
{
    struct cw_jid again;
    struct cw_bytes round;

    if (cw_jid_read(text, set->memory, &again) != CW_OK || !cw_jid_equal(&again, jid)) {
        return problem(set, "the JID is not canonical", text);
    }
    if (cw_address_to_sip(jid, CW_ADDRESS_AOR, set->memory, back) != CW_OK) {
        return problem(set, "the JID has no way back", text);
    }
    if (!is_sip_uri(*back)) {
        return problem(set, "not the syntax of RFC 3261", *back);
    }
    if (jid_of(set->memory, *back, &again, &round) != CW_OK || !cw_bytes_equal(round, text)) {
        return problem(set, "the URI leads to another JID", *back);
    }
    if (!is_text(remember(set->jid_of_uri, *back, text), text)) {
        return problem(set, "two JIDs share a URI", *back);
    }
    return NULL;
}

/* ADDR-V40: lower(U) comes back, and belongs to this JID alone. */
static const char *check_exact(struct address_set *set, struct cw_bytes user, struct cw_bytes text,
                               struct cw_bytes back)
{
    const struct cw_bytes lower = encode_all(set->memory, user, true);
    struct cw_sip_uri uri;
    struct cw_bytes aor;

    if (cw_sip_uri_read(lower, set->memory, &uri) != CW_OK ||
        cw_sip_uri_aor(&uri, set->memory, &aor) != CW_OK || !cw_bytes_equal(aor, back)) {
        return problem(set, "what comes back is not the user in lower case", back);
    }
    if (!is_text(remember(set->user_of_jid, text, lower), lower)) {
        return problem(set, "two users share a JID", text);
    }
    return NULL;
}

const char *address_check(struct address_set *set, struct cw_bytes user, bool exact)
{
    struct cw_bytes text = {0};
    struct cw_bytes back = {0};
    struct cw_jid jid;
    const char *wrong;
    enum cw_err err;

    cw_arena_reset(set->memory);
    err = jid_of(set->memory, encode_all(set->memory, user, false), &jid, &text);
    if (err != CW_OK) {
        return err == CW_ERR_UNKNOWN_USER && !exact ? NULL
                                                    : problem(set, "the user has no JID", user);
    }
    set->mapped++;
    wrong = check_jid(set, &jid, text, &back);
    return wrong == NULL && exact ? check_exact(set, user, text, back) : wrong;
}
