/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/cpim.h>

#include "language_tag.h"
#include "mime_header.h"
#include "xml_write.h"

#define DOCUMENT_MAX 262144u /* as a stanza; the SIP side has its own, lower limit */

/* ---- what may stand in a line ---- */

/* Visible ASCII; `blanks` takes spaces too. An absent or empty text is as good as any. */
static bool is_line(struct cw_bytes text, bool blanks)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.base[i];

        if (c > '~' || c < ' ' || (c == ' ' && !blanks)) {
            return false;
        }
    }
    return true;
}

/* What can stand between < and >. */
static bool is_uri(struct cw_bytes text)
{
    return is_line(text, false) && (text.len == 0 || (memchr(text.base, '<', text.len) == NULL &&
                                                      memchr(text.base, '>', text.len) == NULL));
}

static bool are_uris(const struct cw_cpim_routes *routes)
{
    for (size_t i = 0; i < routes->count; i++) {
        if (!is_uri(routes->items[i])) {
            return false;
        }
    }
    return true;
}

/* A notification that is asked for can be matched to its message (RCPT-2). */
static bool is_answerable(const struct cw_cpim *in)
{
    return in->wants == 0 || (in->message_id.len != 0 && in->datetime.len != 0);
}

/* No text can begin a header line of its own (SEC-16). */
static bool is_safe(const struct cw_cpim *in)
{
    return is_uri(in->from) && is_uri(in->to) && are_uris(&in->routes) &&
           are_uris(&in->record_routes) && is_line(in->message_id, false) &&
           is_line(in->datetime, false) && is_line(in->content_type, true) &&
           is_line(in->content_disposition, true) && is_line(in->content_language, true) &&
           is_line(in->content_transfer_encoding, true);
}

/* ---- the lines ---- */

static void print_line(struct cw_xml_writer *w, const char *name, struct cw_bytes value)
{
    const struct cw_bytes trimmed = cw_mime_trim(value);

    if (trimmed.len != 0) {
        cw_xml_word(w, name);
        cw_xml_raw(w, CW_LIT(": "));
        cw_xml_raw(w, trimmed);
        cw_xml_raw(w, CW_LIT("\r\n"));
    }
}

static void print_uri(struct cw_xml_writer *w, const char *name, struct cw_bytes uri)
{
    if (uri.len != 0) {
        cw_xml_word(w, name);
        cw_xml_raw(w, CW_LIT(": <"));
        cw_xml_raw(w, uri);
        cw_xml_raw(w, CW_LIT(">\r\n"));
    }
}

/* RFC 3862 section 2.3: only what needs it is escaped. */
static void print_escaped(struct cw_xml_writer *w, struct cw_bytes text)
{
    static const char HEX[] = "0123456789abcdef";
    static const char FROM[] = "\\\b\t\n\r";
    static const char TO[] = "\\btnr";

    for (size_t i = 0; i < text.len; i++) {
        const char c = text.base[i];
        const char *const at = c != '\0' ? strchr(FROM, c) : NULL;
        const char named[2] = {'\\', (char)(at != NULL ? TO[at - FROM] : '\0')};
        const char code[6] = {
            '\\', 'u', '0', '0', HEX[(unsigned char)c >> 4], HEX[(unsigned char)c & 15]};

        if (at != NULL) {
            cw_xml_raw(w, (struct cw_bytes){named, sizeof(named)});
        } else if ((unsigned char)c < ' ' || c == 0x7F) {
            cw_xml_raw(w, (struct cw_bytes){code, sizeof(code)});
        } else {
            cw_xml_raw(w, (struct cw_bytes){&c, 1});
        }
    }
}

static void print_subjects(struct cw_xml_writer *w, struct cw_text_list subjects)
{
    for (size_t i = 0; i < subjects.count; i++) {
        const struct cw_bytes lang = cw_language_tag(subjects.items[i].lang);
        const struct cw_bytes text = cw_mime_trim(subjects.items[i].text); /* RCPT-15 */

        if (text.len == 0) {
            continue;
        }
        cw_xml_raw(w, CW_LIT("Subject:"));
        if (lang.base != NULL) {
            cw_xml_raw(w, CW_LIT(";lang="));
            cw_xml_raw(w, lang);
        }
        cw_xml_raw(w, CW_LIT(" "));
        print_escaped(w, text);
        cw_xml_raw(w, CW_LIT("\r\n"));
    }
}

static void print_wants(struct cw_xml_writer *w, unsigned wants)
{
    static const struct {
        unsigned bit;
        const char *name;
    } WANTS[] = {
        {CW_IMDN_WANT_POSITIVE, "positive-delivery"},
        {CW_IMDN_WANT_NEGATIVE, "negative-delivery"},
        {CW_IMDN_WANT_PROCESSING, "processing"},
        {CW_IMDN_WANT_DISPLAY, "display"},
    };
    static const char NAME[] = "imdn.Disposition-Notification: ";
    const char *before = NAME;

    for (size_t i = 0; i < sizeof(WANTS) / sizeof(WANTS[0]); i++) {
        if ((wants & WANTS[i].bit) != 0) {
            cw_xml_word(w, before);
            cw_xml_word(w, WANTS[i].name);
            before = ", ";
        }
    }
    if (before != NAME) {
        cw_xml_raw(w, CW_LIT("\r\n"));
    }
}

static void print_imdn(struct cw_xml_writer *w, const struct cw_cpim *in)
{
    if (in->message_id.len == 0 && in->wants == 0 && in->routes.count == 0 &&
        in->record_routes.count == 0) {
        return;
    }
    print_line(w, "NS", CW_LIT("imdn <urn:ietf:params:imdn>"));
    print_line(w, "imdn.Message-ID", in->message_id);
    print_wants(w, in->wants);
    for (size_t i = 0; i < in->record_routes.count; i++) {
        print_uri(w, "imdn.IMDN-Record-Route", in->record_routes.items[i]);
    }
    for (size_t i = 0; i < in->routes.count; i++) {
        print_uri(w, "imdn.IMDN-Route", in->routes.items[i]);
    }
}

static void print_document(struct cw_xml_writer *w, const void *input)
{
    const struct cw_cpim *const in = input;

    print_uri(w, "From", in->from);
    print_uri(w, "To", in->to);
    print_line(w, "DateTime", in->datetime);
    print_subjects(w, in->subjects);
    print_imdn(w, in);
    cw_xml_raw(w, CW_LIT("\r\n"));
    print_line(w, "Content-Type",
               cw_mime_trim(in->content_type).len != 0 ? in->content_type
                                                       : CW_LIT("text/plain; charset=utf-8"));
    print_line(w, "Content-Disposition", in->content_disposition);
    print_line(w, "Content-Language", in->content_language);
    print_line(w, "Content-Transfer-Encoding", in->content_transfer_encoding);
    cw_xml_raw(w, CW_LIT("\r\n"));
    cw_xml_raw(w, in->content);
}

enum cw_err cw_cpim_write(const struct cw_cpim *in, struct cw_arena *arena, struct cw_bytes *out)
{
    if (!is_answerable(in) || !is_safe(in)) {
        return CW_ERR_MALFORMED;
    }
    return cw_xml_build(print_document, in, DOCUMENT_MAX, arena, out); /* RCPT-2, RCPT-15 */
}
