/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/stanza.h>

#include "stanza_parts.h"
#include "stanza_words.h"

static const struct cw_xml_rules RULES = {
    .max_len = CW_XML_MAX_LEN, .max_depth = CW_XML_MAX_DEPTH, .restricted = true};

static void read_iq(const struct cw_xml_node *root, struct cw_stanza *out)
{
    if (root->child != NULL) {
        out->payload_name = root->child->name;
        out->payload_ns = root->child->ns;
        out->payload_node = cw_xml_attribute(root->child, "node");
    }
}

static void read_error(const struct cw_xml_node *root, struct cw_stanza *out)
{
    const struct cw_xml_node *const error = cw_xml_child(root, "error", root->ns);

    out->error_condition = CW_LIT("undefined-condition"); /* ERR-4 */
    if (error == NULL) {
        return;
    }
    out->error_type = cw_stanza_present(cw_xml_attribute(error, "type"));
    for (const struct cw_xml_node *at = error->child; at != NULL; at = at->next) {
        if (cw_xml_is(at, "stanza-too-big", CW_LIT(CW_NS_APP_ERRORS))) {
            out->error_too_big = true;
        } else if (!cw_bytes_equal(at->ns, CW_LIT(CW_NS_ERRORS))) {
            continue;
        } else if (cw_bytes_equal(at->name, CW_LIT("text"))) {
            out->error_text = cw_stanza_present(at->text);
        } else {
            out->error_condition = cw_stanza_condition(at->name);
            out->error_uri = cw_stanza_present(cw_xml_trim(at->text));
        }
    }
}

static enum cw_err read_payload(const struct cw_xml_node *root, struct cw_arena *arena,
                                struct cw_stanza *out)
{
    if (out->type == CW_TYPE_ERROR) {
        read_error(root, out);
    } else if (out->kind == CW_STANZA_MESSAGE) {
        return cw_stanza_read_message(root, arena, out);
    } else if (out->kind == CW_STANZA_IQ) {
        read_iq(root, out);
    } else if (out->type == CW_TYPE_AVAILABLE || out->type == CW_TYPE_UNAVAILABLE) { /* PRES-1 */
        return cw_stanza_read_presence(root, arena, out);
    }
    return CW_OK;
}

static bool is_stanza(const struct cw_xml_node *root, struct cw_stanza *out)
{
    return (root->ns.base == NULL || cw_bytes_equal(root->ns, CW_LIT(CW_NS_SERVER))) &&
           cw_stanza_kind_by_name(root->name, &out->kind);
}

enum cw_err cw_stanza_read(struct cw_bytes xml, struct cw_arena *arena, struct cw_stanza *out)
{
    const struct cw_xml_node *root;
    struct cw_stanza stanza = {0};

    CW_TRY(cw_xml_read(xml, &RULES, arena, &root));
    if (!is_stanza(root, &stanza)) {
        return CW_ERR_MALFORMED;
    }

    const struct cw_bytes from = cw_xml_attribute(root, "from");
    const struct cw_bytes to = cw_xml_attribute(root, "to");

    if (from.len == 0 || to.len == 0) { /* STREAM-110 */
        return CW_ERR_MALFORMED;
    }
    stanza.id = cw_xml_attribute(root, "id");
    stanza.lang = cw_stanza_present(root->lang);
    stanza.type = cw_stanza_type_by_name(stanza.kind, cw_xml_attribute(root, "type"));

    enum cw_err err = cw_jid_read(from, arena, &stanza.from);

    if (err == CW_OK) {
        err = cw_jid_read(to, arena, &stanza.to);
    }
    if (err == CW_OK) {
        err = read_payload(root, arena, &stanza);
    }
    if (err == CW_OK || err == CW_ERR_ADDRESS) { /* an error reply needs kind and id (ADDR-6) */
        *out = stanza;
    }
    return err;
}
