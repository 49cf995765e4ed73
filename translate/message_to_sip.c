/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/message.h>

#include "datetime.h"
#include "language_tag.h"

#include <causeway/address.h>
#include <causeway/utf8.h>

#define SUBJECT_MAX 255u /* octets, MSG-14 */
#define NICK_MAX    128u /* octets, ADDR-32 */
#define UUID_LEN    36u

#define TEXT_TYPE "text/plain;charset=UTF-8" /* MSG-13 */

enum cw_message_fate cw_message_fate(const struct cw_stanza *in)
{
    if (in->type == CW_TYPE_GROUPCHAT) {
        return CW_MESSAGE_REFUSE_GROUPCHAT; /* MSG-4 */
    }
    if (in->type == CW_TYPE_ERROR) {
        return CW_MESSAGE_DROP; /* MSG-5 */
    }
    if (in->forwarded) {
        return CW_MESSAGE_DROP_FORGED; /* EXT-7 */
    }
    if (in->multicast) {
        return CW_MESSAGE_REFUSE_MULTICAST; /* EXT-15 */
    }
    if (in->encrypted && in->body.len == 0) {
        return CW_MESSAGE_REFUSE_ENCRYPTED; /* EXT-6 */
    }
    if (in->body.len != 0 || in->subject.len != 0) {
        return CW_MESSAGE_SEND; /* MSG-1, MSG-2, MSG-3, MSG-7, EXT-2, EXT-4, EXT-10, EXT-13 */
    }
    if (in->received_id.len != 0 || in->displayed_id.len != 0) {
        return CW_MESSAGE_RECEIPT; /* MSG-6 */
    }
    return in->chat_state != CW_CHAT_NONE ? CW_MESSAGE_TYPING
                                          : CW_MESSAGE_DROP; /* MSG-8, MSG-9, EXT-14 */
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

static enum cw_err set_addresses(const struct cw_jid *from, const struct cw_jid *to,
                                 struct cw_arena *arena, struct cw_page_message *out)
{
    CW_TRY(cw_address_to_sip(to, CW_ADDRESS_AOR, arena, &out->to_uri));
    out->request_uri = out->to_uri;                                            /* MSG-11 */
    return cw_address_to_sip(from, CW_ADDRESS_WITH_GR, arena, &out->from_uri); /* MSG-12 */
}

static enum cw_err one_line(struct cw_bytes text, size_t max_len, struct cw_arena *arena,
                            struct cw_bytes *out)
{
    return text.len == 0 ? CW_OK : cw_utf8_one_line(text, max_len, arena, out);
}

/* The one that goes when only one can: in the stanza's own language, else in the receiver's, else
 * the first (MSG-20). cw_stanza_read() has put the first two cases into the first place. */
static struct cw_text choose(struct cw_text_list texts, struct cw_bytes stanza_lang,
                             struct cw_bytes preferred)
{
    if (texts.count == 0) {
        return (struct cw_text){0};
    }
    if (preferred.len != 0 && !cw_bytes_equal(texts.items[0].lang, stanza_lang)) {
        for (size_t i = 0; i < texts.count; i++) {
            if (cw_bytes_equal(texts.items[i].lang, preferred)) {
                return texts.items[i];
            }
        }
    }
    return texts.items[0];
}

/* What is said, in one language. */
static struct cw_text one_text(const struct cw_stanza *in, const struct cw_message_form *form)
{
    if (in->bodies.count != 0) {
        return choose(in->bodies, in->lang, form->language);
    }
    if (in->body.len != 0) { /* MSG-21, EXT-5 */
        return (struct cw_text){in->body, in->body_lang};
    }
    return choose(in->subjects, in->lang, form->language); /* MSG-7 */
}

static enum cw_err join(struct cw_bytes first, struct cw_bytes second, struct cw_arena *arena,
                        struct cw_bytes *out)
{
    char *const base = cw_arena_alloc(arena, first.len + second.len);

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    if (first.len != 0) {
        memcpy(base, first.base, first.len);
    }
    if (second.len != 0) {
        memcpy(base + first.len, second.base, second.len);
    }
    *out = (struct cw_bytes){base, first.len + second.len};
    return CW_OK;
}

static enum cw_err set_text(const struct cw_stanza *in, const struct cw_message_form *form,
                            struct cw_arena *arena, struct cw_page_message *out)
{
    const struct cw_text text = one_text(in, form);

    CW_TRY(to_crlf(text.text, arena, &out->body));
    if (in->replaces.len != 0 && form->correction_mark.len != 0) { /* EXT-1 */
        CW_TRY(join(form->correction_mark, out->body, arena, &out->body));
    }
    out->content_type = CW_LIT(TEXT_TYPE);
    out->content_language =
        cw_language_tag(text.lang.base != NULL ? text.lang : in->lang); /* MSG-19 */
    return CW_OK;
}

/* Every language a part (MSG-20). */
static enum cw_err set_alternatives(const struct cw_stanza *in, const struct cw_message_form *form,
                                    struct cw_arena *arena, struct cw_page_message *out)
{
    const struct cw_bytes type = CW_LIT("multipart/alternative;boundary=");

