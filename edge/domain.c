/* SPDX-License-Identifier: Apache-2.0 */
#include "domain.h"

#include <causeway/jid.h>

#define IDNA_ARENA_LEN 16384u /* octets: enough for one name in any form */

static bool is_ldh(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static char lower(char c)
{
    static const char LOWER[] = "abcdefghijklmnopqrstuvwxyz";

    if (c >= 'A' && c <= 'Z') {
        return LOWER[c - 'A'];
    }
    return c;
}

/** Labels of 1 to 63 letters, digits, '-' and '_'; ASCII only. */
static bool read_ascii(struct cw_bytes text, struct cw_domain *out)
{
    struct cw_domain got;
    size_t label = 0;

    if (text.len == 0 || text.len > CW_DOMAIN_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        const char c = lower(text.base[i]);

        if (c == '.' ? label == 0 : !is_ldh((unsigned char)c) || label == 63) {
            return false;
        }
        label = c == '.' ? 0 : label + 1;
        got.text[i] = c;
    }
    if (label == 0) {
        return false;
    }
    got.text[text.len] = '\0';
    got.len = text.len;
    *out = got;
    return true;
}

static bool read_idna(struct cw_bytes text, struct cw_domain *out)
{
    struct cw_arena *arena = cw_arena_new(IDNA_ARENA_LEN);
    struct cw_bytes canonical;
    struct cw_bytes ascii;
    const bool ok = cw_jid_domain(text, arena, &canonical) == CW_OK &&
                    cw_jid_domain_ascii(canonical, arena, &ascii) == CW_OK &&
                    read_ascii(ascii, out);

    cw_arena_free(&arena);
    return ok;
}

struct cw_bytes cw_domain_bytes(const struct cw_domain *domain)
{
    return domain->len == 0 ? (struct cw_bytes){NULL, 0}
                            : (struct cw_bytes){domain->text, domain->len};
}

bool cw_domain_read(struct cw_bytes text, struct cw_domain *out)
{
    bool ascii = true;

    if (text.len == 0 || text.len > 4 * (size_t)CW_DOMAIN_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        ascii = ascii && (unsigned char)text.base[i] < 0x80;
    }
    if (!ascii) {
        return read_idna(text, out); /* STREAM-91 */
    }
    if (text.len > 1 && text.base[text.len - 1] == '.') {
        text.len--;
    }
    return read_ascii(text, out);
}

bool cw_domain_of_jid(struct cw_bytes text, struct cw_domain *out)
{
    const char *slash = text.len == 0 ? NULL : memchr(text.base, '/', text.len);
    const char *at;

    if (slash != NULL) {
        if (slash == text.base + text.len - 1) {
            return false;
        }
        text.len = (size_t)(slash - text.base);
    }
    at = text.len == 0 ? NULL : memchr(text.base, '@', text.len);
    if (at == text.base && at != NULL) {
        return false;
    }
    if (at != NULL) {
        text.len -= (size_t)(at - text.base) + 1;
        text.base = at + 1;
    }
    return cw_domain_read(text, out);
}
