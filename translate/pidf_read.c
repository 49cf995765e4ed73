/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>
#include <causeway/xml_read.h>

#include "ascii.h"
#include "datetime.h"
#include "language_tag.h"
#include "pidf_words.h"
#include "rpid_read.h"
#include "servcaps_read.h"
#include "stanza_words.h"
#include "text_list.h"

/* PRES-42. Comments and processing instructions are no harm in a document of its own. */
static const struct cw_xml_rules RULES = {.max_len = 65536, .max_depth = 32, .restricted = false};

/* One reading. */
struct reading {
    const struct cw_xml_node *root;
    struct cw_bytes language; /* of notes that do not say */
    struct cw_arena *arena;
};

static const struct cw_xml_node *pidf_child(const struct cw_xml_node *node, const char *name)
{
    return cw_xml_child(node, name, CW_LIT(CW_NS_PIDF));
}

static bool text_is(const struct cw_xml_node *node, const char *word)
{
    return cw_ascii_is(cw_xml_trim(node->text), word);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* PRES-20: "0", or "0." and up to three digits; "1", or "1." and up to three zeros. */
static int read_priority(struct cw_bytes text)
{
    int milli = 0;
    int unit = 100;

    if (text.len == 0 || text.len > 5 || (text.base[0] != '0' && text.base[0] != '1') ||
        (text.len > 1 && text.base[1] != '.')) {
        return CW_PIDF_NO_PRIORITY;
    }
    for (size_t i = 2; i < text.len; i++, unit /= 10) {
        if (!is_digit(text.base[i])) {
            return CW_PIDF_NO_PRIORITY;
        }
        milli += (text.base[i] - '0') * unit;
    }
    milli += (text.base[0] - '0') * 1000;
    return milli <= 1000 ? milli : CW_PIDF_NO_PRIORITY;
}

static bool has_scheme(struct cw_bytes uri, const char *scheme)
{
    const char *const colon = uri.len == 0 ? NULL : memchr(uri.base, ':', uri.len);

    return colon != NULL &&
           cw_ascii_is_word((struct cw_bytes){uri.base, (size_t)(colon - uri.base)}, scheme);
}

static bool reaches_messages(struct cw_bytes contact)
{
    return contact.len == 0 || has_scheme(contact, "sip") || has_scheme(contact, "sips") ||
           has_scheme(contact, "im") || has_scheme(contact, "pres") || has_scheme(contact, "xmpp");
}

/* Is the one child of `node` called `name`, if there is such a node? */
static bool says_only(const struct cw_xml_node *node, const char *name)
{
    return node == NULL || (node->child == NULL && text_is(node, name)) ||
           (node->child != NULL && cw_xml_is(node->child, name, node->ns));
}

/* PRES-35 */
static bool counts(const struct cw_xml_node *tuple, struct cw_bytes contact)
{
    return reaches_messages(contact) && says_only(cw_rpid_child(tuple, "relationship"), "self") &&
           says_only(cw_rpid_child(tuple, "service-class"), "electronic");
}

/* In `<status>`, or straight in the tuple (PRES-30). */
static enum cw_show read_show(const struct cw_xml_node *tuple, const struct cw_xml_node *status)
{
    const struct cw_xml_node *show =
        status == NULL ? NULL : cw_xml_child(status, "show", CW_LIT(CW_NS_CLIENT));

    if (show == NULL) {
        show = cw_xml_child(tuple, "show", CW_LIT(CW_NS_CLIENT));
    }
    return show == NULL ? CW_SHOW_NONE : cw_show_by_name(cw_xml_trim(show->text));
}

static struct cw_bytes read_timestamp(const struct cw_xml_node *tuple)
{
    const struct cw_xml_node *const node = pidf_child(tuple, "timestamp");
    const struct cw_bytes text = node != NULL ? cw_xml_trim(node->text) : (struct cw_bytes){0};
    int64_t ms;

    return cw_datetime_read_3339(text, &ms) == CW_OK ? text : (struct cw_bytes){0};
}

/* Children `note` of `node` in `ns`: one a language (PRES-29, PRES-31). */
static enum cw_err gather_notes(const struct reading *r, const struct cw_xml_node *node,
                                struct cw_bytes ns, struct cw_text_gather *out)
{
    enum cw_err err = CW_OK;

    for (const struct cw_xml_node *at = node->child; at != NULL && err == CW_OK; at = at->next) {
        const struct cw_text note = {at->text, at->lang.len != 0 ? at->lang : r->language};

        if (cw_xml_is(at, "note", ns)) {
            err = cw_text_gather_add(out, note, r->arena);
        }
    }
    return err;
}

/* The `<dm:device>` that the tuple names by its deviceID (RFC 4479 section 3.3); NULL if none. */
static const struct cw_xml_node *device_of(const struct reading *r, const struct cw_xml_node *tuple)
{
    const struct cw_bytes person = CW_LIT(CW_NS_PERSON);
    const struct cw_xml_node *const wanted = cw_xml_child(tuple, "deviceID", person);

    for (const struct cw_xml_node *at = r->root->child; wanted != NULL && at != NULL;
         at = at->next) {
        const struct cw_xml_node *const id =
            cw_xml_is(at, "device", person) ? cw_xml_child(at, "deviceID", person) : NULL;

        if (id != NULL && cw_bytes_equal(cw_xml_trim(id->text), cw_xml_trim(wanted->text))) {
            return at;
        }
    }
    return NULL;
}

/* RPID of the tuple itself, of its status, of its device: what comes first wins. */
static enum cw_err read_rpid(const struct reading *r, const struct cw_xml_node *tuple,
                             const struct cw_xml_node *device, struct cw_rpid *out)
{
    const struct cw_xml_node *const status = pidf_child(tuple, "status");

    CW_TRY(cw_rpid_read(tuple, r->arena, out));
    if (status != NULL) {
        CW_TRY(cw_rpid_read(status, r->arena, out));
    }
    return device == NULL ? CW_OK : cw_rpid_read(device, r->arena, out);
}

static enum cw_err read_tuple(const struct reading *r, const struct cw_xml_node *node,
                              struct cw_pidf_tuple *out)
{
    const struct cw_xml_node *const status = pidf_child(node, "status");
    const struct cw_xml_node *const basic = status == NULL ? NULL : pidf_child(status, "basic");
    const struct cw_xml_node *const device = device_of(r, node);
    struct cw_text_gather notes = {0};

    out->id = cw_xml_attribute(node, "id");
    out->open = basic != NULL && text_is(basic, "open");
    out->has_basic = out->open || (basic != NULL && text_is(basic, "closed")); /* PRES-36 */
    out->show = read_show(node, status);
    out->caps = cw_servcaps_read(node, device);
    out->timestamp = read_timestamp(node);
    CW_TRY(gather_notes(r, node, CW_LIT(CW_NS_PIDF), &notes));
    out->notes = cw_text_gather_list(&notes);
    return read_rpid(r, node, device, &out->rpid);
}

/* Contact and priority. @return false for a tuple that creates no resource (PRES-35) */
static bool read_reach(const struct cw_xml_node *node, struct cw_pidf_tuple *out)
{
    const struct cw_xml_node *const contact = pidf_child(node, "contact");

    *out = (struct cw_pidf_tuple){.priority_milli = CW_PIDF_NO_PRIORITY};
    if (contact != NULL) {
        out->contact = cw_xml_trim(contact->text);
        out->priority_milli = read_priority(cw_xml_trim(cw_xml_attribute(contact, "priority")));
    }
    return counts(node, out->contact);
}

static bool is_tuple(const struct cw_xml_node *node) /* PRES-34 */
{
    return cw_xml_is(node, "tuple", CW_LIT(CW_NS_PIDF));
}

static size_t count_tuples(const struct cw_xml_node *root)
{
    size_t count = 0;

    for (const struct cw_xml_node *at = root->child; at != NULL; at = at->next) {
        count += is_tuple(at) ? 1 : 0;
    }
    return count;
}

static enum cw_err read_tuples(const struct reading *r, struct cw_pidf *doc)
{
    const size_t count = count_tuples(r->root);
    struct cw_pidf_tuple *const tuples = cw_arena_alloc(r->arena, (count + 1) * sizeof(*tuples));
    enum cw_err err = CW_OK;

    if (count > CW_PIDF_MAX_TUPLES || tuples == NULL) {
        return CW_ERR_LIMIT; /* PRES-42 */
    }
    for (const struct cw_xml_node *at = r->root->child; at != NULL && err == CW_OK; at = at->next) {
        if (is_tuple(at) && read_reach(at, &tuples[doc->tuple_count])) {
            err = read_tuple(r, at, &tuples[doc->tuple_count++]);
        }
    }
    doc->tuples = tuples;
    return err;
}

/* What is said of the person, or of all persons. */
struct person {
    struct cw_text_gather own;        /* his notes */
    struct cw_text_gather activities; /* notes of his activities */
    struct cw_rpid rpid;
};

static enum cw_err read_person(const struct reading *r, const struct cw_xml_node *node,
                               struct person *out)
{
    enum cw_err err = gather_notes(r, node, CW_LIT(CW_NS_PERSON), &out->own);

    for (const struct cw_xml_node *at = node->child; at != NULL && err == CW_OK; at = at->next) {
        if (cw_xml_is(at, "activities", CW_LIT(CW_NS_RPID))) {
            err = gather_notes(r, at, CW_LIT(CW_NS_RPID), &out->activities);
        }
    }
    return err == CW_OK ? cw_rpid_read(node, r->arena, &out->rpid) : err;
}

/* A presence server puts the persons of all publications side by side (RFC 4479 section 3.2): they
 * are one. */
static enum cw_err read_persons(const struct reading *r, struct cw_pidf *doc)
{
    struct person person = {.rpid = {.activities = 0}};
    struct cw_text_gather document = {0};
    enum cw_err err = gather_notes(r, r->root, CW_LIT(CW_NS_PIDF), &document);

    for (const struct cw_xml_node *at = r->root->child; at != NULL && err == CW_OK; at = at->next) {
        if (cw_xml_is(at, "person", CW_LIT(CW_NS_PERSON)) && !cw_rpid_is_beyond_us(at)) {
            err = read_person(r, at, &person);
        }
    }
    if (person.own.count == 0) { /* PRES-29 */
        person.own = person.activities.count != 0 ? person.activities : document;
    }
    doc->notes = cw_text_gather_list(&person.own);
    doc->person = person.rpid;
    return err;
}

enum cw_err cw_pidf_read(struct cw_bytes xml, struct cw_bytes language, struct cw_arena *arena,
                         struct cw_pidf *out)
{
    struct reading reading = {.language = cw_language_tag(language), .arena = arena};
    struct cw_pidf doc = {0};

    CW_TRY(cw_xml_read(xml, &RULES, arena, &reading.root));
    if (!cw_xml_is(reading.root, "presence", CW_LIT(CW_NS_PIDF))) {
        return CW_ERR_MALFORMED;
    }
    doc.entity = cw_xml_trim(cw_xml_attribute(reading.root, "entity")); /* any scheme, ADDR-30 */
    CW_TRY(read_tuples(&reading, &doc));
    CW_TRY(read_persons(&reading, &doc));
    *out = doc;
    return CW_OK;
}
