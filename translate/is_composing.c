/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/is_composing.h>
#include <causeway/xml_read.h>

#include "ascii.h"
#include "datetime.h"
#include "xml_write.h"

/* The schema's hint and the IANA text say im-composing; the RFC's examples and everybody say this
 * (CT-3). */
#define NS "urn:ietf:params:xml:ns:im-iscomposing"

#define DOCUMENT_MAX  4096u  /* octets, also of what is read: a state and four small values */
#define REFRESH_MAX_S 86400u /* a day: nobody types longer */
#define DEPTH_MAX     16u    /* extensions may nest, not much */

static const struct cw_xml_rules RULES = {
    .max_len = DOCUMENT_MAX, .max_depth = DEPTH_MAX, .restricted = false};

static struct cw_bytes value_of(const struct cw_xml_node *root, const char *name)
{
    const struct cw_xml_node *const child = cw_xml_child(root, name, CW_LIT(NS));

    return child != NULL ? cw_xml_trim(child->text) : (struct cw_bytes){0};
}

/* Anything but digits counts as absent, like a value that RFC 3994 does not allow. */
static uint32_t read_refresh(struct cw_bytes text)
{
    uint32_t seconds = 0;

    for (size_t i = text.len > 1 && text.base[0] == '+' ? 1 : 0; i < text.len; i++) {
        if (text.base[i] < '0' || text.base[i] > '9') {
            return 0;
        }
        seconds = seconds * 10 + (uint32_t)(text.base[i] - '0');
        if (seconds > REFRESH_MAX_S) {
            seconds = REFRESH_MAX_S;
        }
    }
    return seconds;
}

static struct cw_bytes read_time(struct cw_bytes text)
{
    int64_t unix_ms;

    return cw_datetime_read_3339(text, &unix_ms) == CW_OK ? text : (struct cw_bytes){0};
}

enum cw_err cw_is_composing_read(struct cw_bytes xml, struct cw_arena *arena,
                                 struct cw_is_composing *out)
{
    const struct cw_xml_node *root;
    struct cw_bytes state;
    struct cw_bytes type;

    CW_TRY(cw_xml_read(xml, &RULES, arena, &root));
    if (!cw_xml_is(root, "isComposing", CW_LIT(NS))) {
        return CW_ERR_MALFORMED;
    }
    state = value_of(root, "state");
    if (state.len == 0) {
        return CW_ERR_MALFORMED;
    }
    type = value_of(root, "contenttype");
    *out = (struct cw_is_composing){
        .active = cw_ascii_is(state, "active"), /* CT-2 */
        .refresh_s = read_refresh(value_of(root, "refresh")),
        .content_type = type.len != 0 ? type : (struct cw_bytes){0},
        .last_active = read_time(value_of(root, "lastactive")),
    };
    return CW_OK;
}

static void print_refresh(struct cw_xml_writer *w, uint32_t seconds)
{
    char digits[10];
    size_t at = sizeof(digits);

    for (; seconds != 0; seconds /= 10) {
        digits[--at] = (char)('0' + seconds % 10);
    }
    cw_xml_element(w, "refresh", (struct cw_bytes){digits + at, sizeof(digits) - at});
}

/* The order of the children is the schema's. */
static void print_document(struct cw_xml_writer *w, const void *input)
{
    const struct cw_is_composing *const in = input;

    cw_xml_raw(w,
               CW_LIT("<?xml version=\"1.0\" encoding=\"UTF-8\"?><isComposing xmlns=\"" NS "\">"));
    cw_xml_element(w, "state", in->active ? CW_LIT("active") : CW_LIT("idle"));
    cw_xml_element(w, "lastactive", in->last_active);
    cw_xml_element(w, "contenttype", in->content_type);
    if (in->refresh_s != 0) {
        print_refresh(w, in->refresh_s);
    }
    cw_xml_raw(w, CW_LIT("</isComposing>"));
}

enum cw_err cw_is_composing_write(const struct cw_is_composing *in, struct cw_arena *arena,
                                  struct cw_bytes *out)
{
    return cw_xml_build(print_document, in, DOCUMENT_MAX, arena, out);
}
