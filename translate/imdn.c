/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/imdn.h>
#include <causeway/xml_read.h>

#include "xml_write.h"

#define NS           "urn:ietf:params:xml:ns:imdn"
#define DOCUMENT_MAX 8192u /* octets: ids and URIs, no text for people */
#define DEPTH_MAX    16u

static const struct cw_xml_rules RULES = {
    .max_len = DOCUMENT_MAX, .max_depth = DEPTH_MAX, .restricted = false};

/* RFC 5438 section 11.1: which notification a status stands in. Forbidden and error stand in all.
 */
static const struct {
    enum cw_imdn_status status;
    const char *name;
    const char *notification;
} STATUSES[CW_IMDN_STATUSES] = {
    [CW_IMDN_DELIVERED] = {CW_IMDN_DELIVERED, "delivered", "delivery-notification"},
    [CW_IMDN_FAILED] = {CW_IMDN_FAILED, "failed", "delivery-notification"},
    [CW_IMDN_FORBIDDEN] = {CW_IMDN_FORBIDDEN, "forbidden", "delivery-notification"},
    [CW_IMDN_ERROR] = {CW_IMDN_ERROR, "error", "delivery-notification"},
    [CW_IMDN_DISPLAYED] = {CW_IMDN_DISPLAYED, "displayed", "display-notification"},
    [CW_IMDN_PROCESSED] = {CW_IMDN_PROCESSED, "processed", "processing-notification"},
    [CW_IMDN_STORED] = {CW_IMDN_STORED, "stored", "processing-notification"},
};

static const char *const NOTIFICATIONS[] = {"delivery-notification", "display-notification",
                                            "processing-notification"};

static struct cw_bytes value_of(const struct cw_xml_node *root, const char *name)
{
    const struct cw_xml_node *const child = cw_xml_child(root, name, CW_LIT(NS));
    const struct cw_bytes text = child != NULL ? cw_xml_trim(child->text) : (struct cw_bytes){0};

    return text.len != 0 ? text : (struct cw_bytes){0};
}

/* A status counts only where the schema puts it: "displayed" is no outcome of a delivery. */
static bool read_status(const struct cw_xml_node *notification, enum cw_imdn_status *out)
{
    const struct cw_xml_node *const holder = cw_xml_child(notification, "status", CW_LIT(NS));

    for (size_t i = 0; holder != NULL && i < CW_IMDN_STATUSES; i++) {
        const bool anywhere = i == CW_IMDN_FORBIDDEN || i == CW_IMDN_ERROR;

        if (cw_xml_child(holder, STATUSES[i].name, CW_LIT(NS)) != NULL &&
            (anywhere || cw_xml_is(notification, STATUSES[i].notification, CW_LIT(NS)))) {
            *out = STATUSES[i].status;
            return true;
        }
    }
    return false;
}

static bool find_status(const struct cw_xml_node *root, enum cw_imdn_status *out)
{
    for (size_t i = 0; i < sizeof(NOTIFICATIONS) / sizeof(NOTIFICATIONS[0]); i++) {
        const struct cw_xml_node *const at = cw_xml_child(root, NOTIFICATIONS[i], CW_LIT(NS));

        if (at != NULL && read_status(at, out)) {
            return true;
        }
    }
    return false;
}

enum cw_err cw_imdn_read(struct cw_bytes xml, struct cw_arena *arena, struct cw_imdn *out)
{
    const struct cw_xml_node *root;
    struct cw_imdn imdn = {0};

    CW_TRY(cw_xml_read(xml, &RULES, arena, &root));
    if (!cw_xml_is(root, "imdn", CW_LIT(NS)) || !find_status(root, &imdn.status)) {
        return CW_ERR_MALFORMED;
    }
    imdn.message_id = value_of(root, "message-id");
    imdn.datetime = value_of(root, "datetime");
    imdn.recipient = value_of(root, "recipient-uri");
    imdn.original_recipient = value_of(root, "original-recipient-uri");
    if (imdn.message_id.base == NULL) {
        return CW_ERR_MALFORMED;
    }
    *out = imdn;
    return CW_OK;
}

/* RCPT-11: the order of the children is the schema's. */
static void print_document(struct cw_xml_writer *w, const void *input)
{
    const struct cw_imdn *const in = input;

    cw_xml_raw(w, CW_LIT("<?xml version=\"1.0\" encoding=\"UTF-8\"?><imdn xmlns=\"" NS "\">"));
    cw_xml_element(w, "message-id", in->message_id);
    cw_xml_element(w, "datetime", in->datetime);
    cw_xml_element(w, "recipient-uri", in->recipient);
    cw_xml_element(w, "original-recipient-uri", in->original_recipient);
    cw_xml_raw(w, CW_LIT("<"));
    cw_xml_word(w, STATUSES[in->status].notification);
    cw_xml_raw(w, CW_LIT("><status><"));
    cw_xml_word(w, STATUSES[in->status].name);
    cw_xml_raw(w, CW_LIT("/></status></"));
    cw_xml_word(w, STATUSES[in->status].notification);
    cw_xml_raw(w, CW_LIT("></imdn>"));
}

enum cw_err cw_imdn_write(const struct cw_imdn *in, struct cw_arena *arena, struct cw_bytes *out)
{
    return cw_xml_build(print_document, in, DOCUMENT_MAX, arena, out);
}
