/* SPDX-License-Identifier: Apache-2.0 */
#include "table_vectors.h"

#include "address_property.h"
#include "xml_meaning.h"

#include <causeway/address.h>
#include <causeway/error_map.h>
#include <causeway/pidf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX ((size_t)1 << 20)

static struct cw_bytes bytes(const char *text)
{
    return (struct cw_bytes){text, text == NULL ? 0 : strlen(text)};
}

/* The value that a case must state, although it may state that there is none. */
static const char *stated(const struct vector *vector, const char *name)
{
    if (!vector_has(vector, name)) {
        vector_fail("`%s` is missing", name);
    }
    return vector_text(vector, name);
}

static void expect(const char *what, const char *wanted, struct cw_bytes got)
{
    if (wanted == NULL && got.base != NULL) {
        vector_fail("%s: expected none, got " CW_FMT, what, CW_ARG(got));
    }
    if (wanted != NULL && (got.base == NULL || !cw_bytes_equal(bytes(wanted), got))) {
        vector_fail("%s: expected %s, got " CW_FMT, what, wanted, CW_ARG(got));
    }
}

/* ---- addresses ---- */

void play_jid_to_sip(const struct vector *vector)
{
    struct cw_arena *arena = cw_arena_new(MEMORY_MAX);
    struct cw_bytes uri = {0};
    struct cw_jid jid;
    enum cw_err err = cw_jid_read(bytes(vector_need(vector, "jid")), arena, &jid);

    if (err == CW_OK) {
        err = cw_address_to_sip(&jid, CW_ADDRESS_WITH_GR, arena, &uri);
    }
    if (err != CW_OK && err != CW_ERR_ADDRESS) {
        vector_fail("%s", cw_err_text(err));
    }
    expect("uri", stated(vector, "uri"), uri);
    cw_arena_free(&arena);
}

void play_sip_to_jid(const struct vector *vector)
{
    struct cw_arena *arena = cw_arena_new(MEMORY_MAX);
    struct cw_bytes text = {0};
    struct cw_sip_uri uri;
    struct cw_jid jid;

    if (cw_sip_uri_read(bytes(vector_need(vector, "uri")), arena, &uri) == CW_OK &&
        cw_address_to_jid(&uri, arena, &jid) == CW_OK &&
        cw_jid_write(&jid, arena, &text) != CW_OK) {
        vector_fail("the arena is full");
    }
    expect("jid", stated(vector, "jid"), text);
    cw_arena_free(&arena);
}

void play_address_round_trip(const struct vector *vector)
{
    struct address_source source = {
        .seed = strtoull(vector_need(vector, "seed"), NULL, 10),
        .alphabet = vector_need(vector, "alphabet"),
    };
    const unsigned long count = strtoul(vector_need(vector, "count"), NULL, 10);
    struct address_set *set = address_set_new();

    for (unsigned long i = 0; i < count; i++) {
        const uint64_t seed = source.seed;
        const char *wrong;

        address_next(&source);
        wrong = address_check(set, (struct cw_bytes){source.user, source.len}, true);
        if (wrong != NULL) {
            vector_fail("seed %llu: %s", (unsigned long long)seed, wrong);
        }
    }
    address_set_free(&set);
}

/* ---- errors ---- */

/* The Contact that an `xmpp:` URI becomes. */
static struct cw_bytes contact_of(const char *uri, struct cw_arena *arena)
{
    struct cw_bytes out = {0};
    struct cw_jid jid;

    if (uri != NULL && strncmp(uri, "xmpp:", 5) == 0 &&
        cw_jid_read(bytes(uri + 5), arena, &jid) == CW_OK &&
        cw_address_to_sip(&jid, CW_ADDRESS_AOR, arena, &out) != CW_OK) {
        out = (struct cw_bytes){0};
    }
    return out;
}

/* "403" or "403|405". */
static bool is_one_of(const char *codes, const char *code)
{
    const size_t len = strlen(code);

    for (const char *at = codes; at != NULL; at = strchr(at, '|')) {
        at += *at == '|' ? 1 : 0;
        if (strncmp(at, code, len) == 0 && (at[len] == '\0' || at[len] == '|')) {
            return true;
        }
    }
    return false;
}

