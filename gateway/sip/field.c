/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"

#include "header.h"

/* A cursor over a value. White space includes CR and LF: the guard has let them stand only where a
 * line is folded. */
struct cursor {
    const char *at;
    const char *end;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static void skip_space(struct cursor *in)
{
    while (in->at < in->end && is_space(*in->at)) {
        in->at++;
    }
}

static bool take(struct cursor *in, char c)
{
    skip_space(in);
    if (in->at < in->end && *in->at == c) {
        in->at++;
        return true;
    }
    return false;
}

/* Up to white space or one of `stop`, which is not taken. */
static struct cw_bytes take_until(struct cursor *in, const char *stop)
{
    skip_space(in);
    const char *const from = in->at;

    while (in->at < in->end && !is_space(*in->at) && strchr(stop, *in->at) == NULL) {
        in->at++;
    }
    return (struct cw_bytes){from, (size_t)(in->at - from)};
}

/* A quoted-string with its quotes; absent if it does not end. */
static struct cw_bytes take_quoted(struct cursor *in)
{
    const char *const from = in->at;

    for (in->at++; in->at < in->end; in->at++) {
        if (*in->at == '\\') {
            in->at++;
        } else if (*in->at == '"') {
            in->at++;
            return (struct cw_bytes){from, (size_t)(in->at - from)};
        }
    }
    in->at = in->end;
    return (struct cw_bytes){NULL, 0};
}

struct param {
    struct cw_bytes whole; /* name=value */
    struct cw_bytes name;
    struct cw_bytes value;
};

/* One parameter behind its ";" (RFC 3261 generic-param). */
static enum cw_err take_param(struct cursor *in, struct param *out)
{
    out->name = take_until(in, "=;,<>\"");
    out->value = (struct cw_bytes){NULL, 0};
    if (!cw_sip_is_token(out->name)) {
        return CW_ERR_MALFORMED;
    }
    const char *last = in->at;
    if (take(in, '=')) {
        skip_space(in);
        out->value =
            in->at < in->end && *in->at == '"' ? take_quoted(in) : take_until(in, ";,<>\"=");
        if (out->value.len == 0) {
            return CW_ERR_MALFORMED;
        }
        last = in->at;
    }
    out->whole = (struct cw_bytes){out->name.base, (size_t)(last - out->name.base)};
    return CW_OK;
}

/* Keeps the first of each; a second one of the same name is refused. */
static enum cw_err keep(struct cw_bytes *place, struct cw_bytes value)
{
    if (place->base != NULL) {
        return CW_ERR_MALFORMED;
    }
    *place = value;
    return CW_OK;
}

static enum cw_err keep_via_param(struct cw_sip_via *via, const struct param *param)
{
    if (cw_sip_same_text(param->name, CW_LIT("branch"))) {
        return keep(&via->branch, param->value);
    }
    if (cw_sip_same_text(param->name, CW_LIT("rport"))) {
        return keep(&via->rport, param->whole);
    }
    return cw_sip_same_text(param->name, CW_LIT("received")) ? keep(&via->received, param->whole)
                                                             : CW_OK;
}

static enum cw_err via_params(struct cursor *in, struct cw_sip_via *via)
{
    while (take(in, ';')) {
        struct param param;

        CW_TRY(take_param(in, &param));
        CW_TRY(keep_via_param(via, &param));
    }
    return CW_OK;
}

static enum cw_err take_port(struct cursor *in, uint16_t *port)
{
    uint64_t number = 0;

