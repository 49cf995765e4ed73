/* SPDX-License-Identifier: Apache-2.0 */
#include "message_write.h"

#include "header.h"

#include <causeway/error_map.h>

#define PRODUCT "Causeway/" CAUSEWAY_VERSION

/* Writes into one run of known size; the first failure sticks. */
struct writer {
    char *base;
    size_t len;
    size_t cap;
    struct cw_arena *arena; /* for what has to be cleaned */
    enum cw_err failed;
};

static const char *const transport_names[CW_SIP_TRANSPORTS] = {
    [CW_SIP_UDP] = "UDP", [CW_SIP_TCP] = "TCP", [CW_SIP_TLS] = "TLS"};

static const char *const method_names[CW_SIP_METHODS] = {
    [CW_SIP_MESSAGE] = "MESSAGE", [CW_SIP_SUBSCRIBE] = "SUBSCRIBE", [CW_SIP_NOTIFY] = "NOTIFY",
    [CW_SIP_PUBLISH] = "PUBLISH", [CW_SIP_OPTIONS] = "OPTIONS",     [CW_SIP_OTHER] = "other"};

static void put(struct writer *out, struct cw_bytes text)
{
    if (text.len > out->cap - out->len) {
        out->failed = out->failed == CW_OK ? CW_ERR_LIMIT : out->failed;
        return;
    }
    if (text.len != 0) {
        memcpy(out->base + out->len, text.base, text.len);
        out->len += text.len;
    }
}

static void put_text(struct writer *out, const char *text)
{
    put(out, (struct cw_bytes){text, strlen(text)});
}

static void put_safe(struct writer *out, enum cw_sip_header_kind kind, struct cw_bytes text)
{
    struct cw_bytes safe = {NULL, 0};
    const enum cw_err err = cw_sip_header_safe(kind, text, out->arena, &safe);

    if (err != CW_OK) {
        out->failed = out->failed == CW_OK ? err : out->failed;
        return;
    }
    put(out, safe);
}

static void put_number(struct writer *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    put(out, (struct cw_bytes){digits + at, sizeof(digits) - at});
}

static void put_field(struct writer *out, const char *name, enum cw_sip_header_kind kind,
                      struct cw_bytes value)
{
    if (value.base != NULL) {
        put_text(out, name);
        put(out, CW_LIT(": "));
        put_safe(out, kind, value);
        put(out, CW_LIT("\r\n"));
    }
}

static void put_seconds(struct writer *out, const char *name, int64_t value_s)
{
    if (value_s >= 0) {
        put_text(out, name);
        put_number(out, (uint64_t)value_s);
        put(out, CW_LIT("\r\n"));
    }
}

static void put_party(struct writer *out, const char *name, const struct cw_sip_party *party)
{
    put_text(out, name);
    if (party->display.len != 0) {
        put(out, CW_LIT("\""));
        put_safe(out, CW_SIP_HEADER_QUOTED, party->display);
        put(out, CW_LIT("\" "));
    }
    put(out, CW_LIT("<"));
    put_safe(out, CW_SIP_HEADER_URI, party->uri);
    put(out, CW_LIT(">"));
    if (party->tag.base != NULL) {
        put(out, CW_LIT(";tag="));
        put_safe(out, CW_SIP_HEADER_TOKEN, party->tag);
    }
    put(out, CW_LIT("\r\n"));
}

static void put_event(struct writer *out, const struct cw_sip_message *message)
{
    if (message->event.base != NULL) {
        put(out, CW_LIT("Event: "));
        put_safe(out, CW_SIP_HEADER_TOKEN, message->event);
        if (message->event_id.base != NULL) {
            put(out, CW_LIT(";id="));
            put_safe(out, CW_SIP_HEADER_TOKEN, message->event_id);
        }
        put(out, CW_LIT("\r\n"));
    }
    if (message->substate.base != NULL) {
        put(out, CW_LIT("Subscription-State: "));
        put_safe(out, CW_SIP_HEADER_TOKEN, message->substate);
        if (message->substate_reason.base != NULL) {
            put(out, CW_LIT(";reason="));
            put_safe(out, CW_SIP_HEADER_TOKEN, message->substate_reason);
        }
        if (message->substate_expires_s >= 0) {
            put(out, CW_LIT(";expires="));
            put_number(out, (uint64_t)message->substate_expires_s);
        }
        if (message->substate_retry_after_s >= 0) {
            put(out, CW_LIT(";retry-after="));
            put_number(out, (uint64_t)message->substate_retry_after_s);
        }
        put(out, CW_LIT("\r\n"));
    }
}

