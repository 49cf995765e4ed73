/* SPDX-License-Identifier: Apache-2.0 */
#include "window.h"

#include <string.h>

/* Empties the slots of the seconds that have passed since the last look. */
static void turn(struct cw_window *window, uint64_t second)
{
    const uint64_t passed = second > window->second ? second - window->second : 0;

    if (passed >= CW_WINDOW_SLOTS) {
        memset(window, 0, sizeof(*window));
    } else {
        for (uint64_t i = 1; i <= passed; i++) {
            uint32_t *const slot = &window->slots[(window->second + i) % CW_WINDOW_SLOTS];

            window->sum -= *slot;
            *slot = 0;
        }
    }
    window->second += passed >= CW_WINDOW_SLOTS ? second : passed;
}

uint32_t cw_window_sum(struct cw_window *window, uint64_t now_ms)
{
    turn(window, now_ms / 1000);
    return window->sum;
}

void cw_window_add(struct cw_window *window, uint64_t now_ms)
{
    turn(window, now_ms / 1000);
    window->slots[window->second % CW_WINDOW_SLOTS]++;
    window->sum++;
}
