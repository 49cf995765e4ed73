/* SPDX-License-Identifier: Apache-2.0 */
#include "ability.h"

#include "shelf.h"

#include <causeway/content.h>
#include <stdlib.h>

struct known {
    enum cw_able able[CW_ABILITY_KINDS];
    uint64_t since_ms[CW_ABILITY_KINDS]; /* each kind grows old by itself */
};

struct cw_ability {
    struct cw_shelf *users;
};

struct cw_ability *cw_ability_new(const uint64_t hash_key[2])
{
    struct cw_ability *ability = calloc(1, sizeof(*ability));

    if (ability == NULL) {
        abort();
    }
    ability->users = cw_shelf_new(hash_key, CW_ABILITY_MAX, CW_ABILITY_TTL_MS, NULL, NULL);
    return ability;
}

void cw_ability_free(struct cw_ability **ability)
{
    if (*ability == NULL) {
        return;
    }
    cw_shelf_free(&(*ability)->users);
    free(*ability);
    *ability = NULL;
}

static void learn(struct cw_ability *ability, struct cw_bytes aor, const struct known *news,
                  uint64_t now_ms)
{
    const struct known *old = cw_shelf_find(ability->users, aor, now_ms);
    struct known merged = *news;
    struct known *kept;

    for (size_t i = 0; i < CW_ABILITY_KINDS; i++) {
        if (merged.able[i] == CW_ABLE_UNKNOWN && old != NULL) {
            merged.able[i] = old->able[i];
            merged.since_ms[i] = old->since_ms[i];
        }
    }
    kept = cw_shelf_put(ability->users, aor, sizeof(*kept), now_ms);
    *kept = merged;
}

void cw_ability_learn(struct cw_ability *ability, struct cw_bytes aor, enum cw_ability_kind kind,
                      bool able, uint64_t now_ms)
{
    struct known news = {.able = {CW_ABLE_UNKNOWN}};

    if (cw_ability_of(ability, aor, kind, now_ms) != (able ? CW_ABLE_YES : CW_ABLE_NO)) {
        news.able[kind] = able ? CW_ABLE_YES : CW_ABLE_NO;
        news.since_ms[kind] = now_ms;
        learn(ability, aor, &news, now_ms);
    }
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c;
}

static bool begins(struct cw_bytes text, struct cw_bytes word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (i >= text.len || lower(text.base[i]) != word.base[i]) {
            return false;
        }
    }
    return text.len == word.len || text.base[word.len] == ';' || text.base[word.len] == ' ';
}

/* Is `type` on the list, or a range that it is in? */
static bool accepts(struct cw_bytes list, struct cw_bytes type, struct cw_bytes range)
{
    while (list.len > 0) {
        const char *const comma = memchr(list.base, ',', list.len);
        const size_t len = comma == NULL ? list.len : (size_t)(comma - list.base);
        struct cw_bytes item = {list.base, len};

        while (item.len > 0 && item.base[0] == ' ') {
            item.base++;
            item.len--;
        }
        if (begins(item, type) || begins(item, range) || begins(item, CW_LIT("*/*"))) {
            return true;
        }
        list.base += comma == NULL ? len : len + 1;
        list.len -= comma == NULL ? len : len + 1;
    }
    return false;
}

void cw_ability_learn_accept(struct cw_ability *ability, struct cw_bytes aor,
                             struct cw_bytes accept, uint64_t now_ms)
{
    if (accept.len != 0) {
        cw_ability_learn(ability, aor, CW_ABILITY_CPIM,
                         accepts(accept, CW_LIT(CW_CPIM_TYPE), CW_LIT("message/*")), now_ms);
        cw_ability_learn(ability, aor, CW_ABILITY_TYPING,
                         accepts(accept, CW_LIT(CW_IS_COMPOSING_TYPE), CW_LIT("application/*")),
                         now_ms);
    }
}

enum cw_able cw_ability_of(struct cw_ability *ability, struct cw_bytes aor,
                           enum cw_ability_kind kind, uint64_t now_ms)
{
    const struct known *known = cw_shelf_find(ability->users, aor, now_ms);

    return known != NULL && now_ms - known->since_ms[kind] < CW_ABILITY_TTL_MS ? known->able[kind]
                                                                               : CW_ABLE_UNKNOWN;
}