static void put_lists(struct writer *out, const struct cw_sip_message *message)
{
    put_field(out, "Accept", CW_SIP_HEADER_VALUE, message->accept);
    put_field(out, "Allow", CW_SIP_HEADER_VALUE, message->allow);
    put_field(out, "Allow-Events", CW_SIP_HEADER_VALUE, message->allow_events);
    put_field(out, "Require", CW_SIP_HEADER_VALUE, message->require);
    put_field(out, "Unsupported", CW_SIP_HEADER_VALUE, message->unsupported);
    put_field(out, "Supported", CW_SIP_HEADER_VALUE, message->supported);
    put_field(out, "Accept-Encoding", CW_SIP_HEADER_VALUE, message->accept_encoding);
    put_field(out, "Warning", CW_SIP_HEADER_VALUE, message->warning);
    put_field(out, "Privacy", CW_SIP_HEADER_VALUE, message->privacy);
}

static void put_angled(struct writer *out, const char *name, struct cw_bytes uri)
{
    if (uri.base != NULL) {
        put_text(out, name);
        put(out, CW_LIT(": <"));
        put_safe(out, CW_SIP_HEADER_URI, uri);
        put(out, CW_LIT(">\r\n"));
    }
}

static void put_extra(struct writer *out, const struct cw_sip_message *message)
{
    if (message->extra_name.base != NULL) {
        put_safe(out, CW_SIP_HEADER_TOKEN, message->extra_name);
        put(out, CW_LIT(": "));
        put_safe(out, CW_SIP_HEADER_VALUE, message->extra_value);
        put(out, CW_LIT("\r\n"));
    }
}

/* What requests and responses have in common, down to the end of the body. */
static void put_common(struct writer *out, const struct cw_sip_message *message)
{
    if (message->method != CW_SIP_MESSAGE) { /* MSG-24 */
        put_angled(out, "Contact", message->contact);
    }
    put_seconds(out, "Expires: ", message->expires_s);
    put_seconds(out, "Min-Expires: ", message->min_expires_s);
    put_seconds(out, "Retry-After: ", message->retry_after_s);
    put_event(out, message);
    put_lists(out, message);
    put_angled(out, "P-Asserted-Identity", message->asserted_identity);
    put_field(out, "Subject", CW_SIP_HEADER_TEXT, message->subject);
    put_field(out, "Date", CW_SIP_HEADER_VALUE, message->date);
    put_field(out, "SIP-ETag", CW_SIP_HEADER_TOKEN, message->etag);
    put_field(out, "SIP-If-Match", CW_SIP_HEADER_TOKEN, message->if_match);
    put_extra(out, message);
    put_field(out, "Content-Type", CW_SIP_HEADER_VALUE, message->content_type);
    put_field(out, "Content-Language", CW_SIP_HEADER_VALUE, message->content_language);
    put_field(out, "Content-Encoding", CW_SIP_HEADER_VALUE, message->content_encoding);
    put_field(out, "Content-Disposition", CW_SIP_HEADER_VALUE, message->content_disposition);
    put(out, CW_LIT("Content-Length: "));
    put_number(out, message->body.len);
    put(out, CW_LIT("\r\n\r\n"));
    put(out, message->body);
}

static struct cw_bytes method_text(const struct cw_sip_message *message)
{
    const char *const name = method_names[message->method];

    return message->method == CW_SIP_OTHER ? message->method_text
                                           : (struct cw_bytes){name, strlen(name)};
}

/* Text without its folds; header lines of others are written again on one line. */
static void put_unfolded(struct writer *out, struct cw_bytes text)
{
    size_t from = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] == '\r' || text.base[i] == '\n') {
            put(out, (struct cw_bytes){text.base + from, i - from});
            from = i + 1;
        }
    }
    put(out, (struct cw_bytes){text.base + from, text.len - from});
}

static void put_received_via(struct writer *out, const struct cw_sip_via *via,
                             struct cw_bytes received, uint16_t port)
{
    struct cw_bytes host = via->host;
    const char *at = via->text.base;
    const char *const end = via->text.base + via->text.len;

