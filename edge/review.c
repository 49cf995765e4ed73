/* SPDX-License-Identifier: Apache-2.0 */
#include "review.h"

#include "limits.h"
#include "permit_change.h"

#define WHY "the partner's rules have changed"

/* One stream under the old rules and the new ones. */
struct review {
    const struct cw_permits_table *before, *now;
    struct cw_live *live;
    struct cw_stream_facts facts;
};

static enum cw_permit_end judge(const struct review *review, struct cw_pair pair,
                                enum cw_method method)
{
    const struct cw_permit_facts facts = {
        .outgoing = review->live->outgoing,
        .own_served = pair.own.len == 0 || cw_permits_table_is_own(review->now, pair.own),
        .method = method,
        .secure = review->facts.secure,
        .key = review->facts.key,
    };

    return cw_permit_change(cw_permits_table_find(review->before, pair.remote),
                            cw_permits_table_find(review->now, pair.remote), &facts);
}

static struct cw_permit_verdict judge_pair(const struct review *review, size_t i)
{
    const struct cw_live_pair *const proven = &review->live->pairs[i];
    const struct cw_pair pair = cw_pair_of(&proven->key);
    const struct cw_permit *const permit = cw_permits_table_find(review->now, pair.remote);

    return (struct cw_permit_verdict){
        .end = judge(review, pair, proven->method),
        .counted = permit != NULL &&
                   cw_bytes_equal(permit->partner, cw_log_text(cw_live_partner(review->live))),
    };
}

/* A stream that has proven nothing yet is what its header says it will be. */
static enum cw_permit_end judge_header(const struct review *review)
{
    const struct cw_pair pair = {cw_log_text(review->facts.own), cw_log_text(review->facts.remote)};

    return judge(review, pair, CW_METHOD_NONE);
}

static enum cw_permit_end judge_stream(const struct review *review,
                                       struct cw_permit_verdict verdicts[CW_LIMIT_PAIRS])
{
    const size_t count = review->live->pair_count;

    if (count == 0) {
        return judge_header(review);
    }
    for (size_t i = 0; i < count && i < CW_LIMIT_PAIRS; i++) {
        verdicts[i] = judge_pair(review, i);
    }
    return cw_permit_change_of_stream(verdicts, count < CW_LIMIT_PAIRS ? count : CW_LIMIT_PAIRS);
}

static void review_stream(const struct review *review)
{
    struct cw_permit_verdict verdicts[CW_LIMIT_PAIRS] = {{0}};
    struct cw_live *const live = review->live;
    const enum cw_permit_end end = judge_stream(review, verdicts);

    if (end != CW_PERMIT_STAYS) {
        cw_live_expel(live, cw_permit_end_condition(end), WHY);
        return;
    }
    for (size_t i = live->pair_count; i-- > 0;) { /* from the end: the last takes a gap */
        if (verdicts[i].end != CW_PERMIT_STAYS) {
            cw_live_withdraw(live, i, WHY);
        }
    }
}

void cw_review_streams(struct cw_streams *streams, const struct cw_shell *shell,
                       const struct cw_permits_table *before)
{
    for (struct cw_live *live = cw_streams_first(streams), *next; live != NULL; live = next) {
        const struct review review = {
            .before = before,
            .now = shell->permits,
            .live = live,
            .facts = cw_stream_facts(live->stream),
        };

        next = live->next;
        review_stream(&review);
    }
}
