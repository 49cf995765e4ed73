/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/message.h>

#include "datetime.h"
#include "language_tag.h"

#include <causeway/address.h>
#include <causeway/utf8.h>

#define SUBJECT_MAX 255u /* octets, MSG-14 */
#define NICK_MAX    128u /* octets, ADDR-32 */
#define UUID_LEN    36u

enum cw_message_fate cw_message_fate(const struct cw_stanza *in)
{
    if (in->type == CW_TYPE_GROUPCHAT) {
        return CW_MESSAGE_REFUSE_GROUPCHAT; /* MSG-4 */
    }
    if (in->type == CW_TYPE_ERROR || (in->body.len == 0 && in->subject.len == 0)) {
        return CW_MESSAGE_DROP; /* MSG-5, MSG-8, MSG-9 */
    }
    return CW_MESSAGE_SEND; /* MSG-1, MSG-2, MSG-3, MSG-7 */
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Only a UUID is as unique as a Call-ID must be (MSG-16). */
static bool is_uuid(struct cw_bytes text)
{
    if (text.len != UUID_LEN) {
        return false;
    }
    for (size_t i = 0; i < UUID_LEN; i++) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text.base[i] != '-' : !is_hex(text.base[i])) {
            return false;
        }
    }
    return true;
}

static size_t count_bare_line_ends(struct cw_bytes text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] == '\n') {
            count += i > 0 && text.base[i - 1] == '\r' ? 0 : 1;
        } else if (text.base[i] == '\r') {
            count += i + 1 < text.len && text.base[i + 1] == '\n' ? 0 : 1;
        }
    }
    return count;
}

/* LF and lone CR become CRLF (MSG-13). */
static enum cw_err to_crlf(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    const size_t more = count_bare_line_ends(text);

    if (more == 0) {
        *out = text;
        return CW_OK;
    }

    char *const base = cw_arena_alloc(arena, text.len + more);
    size_t len = 0;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.base[i];
        const bool pair = c == '\r' && i + 1 < text.len && text.base[i + 1] == '\n';

        if (c == '\r' || c == '\n') {
            base[len++] = '\r';
            base[len++] = '\n';
            i += pair ? 1 : 0;
        } else {
            base[len++] = c;
        }
    }
    *out = (struct cw_bytes){base, len};
    return CW_OK;
}

static enum cw_err set_addresses(const struct cw_stanza *in, struct cw_arena *arena,
                                 struct cw_page_message *out)
{
    CW_TRY(cw_address_to_sip(&in->to, CW_ADDRESS_AOR, arena, &out->to_uri));
    out->request_uri = out->to_uri;                                                 /* MSG-11 */
    return cw_address_to_sip(&in->from, CW_ADDRESS_WITH_GR, arena, &out->from_uri); /* MSG-12 */
}

static enum cw_err one_line(struct cw_bytes text, size_t max_len, struct cw_arena *arena,
                            struct cw_bytes *out)
{
    return text.len == 0 ? CW_OK : cw_utf8_one_line(text, max_len, arena, out);
}

static enum cw_err set_body(const struct cw_stanza *in, struct cw_arena *arena,
                            struct cw_page_message *out)
{
    const bool has_body = in->body.len > 0;

    CW_TRY(to_crlf(has_body ? in->body : in->subject, arena, &out->body)); /* MSG-7 */
    out->content_type = CW_LIT("text/plain;charset=UTF-8");                /* MSG-13 */
    out->content_language =
        cw_language_tag(in->body_lang.base != NULL ? in->body_lang : in->lang); /* MSG-19 */
    return CW_OK;
}

static enum cw_err set_date(const struct cw_stanza *in, struct cw_arena *arena,
                            struct cw_page_message *out)
{
    int64_t unix_ms;

    if (cw_datetime_read_3339(in->delay, &unix_ms) != CW_OK) {
        return CW_OK;
    }
    return cw_datetime_write_1123(unix_ms, arena, &out->date); /* MSG-22 */
}

enum cw_err cw_message_to_sip(const struct cw_stanza *in, const struct cw_message_form *form,
                              struct cw_arena *arena, struct cw_page_message *out)
{
    struct cw_page_message message = {0};

    (void)form;

    CW_TRY(set_addresses(in, arena, &message));
    CW_TRY(one_line(in->nick, NICK_MAX, arena, &message.from_display)); /* ADDR-32 */
    CW_TRY(one_line(in->subject, SUBJECT_MAX, arena, &message.subject));
    CW_TRY(set_body(in, arena, &message));
    CW_TRY(set_date(in, arena, &message));
    if (is_uuid(in->thread)) {
        message.call_id = in->thread; /* MSG-15 */
    }
    *out = message;
    return CW_OK;
}
