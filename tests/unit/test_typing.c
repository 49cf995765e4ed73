/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "typing.h"

#include <stdio.h>

#define S UINT64_C(1000)

#define LOCAL  "sip:romeo@contoso.example"
#define REMOTE "juliet@fabrikam.example"

static const struct cw_typing_pair PAIR = {.local = {LOCAL, sizeof(LOCAL) - 1},
                                           .remote = {REMOTE, sizeof(REMOTE) - 1}};

/* Who does what, and when. */
enum act {
    XMPP_TEXT,       /* a message without a chat state */
    XMPP_TEXT_STATE, /* with one */
    SIP_TEXT,        /* `want`: not looked at */
    COMPOSING,
    PAUSED,
    ACTIVE,
    INACTIVE,
    GONE,
    NONE,
    SIP_ACTIVE,    /* without refresh */
    SIP_ACTIVE_60, /* refresh 60 */
    SIP_IDLE,
    DUE /* time alone; nothing more is due than `want` */
};

struct step {
    enum act act;
    uint64_t at_s;
    enum cw_typing_effect want;
};

#define STEPS_MAX 16

struct row {
    const char *name;
    size_t count;
    struct step steps[STEPS_MAX];
};

#define STEPS(...)                                                                                 \
    .count = sizeof((struct step[]){__VA_ARGS__}) / sizeof(struct step), .steps = {__VA_ARGS__}

