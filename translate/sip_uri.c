/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/sip_uri.h>

#include "ascii.h"
#include "percent.h"

/* A reader over the rest of the text; each step eats from the front. */
struct cursor {
    const char *at;
    const char *end;
};

static struct cw_bytes between(const char *from, const char *to)
{
    return (struct cw_bytes){from, (size_t)(to - from)};
}

static const char *find(struct cursor in, char c)
{
    return in.at == in.end ? NULL : memchr(in.at, c, (size_t)(in.end - in.at));
}

static bool is_scheme(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = cw_ascii_lower(text.base[i]);
        const bool letter = c >= 'a' && c <= 'z';

        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))) {
            return false;
        }
    }
    return text.len > 0;
}

static enum cw_uri_scheme scheme_of(struct cw_bytes name)
{
    static const struct {
        const char *name;
        enum cw_uri_scheme scheme;
    } SCHEMES[] = {{"sip", CW_URI_SIP},
                   {"sips", CW_URI_SIPS},
                   {"im", CW_URI_IM},
                   {"pres", CW_URI_PRES},
                   {"tel", CW_URI_TEL}};

    for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++) {
        if (cw_ascii_is_word(name, SCHEMES[i].name)) {
            return SCHEMES[i].scheme;
        }
    }
    return CW_URI_OTHER;
}

/* Visible ASCII, and none that ends a URI in a header. */
static bool is_printable(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.base[i];

        if (c <= ' ' || c > '~' || c == '<' || c == '>' || c == '"') {
            return false;
        }
    }
    return true;
}

/* The user part of im and pres has raw characters of its own (RFC 7247 section 6.2 table 1). */
static bool is_user(struct cw_bytes user, enum cw_uri_scheme scheme)
{
    const bool mail = scheme == CW_URI_IM || scheme == CW_URI_PRES;

    for (size_t i = 0; i < user.len; i++) {
        const char c = user.base[i];

        if (c != '%' && !cw_percent_raw(c, CW_PERCENT_USER) &&
            !(mail && strchr("#^`{|}", c) != NULL)) {
            return false;
        }
    }
    return user.len > 0;
}

static enum cw_err read_user(struct cursor *in, struct cw_sip_uri *uri)
{
    const char *const at_sign = find(*in, '@');

    if (at_sign == NULL) {
        return CW_OK;
    }

    const struct cursor userinfo = {in->at, at_sign};
    const char *const colon = find(userinfo, ':');

    uri->user = between(in->at, colon == NULL ? at_sign : colon); /* the password goes nowhere */
    in->at = at_sign + 1;
    return is_user(uri->user, uri->scheme) && find(*in, '@') == NULL ? CW_OK : CW_ERR_MALFORMED;
}

static bool is_host_char(char c, bool bracketed)
{
    const bool digit = c >= '0' && c <= '9';

    if (bracketed) {
        return cw_percent_digit(c) >= 0 || c == ':' || c == '.';
    }
    return digit || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

/* Empty labels are none; one dot may stand at the end. */
static bool has_empty_label(struct cw_bytes host)
{
    for (size_t i = 0; i < host.len; i++) {
        if (host.base[i] == '.' && (i == 0 || host.base[i - 1] == '.')) {
            return true;
        }
    }
    return false;
}

static const char *host_end(struct cursor in)
{
    const char *at = in.at;

    if (at < in.end && *at == '[') {
        at = find(in, ']');
        return at == NULL ? NULL : at + 1;
    }
    while (at < in.end && *at != ':' && *at != ';' && *at != '?') {
        at++;
    }
    return at;
}

static enum cw_err read_host(struct cursor *in, struct cw_arena *arena, struct cw_sip_uri *uri)
{
    const char *const end = host_end(*in);

    if (end == NULL || end == in->at) {
        return CW_ERR_MALFORMED;
    }

    const size_t len = (size_t)(end - in->at);
    const bool bracketed = *in->at == '[';
    char *const host = cw_arena_alloc(arena, len);

    if (host == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < len; i++) {
        const bool frame = bracketed && (i == 0 || i == len - 1);

        host[i] = cw_ascii_lower(in->at[i]);
        if (!frame && !is_host_char(host[i], bracketed)) {
            return CW_ERR_MALFORMED;
        }
    }
    uri->host = (struct cw_bytes){host, len};
    in->at = end;
    return (bracketed && len < 4) || has_empty_label(uri->host) ? CW_ERR_MALFORMED : CW_OK;
}

static enum cw_err read_port(struct cursor *in, struct cw_sip_uri *uri)
{
    unsigned port = 0;

    if (in->at == in->end || *in->at != ':') {
        return CW_OK;
    }
    for (in->at++; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
        port = port * 10 + (unsigned)(*in->at - '0');
        if (port > UINT16_MAX) {
            return CW_ERR_MALFORMED;
        }
    }
    uri->port = (uint16_t)port;
    return port > 0 ? CW_OK : CW_ERR_MALFORMED;
}

static bool is_param(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.base[i];

        if (c != '%' && c != '=' && !cw_percent_raw(c, CW_PERCENT_PARAM)) {
            return false;
        }
    }
    return text.len > 0;
}

