/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/message.h>

#include "ascii.h"
#include "datetime.h"
#include "language_tag.h"
#include "sha1.h"

#include <causeway/utf8.h>

#define NICK_MAX        128u                 /* octets, ADDR-32 */
#define DELAY_MIN_MS    (INT64_C(60) * 1000) /* MSG-63 */
#define CSEQ_DIGITS_MAX 10u

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct cw_bytes trim(struct cw_bytes text)
{
    while (text.len > 0 && is_blank(text.base[0])) {
        text.base++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.base[text.len - 1])) {
        text.len--;
    }
    return text;
}

static struct cw_bytes unquote(struct cw_bytes text)
{
    if (text.len >= 2 && text.base[0] == '"' && text.base[text.len - 1] == '"') {
        return (struct cw_bytes){text.base + 1, text.len - 2};
    }
    return text;
}

/* Takes what stands before `mark` off the front of `*rest`, and the mark with it. */
static struct cw_bytes cut(struct cw_bytes *rest, char mark)
{
    const char *const at = rest->len == 0 ? NULL : memchr(rest->base, mark, rest->len);
    const struct cw_bytes part = {rest->base, at == NULL ? rest->len : (size_t)(at - rest->base)};

    rest->base += at == NULL ? rest->len : part.len + 1;
    rest->len -= at == NULL ? rest->len : part.len + 1;
    return trim(part);
}

/* MSG-65, MSG-71: plain text in UTF-8, which is the default charset of SIP. */
static bool is_supported(struct cw_bytes content_type)
{
    struct cw_bytes rest = content_type;

    if (content_type.len == 0 || !cw_ascii_is_word(cut(&rest, ';'), "text/plain")) {
        return false;
    }
    while (rest.len > 0) {
        struct cw_bytes value = cut(&rest, ';');
        const struct cw_bytes name = cut(&value, '=');

        value = unquote(trim(value));
        if (cw_ascii_is_word(name, "charset") && !cw_ascii_is_word(value, "utf-8") &&
            !cw_ascii_is_word(value, "us-ascii")) {
            return false;
        }
    }
    return true;
}

/* A stable digest of what identifies the request, which shows nothing of it (MSG-58). */
static enum cw_err make_id(const struct cw_page_message *in, struct cw_arena *arena,
                           struct cw_bytes *out)
{
    const size_t len = in->call_id.len + 1 + CSEQ_DIGITS_MAX + 1 + in->from_tag.len;
    char *const text = cw_arena_alloc(arena, len + CW_SHA1_HEX_LEN);
    char *at = text;
    uint32_t cseq = in->cseq;

    if (text == NULL) {
        return CW_ERR_LIMIT;
    }
    if (in->call_id.len > 0) {
        at = (char *)memcpy(at, in->call_id.base, in->call_id.len) + in->call_id.len;
    }
    *at++ = '\n';
    for (size_t i = 0; i < CSEQ_DIGITS_MAX; i++, cseq /= 10) {
        *at++ = (char)('0' + cseq % 10);
    }
    *at++ = '\n';
    if (in->from_tag.len > 0) {
        memcpy(at, in->from_tag.base, in->from_tag.len);
    }
    cw_sha1_hex((struct cw_bytes){text, len}, text + len);
    *out = (struct cw_bytes){text + len, CW_SHA1_HEX_LEN};
    return CW_OK;
}

/* Header text is not worth a refusal: what is not UTF-8 is left out. */
static enum cw_err clean(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    const enum cw_err err = text.len == 0 ? CW_OK : cw_utf8_xml_text(text, arena, out);

    return err == CW_ERR_MALFORMED ? CW_OK : err;
}

static enum cw_err one(struct cw_bytes text, struct cw_arena *arena, struct cw_text_list *out)
{
    struct cw_text *const item = cw_arena_alloc(arena, sizeof(*item));

    if (item == NULL) {
        return CW_ERR_LIMIT;
    }
    item->text = text;
    *out = (struct cw_text_list){item, 1};
    return CW_OK;
}

static enum cw_err set_texts(const struct cw_page_message *in, struct cw_arena *arena,
                             struct cw_stanza_message *out)
{
    struct cw_bytes subject = {0};

    CW_TRY(clean(in->call_id, arena, &out->thread)); /* MSG-56 */
    CW_TRY(clean(in->subject, arena, &subject));     /* MSG-59 */
    if (subject.len != 0) {
        CW_TRY(one(subject, arena, &out->subjects));
    }
    out->lang = cw_language_tag(in->content_language); /* MSG-60 */
    if (in->from_display.len == 0) {
        return CW_OK;
    }

    const enum cw_err err = cw_utf8_one_line(in->from_display, NICK_MAX, arena, &out->nick);

    return err == CW_ERR_MALFORMED ? CW_OK : err; /* MSG-64 */
}

static enum cw_err set_body(const struct cw_page_message *in, struct cw_arena *arena,
                            struct cw_stanza_message *out)
{
    struct cw_bytes body;

    if (in->body.len == 0) {
        out->bodies = out->subjects; /* MSG-73 */
        return out->subjects.count == 0 ? CW_ERR_EMPTY : CW_OK;
    }
    if (!is_supported(in->content_type)) {
        return CW_ERR_UNSUPPORTED;
    }
    CW_TRY(cw_utf8_xml_text(in->body, arena, &body)); /* MSG-61, MSG-66 */
    return one(body, arena, &out->bodies);
}

/* Only for a message that is late; what is dated in the future is not (MSG-63). */
static enum cw_err set_delay(const struct cw_page_message *in, struct cw_arena *arena,
                             struct cw_stanza_message *out)
{
    int64_t sent_ms;

    if (in->arrived_ms == 0 || in->arrived_ms > INT64_MAX ||
        cw_datetime_read_1123(in->date, &sent_ms) != CW_OK) {
        return CW_OK;
    }

    const int64_t age_ms = (int64_t)in->arrived_ms - sent_ms;

    if (age_ms <= DELAY_MIN_MS) { /* a time to come is not late either */
        return CW_OK;
    }
    out->delay_from = out->from.domain;
    return cw_datetime_write_3339(sent_ms, arena, &out->delay_stamp);
}

enum cw_err cw_message_to_xmpp(const struct cw_page_message *in, const struct cw_jid *from,
                               const struct cw_jid *to, struct cw_arena *arena,
                               struct cw_content *content, struct cw_stanza_message *out)
{
    struct cw_stanza_message message = {.from = *from,           /* MSG-55 */
                                        .to = *to,               /* MSG-54 */
                                        .type = CW_TYPE_NORMAL}; /* MSG-62 */

    CW_TRY(set_texts(in, arena, &message));
    CW_TRY(set_body(in, arena, &message));
    CW_TRY(set_delay(in, arena, &message));
    CW_TRY(make_id(in, arena, &message.id));
    *content = (struct cw_content){.kind = CW_CONTENT_TEXT, .bodies = message.bodies};
    *out = message;
    return CW_OK;
}
