/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/address.h>

#include "ascii.h"
#include "host_name.h"
#include "percent.h"

#include <causeway/utf8.h>

/* XEP-0106 section 3, the ten sequences (ADDR-10, ADDR-16). */
static const struct {
    char plain;
    char high; /* lower-case hexadecimal digits of `plain` */
    char low;
} ESCAPES[] = {
    {' ', '2', '0'}, {'"', '2', '2'}, {'&', '2', '6'}, {'\'', '2', '7'}, {'/', '2', 'f'},
    {':', '3', 'a'}, {'<', '3', 'c'}, {'>', '3', 'e'}, {'@', '4', '0'},  {'\\', '5', 'c'},
};
#define ESCAPE_COUNT (sizeof(ESCAPES) / sizeof(ESCAPES[0]))

/* What the two characters at `at` stand for behind a backslash; NUL for nothing (ADDR-13). */
static char escaped_at(struct cw_bytes text, size_t at)
{
    if (at > text.len || text.len - at < 2) {
        return '\0';
    }
    for (size_t i = 0; i < ESCAPE_COUNT; i++) {
        if (cw_ascii_lower(text.base[at]) == ESCAPES[i].high &&
            cw_ascii_lower(text.base[at + 1]) == ESCAPES[i].low) {
            return ESCAPES[i].plain;
        }
    }
    return '\0';
}

static size_t put_escape(char *to, char plain)
{
    for (size_t i = 0; i < ESCAPE_COUNT; i++) {
        if (ESCAPES[i].plain == plain) {
            to[0] = '\\';
            to[1] = ESCAPES[i].high;
            to[2] = ESCAPES[i].low;
            return 3;
        }
    }
    to[0] = plain;
    return 1;
}

/* One pass from the left (ADDR-15); other backslashes are literal (ADDR-11). */
static enum cw_err unescape(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    if (text.len == 0 || memchr(text.base, '\\', text.len) == NULL) {
        *out = text;
        return CW_OK;
    }

    char *const base = cw_arena_alloc(arena, text.len);
    size_t len = 0;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        char plain = '\0';

        if (text.base[i] == '\\') {
            plain = escaped_at(text, i + 1);
        }
        if (plain == '\0') {
            base[len++] = text.base[i];
        } else {
            base[len++] = plain;
            i += 2;
        }
    }
    *out = (struct cw_bytes){base, len};
    return CW_OK;
}

/* Fails for text that has no escaped form: blank at an end (ADDR-14). */
static enum cw_err escape(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    if (text.len == 0 || text.base[0] == ' ' || text.base[text.len - 1] == ' ') {
        return CW_ERR_ADDRESS;
    }

    char *const base = cw_arena_alloc(arena, 3 * text.len);
    size_t len = 0;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.base[i];

        if (c == '\\' && escaped_at(text, i + 1) == '\0') { /* ADDR-12 */
            base[len++] = c;
        } else {
            len += put_escape(base + len, c);
        }
    }
    *out = (struct cw_bytes){base, len};
    return CW_OK;
}

/* ---- JID to SIP URI ---- */

static enum cw_err user_of(struct cw_bytes local, struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_bytes user;
    struct cw_bytes again;

    CW_TRY(unescape(local, arena, &user));
    if (user.base != local.base) {
        CW_TRY(escape(user, arena, &again));
        if (!cw_bytes_equal(again, local)) { /* ADDR-19 */
            return CW_ERR_ADDRESS;
        }
    }
    return cw_percent_encode(user, CW_PERCENT_USER, arena, out);
}

static char *put(char *to, struct cw_bytes part)
{
    if (part.len > 0) {
        memcpy(to, part.base, part.len);
    }
    return to + part.len;
}

enum cw_err cw_address_to_sip(const struct cw_jid *jid, enum cw_address_form form,
                              struct cw_arena *arena, struct cw_bytes *out)
{
    const bool with_gr = form == CW_ADDRESS_WITH_GR && jid->resource.base != NULL;
    struct cw_bytes user;
    struct cw_bytes host;
    struct cw_bytes gr = {0};

    if (jid->local.len == 0 || cw_host_is_ip(jid->domain)) { /* a server, ADDR-20 step 2 */
        return CW_ERR_ADDRESS;
    }
    CW_TRY(user_of(jid->local, arena, &user));
    CW_TRY(cw_jid_domain_ascii(jid->domain, arena, &host));
    if (with_gr) { /* ADDR-23 */
        CW_TRY(cw_percent_encode(jid->resource, CW_PERCENT_PARAM, arena, &gr));
    }

    char *const base = cw_arena_alloc(arena, 4 + user.len + 1 + host.len + 4 + gr.len);
    char *to = base;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    to = put(to, CW_LIT("sip:"));
    to = put(to, user);
    *to++ = '@';
    to = put(to, host);
    if (with_gr) {
        to = put(to, CW_LIT(";gr="));
        to = put(to, gr);
    }
    *out = (struct cw_bytes){base, (size_t)(to - base)};
    return CW_OK;
}

/* ---- SIP URI to JID ---- */

#define FULLWIDTH_FIRST  0xFF01u /* of '!' */
#define FULLWIDTH_LAST   0xFF5Eu /* of '~' */
#define FULLWIDTH_OFFSET 0xFEE0u

/* Full-width forms of ASCII become ASCII before the escaping: UsernameCaseMapped would do it
 * afterwards, and so turn a harmless text into an escape sequence. */