    if (cw_sip_number_read(take_until(in, ";,>?"), UINT16_MAX, &number) != CW_OK || number == 0) {
        return CW_ERR_MALFORMED;
    }
    *port = (uint16_t)number;
    return CW_OK;
}

static enum cw_err take_host(struct cursor *in, struct cw_bytes *host)
{
    skip_space(in);
    if (in->at < in->end && *in->at == '[') {
        const char *const close = memchr(in->at, ']', (size_t)(in->end - in->at));

        if (close == NULL) {
            return CW_ERR_MALFORMED;
        }
        *host = (struct cw_bytes){in->at, (size_t)(close + 1 - in->at)};
        in->at = close + 1;
    } else {
        *host = take_until(in, ":;,>?");
    }
    return cw_sip_is_uri_text(*host) ? CW_OK : CW_ERR_MALFORMED;
}

bool cw_sip_same_text(struct cw_bytes a, struct cw_bytes b)
{
    if (a.len != b.len) {
        return false;
    }
    if (a.len == 0 || memcmp(a.base, b.base, a.len) == 0) {
        return true; /* mostly names are printed as the standard does */
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.base[i]) != lower(b.base[i])) {
            return false;
        }
    }
    return true;
}

struct cw_bytes cw_sip_trim(struct cw_bytes text)
{
    while (text.len != 0 && is_space(text.base[0])) {
        text.base++;
        text.len--;
    }
    while (text.len != 0 && is_space(text.base[text.len - 1])) {
        text.len--;
    }
    return text;
}

enum cw_err cw_sip_number_read(struct cw_bytes text, uint64_t max, uint64_t *out)
{
    uint64_t number = 0;

    if (text.len == 0) {
        return CW_ERR_MALFORMED;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] < '0' || text.base[i] > '9') {
            return CW_ERR_MALFORMED;
        }
        number = number * 10 + (uint64_t)(text.base[i] - '0');
        if (number > max) { /* max <= 2^32, so this stops long before an overflow */
            return CW_ERR_MALFORMED;
        }
    }
    *out = number;
    return CW_OK;
}

enum cw_err cw_sip_via_read(struct cw_bytes *value, struct cw_sip_via *out)
{
    struct cw_sip_via via = {.port = 0};

    if (value->len == 0) {
        return CW_ERR_MALFORMED;
    }
    struct cursor in = {value->base, value->base + value->len};
    skip_space(&in);
    const char *const from = in.at;
    const struct cw_bytes protocol = take_until(&in, "/");
    if (!cw_sip_same_text(protocol, CW_LIT("SIP")) || !take(&in, '/') ||
        !cw_bytes_equal(take_until(&in, "/"), CW_LIT("2.0")) || !take(&in, '/')) {
        return CW_ERR_MALFORMED;
    }
    via.transport = take_until(&in, ";,");
    if (!cw_sip_is_token(via.transport)) {
        return CW_ERR_MALFORMED;
    }
    CW_TRY(take_host(&in, &via.host));
    if (take(&in, ':')) {
        CW_TRY(take_port(&in, &via.port));
    }
    CW_TRY(via_params(&in, &via));
    via.text = cw_sip_trim((struct cw_bytes){from, (size_t)(in.at - from)});
    skip_space(&in);
    if (in.at < in.end && *in.at++ != ',') {
        return CW_ERR_MALFORMED;
    }
    *value = (struct cw_bytes){in.at, (size_t)(in.end - in.at)};
    *out = via;
    return CW_OK;
}

/* The part up to the parameters: `name <uri>` or a bare uri, which then holds no "?", "," or ";".
 */
static enum cw_err address_uri(struct cursor *in, struct cw_sip_address *address)
{
    skip_space(in);
    const char *const from = in->at;
    const char *open = from;

    if (open < in->end && *open == '"') {
        if (take_quoted(in).len == 0) {
            return CW_ERR_MALFORMED;
        }
        open = in->at;
    }
    open = open < in->end ? memchr(open, '<', (size_t)(in->end - open)) : NULL;
    if (open == NULL) {
        in->at = from;
        address->uri = take_until(in, ";,?<>\"");
        return cw_sip_is_uri_text(address->uri) ? CW_OK : CW_ERR_MALFORMED;
    }
    const char *const close = memchr(open, '>', (size_t)(in->end - open));
    if (close == NULL) {
        return CW_ERR_MALFORMED;
    }
    const struct cw_bytes display = cw_sip_trim((struct cw_bytes){from, (size_t)(open - from)});
    if (display.len != 0) {
        address->display = display;
    }
    address->uri = (struct cw_bytes){open + 1, (size_t)(close - open - 1)};
    in->at = close + 1;
    return cw_sip_is_uri_text(address->uri) ? CW_OK : CW_ERR_MALFORMED;
}

