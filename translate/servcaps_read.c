/* SPDX-License-Identifier: Apache-2.0 */
#include "servcaps_read.h"

#include "ascii.h"
#include "pidf_words.h"
#include "rpid_read.h"

#include <causeway/caps.h>

/* What takes a type, can do what comes in it. */
static const struct {
    const char *type;
    unsigned caps;
} TYPES[] = {
    {"application/im-iscomposing+xml", CW_CAP_TYPING},
    {"message/cpim", CW_CAP_RECEIPTS | CW_CAP_MARKERS},
    {"message/imdn+xml", CW_CAP_RECEIPTS | CW_CAP_MARKERS},
};

static const struct cw_xml_node *caps_child(const struct cw_xml_node *node, const char *name)
{
    return node == NULL ? NULL : cw_xml_child(node, name, CW_LIT(CW_NS_SERVCAPS));
}

/* An extension of `node`, NULL if there is none that can be used (PRES-34). */
static const struct cw_xml_node *extension(const struct cw_xml_node *node, const char *name)
{
    const struct cw_xml_node *const found = caps_child(node, name);

    return found != NULL && cw_rpid_is_beyond_us(found) ? NULL : found;
}

static bool is_mobile(const struct cw_xml_node *caps)
{
    const struct cw_xml_node *const mobility = caps_child(caps, "mobility");

    return caps_child(caps_child(mobility, "supported"), "mobile") != NULL;
}

static unsigned caps_of_type(struct cw_bytes type)
{
    for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
        if (cw_ascii_is_word(type, TYPES[i].type)) {
            return TYPES[i].caps;
        }
    }
    return 0;
}

static unsigned read_types(const struct cw_xml_node *servcaps)
{
    unsigned caps = CW_CAP_CLIENT;
    bool named = false;

    for (const struct cw_xml_node *at = servcaps->child; at != NULL; at = at->next) {
        if (cw_xml_is(at, "type", CW_LIT(CW_NS_SERVCAPS))) {
            caps |= caps_of_type(cw_xml_trim(at->text));
            named = true;
        }
    }
    return named ? caps : CW_CAPS_DEFAULT;
}

unsigned cw_servcaps_read(const struct cw_xml_node *tuple, const struct cw_xml_node *device)
{
    const struct cw_xml_node *const servcaps = extension(tuple, "servcaps");
    const unsigned caps = servcaps == NULL ? CW_CAPS_DEFAULT : read_types(servcaps);

    return is_mobile(servcaps) || is_mobile(extension(tuple, "devcaps")) ||
                   is_mobile(extension(device, "devcaps"))
               ? caps | CW_CAP_PHONE
               : caps;
}