void play_error_to_sip(const struct vector *vector)
{
    struct cw_arena *arena = cw_arena_new(MEMORY_MAX);
    const char *uri = vector_text(vector, "uri");
    const char *not_this = vector_text(vector, "code_not");
    const struct cw_bytes contact = contact_of(uri, arena);
    const struct cw_sip_error error =
        cw_error_to_sip(bytes(vector_need(vector, "condition")), bytes(vector_text(vector, "type")),
                        vector_flag(vector, "full_jid", false));
    const unsigned status =
        contact.base != NULL && error.moved_status != 0 ? error.moved_status : error.status;
    char code[16];

    (void)snprintf(code, sizeof(code), "%u", status);
    if (!is_one_of(vector_need(vector, "code"), code) ||
        (not_this != NULL && strcmp(not_this, code) == 0)) {
        vector_fail("code: got %s", code);
    }
    if (status == 405 && !error.needs_allow) {
        vector_fail("405 without Allow");
    }
    expect("contact", vector_text(vector, "contact"),
           error.moved_status != 0 ? contact : (struct cw_bytes){0});
    cw_arena_free(&arena);
}

void play_error_to_xmpp(const struct vector *vector)
{
    const unsigned code = (unsigned)strtoul(vector_need(vector, "code"), NULL, 10);
    const struct cw_stanza_error error =
        cw_error_from_sip(code, false, vector_flag(vector, "authorized", true));
    const char *type = vector_text(vector, "type");

    expect("condition", vector_need(vector, "condition"), error.condition);
    if (type != NULL) {
        expect("type", type, error.type);
    }
}

/* ---- presence ---- */

#define NS_PIDF                                                                                    \
    "<?xml version='1.0'?><presence xmlns='urn:ietf:params:xml:ns:pidf' "                          \
    "xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model' "                                           \
    "xmlns:r='urn:ietf:params:xml:ns:pidf:rpid' entity='pres:tomasz@corp.example'>"

/* The presence that the only tuple of a document is read as. */
static struct cw_presence presence_of(const char *xml, struct cw_arena *arena)
{
    struct cw_presence presence;
    struct cw_pidf doc;

    if (cw_pidf_read(bytes(xml), (struct cw_bytes){0}, arena, &doc) != CW_OK ||
        doc.tuple_count != 1 ||
        cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_FULL, &CW_SHOW_MAP_DEFAULT, arena,
                            &presence) != CW_OK) {
        vector_fail("the document is not read");
    }
    if (!presence.available) {
        vector_fail("the tuple is not used");
    }
    return presence;
}

/* Value of the contact's priority attribute in the document of one resource, as it is written. */
static char *pidf_priority(int priority, struct cw_arena *arena)
{
    const struct cw_presence in = {.available = true,
                                   .has_priority = true,
                                   .priority = (int8_t)priority,
                                   .resource = CW_LIT("Desk")};
    struct cw_pidf doc = {.entity = CW_LIT("pres:mira@partner.example"), .tuple_count = 1};
    struct cw_pidf_tuple tuple;
    struct cw_bytes xml;

    doc.tuples = &tuple;
    if (cw_presence_to_pidf(&in, CW_LIT("sip:mira@partner.example;gr=Desk"), CW_PIDF_VIEW_FULL,
                            arena, &tuple) != CW_OK ||
        cw_pidf_write(&doc, MEMORY_MAX, arena, &xml) != CW_OK) {
        vector_fail("the document is not written");
    }
    return xml_value(xml, "string(//*[local-name()='contact']/@priority)", NULL);
}

static struct cw_presence read_priority(const char *pidf, struct cw_arena *arena)
{
    char xml[1024];

    (void)snprintf(xml, sizeof(xml),
                   NS_PIDF "<tuple id='ID-desk7'><status><basic>open</basic></status>"
                           "<contact priority='%s'>sip:tomasz@corp.example</contact></tuple>"
                           "</presence>",
                   pidf);
    return presence_of(xml, arena);
}

static void check_to_xmpp(const char *pidf, const char *xmpp, struct cw_arena *arena)
{
    const struct cw_presence presence = read_priority(pidf, arena);
    char got[8];

    (void)snprintf(got, sizeof(got), "%d", presence.priority);
    expect("xmpp", xmpp, presence.has_priority ? bytes(got) : (struct cw_bytes){0});
}

