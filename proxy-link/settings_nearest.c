/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_private.h"

#include <string.h>

enum { MAX_WORD = 48 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    const unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Edits between two words: insert, delete, replace, swap of neighbours (optimal string alignment).
 */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][MAX_WORD + 1];
    unsigned *before = rows[0];
    unsigned *last = rows[1];
    unsigned *now = rows[2];
    for (unsigned j = 0; j <= b_len; j++) {
        last[j] = j;
        before[j] = j;
    }
    for (unsigned i = 1; i <= a_len; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= b_len; j++) {
            const unsigned cost = a[i - 1] == b[j - 1] ? 0 : 1;
            now[j] = least(last[j] + 1, now[j - 1] + 1, last[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1, now[j]);
            }
        }
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b_len];
}

const char *cw_settings_nearest(const char *word, const char *const *words, size_t count)
{
    const size_t len = strlen(word);
    const char *nearest = NULL;
    unsigned best = len <= 4 ? 2 : 4; /* fewer edits than this count as a slip */
    if (len > MAX_WORD) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t other_len = strlen(words[i]);
        if (other_len > MAX_WORD) {
            continue;
        }
        const unsigned edits = distance(word, len, words[i], other_len);
        if (edits < best && edits < other_len) {
            best = edits;
            nearest = words[i];
        }
    }
    return nearest;
}
