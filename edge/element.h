/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What the stream parser hands up: the stream header, or one complete first-level element. All
 * bytes are borrowed from the parser until its next call.
 */

#include <causeway/bytes.h>

#define CW_NS_SERVER           "jabber:server"
#define CW_NS_STREAM           "http://etherx.jabber.org/streams"
#define CW_NS_ERRORS           "urn:ietf:params:xml:ns:xmpp-streams"
#define CW_NS_TLS              "urn:ietf:params:xml:ns:xmpp-tls"
#define CW_NS_SASL             "urn:ietf:params:xml:ns:xmpp-sasl"
#define CW_NS_DIALBACK         "jabber:server:dialback"
#define CW_NS_DIALBACK_FEATURE "urn:xmpp:features:dialback"
#define CW_NS_STANZAS          "urn:ietf:params:xml:ns:xmpp-stanzas"

#define CW_ELEMENT_MAX_NODES 64u /* of one negotiation element; more is refused before */

/** The stream header's attributes; absent when they are not there. */
struct cw_stream_header {
    struct cw_bytes from;
    struct cw_bytes to;
    struct cw_bytes id;
    struct cw_bytes version;
    struct cw_bytes lang;
    struct cw_bytes name;    /**< local name of the root */
    struct cw_bytes ns;      /**< its namespace */
    struct cw_bytes content; /**< default namespace; absent if none is declared */
    bool prefixed;           /**< the root has a prefix */
};

/** One node of a negotiation element, in document order; the first is the element itself. */
struct cw_element_node {
    struct cw_bytes name;
    struct cw_bytes ns;
    struct cw_bytes text; /**< character data directly inside, joined; absent if none */
    size_t parent;        /**< index; of the first: 0 */
};

/** One first-level element. */
struct cw_element {
    struct cw_bytes name;
    struct cw_bytes ns; /**< absent if none */
    struct cw_bytes from;
    struct cw_bytes to;
    struct cw_bytes id;
    struct cw_bytes type;
    struct cw_bytes mechanism;
    bool stanza;         /**< message, presence or iq in jabber:server */
    struct cw_bytes xml; /**< stanza: complete and self-contained; else absent */
    struct cw_element_node nodes[CW_ELEMENT_MAX_NODES]; /**< not of a stanza */
    size_t node_count;
};

/** Is the element `name` in namespace `ns`? */
bool cw_element_is(const struct cw_element *element, const char *ns, const char *name);

/** Index of the first child of node `parent` that is `name` in `ns`, or 0. */
size_t cw_element_child(const struct cw_element *element, size_t parent, const char *ns,
                        const char *name);

/** Character data of node `index` without white space around; absent if none. */
struct cw_bytes cw_element_text(const struct cw_element *element, size_t index);
