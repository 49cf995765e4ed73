/* SPDX-License-Identifier: Apache-2.0 */
#include "translation_property.h"

#include "sip/message.h"
#include "sip/message_write.h"

#include <causeway/address.h>
#include <causeway/message.h>
#include <causeway/pidf.h>
#include <string.h>

#define MEMORY_MAX ((size_t)8 << 20)
#define WIRE_MAX   ((size_t)512 * 1024)
#define PIDF_MAX   ((size_t)256 * 1024)
#define ARRIVED_MS UINT64_C(1772442000000)
#define MESSAGE_ID "Zp3cQq81Lx0"
#define BOUNDARY   "b0und4ry7c1e9b2f"
#define BOM        "\xEF\xBB\xBF"
#define CORRECTION "* "
#define PARTNER    "partner.example"

/* Every header that a MESSAGE of ours may have. */
static const char *const HEADERS[] = {
    "Via",
    "Max-Forwards",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Subject",
    "Date",
    "Content-Type",
    "Content-Language",
    "Content-Disposition",
    "Content-Length",
    "User-Agent",
    "P-Causeway-Partner",
};

/* ---- texts ---- */

/* The next octet of `text` with every line end as LF; CR LF counts as one. */
static int next_octet(struct cw_bytes *text)
{
    int octet;

    if (text->len == 0) {
        return -1;
    }
    octet = (unsigned char)*text->base++;
    text->len--;
    if (octet == '\r') {
        if (text->len > 0 && *text->base == '\n') {
            text->base++;
            text->len--;
        }
        octet = '\n';
    }
    return octet;
}

static bool same_but_line_ends(struct cw_bytes a, struct cw_bytes b)
{
    int left;
    int right;

    do {
        left = next_octet(&a);
        right = next_octet(&b);
    } while (left == right && left >= 0);
    return left == right;
}

static struct cw_bytes behind(struct cw_bytes text, struct cw_bytes mark)
{
    if (mark.len > 0 && text.len >= mark.len && memcmp(text.base, mark.base, mark.len) == 0) {
        text.base += mark.len;
        text.len -= mark.len;
    }
    return text;
}

