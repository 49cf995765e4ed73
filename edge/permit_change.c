/* SPDX-License-Identifier: Apache-2.0 */
#include "permit_change.h"

#include "peer_cert.h"
#include "stream_features.h"

bool cw_permit_equal(const struct cw_permit *a, const struct cw_permit *b)
{
    return cw_bytes_equal(a->domain, b->domain) && cw_bytes_equal(a->partner, b->partner) &&
           a->methods == b->methods && a->tls_required == b->tls_required &&
           a->tls_offered == b->tls_offered && a->keep_alive == b->keep_alive &&
           a->connection_limit == b->connection_limit && cw_bytes_equal(a->proxy, b->proxy) &&
           a->pin_count == b->pin_count &&
           memcmp(a->pins, b->pins, sizeof(a->pins[0]) * a->pin_count) == 0;
}

/* What is compared. */
struct change {
    const struct cw_permit *before, *now;
    const struct cw_permit_facts *facts;
};

static bool is_lost(const struct change *c)
{
    return c->now == NULL;
}

static bool is_own_gone(const struct change *c)
{
    return !c->facts->own_served;
}

/* Methods, tls_required, tls_offered, and pins for a stream in clear. */
static bool is_proof_barred(const struct change *c)
{
    return c->facts->method != CW_METHOD_NONE && !cw_features_permits(c->now, c->facts->method);
}

static bool is_key_barred(const struct change *c)
{
    return c->facts->secure && !cw_peer_cert_key_pinned(c->facts->key, c->now);
}

static bool is_moved(const struct change *c)
{
    return !cw_bytes_equal(c->before->partner, c->now->partner);
}

static bool is_way_gone(const struct change *c)
{
    return c->facts->outgoing && !cw_bytes_equal(c->before->proxy, c->now->proxy);
}

/* The first that applies; all but the first have both permits at hand.
 *
 * A proof, or a key, that is no longer good enough is "reset", not "policy-violation": RFC 6120
 * section 4.9.3.16 has it for a change of the security context, and a peer that may prove itself
 * otherwise comes back at once, where after "policy-violation" it would stay away for long. */
/* clang-format off */
static const struct {
    bool (*applies)(const struct change *change);
    enum cw_permit_end end;
} RULES[] = {
    {is_lost,         CW_PERMIT_ENDS_POLICY},
    {is_own_gone,     CW_PERMIT_ENDS_HOST_GONE},
    {is_proof_barred, CW_PERMIT_ENDS_RESET},
    {is_key_barred,   CW_PERMIT_ENDS_RESET},
    {is_moved,        CW_PERMIT_ENDS_RESET},
    {is_way_gone,     CW_PERMIT_ENDS_IN_ORDER},
};
/* clang-format on */

enum cw_permit_end cw_permit_change(const struct cw_permit *before, const struct cw_permit *now,
                                    const struct cw_permit_facts *facts)
{
    const struct change change = {before, now, facts};

    for (size_t i = 0; before != NULL && i < sizeof(RULES) / sizeof(RULES[0]); i++) {
        if (RULES[i].applies(&change)) {
            return RULES[i].end;
        }
    }
    return CW_PERMIT_STAYS;
}

enum cw_permit_end cw_permit_change_of_stream(const struct cw_permit_verdict *pairs, size_t count)
{
    enum cw_permit_end end = CW_PERMIT_STAYS;

    for (size_t i = 0; i < count; i++) {
        if (pairs[i].end == CW_PERMIT_STAYS && pairs[i].counted) {
            return CW_PERMIT_STAYS;
        }
        end = pairs[i].end > end ? pairs[i].end : end;
    }
    return end;
}

const char *cw_permit_end_condition(enum cw_permit_end end)
{
    static const char *const CONDITIONS[CW_PERMIT_ENDS] = {
        [CW_PERMIT_ENDS_RESET] = "reset",
        [CW_PERMIT_ENDS_HOST_GONE] = "host-gone",
        [CW_PERMIT_ENDS_POLICY] = "policy-violation",
    };

    return CONDITIONS[end];
}