static const struct row ROWS[] = {
    {"CT-5: active is sent again every 80 s, and idle after 600 s",
     STEPS({XMPP_TEXT, 0, CW_TYPING_NOTHING}, {COMPOSING, 1, CW_TYPING_SIP_ACTIVE},
           {DUE, 80, CW_TYPING_NOTHING}, {DUE, 81, CW_TYPING_SIP_ACTIVE},
           {DUE, 160, CW_TYPING_NOTHING}, {DUE, 161, CW_TYPING_SIP_ACTIVE},
           {DUE, 241, CW_TYPING_SIP_ACTIVE}, {DUE, 321, CW_TYPING_SIP_ACTIVE},
           {DUE, 401, CW_TYPING_SIP_ACTIVE}, {DUE, 481, CW_TYPING_SIP_ACTIVE},
           {DUE, 561, CW_TYPING_SIP_ACTIVE}, {DUE, 600, CW_TYPING_NOTHING},
           {DUE, 601, CW_TYPING_SIP_IDLE}, {DUE, 2000, CW_TYPING_NOTHING})},
    {"CT-1: paused says idle, once",
     STEPS({XMPP_TEXT, 0, CW_TYPING_NOTHING}, {COMPOSING, 1, CW_TYPING_SIP_ACTIVE},
           {COMPOSING, 2, CW_TYPING_NOTHING}, {PAUSED, 3, CW_TYPING_SIP_IDLE},
           {PAUSED, 4, CW_TYPING_NOTHING}, {DUE, 500, CW_TYPING_NOTHING})},
    {"CT-1: so do active and inactive; composing may begin again",
     STEPS({SIP_TEXT, 0, CW_TYPING_NOTHING}, {COMPOSING, 1, CW_TYPING_SIP_ACTIVE},
           {ACTIVE, 2, CW_TYPING_SIP_IDLE}, {COMPOSING, 3, CW_TYPING_SIP_ACTIVE},
           {INACTIVE, 4, CW_TYPING_SIP_IDLE}, {NONE, 5, CW_TYPING_NOTHING})},
    {"CT-12: gone says idle only if an active is outstanding",
     STEPS({XMPP_TEXT, 0, CW_TYPING_NOTHING}, {GONE, 1, CW_TYPING_NOTHING},
           {COMPOSING, 2, CW_TYPING_SIP_ACTIVE}, {GONE, 3, CW_TYPING_SIP_IDLE},
           {GONE, 4, CW_TYPING_NOTHING})},
    {"CT-4: a message says idle by itself",
     STEPS({XMPP_TEXT, 0, CW_TYPING_NOTHING}, {COMPOSING, 1, CW_TYPING_SIP_ACTIVE},
           {XMPP_TEXT_STATE, 2, CW_TYPING_NOTHING}, {PAUSED, 3, CW_TYPING_NOTHING},
           {DUE, 500, CW_TYPING_NOTHING})},
    {"CT-8, SEC-11: never before a message, nor ten minutes after the last one",
     STEPS({COMPOSING, 0, CW_TYPING_NOTHING}, {XMPP_TEXT, 1, CW_TYPING_NOTHING},
           {COMPOSING, 601, CW_TYPING_SIP_ACTIVE}, {PAUSED, 601, CW_TYPING_SIP_IDLE},
           {COMPOSING, 602, CW_TYPING_NOTHING})},
    {"CT-2, CT-6: composing once, refreshes are swallowed, idle is active",
     STEPS({XMPP_TEXT_STATE, 0, CW_TYPING_NOTHING}, {SIP_ACTIVE_60, 1, CW_TYPING_COMPOSING},
           {SIP_ACTIVE_60, 51, CW_TYPING_NOTHING}, {DUE, 110, CW_TYPING_NOTHING},
           {SIP_IDLE, 110, CW_TYPING_ACTIVE}, {SIP_IDLE, 111, CW_TYPING_NOTHING},
           {DUE, 500, CW_TYPING_NOTHING})},
    {"CT-6, CT-13: the timer says paused, after refresh or 120 s",
     STEPS({XMPP_TEXT_STATE, 0, CW_TYPING_NOTHING}, {SIP_ACTIVE_60, 0, CW_TYPING_COMPOSING},
           {DUE, 59, CW_TYPING_NOTHING}, {DUE, 60, CW_TYPING_PAUSED},
           {SIP_ACTIVE, 100, CW_TYPING_COMPOSING}, {DUE, 219, CW_TYPING_NOTHING},
           {DUE, 220, CW_TYPING_PAUSED}, {DUE, 221, CW_TYPING_NOTHING})},
    {"CT-6: a message resets the timer silently",
     STEPS({XMPP_TEXT_STATE, 0, CW_TYPING_NOTHING}, {SIP_ACTIVE, 1, CW_TYPING_COMPOSING},
           {SIP_TEXT, 2, CW_TYPING_NOTHING}, {DUE, 300, CW_TYPING_NOTHING},
           {SIP_ACTIVE, 301, CW_TYPING_COMPOSING})},
    {"CT-9: only to those who opted in",
     STEPS({XMPP_TEXT, 0, CW_TYPING_NOTHING}, {SIP_ACTIVE, 1, CW_TYPING_NOTHING},
           {SIP_IDLE, 2, CW_TYPING_NOTHING}, {XMPP_TEXT_STATE, 3, CW_TYPING_NOTHING},
           {SIP_ACTIVE, 4, CW_TYPING_COMPOSING})},
    {"CT-9: a state alone opts in; a message without takes it back",
     STEPS({SIP_TEXT, 0, CW_TYPING_NOTHING}, {SIP_ACTIVE, 1, CW_TYPING_NOTHING},
           {ACTIVE, 2, CW_TYPING_NOTHING}, {SIP_ACTIVE, 3, CW_TYPING_COMPOSING},
           {SIP_IDLE, 4, CW_TYPING_ACTIVE}, {XMPP_TEXT, 5, CW_TYPING_NOTHING},
           {SIP_ACTIVE, 6, CW_TYPING_NOTHING})},
    {"CT-8: nor does a SIP user who was not written to begin",
     STEPS({SIP_ACTIVE, 0, CW_TYPING_NOTHING}, {XMPP_TEXT_STATE, 1, CW_TYPING_NOTHING},
           {SIP_ACTIVE, 602, CW_TYPING_NOTHING})},
    {"both type at once",
     STEPS({XMPP_TEXT_STATE, 0, CW_TYPING_NOTHING}, {SIP_ACTIVE_60, 1, CW_TYPING_COMPOSING},
           {COMPOSING, 2, CW_TYPING_SIP_ACTIVE}, {DUE, 61, CW_TYPING_PAUSED},
           {DUE, 82, CW_TYPING_SIP_ACTIVE}, {PAUSED, 83, CW_TYPING_SIP_IDLE})},
};