/* A header has no blanks at its ends. */
static struct cw_bytes trim(struct cw_bytes text)
{
    while (text.len > 0 && text.base[0] == ' ') {
        text.base++;
        text.len--;
    }
    while (text.len > 0 && text.base[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

static bool is_one_line(struct cw_bytes field)
{
    for (size_t i = 0; i < field.len; i++) {
        const unsigned char c = (unsigned char)field.base[i];

        if (c < 0x20 || c == 0x7F) {
            return false;
        }
    }
    return true;
}

/* ---- the MESSAGE ---- */

static const char *check_fields(const struct cw_page_message *message)
{
    const struct cw_bytes fields[] = {
        message->request_uri,  message->from_uri,         message->from_display,
        message->to_uri,       message->call_id,          message->subject,
        message->content_type, message->content_language, message->content_disposition,
        message->date,
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (!is_one_line(fields[i])) {
            return "a field of the MESSAGE has a control character";
        }
    }
    return message->body.len == 0 ? "the MESSAGE has no body" : NULL;
}

static struct cw_sip_message request_of(const struct cw_page_message *page)
{
    struct cw_sip_message out;

    cw_sip_message_init(&out);
    out.method = CW_SIP_MESSAGE;
    out.request_uri = page->request_uri;
    out.from = (struct cw_sip_party){
        .uri = page->from_uri, .display = page->from_display, .tag = CW_LIT("t4g")};
    out.to.uri = page->to_uri;
    out.call_id = page->call_id.base != NULL ? page->call_id : CW_LIT("c4ll");
    out.cseq = 1;
    out.subject = page->subject;
    out.content_type = page->content_type;
    out.content_language = page->content_language;
    out.content_disposition = page->content_disposition;
    out.date = page->date;
    out.body = page->body;
    out.extra_name = CW_LIT("P-Causeway-Partner");
    out.extra_value = CW_LIT(PARTNER);
    return out;
}

static struct cw_page_message page_of(const struct cw_sip_message *sip)
{
    return (struct cw_page_message){
        .request_uri = sip->request_uri,
        .from_uri = sip->from.uri,
        .from_display = sip->from.display,
        .from_tag = sip->from.tag,
        .to_uri = sip->to.uri,
        .call_id = sip->call_id,
        .cseq = sip->cseq,
        .subject = sip->subject,
        .content_type = sip->content_type,
        .content_language = sip->content_language,
        .content_disposition = sip->content_disposition,
        .date = sip->date,
        .body = sip->body,
        .arrived_ms = ARRIVED_MS,
    };
}

static struct cw_bytes join(struct cw_arena *arena, const struct cw_bytes *parts, size_t count)
{
    size_t len = 0;
    char *made;

    for (size_t i = 0; i < count; i++) {
        len += parts[i].len;
    }
    made = cw_arena_alloc(arena, len + 1);
    len = 0;
    for (size_t i = 0; made != NULL && i < count; i++) {
        memcpy(made + len, parts[i].base, parts[i].len);
        len += parts[i].len;
    }
    return (struct cw_bytes){made, made == NULL ? 0 : len};
}

static bool is_known(struct cw_bytes line)
{
    const char *colon = memchr(line.base, ':', line.len);
    const size_t len = colon == NULL ? 0 : (size_t)(colon - line.base);

    for (size_t i = 0; i < sizeof(HEADERS) / sizeof(HEADERS[0]); i++) {
        if (strlen(HEADERS[i]) == len && memcmp(HEADERS[i], line.base, len) == 0) {
            return true;
        }
    }
    return false;
}

/* Each line behind the first begins with a header that we write. */
static const char *check_lines(struct cw_bytes head)
{
    const char *at = memchr(head.base, '\n', head.len);

    while (at != NULL && (size_t)(++at - head.base) < head.len) {
        const size_t left = head.len - (size_t)(at - head.base);
        const char *end = memchr(at, '\n', left);

        if (end == NULL) {
            return "the head has no end";
        }
        if (end - at > 1 && !is_known((struct cw_bytes){at, (size_t)(end - at)})) {
            return "a header that nobody wrote";
        }
        at = end;
    }
    return NULL;
}

/* The MESSAGE as a peer reads it. `*got` false: it is too long for peers. */
static const char *over_the_wire(const struct cw_page_message *page, struct cw_arena *arena,
                                 struct cw_page_message *out, bool *got)
{
    static struct cw_sip_guarded guarded;
    const struct cw_sip_message request = request_of(page);
    struct cw_sip_message read;
    struct cw_sip_wire wire;
    struct cw_bytes via;
    const char *problem = NULL;
    const enum cw_err err = cw_sip_write_request(&request, WIRE_MAX, arena, &wire);

    *got = false;
    if (err == CW_ERR_LIMIT) {
        return NULL;
    }
    if (err != CW_OK || cw_sip_write_via(CW_SIP_TLS, CW_LIT("gateway.example:5061"),
                                         CW_LIT("z9hG4bKb"), arena, &via) != CW_OK) {
        return "the MESSAGE is not written";
    }
    const struct cw_bytes octets =
        join(arena, (const struct cw_bytes[]){wire.start, via, wire.rest}, 3);

    if (octets.base == NULL || octets.len > CW_SIP_MESSAGE_MAX) {
        return NULL;
    }
    if (cw_sip_guard(octets, true, &guarded) != CW_OK) {
        return guarded.problem;
    }
    problem = check_lines(guarded.head);
    if (problem != NULL) {
        return problem;
    }
    if (cw_sip_message_read(&guarded, arena, &read, &problem) != CW_OK) {
        return problem == NULL ? NULL : problem;
    }
    *out = page_of(&read);
    *got = true;
    return NULL;
}

static const char *check_same(const struct cw_page_message *sent, const struct cw_page_message *got)
{
    if (!cw_bytes_equal(sent->body, got->body)) {
        return "another body arrives";
    }
    if (!cw_bytes_equal(sent->request_uri, got->request_uri) ||
        !cw_bytes_equal(sent->from_uri, got->from_uri) ||
        !cw_bytes_equal(sent->to_uri, got->to_uri)) {
        return "another address arrives";
    }
    if (!cw_bytes_equal(trim(sent->subject), got->subject)) {
        return "another subject arrives";
    }
    if (!cw_bytes_equal(sent->from_display, got->from_display)) {
        return "another name arrives";
    }
    return NULL;
}

/* ---- the way back ---- */

static const char *write_and_read(const struct cw_stanza_message *message, struct cw_arena *arena,
                                  struct cw_stanza *out)
{
    struct cw_bytes xml;

    if (cw_stanza_write_message(message, arena, &xml) != CW_OK) {
        return NULL; /* too long */
    }
    if (cw_stanza_read(xml, arena, out) != CW_OK) {
        return "the stanza cannot be read back";
    }
    if (out->kind != CW_STANZA_MESSAGE || !cw_jid_equal(&out->from, &message->from) ||
        !cw_jid_equal(&out->to, &message->to) || !cw_bytes_equal(out->id, message->id)) {
        return "another stanza is read back";
    }
    if (message->bodies.count > 0 &&
        !same_but_line_ends(out->body, message->bodies.items[0].text)) {
        return "another text is read back";
    }
    return NULL;
}

/* Byte order marks at the start of a text do not cross (MSG-66). */
static struct cw_bytes without_marks(struct cw_bytes text)
{
    while (text.len >= sizeof(BOM) - 1 && memcmp(text.base, BOM, sizeof(BOM) - 1) == 0) {
        text.base += sizeof(BOM) - 1;
        text.len -= sizeof(BOM) - 1;
    }
    return text;
}

/* What a text was sent as comes back, but for the mark of a correction; a U+FEFF that it begins
 * with is taken for the mark of the encoding. */
static const char *check_text(const struct cw_stanza *sent, const struct cw_stanza *back,
                              struct cw_bytes mark)
{
    const struct cw_bytes text = sent->body.len != 0 ? sent->body : sent->subject;
    const struct cw_bytes got = sent->replaces.len != 0 ? behind(back->body, mark) : back->body;

    return same_but_line_ends(text, got) || same_but_line_ends(without_marks(text), got)
               ? NULL
               : "another text comes back";
}

static const char *send_message(const struct cw_stanza *in, unsigned form, struct cw_arena *arena,
                                struct property_tally *tally)
{
    const struct cw_message_form how = {
        .cpim = (form & PROPERTY_CPIM) != 0,
        .message_id = CW_LIT(MESSAGE_ID),
        .now_unix_ms = (int64_t)ARRIVED_MS,
        .boundary = (form & PROPERTY_ALTERNATIVE) != 0 ? CW_LIT(BOUNDARY) : (struct cw_bytes){0},
        .correction_mark = (form & PROPERTY_MARK) != 0 ? CW_LIT(CORRECTION) : (struct cw_bytes){0},
    };
    struct cw_page_message sent;
    struct cw_page_message got;
    struct cw_content content;
    struct cw_stanza_message message;
    struct cw_stanza back = {.kind = CW_STANZA_IQ};
    const char *wrong;
    bool arrived;

    if (cw_message_to_sip(in, &how, arena, &sent) != CW_OK) {
        return NULL;
    }
    tally->translated++;
    wrong = check_fields(&sent);
    wrong = wrong != NULL ? wrong : over_the_wire(&sent, arena, &got, &arrived);
    if (wrong != NULL || !arrived) {
        return wrong;
    }
    wrong = check_same(&sent, &got);
    if (wrong != NULL) {
        return wrong;
    }
    const enum cw_err err = cw_message_to_xmpp(&got, &in->from, &in->to, arena, &content, &message);

    if (err == CW_ERR_LIMIT || (in->body.len != 0 && without_marks(in->body).len == 0)) {
        return NULL; /* too long, or it says nothing */
    }
    if (err != CW_OK || content.kind != CW_CONTENT_TEXT) {
        return "our own MESSAGE is not understood";
    }
    if (how.cpim && !cw_bytes_equal(content.cpim.message_id, how.message_id)) {
        return "the Message-ID is lost";
    }
    wrong = write_and_read(&message, arena, &back);
    if (wrong != NULL || back.kind != CW_STANZA_MESSAGE) {
        return wrong;
    }
    tally->carried++;
    return check_text(in, &back, how.correction_mark);
}

/* A page message without a text, and what it must be read as. */
static const char *send_other(const struct cw_page_message *sent, const struct cw_stanza *in,
                              enum cw_content_kind kind, struct cw_arena *arena,
                              struct cw_content *content, bool *arrived)
{
    struct cw_page_message got;
    struct cw_stanza_message message;
    const char *wrong = check_fields(sent);

    wrong = wrong != NULL ? wrong : over_the_wire(sent, arena, &got, arrived);
    if (wrong != NULL || !*arrived) {
        return wrong;
    }
    if (cw_message_to_xmpp(&got, &in->from, &in->to, arena, content, &message) != CW_OK ||
        content->kind != kind) {
        return "our own status or notice is not understood";
    }
    return NULL;
}

static const char *send_typing(const struct cw_stanza *in, struct cw_arena *arena,
                               struct property_tally *tally)
{
    const bool active = in->chat_state == CW_CHAT_COMPOSING;
    struct cw_page_message sent;
    struct cw_content content;
    const char *wrong;
    bool arrived = false;

    if (cw_message_typing(&in->from, &in->to, active, 90, arena, &sent) != CW_OK) {
        return NULL;
    }
    tally->translated++;
    wrong = send_other(&sent, in, CW_CONTENT_TYPING, arena, &content, &arrived);
    if (wrong != NULL || !arrived) {
        return wrong;
    }
    tally->carried++;
    return content.typing.active != active || content.typing.refresh_s != 90
               ? "another state of typing arrives"
               : NULL;
}

static const char *send_notice(const struct cw_stanza *in, struct cw_arena *arena,
                               struct property_tally *tally)
{
    const bool displayed = in->displayed_id.len != 0;
    const struct cw_message_notice notice = {
        .from = in->from,
        .to = in->to,
        .about = displayed ? in->displayed_id : in->received_id,
        .about_datetime = CW_LIT("2026-03-02T09:00:00Z"),
        .message_id = CW_LIT(MESSAGE_ID),
        .now_unix_ms = (int64_t)ARRIVED_MS,
        .status = displayed ? CW_IMDN_DISPLAYED : CW_IMDN_DELIVERED,
    };
    struct cw_page_message sent;
    struct cw_content content;
    const char *wrong;
    bool arrived = false;

    if (trim(notice.about).len == 0) {
        return NULL; /* no Message-ID of a SIP user is like that */
    }
    if (cw_message_notify(&notice, arena, &sent) != CW_OK) {
        return NULL;
    }
    tally->translated++;
    wrong = send_other(&sent, in, CW_CONTENT_NOTICES, arena, &content, &arrived);
    if (wrong != NULL || !arrived) {
        return wrong;
    }
    tally->carried++;
    return content.notice_count != 1 || content.notices[0].status != notice.status
               ? "another notice arrives"
               : NULL;
}

/* ---- presence ---- */

static const char *check_presence(const struct cw_presence *presence, const struct cw_stanza *in,
                                  struct cw_arena *arena)
{
    const struct cw_jid from = {
        .local = in->from.local, .domain = in->from.domain, .resource = presence->resource};
    struct cw_stanza back;
    struct cw_bytes xml;

    if (cw_stanza_write_presence(&from, &in->to, presence, CW_LIT("1"), arena, &xml) != CW_OK) {
        return NULL;
    }
    if (cw_stanza_read(xml, arena, &back) != CW_OK || !cw_jid_equal(&back.from, &from) ||
        back.presence.available != presence->available || back.presence.show != presence->show) {
        return "another presence is read back";
    }
    return NULL;
}

static const char *send_presence(const struct cw_stanza *in, struct cw_arena *arena,
                                 struct property_tally *tally)
{
    struct cw_pidf doc = {.entity = CW_LIT("pres:mira@partner.example"), .tuple_count = 1};
    struct cw_presence presence = in->presence;
    struct cw_presence shown;
    struct cw_pidf_tuple tuple;
    struct cw_pidf back;
    struct cw_bytes xml;

    presence.resource = in->from.resource;
    doc.tuples = &tuple;
    if (cw_presence_to_pidf(&presence, CW_LIT("sip:mira@partner.example"), CW_PIDF_VIEW_FULL, arena,
                            &tuple) != CW_OK ||
        cw_pidf_write(&doc, PIDF_MAX, arena, &xml) != CW_OK) {
        return NULL;
    }
    tally->translated++;
    if (cw_pidf_read(xml, (struct cw_bytes){0}, arena, &back) != CW_OK || back.tuple_count != 1) {
        return "our own PIDF is not understood";
    }
    if (back.tuples[0].open != presence.available) {
        return "another basic status arrives";
    }
    if (cw_pidf_to_presence(&back, &back.tuples[0], CW_PIDF_VIEW_FULL, &CW_SHOW_MAP_DEFAULT, arena,
                            &shown) != CW_OK) {
        return NULL;
    }
    tally->carried++;
    return check_presence(&shown, in, arena);
}

/* ---- errors ---- */

static const char *check_error(const struct cw_stanza *in, struct cw_arena *arena)
{
    const struct cw_stanza_error error = {.condition = CW_LIT("gone"),
                                          .type = CW_LIT("cancel"),
                                          .text = in->body,
                                          .gone_uri = in->subject};
    struct cw_stanza back;
    struct cw_bytes xml;

    if (cw_stanza_write_error(in, &error, arena, &xml) != CW_OK) {
        return NULL;
    }
    if (cw_stanza_read(xml, arena, &back) != CW_OK || back.type != CW_TYPE_ERROR ||
        back.kind != in->kind || !cw_bytes_equal(back.id, in->id) ||
        !cw_bytes_equal(back.error_condition, CW_LIT("gone"))) {
        return "another error is read back";
    }
    return NULL;
}

/* ---- both ways ---- */

static const char *send_stanza(const struct cw_stanza *in, unsigned form, struct cw_arena *arena,
                               struct property_tally *tally)
{
    if (in->kind == CW_STANZA_PRESENCE) {
        return in->type == CW_TYPE_AVAILABLE || in->type == CW_TYPE_UNAVAILABLE
                   ? send_presence(in, arena, tally)
                   : NULL;
    }
    if (in->kind != CW_STANZA_MESSAGE || in->type == CW_TYPE_ERROR) {
        return NULL;
    }
    switch (cw_message_fate(in)) {
    case CW_MESSAGE_SEND:
        return send_message(in, form, arena, tally);
    case CW_MESSAGE_TYPING:
        return send_typing(in, arena, tally);
    case CW_MESSAGE_RECEIPT:
        return send_notice(in, arena, tally);
    case CW_MESSAGE_DROP:
    case CW_MESSAGE_DROP_FORGED:
    case CW_MESSAGE_REFUSE_GROUPCHAT:
    case CW_MESSAGE_REFUSE_ENCRYPTED:
    case CW_MESSAGE_REFUSE_MULTICAST:
    default:
        return NULL;
    }
}

const char *property_of_stanza(struct cw_bytes xml, unsigned form, struct property_tally *tally)
{
    struct cw_arena *arena = cw_arena_new(MEMORY_MAX);
    struct cw_stanza in;
    const char *wrong = NULL;

    if (cw_stanza_read(xml, arena, &in) == CW_OK) {
        tally->read++;
        wrong = check_error(&in, arena);
        wrong = wrong != NULL ? wrong : send_stanza(&in, form, arena, tally);
    }
    cw_arena_free(&arena);
    return wrong;
}

/* The address of a party if it has one, else somebody's. */
static struct cw_jid jid_of(struct cw_bytes uri_text, struct cw_arena *arena)
{
    struct cw_sip_uri uri;
    struct cw_jid jid;

    if (cw_sip_uri_read(uri_text, arena, &uri) == CW_OK &&
        cw_address_to_jid(&uri, arena, &jid) == CW_OK) {
        return jid;
    }
    return (struct cw_jid){.local = CW_LIT("somebody"), .domain = CW_LIT("corp.example")};
}

static const char *take_request(const struct cw_sip_message *sip, struct cw_arena *arena,
                                struct property_tally *tally)
{
    const struct cw_page_message page = page_of(sip);
    const struct cw_jid from = jid_of(sip->from.uri, arena);
    const struct cw_jid to = jid_of(sip->request_uri, arena);
    struct cw_content content;
    struct cw_stanza_message message;
    struct cw_stanza back = {.kind = CW_STANZA_IQ};
    const char *wrong;

    if (cw_message_to_xmpp(&page, &from, &to, arena, &content, &message) != CW_OK) {
        return NULL;
    }
    tally->translated++;
    wrong = write_and_read(&message, arena, &back);
    if (wrong != NULL || back.kind != CW_STANZA_MESSAGE) {
        return wrong;
    }
    tally->carried++;
    /* What we sent to XMPP must be fit to come back from there. */
    return content.kind == CW_CONTENT_TEXT ? send_stanza(&back, 0, arena, tally) : NULL;
}

const char *property_of_request(struct cw_bytes octets, struct property_tally *tally)
{
    static struct cw_sip_guarded guarded;
    struct cw_arena *arena = cw_arena_new(MEMORY_MAX);
    struct cw_sip_message sip;
    const char *problem = NULL;
    const char *wrong = NULL;

    if (cw_sip_guard(octets, false, &guarded) == CW_OK &&
        cw_sip_message_read(&guarded, arena, &sip, &problem) == CW_OK && sip.status == 0) {
        tally->read++;
        wrong = take_request(&sip, arena, tally);
    }
    cw_arena_free(&arena);
    return wrong;
}