    if (host.len > 1 && host.base[0] == '[') {
        host = (struct cw_bytes){host.base + 1, host.len - 2};
    }
    put(out, CW_LIT("Via: "));
    if (via->rport.base != NULL) { /* RFC 3581 section 4: filled in, with received beside it */
        put_unfolded(out, (struct cw_bytes){at, (size_t)(via->rport.base - at)});
        put(out, CW_LIT("rport="));
        put_number(out, port);
        at = via->rport.base + via->rport.len;
    }
    put_unfolded(out, (struct cw_bytes){at, (size_t)(end - at)});
    if (via->received.base == NULL &&
        (via->rport.base != NULL || !cw_sip_same_text(host, received))) {
        put(out, CW_LIT(";received="));
        put(out, received);
    }
    put(out, CW_LIT("\r\n"));
}

static void put_lines(struct writer *out, const struct cw_sip_guarded *request,
                      enum cw_sip_line_id id, const char *name)
{
    for (size_t i = 0; i < request->line_count; i++) {
        if (request->lines[i].id == id) {
            put_text(out, name);
            put_unfolded(out, request->lines[i].value);
            put(out, CW_LIT("\r\n"));
        }
    }
}

static void put_line(struct writer *out, const char *name, struct cw_bytes value)
{
    put_text(out, name);
    put_unfolded(out, value);
}

static enum cw_err begin(struct writer *out, size_t cap, struct cw_arena *arena)
{
    *out = (struct writer){.base = cw_arena_alloc(arena, cap), .cap = cap, .arena = arena};
    return out->base == NULL ? CW_ERR_LIMIT : CW_OK;
}

/* Room for the headers we may write: the sum of what comes in, escapes, and our own words. */
static size_t room(const struct cw_sip_message *m)
{
    size_t sum = 2048 + m->body.len + m->request_uri.len + m->from.uri.len + m->to.uri.len +
                 2 * (m->from.display.len + m->to.display.len) + m->call_id.len + m->contact.len;

    for (size_t i = 0; i < m->route_count; i++) {
        sum += m->routes[i].len + 16;
    }
    return sum + m->accept.len + m->allow.len + m->allow_events.len + m->require.len +
           m->unsupported.len + m->supported.len + m->subject.len + m->content_type.len +
           m->content_language.len + m->content_encoding.len + m->content_disposition.len +
           m->accept_encoding.len + m->asserted_identity.len + m->privacy.len + m->warning.len +
           m->extra_name.len + m->extra_value.len + m->reason.len + m->etag.len + m->if_match.len +
           m->date.len;
}

void cw_sip_message_init(struct cw_sip_message *message)
{
    *message = (struct cw_sip_message){.max_forwards = CW_SIP_ABSENT,
                                       .expires_s = CW_SIP_ABSENT,
                                       .min_expires_s = CW_SIP_ABSENT,
                                       .retry_after_s = CW_SIP_ABSENT,
                                       .substate_expires_s = CW_SIP_ABSENT,
                                       .substate_retry_after_s = CW_SIP_ABSENT};
}

enum cw_err cw_sip_write_request(const struct cw_sip_message *request, size_t max,
                                 struct cw_arena *arena, struct cw_sip_wire *out)
{
    struct writer w;

    CW_TRY(begin(&w, room(request), arena));
    put_safe(&w, CW_SIP_HEADER_TOKEN, method_text(request));
    put(&w, CW_LIT(" "));
    put_safe(&w, CW_SIP_HEADER_URI, request->request_uri);
    put(&w, CW_LIT(" SIP/2.0\r\n"));
    const size_t start = w.len;
    put(&w, CW_LIT("Max-Forwards: "));
    put_number(&w, request->max_forwards < 0 ? 70 : (uint64_t)request->max_forwards); /* MSG-23 */
    put(&w, CW_LIT("\r\n"));
    for (size_t i = 0; i < request->route_count && i < CW_SIP_MAX_ROUTES; i++) {
        put_field(&w, "Route", CW_SIP_HEADER_VALUE, request->routes[i]);
    }
    put_party(&w, "From: ", &request->from);
    put_party(&w, "To: ", &request->to);
    put_field(&w, "Call-ID", CW_SIP_HEADER_WORD, request->call_id);
    put(&w, CW_LIT("CSeq: "));
    put_number(&w, request->cseq);
    put(&w, CW_LIT(" "));
    put_safe(&w, CW_SIP_HEADER_TOKEN, method_text(request));
    put(&w, CW_LIT("\r\nUser-Agent: " PRODUCT "\r\n"));
    put_common(&w, request);
    CW_TRY(w.failed);
    if (w.len > max) {
        return CW_ERR_LIMIT;
    }
    out->start = (struct cw_bytes){w.base, start};
    out->rest = (struct cw_bytes){w.base + start, w.len - start};
    return CW_OK;
}