    CW_TRY(cw_content_write_alternative(in->bodies, form->boundary, arena, &out->body));
    return join(type, form->boundary, arena, &out->content_type);
}

static enum cw_err set_body(const struct cw_stanza *in, const struct cw_message_form *form,
                            struct cw_arena *arena, struct cw_page_message *out)
{
    if (form->boundary.len != 0 && in->bodies.count > 1 && in->replaces.len == 0) {
        return set_alternatives(in, form, arena, out);
    }
    return set_text(in, form, arena, out);
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

/* ---- message/cpim ---- */

/* "im:user@host", as RFC 3862 wants addresses (RCPT-15). */
static enum cw_err im_uri(const struct cw_jid *jid, struct cw_arena *arena, struct cw_bytes *out)
{
    const struct cw_jid bare = cw_jid_bare(jid);
    struct cw_bytes uri;

    CW_TRY(cw_address_to_sip(&bare, CW_ADDRESS_AOR, arena, &uri));
    uri.base += 4; /* "sip:" */
    uri.len -= 4;
    return join(CW_LIT("im:"), uri, arena, out);
}

static enum cw_err set_datetime(const struct cw_stanza *in, int64_t now_unix_ms,
                                struct cw_arena *arena, struct cw_cpim *cpim)
{
    int64_t unix_ms;

    if (cw_datetime_read_3339(in->delay, &unix_ms) != CW_OK) { /* MSG-22 */
        unix_ms = now_unix_ms;
    }
    return cw_datetime_write_3339(unix_ms, arena, &cpim->datetime);
}

static unsigned wants_of(const struct cw_stanza *in)
{
    return (in->wants_receipt ? CW_IMDN_WANT_POSITIVE | CW_IMDN_WANT_NEGATIVE : 0u) |
           (in->markable ? CW_IMDN_WANT_DISPLAY : 0u);
}

/* Puts the message made so far into message/cpim (RCPT-1, RCPT-2). */
static enum cw_err wrap(const struct cw_stanza *in, const struct cw_message_form *form,
                        struct cw_arena *arena, struct cw_page_message *out)
{
    struct cw_cpim cpim = {
        .subjects = in->subjects,
        .message_id = form->message_id,
        .wants = wants_of(in),
        .content_type = out->content_type,
        .content_language = out->content_language,
        .content = out->body,
    };

    CW_TRY(im_uri(&in->from, arena, &cpim.from));
    CW_TRY(im_uri(&in->to, arena, &cpim.to));
    CW_TRY(set_datetime(in, form->now_unix_ms, arena, &cpim));
    CW_TRY(cw_cpim_write(&cpim, arena, &out->body));
    out->content_type = CW_LIT(CW_CPIM_TYPE);
    return CW_OK;
}

enum cw_err cw_message_to_sip(const struct cw_stanza *in, const struct cw_message_form *form,
                              struct cw_arena *arena, struct cw_page_message *out)
{
    struct cw_page_message message = {0};
    const struct cw_text subject = choose(in->subjects, in->lang, form->language);

    CW_TRY(set_addresses(&in->from, &in->to, arena, &message));
    CW_TRY(one_line(in->nick, NICK_MAX, arena, &message.from_display)); /* ADDR-32 */
    CW_TRY(one_line(subject.text, SUBJECT_MAX, arena, &message.subject));
    CW_TRY(set_body(in, form, arena, &message));
    CW_TRY(set_date(in, arena, &message));
    if (form->cpim) {
        CW_TRY(wrap(in, form, arena, &message));
    }
    if (is_uuid(in->thread)) {
        message.call_id = in->thread; /* MSG-15 */
    }
    *out = message;
    return CW_OK;
}

enum cw_err cw_message_typing(const struct cw_jid *from, const struct cw_jid *to, bool active,
                              uint32_t refresh_s, struct cw_arena *arena,
                              struct cw_page_message *out)
{
    const struct cw_is_composing state = {
        .active = active, .refresh_s = refresh_s, .content_type = CW_LIT("text/plain")};
    struct cw_page_message message = {.content_type = CW_LIT(CW_IS_COMPOSING_TYPE)};

    CW_TRY(set_addresses(from, to, arena, &message));
    CW_TRY(cw_is_composing_write(&state, arena, &message.body)); /* CT-1 */
    *out = message;
    return CW_OK;
}

enum cw_err cw_message_notify(const struct cw_message_notice *in, struct cw_arena *arena,
                              struct cw_page_message *out)
{
    struct cw_page_message message = {.content_type = CW_LIT(CW_CPIM_TYPE)};
    struct cw_imdn imdn = {
        .message_id = in->about, .datetime = in->about_datetime, .status = in->status};
    struct cw_cpim cpim = {
        /* RCPT-11 */
        .from = in->cpim_to,
        .to = in->cpim_from,
        .message_id = in->message_id,
        .content_type = CW_LIT(CW_IMDN_TYPE),
        .content_disposition = CW_LIT("notification"),
    };

    CW_TRY(set_addresses(&in->from, &in->to, arena, &message));
    if (cpim.from.len == 0) {
        CW_TRY(im_uri(&in->from, arena, &cpim.from));
    }
    if (cpim.to.len == 0) {
        CW_TRY(im_uri(&in->to, arena, &cpim.to));
    }
    if (in->routes != NULL) {
        cpim.routes = *in->routes;
        message.request_uri = in->routes->count != 0 ? in->routes->items[0] : message.request_uri;
    }
    imdn.recipient = cpim.from;
    CW_TRY(cw_datetime_write_3339(in->now_unix_ms, arena, &cpim.datetime));
    CW_TRY(cw_imdn_write(&imdn, arena, &cpim.content));
    CW_TRY(cw_cpim_write(&cpim, arena, &message.body));
    *out = message;
    return CW_OK;
}