static void check_to_pidf(const char *xmpp, const char *pidf, struct cw_arena *arena)
{
    char *got = pidf_priority((int)strtol(xmpp, NULL, 10), arena);

    expect("pidf", pidf, got[0] == '\0' ? (struct cw_bytes){0} : bytes(got));
    free(got);
}

static void check_all(struct cw_arena *arena)
{
    for (int priority = 0; priority < 128; priority++) {
        char *pidf = pidf_priority(priority, arena);
        const struct cw_presence back = read_priority(pidf, arena);

        if (!back.has_priority || back.priority != priority) {
            vector_fail("%d comes back from %s as %d", priority, pidf, back.priority);
        }
        free(pidf);
        cw_arena_reset(arena);
    }
}

void play_priority(const struct vector *vector)
{
    struct cw_arena *arena = cw_arena_new(MEMORY_MAX);
    const char *way = vector_text(vector, "way");

    if (vector_flag(vector, "all", false)) {
        check_all(arena);
    } else {
        const char *xmpp = stated(vector, "xmpp");
        const char *pidf = stated(vector, "pidf");

        if (way == NULL) {
            vector_fail("`way` is missing");
        }
        if (strcmp(way, "to_xmpp") != 0) {
            check_to_pidf(xmpp, pidf, arena);
        }
        if (strcmp(way, "to_pidf") != 0) {
            check_to_xmpp(pidf, xmpp, arena);
        }
    }
    cw_arena_free(&arena);
}

static const char *word_of(enum cw_show show)
{
    static const char *const WORDS[] = {[CW_SHOW_NONE] = NULL,
                                        [CW_SHOW_AWAY] = "away",
                                        [CW_SHOW_CHAT] = "chat",
                                        [CW_SHOW_DND] = "dnd",
                                        [CW_SHOW_XA] = "xa"};

    return WORDS[show];
}

void play_show(const struct vector *vector)
{
    struct cw_arena *arena = cw_arena_new(MEMORY_MAX);
    const struct cw_yaml_node *activities = vector_get(vector, "activities");
    const char *element = vector_text(vector, "show_element");
    char xml[2048];
    size_t len;

    (void)snprintf(xml, sizeof(xml),
                   NS_PIDF "<tuple id='ID-desk7'><status><basic>open</basic>%s%s%s</status></tuple>"
                           "<dm:person id='p1'><r:activities>",
                   element == NULL ? "" : "<show xmlns='jabber:client'>",
                   element == NULL ? "" : element, element == NULL ? "" : "</show>");
    for (activities = activities == NULL ? NULL : activities->first; activities != NULL;
         activities = activities->next) {
        len = strlen(xml);
        (void)snprintf(xml + len, sizeof(xml) - len, "<r:%s/>", activities->text);
    }
    len = strlen(xml);
    (void)snprintf(xml + len, sizeof(xml) - len, "</r:activities></dm:person></presence>");
    const char *got = word_of(presence_of(xml, arena).show);

    expect("show", stated(vector, "show"), got == NULL ? (struct cw_bytes){0} : bytes(got));
    cw_arena_free(&arena);
}

void play_tuple_ids(const struct vector *vector)
{
    struct cw_arena *arena = cw_arena_new(MEMORY_MAX);
    const struct cw_yaml_node *resource = vector_get(vector, "resources");
    const struct cw_yaml_node *id = vector_get(vector, "ids");
    struct cw_pidf_tuple tuples[CW_PIDF_MAX_TUPLES];
    size_t count = 0;

    for (resource = resource == NULL ? NULL : resource->first;
         resource != NULL && count < CW_PIDF_MAX_TUPLES; resource = resource->next) {
        const struct cw_presence in = {.available = true, .resource = vector_scalar(resource)};

        if (cw_presence_to_pidf(&in, (struct cw_bytes){0}, CW_PIDF_VIEW_FULL, arena,
                                &tuples[count++]) != CW_OK) {
            vector_fail("no tuple for %s", resource->text);
        }
    }
    if (count == 0 || cw_pidf_unique_ids(tuples, count, arena) != CW_OK) {
        vector_fail("`resources` is missing");
    }
    id = id == NULL ? NULL : id->first;
    for (size_t i = 0; i < count; i++) {
        expect("id", id == NULL ? NULL : id->text, tuples[i].id);
        id = id == NULL ? NULL : id->next;
    }
    if (id != NULL) {
        vector_fail("more ids than resources");
    }
    cw_arena_free(&arena);
}
