/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/message.h>

#include "datetime.h"
#include "language_tag.h"
#include "sha1.h"

#include <causeway/address.h>
#include <causeway/utf8.h>

#define NICK_MAX        128u                 /* octets, ADDR-32 */
#define DELAY_MIN_MS    (INT64_C(60) * 1000) /* MSG-63 */
#define CSEQ_DIGITS_MAX 10u
#define MESSAGE_ID_MAX  128u /* octets of an imdn.Message-ID that becomes an id */

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

/* RFC 5438 ids are opaque; one that is too long or not printable is not carried. */
static bool is_fit_id(struct cw_bytes id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (id.base[i] <= ' ' || id.base[i] > '~') {
            return false;
        }
    }
    return id.len != 0 && id.len <= MESSAGE_ID_MAX;
}

/* Header text is not worth a refusal: what is not UTF-8 is left out. */
static enum cw_err clean(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    const enum cw_err err = text.len == 0 ? CW_OK : cw_utf8_xml_text(text, arena, out);

    return err == CW_ERR_MALFORMED ? CW_OK : err;
}

static enum cw_err one(struct cw_bytes text, struct cw_arena *arena, struct cw_text_list *out)
{
    struct cw_text *item;

    if (text.len == 0) {
        return CW_OK;
    }
    item = cw_arena_alloc(arena, sizeof(*item));
    if (item == NULL) {
        return CW_ERR_LIMIT;
    }
    item->text = text;
    *out = (struct cw_text_list){item, 1};
    return CW_OK;
}

/* Of message/cpim, where a language stands with each, else of the request (MSG-59, MSG-70). */
static enum cw_err set_subjects(const struct cw_page_message *in, const struct cw_content *content,
                                struct cw_arena *arena, struct cw_stanza_message *out)
{
    struct cw_bytes subject = {0};

    if (content->wrapped && content->cpim.subjects.count != 0) {
        out->subjects = content->cpim.subjects;
        return CW_OK;
    }
    CW_TRY(clean(in->subject, arena, &subject));
    return one(subject, arena, &out->subjects);
}

static enum cw_err set_texts(const struct cw_page_message *in, const struct cw_content *content,
                             struct cw_arena *arena, struct cw_stanza_message *out)
{
    enum cw_err err;

    CW_TRY(clean(in->call_id, arena, &out->thread)); /* MSG-56 */
    CW_TRY(set_subjects(in, content, arena, out));
    out->bodies = content->kind == CW_CONTENT_TEXT ? content->bodies : out->subjects; /* MSG-73 */
    out->lang = content->bodies.count != 0 ? content->bodies.items[0].lang
                                           : cw_language_tag(in->content_language); /* MSG-60 */
    if (in->from_display.len == 0) {
        return CW_OK;
    }
    err = cw_utf8_one_line(in->from_display, NICK_MAX, arena, &out->nick);
    return err == CW_ERR_MALFORMED ? CW_OK : err; /* MSG-64 */
}

/* When it was written: as message/cpim says, else Date. */
static bool read_sent(const struct cw_page_message *in, const struct cw_content *content,
                      int64_t *out)
{
    return (content->wrapped && cw_datetime_read_3339(content->cpim.datetime, out) == CW_OK) ||
           cw_datetime_read_1123(in->date, out) == CW_OK;
}

/* Only for a message that is late; what is dated in the future is not (MSG-63). */
static enum cw_err set_delay(const struct cw_page_message *in, const struct cw_content *content,
                             struct cw_arena *arena, struct cw_stanza_message *out)
{
    int64_t sent_ms;

    if (in->arrived_ms == 0 || in->arrived_ms > INT64_MAX || !read_sent(in, content, &sent_ms)) {
        return CW_OK;
    }

    const int64_t age_ms = (int64_t)in->arrived_ms - sent_ms;

    if (age_ms <= DELAY_MIN_MS) { /* a time to come is not late either */
        return CW_OK;
    }
    out->delay_from = out->from.domain;
    return cw_datetime_write_3339(sent_ms, arena, &out->delay_stamp);
}

int64_t cw_message_expiry(const struct cw_page_message *in, int64_t expires_s)
{
    int64_t sent_ms;

    if (expires_s <= 0 || in->arrived_ms > INT64_MAX / 2 || expires_s > INT64_MAX / 4000) {
        return INT64_MAX;
    }
    if (cw_datetime_read_1123(in->date, &sent_ms) != CW_OK) {
        sent_ms = (int64_t)in->arrived_ms;
    }
    return sent_ms + expires_s * 1000; /* MSG-51 */
}

/* CW_OK if `uri`, of any scheme that is ours, names the user `jid`, and CW_ERR_REFUSED if it names
 * somebody else (MSG-70); an absent one names nobody else. */
static enum cw_err must_name(struct cw_bytes uri, const struct cw_jid *jid, struct cw_arena *arena)
{
    const struct cw_jid want = cw_jid_bare(jid);
    struct cw_sip_uri read;
    struct cw_jid got;
    enum cw_err err;

    if (uri.base == NULL) {
        return CW_OK;
    }
    err = cw_sip_uri_read(uri, arena, &read);
    if (err == CW_OK) {
        err = cw_address_to_jid(&read, arena, &got);
    }
    if (err != CW_OK) {
        return err == CW_ERR_LIMIT ? err : CW_ERR_REFUSED;
    }
    got = cw_jid_bare(&got);
    return cw_jid_equal(&got, &want) ? CW_OK : CW_ERR_REFUSED;
}

/* What message/cpim says of the two, and what it asks for (MSG-70, RCPT-8). */
static enum cw_err take_cpim(const struct cw_cpim *cpim, struct cw_arena *arena,
                             struct cw_stanza_message *out)
{
    CW_TRY(must_name(cpim->from, &out->from, arena));
    CW_TRY(must_name(cpim->to, &out->to, arena));
    if (is_fit_id(cpim->message_id)) {
        out->id = cpim->message_id; /* MSG-58 */
    }
    out->wants_receipt = (cpim->wants & CW_IMDN_WANT_POSITIVE) != 0;
    out->markable = (cpim->wants & CW_IMDN_WANT_DISPLAY) != 0;
    return CW_OK;
}

static enum cw_err read_content(const struct cw_page_message *in, struct cw_arena *arena,
                                struct cw_content *out)
{
    const struct cw_content_input input = {
        .type = in->content_type,
        .language = in->content_language,
        .disposition = in->content_disposition,
        .bytes = in->body,
    };

    return cw_content_read(&input, arena, out);
}

enum cw_err cw_message_to_xmpp(const struct cw_page_message *in, const struct cw_jid *from,
                               const struct cw_jid *to, struct cw_arena *arena,
                               struct cw_content *content, struct cw_stanza_message *out)
{
    struct cw_stanza_message message = {.from = *from,           /* MSG-55 */
                                        .to = *to,               /* MSG-54 */
                                        .type = CW_TYPE_NORMAL}; /* MSG-62 */

    CW_TRY(read_content(in, arena, content));
    CW_TRY(make_id(in, arena, &message.id));
    if (content->wrapped) {
        CW_TRY(take_cpim(&content->cpim, arena, &message));
    }
    if (content->kind == CW_CONTENT_TEXT || content->kind == CW_CONTENT_NOTHING) {
        CW_TRY(set_texts(in, content, arena, &message));
        CW_TRY(set_delay(in, content, arena, &message));
        message.origin_id = true; /* EXT-8 */
    }
    if (content->kind == CW_CONTENT_NOTHING && message.bodies.count == 0) {
        return CW_ERR_EMPTY; /* MSG-73 */
    }
    *out = message;
    return CW_OK;
}
