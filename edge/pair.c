/* SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

static bool usable(struct cw_bytes domain)
{
    return domain.len > 0 && domain.len <= CW_PAIR_DOMAIN_MAX &&
           memchr(domain.base, '\0', domain.len) == NULL;
}

enum cw_err cw_pair_key(struct cw_pair pair, struct cw_pair_key *out)
{
    if (!usable(pair.own) || !usable(pair.remote)) {
        return CW_ERR_ADDRESS;
    }
    memcpy(out->text, pair.own.base, pair.own.len);
    out->text[pair.own.len] = '\0';
    memcpy(out->text + pair.own.len + 1, pair.remote.base, pair.remote.len);
    out->len = pair.own.len + 1 + pair.remote.len;
    return CW_OK;
}

struct cw_bytes cw_pair_bytes(const struct cw_pair_key *key)
{
    return (struct cw_bytes){key->text, key->len};
}

struct cw_pair cw_pair_of(const struct cw_pair_key *key)
{
    const size_t own_len = strnlen(key->text, key->len);

    return (struct cw_pair){.own = {key->text, own_len},
                            .remote = {key->text + own_len + 1, key->len - own_len - 1}};
}

bool cw_pair_equal(struct cw_pair a, struct cw_pair b)
{
    return cw_bytes_equal(a.own, b.own) && cw_bytes_equal(a.remote, b.remote);
}
