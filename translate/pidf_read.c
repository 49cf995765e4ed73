/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>

#include "ascii.h"
#include "datetime.h"
#include "show_map.h"
#include "stanza_words.h"
#include "xml_read.h"

/* PRES-42. Comments and processing instructions are no harm in a document of its own. */
static const struct cw_xml_rules RULES = {.max_len = 65536, .max_depth = 32, .restricted = false};

static const struct cw_xml_node *pidf_child(const struct cw_xml_node *node, const char *name)
{
    return cw_xml_child(node, name, CW_LIT(CW_NS_PIDF));
}

static const struct cw_xml_node *rpid_child(const struct cw_xml_node *node, const char *name)
{
    return cw_xml_child(node, name, CW_LIT(CW_NS_RPID));
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
    return reaches_messages(contact) && says_only(rpid_child(tuple, "relationship"), "self") &&
           says_only(rpid_child(tuple, "service-class"), "electronic");
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

static bool is_idle(const struct cw_xml_node *node)
{
    const struct cw_xml_node *const input = rpid_child(node, "user-input");

    return input != NULL && text_is(input, "idle");
}

static struct cw_bytes read_timestamp(const struct cw_xml_node *tuple)
{
    const struct cw_xml_node *const node = pidf_child(tuple, "timestamp");
    const struct cw_bytes text = node != NULL ? cw_xml_trim(node->text) : (struct cw_bytes){0};
    int64_t ms;

    return cw_datetime_read_3339(text, &ms) == CW_OK ? text : (struct cw_bytes){0};
}

static bool take_note(const struct cw_xml_node *node, struct cw_bytes *note, struct cw_bytes *lang)
{
    if (node == NULL || node->text.len == 0) {
        return false;
    }
    *note = node->text;
    *lang = node->lang;
    return true;
}

/* Returns false for a tuple that creates no resource. */
static bool read_tuple(const struct cw_xml_node *node, struct cw_pidf_tuple *out)
{
    const struct cw_xml_node *const status = pidf_child(node, "status");
    const struct cw_xml_node *const basic = status == NULL ? NULL : pidf_child(status, "basic");
    const struct cw_xml_node *const contact = pidf_child(node, "contact");
    struct cw_pidf_tuple tuple = {.priority_milli = CW_PIDF_NO_PRIORITY};

    if (contact != NULL) {
        tuple.contact = cw_xml_trim(contact->text);
        tuple.priority_milli = read_priority(cw_xml_attribute(contact, "priority"));
    }
    if (!counts(node, tuple.contact)) {
        return false;
    }
    tuple.id = cw_xml_attribute(node, "id");
    tuple.open = basic != NULL && text_is(basic, "open");
    tuple.has_basic = tuple.open || (basic != NULL && text_is(basic, "closed")); /* PRES-36 */
    tuple.show = read_show(node, status);
    tuple.idle = is_idle(node) || (status != NULL && is_idle(status));
    (void)take_note(pidf_child(node, "note"), &tuple.note, &tuple.note_lang);
    tuple.timestamp = read_timestamp(node);
    *out = tuple;
    return true;
}

static enum cw_err read_tuples(const struct cw_xml_node *root, struct cw_arena *arena,
                               struct cw_pidf *doc)
{
    size_t seen = 0;
    struct cw_pidf_tuple *const tuples =
        cw_arena_alloc(arena, CW_PIDF_MAX_TUPLES * sizeof(*tuples));

    if (tuples == NULL) {
        return CW_ERR_LIMIT;
    }
    for (const struct cw_xml_node *at = root->child; at != NULL; at = at->next) {
        if (!cw_xml_is(at, "tuple", CW_LIT(CW_NS_PIDF))) { /* PRES-34 */
            continue;
        }
        if (++seen > CW_PIDF_MAX_TUPLES) {
            return CW_ERR_LIMIT; /* PRES-42 */
        }
        if (read_tuple(at, &tuples[doc->tuple_count])) {
            doc->tuple_count++;
        }
    }
    doc->tuples = tuples;
    return CW_OK;
}

/* RFC 4480 leaves room for several `<activities>`; all of them are one set. */
static enum cw_show person_show(const struct cw_xml_node *person)
{
    cw_show_activities seen = 0;

    for (const struct cw_xml_node *at = person->child; at != NULL; at = at->next) {
        if (!cw_xml_is(at, "activities", CW_LIT(CW_NS_RPID))) {
            continue;
        }
        for (const struct cw_xml_node *one = at->child; one != NULL; one = one->next) {
            if (cw_bytes_equal(one->ns, CW_LIT(CW_NS_RPID))) {
                seen = cw_show_add_activity(seen, one->name);
            }
        }
    }

    const enum cw_show show = cw_show_of_activities(seen);

    return show == CW_SHOW_NONE && is_idle(person) ? CW_SHOW_AWAY : show;
}

static bool must_be_understood(const struct cw_xml_node *node)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        const struct cw_xml_attribute *const at = &node->attributes[i];

        if (cw_ascii_is(at->name, "mustUnderstand") && cw_bytes_equal(at->ns, CW_LIT(CW_NS_PIDF)) &&
            (cw_ascii_is(at->value, "1") || cw_ascii_is(at->value, "true"))) {
            return true;
        }
    }
    return false;
}

/* Has an extension an element that we do not know and would have to (PRES-34)? */
static bool is_beyond_us(const struct cw_xml_node *extension)
{
    for (const struct cw_xml_node *at = extension->child; at != NULL; at = at->next) {
        const bool known = cw_bytes_equal(at->ns, CW_LIT(CW_NS_PERSON)) ||
                           cw_bytes_equal(at->ns, CW_LIT(CW_NS_RPID)) ||
                           cw_bytes_equal(at->ns, CW_LIT(CW_NS_PIDF));

        if ((!known && must_be_understood(at)) || is_beyond_us(at)) {
            return true;
        }
    }
    return false;
}

/* Notes by PRES-29: of the person or its activities, else of the document. */
static void read_person(const struct cw_xml_node *root, struct cw_pidf *doc)
{
    const struct cw_xml_node *const person = cw_xml_child(root, "person", CW_LIT(CW_NS_PERSON));
    bool noted = false;

    if (person != NULL && !is_beyond_us(person)) {
        const struct cw_xml_node *const activities = rpid_child(person, "activities");

        doc->person_show = person_show(person);
        doc->person_has_show = doc->person_show != CW_SHOW_NONE;
        noted = take_note(cw_xml_child(person, "note", CW_LIT(CW_NS_PERSON)), &doc->note,
                          &doc->note_lang) ||
                (activities != NULL &&
                 take_note(rpid_child(activities, "note"), &doc->note, &doc->note_lang));
    }
    if (!noted) {
        (void)take_note(pidf_child(root, "note"), &doc->note, &doc->note_lang);
    }
}

enum cw_err cw_pidf_read(struct cw_bytes xml, struct cw_arena *arena, struct cw_pidf *out)
{
    const struct cw_xml_node *root;
    struct cw_pidf doc = {0};

    CW_TRY(cw_xml_read(xml, &RULES, arena, &root));
    if (!cw_xml_is(root, "presence", CW_LIT(CW_NS_PIDF))) {
        return CW_ERR_MALFORMED;
    }
    doc.entity = cw_xml_trim(cw_xml_attribute(root, "entity")); /* any scheme, ADDR-30 */
    CW_TRY(read_tuples(root, arena, &doc));
    read_person(root, &doc);
    *out = doc;
    return CW_OK;
}
