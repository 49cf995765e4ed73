/* SPDX-License-Identifier: Apache-2.0 */
#include "back_off.h"

#include "srv.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DOUBLINGS    4u /* 60 s doubled so often is past the cap */

/* STREAM-123; a condition left out is a normal loss. */
static const struct {
    struct cw_bytes condition;
    enum cw_loss loss;
} LOSSES[] = {
    {{"host-unknown", 12}, CW_LOSS_CONFIG},
    {{"host-gone", 9}, CW_LOSS_CONFIG},
    {{"policy-violation", 16}, CW_LOSS_CONFIG},
    {{"not-authorized", 14}, CW_LOSS_CONFIG},
    {{"unsupported-encoding", 20}, CW_LOSS_CONFIG},
    {{"unsupported-feature", 19}, CW_LOSS_CONFIG},
    {{"unsupported-stanza-type", 23}, CW_LOSS_CONFIG},
    {{"unsupported-version", 19}, CW_LOSS_CONFIG},
    {{"invalid-namespace", 17}, CW_LOSS_CONFIG},
    {{"resource-constraint", 19}, CW_LOSS_SLOW},
    {{"internal-server-error", 21}, CW_LOSS_SLOW},
    {{"remote-connection-failed", 24}, CW_LOSS_SLOW},
};

/* 60 s for the first failure, doubled for each further one, up to the cap. */
static uint64_t window_ms(unsigned failures)
{
    const uint64_t window = CW_BACK_OFF_FIRST_MS << (failures < DOUBLINGS ? failures : DOUBLINGS);

    return window < CW_BACK_OFF_CAP_MS ? window : CW_BACK_OFF_CAP_MS;
}

static uint64_t wait_ms(const struct cw_back_off *back_off, uint64_t *seed)
{
    const uint64_t window = window_ms(back_off->failures);

    if (back_off->loss == CW_LOSS_CONFIG) {
        return CW_BACK_OFF_CAP_MS + cw_srv_chance(seed, CW_BACK_OFF_FIRST_MS);
    }
    if (back_off->loss == CW_LOSS_NORMAL && back_off->failures == 0) { /* STREAM-127 */
        return cw_srv_chance(seed, CW_BACK_OFF_FIRST_MS);
    }
    if (back_off->failures == 0) {
        return CW_BACK_OFF_FIRST_MS;
    }
    return window / 2 + cw_srv_chance(seed, window / 2);
}

enum cw_loss cw_back_off_loss(struct cw_bytes condition)
{
    for (size_t i = 0; i < COUNT(LOSSES); i++) {
        if (cw_bytes_equal(condition, LOSSES[i].condition)) {
            return LOSSES[i].loss;
        }
    }
    return CW_LOSS_NORMAL;
}

void cw_back_off_lost(struct cw_back_off *back_off, enum cw_loss loss, uint64_t lived_ms,
                      uint64_t now_ms, uint64_t *seed)
{
    if (back_off->failures > 0 && back_off->lost_ms == now_ms && back_off->loss == loss) {
        return; /* one stream that served several pairs */
    }
    if (lived_ms >= CW_BACK_OFF_SETTLE_MS) {
        back_off->failures = 0;
    }
    back_off->loss = loss;
    back_off->lost_ms = now_ms;
    back_off->retry_ms = now_ms + wait_ms(back_off, seed);
    back_off->failures++;
}

void cw_back_off_alive(struct cw_back_off *back_off, uint64_t now_ms)
{
    if (back_off->loss != CW_LOSS_CONFIG && back_off->retry_ms > now_ms) { /* STREAM-127 */
        back_off->retry_ms = now_ms;
    }
}

enum cw_back_off_answer cw_back_off_ask(const struct cw_back_off *back_off, bool user_act,
                                        uint64_t ttl_ms, uint64_t now_ms)
{
    if (back_off->retry_ms <= now_ms) {
        return CW_BACK_OFF_NOW;
    }
    if (user_act && back_off->loss != CW_LOSS_CONFIG &&
        now_ms - back_off->lost_ms > CW_BACK_OFF_SETTLE_MS) { /* STREAM-127 */
        return CW_BACK_OFF_NOW;
    }
    return back_off->retry_ms - now_ms < ttl_ms ? CW_BACK_OFF_LATER : CW_BACK_OFF_NEVER;
}