static enum cw_err narrow(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    char *const base = cw_arena_alloc(arena, text.len + 1);
    size_t used = 0;
    uint32_t code_point;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t at = 0; at < text.len;) {
        const size_t len = cw_utf8_step(text, at, &code_point);

        if (code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F)) {
            return CW_ERR_UNKNOWN_USER; /* ADDR-17 */
        }
        if (code_point >= FULLWIDTH_FIRST && code_point <= FULLWIDTH_LAST) {
            base[used++] = (char)(code_point - FULLWIDTH_OFFSET);
        } else {
            memcpy(base + used, text.base + at, len);
            used += len;
        }
        at += len;
    }
    *out = (struct cw_bytes){base, used};
    return CW_OK;
}

/* What is no address on the XMPP side is a user that does not exist there. */
static enum cw_err unknown_if_bad(enum cw_err err)
{
    return err == CW_ERR_ADDRESS ? CW_ERR_UNKNOWN_USER : err;
}

static enum cw_err local_of(struct cw_bytes raw, struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_bytes user;

    CW_TRY(cw_percent_decode(raw, arena, &user)); /* ADDR-17 */
    CW_TRY(narrow(user, arena, &user));
    CW_TRY(unknown_if_bad(escape(user, arena, &user)));

    /* A JID reader splits at separators; `user` has none left. */
    struct cw_jid jid;
    char *const text = cw_arena_alloc(arena, user.len + 2);

    if (text == NULL) {
        return CW_ERR_LIMIT;
    }
    (void)put(put(text, user), CW_LIT("@x"));
    CW_TRY(unknown_if_bad(cw_jid_read((struct cw_bytes){text, user.len + 2}, arena, &jid)));
    *out = jid.local;
    return CW_OK;
}

static enum cw_err resource_of(const struct cw_sip_uri *uri, struct cw_arena *arena,
                               struct cw_bytes *out)
{
    struct cw_bytes value;

    if (uri->gr.len == 0) { /* a temporary GRUU, ADDR-24 */
        return CW_ERR_UNKNOWN_USER;
    }
    CW_TRY(cw_percent_decode(uri->gr, arena, &value));
    return unknown_if_bad(cw_jid_resource(value, arena, out));
}

enum cw_err cw_address_to_jid(const struct cw_sip_uri *uri, struct cw_arena *arena,
                              struct cw_jid *out)
{
    struct cw_jid jid = {0};

    if (uri->scheme != CW_URI_SIP && uri->scheme != CW_URI_IM &&
        uri->scheme != CW_URI_PRES) { /* ADDR-26 */
        return CW_ERR_UNSUPPORTED;    /* ADDR-21 step 1, ARCH-7, ADDR-27 */
    }
    if (uri->user.base == NULL ||
        cw_host_is_ip(uri->host)) { /* ADDR-28: user=phone is not looked at */
        return CW_ERR_UNKNOWN_USER;
    }
    CW_TRY(local_of(uri->user, arena, &jid.local));
    CW_TRY(unknown_if_bad(cw_jid_domain(uri->host, arena, &jid.domain)));
    if (uri->gr_flag) {
        CW_TRY(resource_of(uri, arena, &jid.resource));
    }
    *out = jid;
    return CW_OK;
}

enum cw_err cw_address_key(const struct cw_sip_uri *uri, struct cw_arena *arena,
                           struct cw_bytes *out)
{
    struct cw_jid jid;

    CW_TRY(cw_address_to_jid(uri, arena, &jid));
    return cw_address_to_sip(&jid, CW_ADDRESS_AOR, arena, out);
}

/* ---- tel: URI ---- */

static bool is_dialled(char c)
{
    return (c >= '0' && c <= '9') || c == '+' || c == '*' || c == '#';
}

enum cw_err cw_address_of_tel(const struct cw_sip_uri *uri, struct cw_bytes domain,
                              struct cw_arena *arena, struct cw_sip_uri *out)
{
    char *digits;
    size_t len = 0;

    if (uri->scheme != CW_URI_TEL) {
        return CW_ERR_UNSUPPORTED;
    }
    digits = cw_arena_alloc(arena, uri->user.len);
    if (digits == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < uri->user.len; i++) {
        if (is_dialled(uri->user.base[i])) {
            digits[len++] = uri->user.base[i];
        }
    }
    *out = (struct cw_sip_uri){.scheme = CW_URI_SIP, .host = domain};
    if (len == 0) {
        return CW_ERR_UNKNOWN_USER;
    }
    return cw_percent_encode((struct cw_bytes){digits, len}, CW_PERCENT_USER, arena, &out->user);
}

/* ---- xmpp: URI ---- */

/* RFC 5122 section 2.2: of what a node may hold, these and non-ASCII do not stay raw. */
static bool is_raw_in_xmpp_uri(char c)
{
    return c > ' ' && c < 0x7F && strchr("\"#%<>?[\\]^`{|}", c) == NULL;
}

enum cw_err cw_address_xmpp_uri(const struct cw_jid *jid, struct cw_arena *arena,
                                struct cw_bytes *out)
{
    static const char HEX[] = "0123456789ABCDEF";
    const struct cw_jid bare = cw_jid_bare(jid);
    struct cw_bytes text;

    CW_TRY(cw_jid_write(&bare, arena, &text));

    char *const base = cw_arena_alloc(arena, 5 + 3 * text.len);
    char *to = base;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    to = put(to, CW_LIT("xmpp:"));
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.base[i];

        if (is_raw_in_xmpp_uri(text.base[i])) { /* ADDR-31 */
            *to++ = text.base[i];
        } else {
            *to++ = '%';
            *to++ = HEX[c >> 4];
            *to++ = HEX[c & 15];
        }
    }
    *out = (struct cw_bytes){base, (size_t)(to - base)};
    return CW_OK;
}
