/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include "header.h"
#include "message_write.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/url.h>
#include <stdlib.h>

/* One reading; the first failure sticks. */
struct reader {
    const struct cw_sip_guarded *guarded;
    struct cw_arena *arena;
    enum cw_err failed;
};

static void fail(struct reader *in, enum cw_err err)
{
    in->failed = in->failed == CW_OK ? err : in->failed;
}

static struct cw_bytes copy(struct reader *in, const char *text)
{
    if (text == NULL) {
        return (struct cw_bytes){NULL, 0};
    }
    const size_t len = strlen(text);
    char *const place = cw_arena_alloc(in->arena, len + 1);
    if (place == NULL) {
        fail(in, CW_ERR_LIMIT);
        return (struct cw_bytes){NULL, 0};
    }
    memcpy(place, text, len + 1);
    return (struct cw_bytes){place, len};
}

/* The text of a URI, checked once more: it will be written into headers again. */
static struct cw_bytes copy_url(struct reader *in, const url_t *url)
{
    const issize_t need = url_e(NULL, 0, url);

    if (need <= 0 || (size_t)need > CW_SIP_VALUE_MAX) {
        fail(in, CW_ERR_MALFORMED);
        return (struct cw_bytes){NULL, 0};
    }
    char *const place = cw_arena_alloc(in->arena, (size_t)need + 1);
    if (place == NULL) {
        fail(in, CW_ERR_LIMIT);
        return (struct cw_bytes){NULL, 0};
    }
    (void)url_e(place, need + 1, url);
    const struct cw_bytes text = {place, strlen(place)};
    if (!cw_sip_is_uri_text(text)) {
        fail(in, CW_ERR_MALFORMED);
    }
    return text;
}

static bool is_folded(struct cw_bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.base[i] == '\r' || value.base[i] == '\n' || value.base[i] == '\t') {
            return true;
        }
    }
    return false;
}

static size_t put_unfolded(char *place, struct cw_bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        place[i] = value.base[i];
        if (place[i] == '\r' || place[i] == '\n' || place[i] == '\t') {
            place[i] = ' ';
        }
    }
    return value.len;
}

/* All values of one header, joined by commas, folds made to spaces. */
static struct cw_bytes joined(struct reader *in, enum cw_sip_line_id id)
{
    const struct cw_sip_guarded *const guarded = in->guarded;
    const struct cw_bytes first = cw_sip_line_value(guarded, id);
    size_t need = 0;
    size_t at = 0;

    for (size_t i = 0; i < guarded->line_count; i++) {
        need += guarded->lines[i].id == id ? guarded->lines[i].value.len + 2 : 0;
    }
    if (need <= first.len + 2 && !is_folded(first)) {
        return first; /* mostly: one value on one line, or none */
    }
    char *const place = cw_arena_alloc(in->arena, need);
    if (place == NULL) {
        fail(in, CW_ERR_LIMIT);
        return (struct cw_bytes){NULL, 0};
    }
    for (size_t i = 0; i < guarded->line_count; i++) {
        if (guarded->lines[i].id != id) {
            continue;
        }
        if (at != 0) {
            place[at++] = ',';
            place[at++] = ' ';
        }
        at += put_unfolded(place + at, guarded->lines[i].value);
    }
    return (struct cw_bytes){place, at};
}

/* A display name as people see it: without quotes and escapes. */
static struct cw_bytes display_name(struct reader *in, struct cw_bytes raw)
{
    const bool quoted = raw.len >= 2 && raw.base[0] == '"';

    if (raw.base == NULL) {
        return raw;
    }
    char *const place = cw_arena_alloc(in->arena, raw.len + 1);
    if (place == NULL) {
        fail(in, CW_ERR_LIMIT);
        return (struct cw_bytes){NULL, 0};
    }
    size_t at = 0;
    for (size_t i = quoted ? 1 : 0; i < raw.len - (quoted ? 1 : 0); i++) {
        if (quoted && raw.base[i] == '\\' && i + 2 < raw.len) {
            i++;
        }
        if (raw.base[i] != '\r' && raw.base[i] != '\n') {
            place[at++] = raw.base[i];
        }
    }
    return (struct cw_bytes){place, at};
}