static enum cw_chat_state state_of(enum act act)
{
    static const enum cw_chat_state STATES[] = {
        [COMPOSING] = CW_CHAT_COMPOSING, [PAUSED] = CW_CHAT_PAUSED, [ACTIVE] = CW_CHAT_ACTIVE,
        [INACTIVE] = CW_CHAT_INACTIVE,   [GONE] = CW_CHAT_GONE,     [NONE] = CW_CHAT_NONE};

    return STATES[act];
}

static enum cw_typing_effect play(struct cw_typing *typing, const struct step *step)
{
    const uint64_t now_ms = 1000000 + step->at_s * S;
    struct cw_typing_pair pair = {0};
    enum cw_typing_effect effect;

    switch (step->act) {
    case XMPP_TEXT:
    case XMPP_TEXT_STATE:
        cw_typing_from_xmpp(typing, &PAIR, step->act == XMPP_TEXT_STATE, now_ms);
        return CW_TYPING_NOTHING;
    case SIP_TEXT:
        (void)cw_typing_from_sip(typing, &PAIR, now_ms);
        return CW_TYPING_NOTHING;
    case SIP_ACTIVE:
    case SIP_ACTIVE_60:
        return cw_typing_indication(typing, &PAIR, true, step->act == SIP_ACTIVE ? 0 : 60, now_ms);
    case SIP_IDLE:
        return cw_typing_indication(typing, &PAIR, false, 0, now_ms);
    case DUE:
        effect = cw_typing_due(typing, now_ms, &pair);
        if (effect != CW_TYPING_NOTHING) {
            cw_assert_bytes(pair.local, PAIR.local);
            cw_assert_bytes(pair.remote, PAIR.remote);
            assert_int_equal(cw_typing_due(typing, now_ms, &pair), CW_TYPING_NOTHING);
        }
        assert_true(cw_typing_next_ms(typing) > now_ms);
        return effect;
    case COMPOSING:
    case PAUSED:
    case ACTIVE:
    case INACTIVE:
    case GONE:
    case NONE:
        break;
    }
    return cw_typing_state(typing, &PAIR, state_of(step->act), now_ms);
}

static void follows_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_typing *typing = cw_typing_new((const uint64_t[2]){1, 2});

        cw_case(ROWS[i].name);
        for (size_t j = 0; j < ROWS[i].count; j++) {
            const enum cw_typing_effect got = play(typing, &ROWS[i].steps[j]);

            if (got != ROWS[i].steps[j].want) {
                fail_msg("step %zu: %d, not %d", j, (int)got, (int)ROWS[i].steps[j].want);
            }
        }
        cw_typing_free(&typing);
        assert_null(typing);
    }
}

/* CT-9: the first of a conversation says `active`, and those after it while nobody has said no. */
static void offers_states(void **state)
{
    struct cw_typing *typing = cw_typing_new((const uint64_t[2]){1, 2});

    (void)state;
    assert_true(cw_typing_from_sip(typing, &PAIR, 1000));
    cw_typing_from_xmpp(typing, &PAIR, false, 2000);
    assert_false(cw_typing_from_sip(typing, &PAIR, 3000));
    cw_typing_from_xmpp(typing, &PAIR, true, 4000);
    assert_true(cw_typing_from_sip(typing, &PAIR, 5000));
    cw_typing_free(&typing);
    cw_typing_free(&typing);
}

static void add(struct cw_typing *typing, unsigned i, uint64_t now_ms)
{
    char remote[40];
    const int len = snprintf(remote, sizeof(remote), "u%u@fabrikam.example", i);

    cw_typing_from_xmpp(
        typing, &(struct cw_typing_pair){.local = PAIR.local, .remote = {remote, (size_t)len}},
        true, now_ms);
}

