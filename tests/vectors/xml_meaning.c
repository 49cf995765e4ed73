/* SPDX-License-Identifier: Apache-2.0 */
#include "xml_meaning.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHILDREN_MAX 64u
#define XML_LANG     "http://www.w3.org/XML/1998/namespace"

static char difference[1024];

/* What may stand in any stanza unasked; name NULL: any. */
static const struct {
    const char *ns, *name;
} UNASKED[] = {
    {"http://jabber.org/protocol/caps", "c"},
    {"vcard-temp:x:update", "x"},
    {"http://jabber.org/protocol/nick", "nick"},
    {"urn:xmpp:delay", "delay"},
    {"urn:xmpp:hints", NULL},
    {"urn:xmpp:sid:0", "origin-id"},
    {"http://jabber.org/protocol/chatstates", "active"},
    {"urn:ietf:params:xml:ns:xmpp-stanzas", "text"},
    {"jabber:server", "thread"},
};

static const char *name_of(const xmlChar *text)
{
    return (const char *)text;
}

static const char *namespace_of(const xmlNode *node)
{
    return node->ns == NULL ? "" : name_of(node->ns->href);
}

static xmlDoc *parse(struct cw_bytes xml)
{
    xmlDoc *doc = xmlReadMemory(xml.base, (int)xml.len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

    if (doc == NULL) {
        vector_fail("not well-formed: " CW_FMT, CW_ARG(xml));
    }
    return doc;
}

/* A stanza stands in a stream, whose namespaces it has. */
static xmlDoc *parse_stanza(struct cw_bytes xml)
{
    const size_t size = xml.len + 256;
    char *text = malloc(size);
    xmlDoc *doc;
    int len;

    if (text == NULL) {
        abort();
    }
    len = snprintf(text, size,
                   "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
                   "xmlns:stream='http://etherx.jabber.org/streams'>" CW_FMT "</stream:stream>",
                   CW_ARG(xml));
    doc = parse((struct cw_bytes){text, (size_t)len});
    free(text);
    return doc;
}

static xmlNode *first_element(const xmlNode *parent)
{
    return xmlFirstElementChild((xmlNode *)(uintptr_t)parent);
}

static bool fits(const char *pattern, const char *text)
{
    return vector_fits((struct cw_bytes){pattern, strlen(pattern)},
                       (struct cw_bytes){text, strlen(text)}) &&
           (strcmp(pattern, "*") != 0 || text[0] != '\0');
}

/* ---- attributes ---- */

static bool same_attribute(const xmlAttr *a, const xmlAttr *b)
{
    const char *left = a->ns == NULL ? "" : name_of(a->ns->href);
    const char *right = b->ns == NULL ? "" : name_of(b->ns->href);

    return xmlStrEqual(a->name, b->name) && strcmp(left, right) == 0;
}

static const xmlAttr *find_attribute(const xmlNode *node, const xmlAttr *like)
{
    for (const xmlAttr *at = node->properties; at != NULL; at = at->next) {
        if (same_attribute(at, like)) {
            return at;
        }
    }
    return NULL;
}

/* xml:lang; the id of a message or presence, which nobody is bound to set; and type='normal', which
 * says what no type says (RFC 6121 section 5.2.2). */
static bool says_nothing(const xmlAttr *attribute)
{
    if (strcmp(name_of(attribute->name), "id") == 0) {
        return strcmp(name_of(attribute->parent->name), "iq") != 0;
    }
    const bool lang = attribute->ns != NULL &&
                      strcmp(name_of(attribute->ns->href), XML_LANG) == 0 &&
                      strcmp(name_of(attribute->name), "lang") == 0;

    return lang || (strcmp(name_of(attribute->name), "type") == 0 &&
                    strcmp(name_of(attribute->parent->name), "message") == 0 &&
                    attribute->children != NULL &&
                    strcmp(name_of(attribute->children->content), "normal") == 0);
}

static bool attributes_differ(const xmlNode *expected, const xmlNode *actual)
{
    for (const xmlAttr *want = expected->properties; want != NULL; want = want->next) {
        const xmlAttr *got = find_attribute(actual, want);
        xmlChar *pattern = xmlNodeGetContent((const xmlNode *)want);
        xmlChar *text =
            got == NULL ? xmlStrdup(BAD_CAST "") : xmlNodeGetContent((const xmlNode *)got);
        const bool same = got != NULL && fits(name_of(pattern), name_of(text));

        (void)snprintf(difference, sizeof(difference), "%s: %s is '%s', not '%s'",
                       name_of(expected->name), name_of(want->name), name_of(text),
                       name_of(pattern));
        xmlFree(pattern);
        xmlFree(text);
        if (!same) {
            return true;
        }
    }
    for (const xmlAttr *got = actual->properties; got != NULL; got = got->next) {
        if (find_attribute(expected, got) == NULL && !says_nothing(got)) {
            (void)snprintf(difference, sizeof(difference), "%s: unexpected attribute %s",
                           name_of(actual->name), name_of(got->name));
            return true;
        }
    }
    return false;
}

/* ---- text ---- */

/* Text beside child elements counts only if it is more than white space. */
static char *text_of(const xmlNode *node)
{
    const bool mixed = first_element(node) != NULL;
    xmlBuffer *buffer = xmlBufferCreate();
    char *text;

    for (const xmlNode *at = node->children; at != NULL; at = at->next) {
        if (at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) {
            (void)xmlBufferCat(buffer, at->content);
        }
    }
    text = strdup(name_of(xmlBufferContent(buffer)));
    xmlBufferFree(buffer);
    if (mixed && text[strspn(text, " \t\r\n")] == '\0') {
        text[0] = '\0';
    }
    return text;
}

static bool texts_differ(const xmlNode *expected, const xmlNode *actual)
{
    char *pattern = text_of(expected);
    char *text = text_of(actual);
    const bool same = fits(pattern, text);

    (void)snprintf(difference, sizeof(difference), "<%s> says '%s', not '%s'",
                   name_of(expected->name), text, pattern);
    free(pattern);
    free(text);
    return !same;
}

/* ---- elements ---- */

static bool same_name(const xmlNode *a, const xmlNode *b)
{
    return xmlStrEqual(a->name, b->name) && strcmp(namespace_of(a), namespace_of(b)) == 0;
}

static bool may_be_unasked(const xmlNode *node)
{
    for (size_t i = 0; i < sizeof(UNASKED) / sizeof(UNASKED[0]); i++) {
        if (strcmp(namespace_of(node), UNASKED[i].ns) == 0 &&
            (UNASKED[i].name == NULL || strcmp(name_of(node->name), UNASKED[i].name) == 0)) {
            return true;
        }
    }
    return false;
}

static size_t children_of(const xmlNode *node, const xmlNode *out[CHILDREN_MAX])
{
    size_t count = 0;

    for (const xmlNode *at = first_element(node); at != NULL;
         at = xmlNextElementSibling((xmlNode *)(uintptr_t)at)) {
        if (count == CHILDREN_MAX) {
            vector_fail("more than %u children", CHILDREN_MAX);
        }
        out[count++] = at;
    }
    return count;
}

static bool elements_differ(const xmlNode *expected, const xmlNode *actual);

/* Takes the first child that is as expected out of `left`. */
static bool take_child(const xmlNode *want, const xmlNode **left, size_t count)
{
    bool named = false;

    for (size_t i = 0; i < count; i++) {
        if (left[i] == NULL || !same_name(want, left[i])) {
            continue;
        }
        named = true;
        if (!elements_differ(want, left[i])) {
            left[i] = NULL;
            return true;
        }
    }
    if (!named) {
        (void)snprintf(difference, sizeof(difference), "no <%s xmlns='%s'>", name_of(want->name),
                       namespace_of(want));
    }
    return false;
}

static bool children_differ(const xmlNode *expected, const xmlNode *actual)
{
    const xmlNode *want[CHILDREN_MAX];
    const xmlNode *left[CHILDREN_MAX];
    const size_t wanted = children_of(expected, want);
    const size_t count = children_of(actual, left);

    for (size_t i = 0; i < wanted; i++) {
        if (!take_child(want[i], left, count)) {
            return true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (left[i] != NULL && !may_be_unasked(left[i])) {
            (void)snprintf(difference, sizeof(difference), "unexpected <%s xmlns='%s'>",
                           name_of(left[i]->name), namespace_of(left[i]));
            return true;
        }
    }
    return false;
}

/* The depth is that of what a test expects. */
static bool elements_differ(const xmlNode *expected, const xmlNode *actual)
{
    if (!same_name(expected, actual)) {
        (void)snprintf(difference, sizeof(difference), "it is <%s xmlns='%s'>",
                       name_of(actual->name), namespace_of(actual));
        return true;
    }
    return attributes_differ(expected, actual) || texts_differ(expected, actual) ||
           children_differ(expected, actual);
}

const char *xml_differs(struct cw_bytes expected, struct cw_bytes actual)
{
    xmlDoc *want = parse_stanza(expected);
    xmlDoc *got = parse_stanza(actual);
    const xmlNode *left = first_element(xmlDocGetRootElement(want));
    const xmlNode *right = first_element(xmlDocGetRootElement(got));
    bool differ;

    if (left == NULL || right == NULL) {
        vector_fail("no stanza: " CW_FMT, CW_ARG(left == NULL ? expected : actual));
    }
    differ = elements_differ(left, right);
    xmlFreeDoc(want);
    xmlFreeDoc(got);
    return differ ? difference : NULL;
}

/* ---- single facts ---- */

char *xml_value(struct cw_bytes xml, const char *expression, const struct cw_yaml_node *prefixes)
{
    xmlDoc *doc = parse(xml);
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *found;
    xmlChar *text;
    char *value;

    for (const struct cw_yaml_node *key = prefixes == NULL ? NULL : prefixes->first; key != NULL;
         key = key->next->next) {
        (void)xmlXPathRegisterNs(context, BAD_CAST key->text, BAD_CAST key->next->text);
    }
    found = xmlXPathEvalExpression(BAD_CAST expression, context);
    if (found == NULL) {
        vector_fail("not an XPath expression: %s", expression);
    }
    text = xmlXPathCastToString(found);
    value = strdup(name_of(text));
    xmlFree(text);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(doc);
    return value;
}

bool xml_has(struct cw_bytes xml, const char *name)
{
    char expression[128];
    char *value;
    bool has;

    (void)snprintf(expression, sizeof(expression), "count(//*[local-name()='%s'])", name);
    value = xml_value(xml, expression, NULL);
    has = strcmp(value, "0") != 0;
    free(value);
    return has;
}