/* Some put the `gr` behind the angle bracket, as the examples of RFC 8048 do (ADDR-25). */
static struct cw_bytes uri_with_gr(struct reader *in, const struct cw_sip_address *address)
{
    const struct cw_bytes mark = CW_LIT(";gr=");
    char *place;

    if (address->gr.len == 0 || !cw_sip_is_uri_text(address->gr)) {
        return address->uri;
    }
    place = cw_arena_alloc(in->arena, address->uri.len + mark.len + address->gr.len);
    if (place == NULL) {
        fail(in, CW_ERR_LIMIT);
        return address->uri;
    }
    memcpy(place, address->uri.base, address->uri.len);
    memcpy(place + address->uri.len, mark.base, mark.len);
    memcpy(place + address->uri.len + mark.len, address->gr.base, address->gr.len);
    return (struct cw_bytes){place, address->uri.len + mark.len + address->gr.len};
}

static struct cw_sip_party party(struct reader *in, const struct cw_sip_address *address)
{
    return (struct cw_sip_party){.uri = uri_with_gr(in, address),
                                 .display = display_name(in, address->display),
                                 .tag = address->tag};
}

/* Digits of a parameter; CW_SIP_ABSENT if it is absent or anything else. */
static int64_t seconds(const char *text)
{
    uint64_t number = 0;

    if (text == NULL ||
        cw_sip_number_read((struct cw_bytes){text, strlen(text)}, UINT32_MAX, &number) != CW_OK) {
        return CW_SIP_ABSENT;
    }
    return (int64_t)number;
}

static int64_t line_seconds(struct reader *in, enum cw_sip_line_id id)
{
    const struct cw_bytes value = cw_sip_line_value(in->guarded, id);
    uint64_t number = 0;

    return value.base != NULL && cw_sip_number_read(value, UINT32_MAX, &number) == CW_OK
               ? (int64_t)number
               : CW_SIP_ABSENT;
}

/* Record-Route as name-addr text, to be sent back as Route. */
static void read_routes(struct reader *in, const sip_t *sip, struct cw_sip_message *out)
{
    for (const sip_record_route_t *r = sip->sip_record_route; r != NULL; r = r->r_next) {
        char text[CW_SIP_VALUE_MAX];
        const issize_t len = sip_header_field_e(text, sizeof(text), (const sip_header_t *)r, 0);

        if (out->route_count == CW_SIP_MAX_ROUTES || len <= 0 || (size_t)len >= sizeof(text)) {
            fail(in, CW_ERR_MALFORMED);
            return;
        }
        text[len] = '\0';
        out->routes[out->route_count++] = copy(in, text);
    }
}

static void read_contacts(struct reader *in, const sip_t *sip, struct cw_sip_message *out)
{
    const sip_contact_t *const first = sip->sip_contact;

    for (const sip_contact_t *m = first; m != NULL; m = m->m_next) {
        if (out->contact_count < CW_SIP_MAX_CONTACTS && m->m_url->url_type != url_any) {
            out->contacts[out->contact_count] = copy_url(in, m->m_url);
        }
        out->contact_count++;
    }
    out->contact = out->contacts[0];
}

static void read_event(struct reader *in, const sip_t *sip, struct cw_sip_message *out)
{
    if (sip->sip_event != NULL) {
        out->event = copy(in, sip->sip_event->o_type);
        out->event_id = copy(in, sip->sip_event->o_id);
    }
    if (sip->sip_subscription_state != NULL) {
        const sip_subscription_state_t *const state = sip->sip_subscription_state;

        out->substate = copy(in, state->ss_substate);
        out->substate_reason = copy(in, state->ss_reason);
        out->substate_expires_s = seconds(state->ss_expires);
        out->substate_retry_after_s = seconds(state->ss_retry_after);
    }
    if (sip->sip_retry_after != NULL) {
        out->retry_after_s = (int64_t)sip->sip_retry_after->af_delta;
    }
}

