/* SPDX-License-Identifier: Apache-2.0 */
/* Where a SIP message ends depends on the octets alone, never on how TCP cut them: the framing says
 * the same whichever of them have come when it is asked. */
#include "cw_test.h"
#include "sip/framing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define VERDICTS_MAX 64u

/* Short ones: every cut in two and in three, and octet by octet. */
static const char *const SHORT[] = {
    "M a SIP/2.0\r\nl:2\r\n\r\nhiM b SIP/2.0\r\nl: 0\r\n\r\n",
    "\r\n\r\n\r\nM a SIP/2.0\r\nContent-Length : 1\r\n\r\nx\r\n",
    "M a SIP/2.0\r\nl:1\r\nl:2\r\n\r\nxy",
    "M a SIP/2.0\r\n\r\n",
    "M a SIP/2.0\r\nl: 99999999999\r\n\r\n",
    "M a SIP/2.0\r\nl:\r\n 3\r\n\r\nabc\r\n\r\n",
    "M a SIP/2.0\nl:1\n\nx",
    "M a SIP/2.0\r\nl:1\r\n\nx",
    "M a SIP/2.0\r\nl:1\r\n\r\r\nx",
    "\r\r\n\n\r\n",
    "M a SIP/2.0\r\nl:-1\r\n\r\n",
    "M a SIP/2.0\r\nContent-Length: 2x\r\n\r\nab",
};

static const char *const PIECES[] = {
    "MESSAGE sip:a@b SIP/2.0\r\nl: 5\r\n\r\nhello",
    "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "\r\n\r\n",
    "\r\n",
    "NOTIFY sip:a@b SIP/2.0\r\nSubject: a\r\n b\r\nContent-Length: 12\r\n\r\n\r\n\r\nl: 9\r\n\r\n",
    "M a SIP/2.0\r\n\r\n",
    "l: 1\r\n",
    "\n",
    "\x01\xFF",
};

/* What the framing says to a stream of octets, message by message. */
struct verdicts {
    struct {
        enum cw_sip_framing_result result;
        size_t len;
    } items[VERDICTS_MAX];
    size_t count;
};

static unsigned draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33) % below;
}

/* As the transport does it: what is there is looked at again whenever more has come. */
static struct verdicts judge(struct cw_bytes input, const size_t *cuts, size_t count)
{
    struct verdicts out = {.count = 0};
    struct cw_sip_framing framing = {0};
    size_t from = 0;

    for (size_t i = 0; i <= count; i++) {
        const size_t end = i < count ? cuts[i] : input.len;
        enum cw_sip_framing_result result = CW_SIP_FRAMING_BREAK;

        while (result != CW_SIP_FRAMING_MORE && from < end && out.count < VERDICTS_MAX) {
            size_t len = 0;

            result = cw_sip_framing_step(&framing, (struct cw_bytes){input.base + from, end - from},
                                         &len);
            if (result == CW_SIP_FRAMING_BROKEN) {
                out.items[out.count++].result = result;
                return out;
            }
            if (result != CW_SIP_FRAMING_MORE) {
                out.items[out.count].result = result;
                out.items[out.count++].len = len;
                from += len;
                framing = (struct cw_sip_framing){0};
            }
        }
    }
    return out;
}

/* Line breaks between messages may be taken one by one or together, keep-alives as breaks: what
 * counts are the messages and where they begin. */
static bool same(const struct verdicts *a, const struct verdicts *b)
{
    size_t i = 0;
    size_t k = 0;
    size_t at_a = 0;
    size_t at_b = 0;

    while (true) {
        while (i < a->count && (a->items[i].result == CW_SIP_FRAMING_BREAK ||
                                a->items[i].result == CW_SIP_FRAMING_PING)) {
            at_a += a->items[i++].len;
        }
        while (k < b->count && (b->items[k].result == CW_SIP_FRAMING_BREAK ||
                                b->items[k].result == CW_SIP_FRAMING_PING)) {
            at_b += b->items[k++].len;
        }
        if (i == a->count || k == b->count) {
            return i == a->count && k == b->count;
        }
        if (at_a != at_b || a->items[i].result != b->items[k].result ||
            a->items[i].len != b->items[k].len) {
            return false;
        }
        at_a += a->items[i++].len;
        at_b += b->items[k++].len;
    }
}

static void check(struct cw_bytes input, const size_t *cuts, size_t count,
                  const struct verdicts *whole)
{
    const struct verdicts parts = judge(input, cuts, count);

    if (!same(whole, &parts)) {
        fail_msg("another verdict for a cut at %zu of:\n" CW_FMT, cuts[0], CW_ARG(input));
    }
}

static void does_not_mind_where_short_input_is_cut(void **state)
{
    size_t all[128];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(all); i++) {
        all[i] = i + 1;
    }
    for (size_t i = 0; i < CW_COUNT(SHORT); i++) {
        const struct cw_bytes input = {SHORT[i], strlen(SHORT[i])};
        const struct verdicts whole = judge(input, NULL, 0);

        check(input, all, input.len - 1, &whole);
        for (size_t a = 1; a < input.len; a++) {
            check(input, &a, 1, &whole);
            for (size_t b = a + 1; b < input.len; b++) {
                check(input, (const size_t[]){a, b}, 2, &whole);
            }
        }
    }
}

static int ascending(const void *a, const void *b)
{
    const size_t left = *(const size_t *)a;
    const size_t right = *(const size_t *)b;

    return (left > right) - (left < right);
}

static void does_not_mind_where_long_input_is_cut(void **state)
{
    static char text[4096];
    uint64_t seed = 20260302;
    size_t verdicts = 0;

    (void)state;
    for (unsigned i = 0; i < 30000; i++) {
        const uint64_t now = seed;
        const unsigned pieces = 1 + draw(&seed, 12);
        size_t cuts[16];
        const size_t count = 1 + draw(&seed, CW_COUNT(cuts));
        size_t len = 0;

        for (unsigned k = 0; k < pieces; k++) {
            const char *piece = PIECES[draw(&seed, draw(&seed, 8) == 0 ? CW_COUNT(PIECES) : 5)];

            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        const struct cw_bytes input = {text, len};
        const struct verdicts whole = judge(input, NULL, 0);

        for (size_t k = 0; k < count; k++) {
            cuts[k] = draw(&seed, (unsigned)len + 1);
        }
        qsort(cuts, count, sizeof(cuts[0]), ascending);
        const struct verdicts parts = judge(input, cuts, count);

        verdicts += whole.count;
        if (!same(&whole, &parts)) {
            fail_msg("seed %llu: another verdict for:\n" CW_FMT, (unsigned long long)now,
                     CW_ARG(input));
        }
    }
    assert_true(verdicts > 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_not_mind_where_short_input_is_cut),
        cmocka_unit_test(does_not_mind_where_long_input_is_cut),
    };

    return cmocka_run_group_tests_name("sip_splits", tests, NULL, NULL);
}
