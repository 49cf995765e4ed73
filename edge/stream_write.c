/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_write.h"

#include "base64.h"

#include <causeway/clock.h>
#include <stdlib.h>

/** Grows as needed; one element at a time, so it stays small. */
struct text {
    char *base;
    size_t len, room;
};

static void add(struct text *text, struct cw_bytes more)
{
    if (more.len > text->room - text->len) {
        text->room = 2 * (text->len + more.len) + 256;
        text->base = realloc(text->base, text->room);
        if (text->base == NULL) {
            abort();
        }
    }
    if (more.len > 0) {
        memcpy(text->base + text->len, more.base, more.len);
        text->len += more.len;
    }
}

static struct cw_bytes of_string(const char *string)
{
    return (struct cw_bytes){string, strlen(string)};
}

static void add_string(struct text *text, const char *string)
{
    add(text, of_string(string));
}

static void add_escaped(struct text *text, struct cw_bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        switch (value.base[i]) {
        case '&':
            add_string(text, "&amp;");
            break;
        case '<':
            add_string(text, "&lt;");
            break;
        case '>':
            add_string(text, "&gt;");
            break;
        case '\'':
            add_string(text, "&apos;");
            break;
        default:
            add(text, (struct cw_bytes){value.base + i, 1});
            break;
        }
    }
}

/** name='value', nothing for an absent value. */
static void add_attribute(struct text *text, const char *name, struct cw_bytes value)
{
    if (value.base != NULL) {
        add_string(text, " ");
        add_string(text, name);
        add_string(text, "='");
        add_escaped(text, value);
        add_string(text, "'");
    }
}

static void flush(struct cw_stream *s, struct text *text)
{
    cw_stream_write(s, (struct cw_bytes){text->base, text->len});
    free(text->base);
}

static void new_id(struct cw_stream *s)
{
    static const char DIGITS[] = "0123456789abcdef";
    unsigned char random[CW_STREAM_ID_LEN / 2];

    cw_clock_random(random, sizeof(random)); /* STREAM-11 */
    for (size_t i = 0; i < sizeof(random); i++) {
        s->id[2 * i] = DIGITS[random[i] >> 4];
        s->id[2 * i + 1] = DIGITS[random[i] & 15];
    }
    s->id[CW_STREAM_ID_LEN] = '\0';
}

void cw_stream_write(struct cw_stream *stream, struct cw_bytes bytes)
{
    if (stream->connection != NULL && bytes.len > 0) {
        stream->last_write_ms = cw_clock_now_ms();
        cw_stream_count_bytes(stream, false, bytes.len);
        cw_tls_stream_write(stream->connection, bytes);
    }
}

void cw_stream_write_header(struct cw_stream *s)
{
    struct text text = {0};

    add_string(&text, "<?xml version='1.0'?><stream:stream xmlns='" CW_NS_SERVER
                      "' xmlns:stream='" CW_NS_STREAM "' xmlns:db='" CW_NS_DIALBACK "'");
    if (!s->outgoing) {
        new_id(s);
        add_attribute(&text, "id", of_string(s->id));
    }
    add_attribute(&text, "from", cw_domain_bytes(&s->own));
    add_attribute(&text, "to", cw_domain_bytes(&s->remote));
    add_string(&text, " version='1.0' xml:lang='en'>");
    flush(s, &text);
    s->header_sent = true;
}

static void add_number(struct text *text, uint32_t number)
{
    char digits[10];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    add(text, (struct cw_bytes){digits + at, sizeof(digits) - at});
}

/** What we take at most (XEP-0478), for those who are not strangers any more (STREAM-131). */
static void add_limits(struct text *text, const struct cw_stream *s)
{
    add_string(text, "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>");
    add_number(text, (uint32_t)cw_limits_for(true, s->env.max_stanza_size).element_bytes);
    add_string(text, "</max-bytes>");
    if (s->env.inactivity_timeout_ms >= 1000) {
        add_string(text, "<idle-seconds>");
        add_number(text, s->env.inactivity_timeout_ms / 1000);
        add_string(text, "</idle-seconds>");
    }
    add_string(text, "</limits>");
}