/* Who talks stays, however many others begin: the one longest silent goes. */
static void is_bounded(void **state)
{
    struct cw_typing *typing = cw_typing_new((const uint64_t[2]){1, 2});

    (void)state;
    for (unsigned i = 0; i < CW_TYPING_MAX; i++) {
        add(typing, i, 1000 + i);
    }
    cw_typing_from_xmpp(typing, &PAIR, true, 30000);
    assert_int_equal(cw_typing_state(typing, &PAIR, CW_CHAT_COMPOSING, 30001),
                     CW_TYPING_SIP_ACTIVE);
    add(typing, 0, 30002); /* was the oldest and came back */
    for (unsigned i = 0; i < CW_TYPING_MAX - 2; i++) {
        add(typing, CW_TYPING_MAX + i, 30003 + i);
    }
    assert_int_equal(cw_typing_count(typing), CW_TYPING_MAX);
    assert_int_equal(cw_typing_state(typing, &PAIR, CW_CHAT_PAUSED, 60000), CW_TYPING_SIP_IDLE);
    add(typing, 3 * CW_TYPING_MAX, 60001);
    add(typing, 3 * CW_TYPING_MAX + 1, 60002);
    assert_int_equal(cw_typing_count(typing), CW_TYPING_MAX);
    assert_int_equal(cw_typing_state(typing, &PAIR, CW_CHAT_COMPOSING, 60003), CW_TYPING_NOTHING);
    cw_typing_free(&typing);
}

/* CT-5, CT-12: a device that is closed ends what it began, and nothing of another's. What follows
 * by itself comes from the device that began. */
static void knows_the_device(void **state)
{
    struct cw_typing *typing = cw_typing_new((const uint64_t[2]){1, 2});
    struct cw_typing_pair balcony = PAIR;
    struct cw_typing_pair tablet = PAIR;
    struct cw_typing_pair due;

    (void)state;
    balcony.resource = CW_LIT("balcony");
    tablet.resource = CW_LIT("tablet");
    cw_typing_from_xmpp(typing, &balcony, true, 1000);
    assert_int_equal(cw_typing_state(typing, &balcony, CW_CHAT_COMPOSING, 1000),
                     CW_TYPING_SIP_ACTIVE);
    assert_int_equal(cw_typing_state(typing, &tablet, CW_CHAT_GONE, 2000), CW_TYPING_NOTHING);
    assert_int_equal(cw_typing_due(typing, 81000, &due), CW_TYPING_SIP_ACTIVE);
    cw_assert_bytes(due.resource, CW_LIT("balcony"));
    assert_int_equal(cw_typing_state(typing, &balcony, CW_CHAT_GONE, 82000), CW_TYPING_SIP_IDLE);
    assert_int_equal(cw_typing_state(typing, &tablet, CW_CHAT_COMPOSING, 83000),
                     CW_TYPING_SIP_ACTIVE);
    assert_int_equal(cw_typing_state(typing, &PAIR, CW_CHAT_GONE, 84000), CW_TYPING_SIP_IDLE);
    cw_typing_free(&typing);
}

/* Ten minutes of silence, and nothing is kept. */
static void forgets(void **state)
{
    struct cw_typing *typing = cw_typing_new((const uint64_t[2]){1, 2});
    struct cw_typing_pair pair;

    (void)state;
    assert_true(cw_typing_next_ms(typing) == UINT64_MAX);
    cw_typing_from_xmpp(typing, &PAIR, true, 1000);
    assert_true(cw_typing_next_ms(typing) == 601000);
    assert_int_equal(cw_typing_due(typing, 601000, &pair), CW_TYPING_NOTHING);
    assert_int_equal(cw_typing_count(typing), 0);
    assert_true(cw_typing_next_ms(typing) == UINT64_MAX);
    cw_typing_free(&typing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_table), cmocka_unit_test(offers_states),
        cmocka_unit_test(is_bounded),        cmocka_unit_test(knows_the_device),
        cmocka_unit_test(forgets),
    };

    return cmocka_run_group_tests_name("typing", tests, NULL, NULL);
}