static void read_identity(struct reader *in, su_home_t *home, struct cw_sip_message *out)
{
    const struct cw_bytes raw = joined(in, CW_SIP_LINE_ASSERTED_IDENTITY);
    char text[CW_SIP_VALUE_MAX];

    if (raw.len == 0) {
        return;
    }
    if (raw.len >= sizeof(text)) {
        fail(in, CW_ERR_MALFORMED);
        return;
    }
    memcpy(text, raw.base, raw.len);
    text[raw.len] = '\0';
    const sip_p_asserted_identity_t *const identity = sip_p_asserted_identity_make(home, text);
    if (identity == NULL) {
        fail(in, CW_ERR_MALFORMED);
        return;
    }
    out->asserted_identity = copy_url(in, identity->paid_url);
}

static void read_plain(struct reader *in, struct cw_sip_message *out)
{
    const struct {
        struct cw_bytes *place;
        enum cw_sip_line_id id;
    } plain[] = {
        {&out->accept, CW_SIP_LINE_ACCEPT},
        {&out->allow, CW_SIP_LINE_ALLOW},
        {&out->allow_events, CW_SIP_LINE_ALLOW_EVENTS},
        {&out->require, CW_SIP_LINE_REQUIRE},
        {&out->unsupported, CW_SIP_LINE_UNSUPPORTED},
        {&out->supported, CW_SIP_LINE_SUPPORTED},
        {&out->subject, CW_SIP_LINE_SUBJECT},
        {&out->date, CW_SIP_LINE_DATE},
        {&out->etag, CW_SIP_LINE_ETAG},
        {&out->if_match, CW_SIP_LINE_IF_MATCH},
        {&out->content_type, CW_SIP_LINE_CONTENT_TYPE},
        {&out->content_language, CW_SIP_LINE_CONTENT_LANGUAGE},
        {&out->content_encoding, CW_SIP_LINE_CONTENT_ENCODING},
        {&out->content_disposition, CW_SIP_LINE_CONTENT_DISPOSITION},
        {&out->privacy, CW_SIP_LINE_PRIVACY},
        {&out->warning, CW_SIP_LINE_WARNING},
    };

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        *plain[i].place = joined(in, plain[i].id);
    }
}

static void read_guarded(struct reader *in, struct cw_sip_message *out)
{
    const struct cw_sip_guarded *const guarded = in->guarded;

    out->method_text = guarded->method;
    out->method = cw_sip_method_read(guarded->method);
    out->status = guarded->status;
    out->reason = guarded->reason;
    out->request_uri = guarded->uri;
    out->from = party(in, &guarded->from);
    out->to = party(in, &guarded->to);
    out->call_id = guarded->call_id;
    out->cseq = guarded->cseq;
    out->max_forwards = guarded->max_forwards;
    out->expires_s = line_seconds(in, CW_SIP_LINE_EXPIRES);
    out->min_expires_s = line_seconds(in, CW_SIP_LINE_MIN_EXPIRES);
    out->body = guarded->body;
}

/* Every header that a decision can hang on must have been understood. */
static bool understood(const sip_t *sip)
{
    const bool start = sip->sip_request != NULL || sip->sip_status != NULL;
    const bool names = sip->sip_from != NULL && sip->sip_to != NULL && sip->sip_call_id != NULL;

    return start && names && sip->sip_cseq != NULL && sip->sip_via != NULL &&
           (sip->sip_status != NULL || sip->sip_error == NULL);
}

enum cw_err cw_sip_message_read(const struct cw_sip_guarded *guarded, struct cw_arena *arena,
                                struct cw_sip_message *out, const char **problem)
{
    struct reader in = {guarded, arena, CW_OK};
    struct cw_sip_message message;

    cw_sip_message_init(&message);
    /* Only the head: the body is ours to read, and multipart is never to reach this parser. */
    msg_t *const msg =
        msg_make(sip_default_mclass(), 0, guarded->head.base, (ssize_t)guarded->head.len);
    if (msg == NULL) {
        abort();
    }
    const sip_t *const sip = sip_object(msg);
    if (sip == NULL || !understood(sip)) {
        msg_destroy(msg);
        *problem = "Header not understood";
        return CW_ERR_MALFORMED;
    }
    read_guarded(&in, &message);
    read_plain(&in, &message);
    read_routes(&in, sip, &message);
    read_contacts(&in, sip, &message);
    read_event(&in, sip, &message);
    read_identity(&in, msg_home(msg), &message);
    msg_destroy(msg);
    if (in.failed != CW_OK) {
        *problem = "Header not understood";
        return in.failed;
    }
    *out = message;
    return CW_OK;
}