void cw_stream_write_features(struct cw_stream *s, const struct cw_features *features)
{
    struct text text = {0};

    add_string(&text, "<stream:features>");
    if (features->starttls) {
        add_string(&text, "<starttls xmlns='" CW_NS_TLS "'>");
        add_string(&text, features->starttls_required ? "<required/></starttls>" : "</starttls>");
    }
    if (features->external) {
        add_string(&text, "<mechanisms xmlns='" CW_NS_SASL
                          "'><mechanism>EXTERNAL</mechanism></mechanisms>");
    }
    if (features->dialback) {
        add_string(&text, "<dialback xmlns='" CW_NS_DIALBACK_FEATURE "'><errors/></dialback>");
    }
    if (s->secure) { /* before TLS nothing but TLS is offered, STREAM-22 */
        add_limits(&text, s);
    }
    add_string(&text, "</stream:features>");
    flush(s, &text);
}

void cw_stream_write_empty(struct cw_stream *s, const char *element, const char *ns)
{
    struct text text = {0};

    add_string(&text, "<");
    add_string(&text, element);
    add_attribute(&text, "xmlns", of_string(ns));
    add_string(&text, "/>");
    flush(s, &text);
}

void cw_stream_write_sasl_failure(struct cw_stream *s, enum cw_sasl_failure failure)
{
    struct text text = {0};

    add_string(&text, "<failure xmlns='" CW_NS_SASL "'><");
    add_string(&text, cw_sasl_failure_name(failure));
    add_string(&text, "/></failure>");
    flush(s, &text);
}

void cw_stream_write_external(struct cw_stream *s)
{
    char encoded[CW_BASE64_LEN(CW_DOMAIN_MAX)];
    const size_t len = cw_base64_encode(cw_domain_bytes(&s->own), encoded); /* STREAM-41 */
    struct text text = {0};

    add_string(&text, s->challenged ? "<response xmlns='" CW_NS_SASL "'>"
                                    : "<auth xmlns='" CW_NS_SASL "' mechanism='EXTERNAL'>");
    add(&text, (struct cw_bytes){encoded, len});
    add_string(&text, s->challenged ? "</response>" : "</auth>");
    flush(s, &text);
}

void cw_stream_write_error(struct cw_stream *s, enum cw_condition condition, const char *text)
{
    struct text out = {0};

    if (!s->header_sent) {
        if (s->outgoing) {
            return;
        }
        cw_stream_write_header(s);
    }
    add_string(&out, "<stream:error><");
    add_string(&out, cw_condition_name(condition));
    add_string(&out, " xmlns='" CW_NS_ERRORS "'/>");
    if (text != NULL) {
        add_string(&out, "<text xmlns='" CW_NS_ERRORS "' xml:lang='en'>");
        add_escaped(&out, of_string(text));
        add_string(&out, "</text>");
    }
    add_string(&out, "</stream:error>");
    flush(s, &out);
}

void cw_stream_write_end(struct cw_stream *s)
{
    if (s->header_sent && !s->end_sent) {
        s->end_sent = true;
        cw_stream_write(s, CW_LIT("</stream:stream>"));
    }
}

char *cw_stream_dialback_text(const struct cw_stream_dialback *element, size_t *len)
{
    struct text text = {0};

    add_string(&text, "<");
    add_string(&text, element->name);
    add_attribute(&text, "from", element->from);
    add_attribute(&text, "to", element->to);
    add_attribute(&text, "id", element->id);
    if (element->type != NULL) {
        add_attribute(&text, "type", of_string(element->type));
    }
    add_string(&text, ">");
    add_escaped(&text, element->key);
    if (element->condition != NULL) {
        add_string(&text, "<error type='cancel'><");
        add_string(&text, element->condition);
        add_string(&text, " xmlns='" CW_NS_STANZAS "'/></error>");
    }
    add_string(&text, "</");
    add_string(&text, element->name);
    add_string(&text, ">");
    *len = text.len;
    return text.base;
}

void cw_stream_write_dialback(struct cw_stream *s, const struct cw_stream_dialback *element)
{
    size_t len = 0;
    char *text = cw_stream_dialback_text(element, &len);

    cw_stream_write(s, (struct cw_bytes){text, len});
    free(text);
}
