/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/jid.h>

#include "ascii.h"
#include "host_name.h"
#include "jid_prep.h"

static bool is_ascii(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.base[i] > 0x7E) {
            return false;
        }
    }
    return true;
}

/* `text` itself, or a copy with A to Z in lower case when it has any of them. */
static enum cw_err lower(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    size_t first = 0;

    while (first < text.len && cw_ascii_lower(text.base[first]) == text.base[first]) {
        first++;
    }
    if (first == text.len) {
        *out = text;
        return CW_OK;
    }

    char *const copy = cw_arena_alloc(arena, text.len);

    if (copy == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        copy[i] = cw_ascii_lower(text.base[i]);
    }
    *out = (struct cw_bytes){copy, text.len};
    return CW_OK;
}

/* ASCII: the characters that ADDR-3 excludes, and blanks and controls, which the class excludes. */
static bool is_bad_in_local(char c)
{
    return c <= ' ' || c == '"' || c == '&' || c == '\'' || c == '/' || c == ':' || c == '<' ||
           c == '>' || c == '@';
}

static enum cw_err enforce_local(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    if (!is_ascii(text)) {
        return cw_jid_prep_local(text, arena, out);
    }
    if (text.len == 0 || text.len > CW_JID_PART_MAX) { /* ADDR-2 */
        return CW_ERR_ADDRESS;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (is_bad_in_local(text.base[i])) {
            return CW_ERR_ADDRESS;
        }
    }
    return lower(text, arena, out);
}

enum cw_err cw_jid_resource(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    if (!is_ascii(text)) {
        return cw_jid_prep_resource(text, arena, out);
    }
    if (text.len == 0 || text.len > CW_JID_PART_MAX) {
        return CW_ERR_ADDRESS;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] < ' ') {
            return CW_ERR_ADDRESS;
        }
    }
    *out = text;
    return CW_OK;
}

static struct cw_bytes without_dot(struct cw_bytes text)
{
    if (text.len > 0 && text.base[text.len - 1] == '.') {
        text.len--;
    }
    return text;
}

enum cw_err cw_jid_domain(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    const struct cw_bytes name = without_dot(text); /* ADDR-4 */

    if (name.len == 0) {
        return CW_ERR_ADDRESS;
    }
    return cw_host_name(name, CW_HOST_NO_TAG) ? lower(name, arena, out)
                                              : cw_jid_prep_domain(name, arena, out);
}

enum cw_err cw_jid_domain_ascii(struct cw_bytes domain, struct cw_arena *arena,
                                struct cw_bytes *out)
{
    const struct cw_bytes name = without_dot(domain);

    if (name.len == 0) {
        return CW_ERR_ADDRESS;
    }
    return cw_host_name(name, CW_HOST_NO_TAG) ? lower(name, arena, out)
                                              : cw_jid_prep_domain_ascii(name, arena, out);
}

/* Splits before anything is mapped, because mapping can make separators (ADDR-1). */
static struct cw_jid split(struct cw_bytes text)
{
    struct cw_jid jid = {.domain = text};
    const char *const slash = text.len == 0 ? NULL : memchr(text.base, '/', text.len);

    if (slash != NULL) {
        jid.domain.len = (size_t)(slash - text.base);
        jid.resource = (struct cw_bytes){slash + 1, text.len - jid.domain.len - 1};
    }

    const char *const at_sign =
        jid.domain.len == 0 ? NULL : memchr(jid.domain.base, '@', jid.domain.len);

    if (at_sign != NULL) {
        jid.local = (struct cw_bytes){text.base, (size_t)(at_sign - text.base)};
        jid.domain = (struct cw_bytes){at_sign + 1, jid.domain.len - jid.local.len - 1};
    }
    return jid;
}

enum cw_err cw_jid_read(struct cw_bytes text, struct cw_arena *arena, struct cw_jid *out)
{
    struct cw_jid jid = split(text);

    if (jid.local.base != NULL) {
        CW_TRY(enforce_local(jid.local, arena, &jid.local));
    }
    CW_TRY(cw_jid_domain(jid.domain, arena, &jid.domain));
    if (jid.resource.base != NULL) {
        CW_TRY(cw_jid_resource(jid.resource, arena, &jid.resource));
    }
    *out = jid;
    return CW_OK;
}

static char *put(char *to, struct cw_bytes part)
{
    if (part.len > 0) {
        memcpy(to, part.base, part.len);
    }
    return to + part.len;
}

enum cw_err cw_jid_write(const struct cw_jid *jid, struct cw_arena *arena, struct cw_bytes *out)
{
    const size_t len = jid->local.len + 1 + jid->domain.len + 1 + jid->resource.len;
    char *const base = cw_arena_alloc(arena, len);
    char *to = base;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    if (jid->local.base != NULL) {
        to = put(to, jid->local);
        *to++ = '@';
    }
    to = put(to, jid->domain);
    if (jid->resource.base != NULL) {
        *to++ = '/';
        to = put(to, jid->resource);
    }
    *out = (struct cw_bytes){base, (size_t)(to - base)};
    return CW_OK;
}

struct cw_jid cw_jid_bare(const struct cw_jid *jid)
{
    return (struct cw_jid){.local = jid->local, .domain = jid->domain};
}

bool cw_jid_equal(const struct cw_jid *a, const struct cw_jid *b)
{
    return cw_bytes_equal(a->local, b->local) && cw_bytes_equal(a->domain, b->domain) &&
           cw_bytes_equal(a->resource, b->resource);
}
