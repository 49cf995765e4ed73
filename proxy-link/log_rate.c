/* SPDX-License-Identifier: Apache-2.0 */
#include "log_rate.h"

enum { LINE = 1000 };

bool cw_log_rate_take(struct cw_log_rate *rate, uint64_t now_ms)
{
    const uint64_t passed_ms = now_ms > rate->last_ms ? now_ms - rate->last_ms : 0;
    const uint64_t refill = passed_ms * CW_LOG_PER_SECOND;
    rate->spent_thousandths =
        refill >= rate->spent_thousandths ? 0 : rate->spent_thousandths - (uint32_t)refill;
    rate->last_ms = now_ms;
    if (rate->spent_thousandths + LINE > (uint32_t)CW_LOG_BURST * LINE) {
        rate->withheld++;
        return false;
    }
    rate->spent_thousandths += LINE;
    return true;
}
