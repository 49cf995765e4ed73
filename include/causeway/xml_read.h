/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One complete XML document -> a small read-only tree in the arena. The only user of libxml2 in
 * translate/. Foreign bytes: no DTD, no entities but the five, no network, bounded in every
 * dimension; namespaces are resolved and must be well-formed.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

#define CW_XML_MAX_LEN        262144u /* octets of a document from the network */
#define CW_XML_MAX_DEPTH      64u
#define CW_XML_MAX_ELEMENTS   4096u /* of a document from the network */
#define CW_XML_MAX_ATTRIBUTES 256u  /* of one element */
#define CW_XML_MAX_NAMESPACES 64u   /* declared in the document */

/* Of a file that an operator hands in; no rules go beyond. */
#define CW_XML_FILE_MAX_LEN      2097152u
#define CW_XML_FILE_MAX_ELEMENTS 65536u

/** In this namespace text and elements take turns, so text becomes nodes of its own there. */
#define CW_NS_XHTML "http://www.w3.org/1999/xhtml"

#define CW_XML_NS "http://www.w3.org/XML/1998/namespace"

struct cw_xml_attribute {
    struct cw_bytes name;
    struct cw_bytes ns; /**< absent for a name without prefix */
    struct cw_bytes value;
};

struct cw_xml_node {
    struct cw_bytes name; /**< local part; absent: a run of text inside an element of XHTML */
    struct cw_bytes ns;   /**< absent for none */
    struct cw_bytes text; /**< character data of the element itself, joined; empty, never absent */
    struct cw_bytes lang; /**< xml:lang in force here, inherited too; absent if none */
    const struct cw_xml_attribute *attributes;
    size_t attribute_count;
    const struct cw_xml_node *child; /**< first one, NULL if none */
    const struct cw_xml_node *next;  /**< sibling */
};

struct cw_xml_rules {
    size_t max_len;      /**< at most CW_XML_FILE_MAX_LEN */
    size_t max_depth;    /**< at most CW_XML_MAX_DEPTH */
    bool restricted;     /**< comments and processing instructions are errors (STREAM-113) */
    size_t max_elements; /**< at most CW_XML_FILE_MAX_ELEMENTS; 0: CW_XML_MAX_ELEMENTS */
};

/** @return CW_OK, CW_ERR_MALFORMED (with left-over bytes too) or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_xml_read(struct cw_bytes xml, const struct cw_xml_rules *rules,
                                    struct cw_arena *arena, const struct cw_xml_node **out);

/** Is `node` the element `name` of namespace `ns`? An absent `ns` is no namespace. */
bool cw_xml_is(const struct cw_xml_node *node, const char *name, struct cw_bytes ns);

/** First child `name` of namespace `ns`, NULL if there is none. */
const struct cw_xml_node *cw_xml_child(const struct cw_xml_node *node, const char *name,
                                       struct cw_bytes ns);

/** Value of the attribute `name` without prefix; absent if there is none. */
struct cw_bytes cw_xml_attribute(const struct cw_xml_node *node, const char *name);

/** `text` without white space at both ends. */
struct cw_bytes cw_xml_trim(struct cw_bytes text);
