/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/content.h>

#include "language_tag.h"
#include "multipart.h"
#include "xml_write.h"

#define DOCUMENT_MAX 262144u /* as a stanza; the SIP side has its own, lower limit */

struct alternative {
    struct cw_text_list bodies;
    struct cw_bytes boundary;
};

static bool is_boundary(struct cw_bytes boundary)
{
    for (size_t i = 0; i < boundary.len; i++) {
        const char c = boundary.base[i];

        if (c <= ' ' || c > '~' || strchr("\"\\;,<>@[]()=:/?", c) != NULL) {
            return false;
        }
    }
    return boundary.len > 0 && boundary.len <= CW_MULTIPART_BOUNDARY_MAX;
}

static bool holds(struct cw_bytes text, struct cw_bytes piece)
{
    for (size_t at = 0; at + piece.len <= text.len; at++) {
        const char *const found = memchr(text.base + at, piece.base[0], text.len - at);

        if (found == NULL) {
            return false;
        }
        at = (size_t)(found - text.base);
        if (at + piece.len <= text.len && memcmp(found, piece.base, piece.len) == 0) {
            return true;
        }
    }
    return false;
}

/* Lines end with CRLF (MSG-13). */
static void print_lines(struct cw_xml_writer *w, struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.base[i];

        if (c == '\n' && (i == 0 || text.base[i - 1] != '\r')) {
            cw_xml_raw(w, CW_LIT("\r"));
        }
        cw_xml_raw(w, (struct cw_bytes){&c, 1});
    }
}

static void print_part(struct cw_xml_writer *w, const struct cw_text *text,
                       struct cw_bytes boundary)
{
    const struct cw_bytes lang = cw_language_tag(text->lang);

    cw_xml_raw(w, CW_LIT("--"));
    cw_xml_raw(w, boundary);
    cw_xml_raw(w, CW_LIT("\r\nContent-Type: text/plain;charset=UTF-8\r\n"));
    if (lang.base != NULL) {
        cw_xml_raw(w, CW_LIT("Content-Language: "));
        cw_xml_raw(w, lang);
        cw_xml_raw(w, CW_LIT("\r\n"));
    }
    cw_xml_raw(w, CW_LIT("\r\n"));
    print_lines(w, text->text);
    cw_xml_raw(w, CW_LIT("\r\n"));
}

static void print_alternative(struct cw_xml_writer *w, const void *input)
{
    const struct alternative *const in = input;

    for (size_t i = in->bodies.count; i-- > 0;) {
        print_part(w, &in->bodies.items[i], in->boundary);
    }
    cw_xml_raw(w, CW_LIT("--"));
    cw_xml_raw(w, in->boundary);
    cw_xml_raw(w, CW_LIT("--\r\n"));
}

enum cw_err cw_content_write_alternative(struct cw_text_list bodies, struct cw_bytes boundary,
                                         struct cw_arena *arena, struct cw_bytes *out)
{
    const struct alternative in = {bodies, boundary};

    if (bodies.count == 0 || !is_boundary(boundary)) {
        return CW_ERR_MALFORMED;
    }
    for (size_t i = 0; i < bodies.count; i++) {
        if (holds(bodies.items[i].text, boundary)) {
            return CW_ERR_MALFORMED;
        }
    }
    return cw_xml_build(print_alternative, &in, DOCUMENT_MAX, arena, out);
}