enum cw_err cw_sip_write_echo(const struct cw_sip_guarded *request, struct cw_bytes tag,
                              struct cw_bytes received, uint16_t port, struct cw_arena *arena,
                              struct cw_bytes *out)
{
    struct writer w;

    CW_TRY(begin(&w, request->head.len + (size_t)CW_SIP_VIAS_MAX * 8 + 512, arena));
    put_received_via(&w, &request->vias[0], received, port);
    for (size_t i = 1; i < request->via_count; i++) {
        put_line(&w, "Via: ", request->vias[i].text);
        put(&w, CW_LIT("\r\n"));
    }
    put_lines(&w, request, CW_SIP_LINE_RECORD_ROUTE, "Record-Route: ");
    put_line(&w, "From: ", cw_sip_line_value(request, CW_SIP_LINE_FROM));
    put_line(&w, "\r\nTo: ", cw_sip_line_value(request, CW_SIP_LINE_TO));
    if (request->to.uri.base != NULL && request->to.tag.base == NULL) {
        put(&w, CW_LIT(";tag="));
        put(&w, tag);
    }
    put_line(&w, "\r\nCall-ID: ", cw_sip_line_value(request, CW_SIP_LINE_CALL_ID));
    put_line(&w, "\r\nCSeq: ", cw_sip_line_value(request, CW_SIP_LINE_CSEQ));
    put(&w, CW_LIT("\r\n"));
    *out = (struct cw_bytes){w.base, w.len};
    return w.failed;
}

enum cw_err cw_sip_write_response(const struct cw_sip_message *response, struct cw_bytes echo,
                                  size_t max, struct cw_arena *arena, struct cw_bytes *out)
{
    const char *const phrase = cw_error_reason_phrase(response->status);
    const struct cw_bytes reason = response->reason.base != NULL
                                       ? response->reason
                                       : (struct cw_bytes){phrase, strlen(phrase)};
    struct writer w;

    CW_TRY(begin(&w, room(response) + echo.len, arena));
    put(&w, CW_LIT("SIP/2.0 "));
    put_number(&w, response->status);
    put(&w, CW_LIT(" "));
    put_safe(&w, CW_SIP_HEADER_TEXT, reason);
    put(&w, CW_LIT("\r\n"));
    put(&w, echo);
    put(&w, CW_LIT("Server: " PRODUCT "\r\n"));
    put_common(&w, response);
    CW_TRY(w.failed);
    if (w.len > max) {
        return CW_ERR_LIMIT;
    }
    *out = (struct cw_bytes){w.base, w.len};
    return CW_OK;
}

enum cw_err cw_sip_write_via(enum cw_sip_transport transport, struct cw_bytes sent_by,
                             struct cw_bytes branch, struct cw_arena *arena, struct cw_bytes *out)
{
    struct writer w;

    CW_TRY(begin(&w, sent_by.len + branch.len + 64, arena));
    put(&w, CW_LIT("Via: SIP/2.0/"));
    put_text(&w, transport_names[transport]);
    put(&w, CW_LIT(" "));
    put_safe(&w, CW_SIP_HEADER_URI, sent_by);
    put(&w, CW_LIT(";branch="));
    put_safe(&w, CW_SIP_HEADER_TOKEN, branch);
    put(&w, CW_LIT(";rport\r\n"));
    *out = (struct cw_bytes){w.base, w.len};
    return w.failed;
}

const char *cw_sip_transport_name(enum cw_sip_transport transport)
{
    return transport_names[transport];
}

const char *cw_sip_method_name(enum cw_sip_method method)
{
    return method_names[method];
}

enum cw_sip_method cw_sip_method_read(struct cw_bytes name)
{
    for (unsigned i = 0; i < CW_SIP_OTHER; i++) {
        if (cw_bytes_equal(name, (struct cw_bytes){method_names[i], strlen(method_names[i])})) {
            return (enum cw_sip_method)i;
        }
    }
    return CW_SIP_OTHER;
}