static enum cw_err keep_address_param(struct cw_sip_address *address, const struct param *param)
{
    if (cw_sip_same_text(param->name, CW_LIT("gr"))) {
        return keep(&address->gr, param->value.base != NULL ? param->value : CW_LIT(""));
    }
    if (!cw_sip_same_text(param->name, CW_LIT("tag"))) {
        return CW_OK;
    }
    return keep(&address->tag, param->value.base != NULL ? param->value : CW_LIT(""));
}

static enum cw_err address_params(struct cursor *in, struct cw_sip_address *address)
{
    while (take(in, ';')) {
        struct param param;

        CW_TRY(take_param(in, &param));
        CW_TRY(keep_address_param(address, &param));
    }
    return CW_OK;
}

enum cw_err cw_sip_address_read(struct cw_bytes value, struct cw_sip_address *out)
{
    struct cw_sip_address address = {.uri = {NULL, 0}};

    if (value.len == 0) {
        return CW_ERR_MALFORMED;
    }
    struct cursor in = {value.base, value.base + value.len};
    CW_TRY(address_uri(&in, &address));
    if (memchr(address.uri.base, ':', address.uri.len) == NULL) {
        return CW_ERR_MALFORMED;
    }
    CW_TRY(address_params(&in, &address));
    skip_space(&in);
    if (in.at != in.end || (address.tag.base != NULL && !cw_sip_is_token(address.tag))) {
        return CW_ERR_MALFORMED;
    }
    *out = address;
    return CW_OK;
}

/* Headers of a URI ("?...") play no part in where it leads. */
static enum cw_err hop_params(struct cursor *in, struct cw_sip_hop_address *hop)
{
    while (take(in, ';')) {
        const struct cw_bytes name = take_until(in, "=;,>?");

        if (name.len == 0) {
            return CW_ERR_MALFORMED;
        }
        if (take(in, '=')) {
            const struct cw_bytes value = take_until(in, ";,>?");

            if (cw_sip_same_text(name, CW_LIT("transport"))) {
                hop->transport = value;
            }
        }
    }
    return CW_OK;
}

enum cw_err cw_sip_hop_address_read(struct cw_bytes text, struct cw_sip_hop_address *out)
{
    struct cw_sip_address address = {.uri = {NULL, 0}};
    struct cw_sip_hop_address hop = {.port = 0};

    if (text.len == 0) {
        return CW_ERR_MALFORMED;
    }
    struct cursor whole = {text.base, text.base + text.len};
    if (memchr(text.base, '<', text.len) != NULL) {
        CW_TRY(address_uri(&whole, &address));
        text = address.uri;
    }
    struct cursor in = {text.base, text.base + text.len};
    const struct cw_bytes scheme = take_until(&in, ":");
    hop.sips = cw_sip_same_text(scheme, CW_LIT("sips"));
    if ((!hop.sips && !cw_sip_same_text(scheme, CW_LIT("sip"))) || !take(&in, ':')) {
        return CW_ERR_MALFORMED;
    }
    for (const char *c = in.at; c < in.end; c++) { /* the host begins behind the last "@" */
        in.at = *c == '@' ? c + 1 : in.at;
    }
    CW_TRY(take_host(&in, &hop.host));
    if (take(&in, ':')) {
        CW_TRY(take_port(&in, &hop.port));
    }
    CW_TRY(hop_params(&in, &hop));
    if (hop.host.base[0] == '[') {
        hop.host.base++;
        hop.host.len -= 2;
    }
    *out = hop;
    return CW_OK;
}