static enum cw_err take_param(struct cw_bytes param, struct cw_sip_uri *uri)
{
    const struct cursor whole = {param.base, param.base + param.len};
    const char *const equals = find(whole, '=');
    const struct cw_bytes name = between(whole.at, equals == NULL ? whole.end : equals);
    const struct cw_bytes value =
        equals != NULL ? between(equals + 1, whole.end) : (struct cw_bytes){0};

    if (!is_param(param) || name.len == 0) {
        return CW_ERR_MALFORMED;
    }
    if (cw_ascii_is_word(name, "gr")) {
        if (uri->gr_flag) { /* two identities */
            return CW_ERR_MALFORMED;
        }
        uri->gr_flag = true;
        uri->gr = value;
    } else if (cw_ascii_is_word(name, "transport")) {
        uri->transport = value;
    } else if (cw_ascii_is_word(name, "lr")) {
        uri->lr = true;
    }
    return CW_OK;
}

static enum cw_err read_params(struct cursor *in, struct cw_sip_uri *uri)
{
    while (in->at < in->end && *in->at == ';') {
        const char *const start = in->at + 1;
        const char *end = start;

        while (end < in->end && *end != ';' && *end != '?') {
            end++;
        }
        CW_TRY(take_param(between(start, end), uri));
        in->at = end;
    }
    /* What is left are headers, which nobody needs here (ADDR-21). */
    return in->at == in->end || *in->at == '?' ? CW_OK : CW_ERR_MALFORMED;
}

enum cw_err cw_sip_uri_read(struct cw_bytes text, struct cw_arena *arena, struct cw_sip_uri *out)
{
    struct cursor in = {text.base, text.base == NULL ? NULL : text.base + text.len};
    const char *const colon = find(in, ':');
    struct cw_sip_uri uri = {0};

    if (colon == NULL || !is_scheme(between(in.at, colon)) || !is_printable(text)) {
        return CW_ERR_MALFORMED;
    }
    uri.scheme = scheme_of(between(in.at, colon));
    in.at = colon + 1;
    if (uri.scheme == CW_URI_TEL) {
        const char *const semicolon = find(in, ';');

        uri.user = between(in.at, semicolon == NULL ? in.end : semicolon);
    } else if (uri.scheme != CW_URI_OTHER) {
        CW_TRY(read_user(&in, &uri));
        CW_TRY(read_host(&in, arena, &uri));
        CW_TRY(read_port(&in, &uri));
        CW_TRY(read_params(&in, &uri));
    }
    if (uri.scheme == CW_URI_TEL && uri.user.len == 0) {
        return CW_ERR_MALFORMED;
    }
    *out = uri;
    return CW_OK;
}

static struct cw_bytes without_dot(struct cw_bytes host)
{
    if (host.len > 1 && host.base[host.len - 1] == '.') {
        host.len--;
    }
    return host;
}

enum cw_err cw_sip_uri_aor(const struct cw_sip_uri *uri, struct cw_arena *arena,
                           struct cw_bytes *out)
{
    const struct cw_bytes host = without_dot(uri->host);
    struct cw_bytes user;

    if (uri->user.len == 0 || host.len == 0) {
        return CW_ERR_ADDRESS;
    }

    const enum cw_err err = cw_percent_decode(uri->user, arena, &user);

    if (err != CW_OK) {
        return err == CW_ERR_MALFORMED ? CW_ERR_ADDRESS : err;
    }
    CW_TRY(cw_percent_encode(user, CW_PERCENT_USER, arena, &user)); /* ADDR-7, ADDR-9 */

    const size_t len = 4 + user.len + 1 + host.len;
    char *const base = cw_arena_alloc(arena, len);

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): no string */
    memcpy(base, "sip:", 4);
    memcpy(base + 4, user.base, user.len);
    base[4 + user.len] = '@';
    memcpy(base + 5 + user.len, host.base, host.len);
    *out = (struct cw_bytes){base, len};
    return CW_OK;
}
