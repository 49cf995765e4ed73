/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "permit_change.h"

#define SASL  (1u << CW_METHOD_SASL_TLS)
#define UNDER (1u << CW_METHOD_TLS_DIALBACK)
#define CLEAR (1u << CW_METHOD_TCP_DIALBACK)
#define ALL   (SASL | UNDER | CLEAR)

static const uint8_t KEY[32] = {1, 2, 3};
static const uint8_t OTHER_KEY[32] = {1, 2, 3, 4};

static struct cw_permit permit(uint8_t methods)
{
    return (struct cw_permit){.domain = CW_LIT("a.example"),
                              .partner = CW_LIT("a.example"),
                              .methods = methods,
                              .tls_required = (methods & CLEAR) == 0,
                              .tls_offered = true,
                              .connection_limit = 20};
}

/* ---- rows that an operator would recognise ---- */

/* What the operator did; the stream was proven under the old permit. */
static void set_pin(struct cw_permit *now)
{
    now->pin_count = 1;
    memcpy(now->pins[0], KEY, sizeof(KEY));
}

static void set_other_pin(struct cw_permit *now)
{
    now->pin_count = 1;
    memcpy(now->pins[0], OTHER_KEY, sizeof(OTHER_KEY));
}

static void set_limit(struct cw_permit *now)
{
    now->connection_limit = 1;
}

static void set_keep_alive(struct cw_permit *now)
{
    now->keep_alive = true;
}

static void set_proxy(struct cw_permit *now)
{
    now->proxy = CW_LIT("192.0.2.1:5269");
}

static void set_partner(struct cw_permit *now)
{
    now->partner = CW_LIT("b.example");
}

static void lose_dialback(struct cw_permit *now)
{
    now->methods = SASL;
    now->tls_required = true;
}

static void lose_sasl(struct cw_permit *now)
{
    now->methods &= (uint8_t)~SASL;
}

static void lose_clear(struct cw_permit *now)
{
    now->methods &= (uint8_t)~CLEAR;
    now->tls_required = true;
}

static void lose_tls(struct cw_permit *now)
{
    now->methods = CLEAR;
    now->tls_offered = false;
}

static const struct {
    const char *name;
    void (*edit)(struct cw_permit *now);
    enum cw_method method;
    bool outgoing;
    enum cw_permit_end want;
} ROWS[] = {
    {"dialback is taken away, EXTERNAL stays", lose_dialback, CW_METHOD_SASL_TLS, true,
     CW_PERMIT_STAYS},
    {"dialback is taken away, dialback ends", lose_dialback, CW_METHOD_TLS_DIALBACK, false,
     CW_PERMIT_ENDS_RESET},
    {"EXTERNAL is taken away, dialback stays", lose_sasl, CW_METHOD_TLS_DIALBACK, true,
     CW_PERMIT_STAYS},
    {"EXTERNAL is taken away, EXTERNAL ends", lose_sasl, CW_METHOD_SASL_TLS, true,
     CW_PERMIT_ENDS_RESET},
    {"TLS is required now, clear text ends", lose_clear, CW_METHOD_TCP_DIALBACK, false,
     CW_PERMIT_ENDS_RESET},
    {"TLS is required now, TLS stays", lose_clear, CW_METHOD_TLS_DIALBACK, false, CW_PERMIT_STAYS},
    {"TLS is not supported now, TLS ends", lose_tls, CW_METHOD_TLS_DIALBACK, false,
     CW_PERMIT_ENDS_RESET},
    {"TLS is not supported now, clear text stays", lose_tls, CW_METHOD_TCP_DIALBACK, true,
     CW_PERMIT_STAYS},
    {"its key is pinned", set_pin, CW_METHOD_SASL_TLS, false, CW_PERMIT_STAYS},
    {"its key is pinned, but it is in clear", set_pin, CW_METHOD_TCP_DIALBACK, false,
     CW_PERMIT_ENDS_RESET},
    {"another key is pinned", set_other_pin, CW_METHOD_TLS_DIALBACK, true, CW_PERMIT_ENDS_RESET},
    {"another key is pinned before the proof", set_other_pin, CW_METHOD_NONE, false,
     CW_PERMIT_ENDS_RESET},
    {"the limit is lower than what is open", set_limit, CW_METHOD_SASL_TLS, false, CW_PERMIT_STAYS},
    {"keep-alive", set_keep_alive, CW_METHOD_SASL_TLS, true, CW_PERMIT_STAYS},
    {"another way there, ours", set_proxy, CW_METHOD_SASL_TLS, true, CW_PERMIT_ENDS_IN_ORDER},
    {"another way there, theirs", set_proxy, CW_METHOD_SASL_TLS, false, CW_PERMIT_STAYS},
    {"moved to another partner", set_partner, CW_METHOD_SASL_TLS, false, CW_PERMIT_ENDS_RESET},
};

static struct cw_permit_facts facts_of(enum cw_method method, bool outgoing)
{
    const bool clear = method == CW_METHOD_TCP_DIALBACK;

    return (struct cw_permit_facts){.outgoing = outgoing,
                                    .own_served = true,
                                    .method = method,
                                    .secure = !clear,
                                    .key = clear ? NULL : KEY};
}

/* PARTNERS.md section 2. */
static void ends_what_it_must(void **state)
{
    const struct cw_permit before = permit(ALL);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct cw_permit_facts facts = facts_of(ROWS[i].method, ROWS[i].outgoing);
        struct cw_permit now = before;

        cw_case(ROWS[i].name);
        ROWS[i].edit(&now);
        assert_int_equal(cw_permit_change(&before, &now, &facts), ROWS[i].want);
        assert_int_equal(cw_permit_change(&before, &before, &facts), CW_PERMIT_STAYS);
        assert_int_equal(cw_permit_change(NULL, &now, &facts), CW_PERMIT_STAYS);
        assert_int_equal(cw_permit_change(&before, NULL, &facts), CW_PERMIT_ENDS_POLICY);
    }
}

static void widening_ends_nothing(void **state)
{
    (void)state;
    for (unsigned old = 0; old <= ALL; old += 2) {
        for (unsigned new = 0; new <= ALL; new += 2) {
            const struct cw_permit before = permit((uint8_t)old);
            const struct cw_permit now = permit((uint8_t) new);

            for (int method = CW_METHOD_SASL_TLS; method < CW_METHODS; method++) {
                const struct cw_permit_facts facts = facts_of((enum cw_method)method, true);

                if ((old & (1u << method)) != 0 && (old & ~new) == 0) {
                    assert_int_equal(cw_permit_change(&before, &now, &facts), CW_PERMIT_STAYS);
                }
            }
        }
    }
}

/* ---- every combination, against a reference that reckons otherwise ---- */

/* One combination: each digit of a number is a field. */
struct combination {
    struct cw_permit before, now;
    struct cw_permit_facts facts;
    bool there_before, there_now;
};

static unsigned take(unsigned *number, unsigned base)
{
    const unsigned digit = *number % base;

    *number /= base;
    return digit;
}

enum { PIN_SETS = 4, COMBINATIONS = 2 * 2 * 8 * 8 * 2 * 2 * PIN_SETS * 2 * 2 * 2 * 2 * 4 * 2 * 3 };

static void pin(struct cw_permit *permit, unsigned set)
{
    static const uint8_t *const SETS[PIN_SETS][2] = {
        {NULL, NULL}, {KEY, NULL}, {OTHER_KEY, NULL}, {OTHER_KEY, KEY}};

    for (unsigned i = 0; i < 2 && SETS[set][i] != NULL; i++) {
        memcpy(permit->pins[permit->pin_count++], SETS[set][i], 32);
    }
}

static struct combination combine(unsigned number)
{
    struct combination c = {.before = permit(0), .now = permit(0)};
    const uint8_t *const keys[] = {NULL, KEY, OTHER_KEY};

    c.there_before = take(&number, 2) != 0;
    c.there_now = take(&number, 2) != 0;
    c.before.methods = (uint8_t)(take(&number, 8) << 1);
    c.now.methods = (uint8_t)(take(&number, 8) << 1);
    c.now.tls_required = take(&number, 2) != 0;
    c.now.tls_offered = take(&number, 2) != 0;
    pin(&c.now, take(&number, PIN_SETS));
    c.now.partner = take(&number, 2) != 0 ? CW_LIT("b.example") : c.now.partner;
    c.now.proxy = take(&number, 2) != 0 ? CW_LIT("192.0.2.1:5269") : c.now.proxy;
    c.facts.outgoing = take(&number, 2) != 0;
    c.facts.own_served = take(&number, 2) != 0;
    c.facts.method = (enum cw_method)take(&number, 4);
    c.facts.secure = take(&number, 2) != 0;
    c.facts.key = keys[take(&number, 3)];
    return c;
}

/* Methods that the permit still has, as a set: what it lists, less what its other words forbid. */
static unsigned usable(const struct cw_permit *now)
{
    unsigned set = now->methods;

    if (now->tls_required || now->pin_count != 0) {
        set &= SASL | UNDER;
    }
    if (!now->tls_offered) {
        set &= CLEAR;
    }
    return set;
}

static bool is_pinned(const struct cw_permit *now, const uint8_t *key)
{
    unsigned hits = now->pin_count == 0 ? 1 : 0;

    for (unsigned i = 0; i < now->pin_count && key != NULL; i++) {
        hits += memcmp(now->pins[i], key, 32) == 0 ? 1 : 0;
    }
    return hits != 0;
}

/* What the peer would have to prove anew; and how grave the rest is. */
static enum cw_permit_end reference(const struct combination *c)
{
    const unsigned proof = c->facts.method == CW_METHOD_NONE ? 0 : 1u << c->facts.method;
    enum cw_permit_end end = CW_PERMIT_STAYS;

    if (c->facts.outgoing && c->now.proxy.len != c->before.proxy.len) {
        end = CW_PERMIT_ENDS_IN_ORDER;
    }
    if ((proof & ~usable(&c->now)) != 0 || c->now.partner.base[0] != c->before.partner.base[0] ||
        (c->facts.secure && !is_pinned(&c->now, c->facts.key))) {
        end = CW_PERMIT_ENDS_RESET;
    }
    if (!c->facts.own_served) {
        end = CW_PERMIT_ENDS_HOST_GONE;
    }
    if (!c->there_now) {
        end = CW_PERMIT_ENDS_POLICY;
    }
    return c->there_before ? end : CW_PERMIT_STAYS;
}

static void agrees_with_the_reference(void **state)
{
    unsigned seen[CW_PERMIT_ENDS] = {0};

    (void)state;
    for (unsigned number = 0; number < COMBINATIONS; number++) {
        const struct combination c = combine(number);
        const enum cw_permit_end got = cw_permit_change(c.there_before ? &c.before : NULL,
                                                        c.there_now ? &c.now : NULL, &c.facts);

        if (got != reference(&c)) {
            fail_msg("combination %u: %d, not %d", number, (int)got, (int)reference(&c));
        }
        seen[got]++;
    }
    for (unsigned end = 0; end < CW_PERMIT_ENDS; end++) {
        assert_true(seen[end] > 0);
    }
}

/* Three pairs in all their verdicts: the stream lives by any one of its own partner's. */
static void a_stream_lives_by_its_own_partner(void **state)
{
    (void)state;
    for (unsigned number = 0; number < 1000; number++) {
        struct cw_permit_verdict pairs[3];
        unsigned rest = number;
        unsigned lives = 0;
        unsigned worst = 0;

        for (unsigned i = 0; i < 3; i++) {
            pairs[i].end = (enum cw_permit_end)take(&rest, CW_PERMIT_ENDS);
            pairs[i].counted = take(&rest, 2) != 0;
            lives += pairs[i].counted && pairs[i].end == CW_PERMIT_STAYS;
            worst = (unsigned)pairs[i].end > worst ? (unsigned)pairs[i].end : worst;
        }
        assert_int_equal(cw_permit_change_of_stream(pairs, 3), lives > 0 ? 0 : worst);
    }
    assert_int_equal(cw_permit_change_of_stream(NULL, 0), CW_PERMIT_STAYS);
}

static void names_the_condition(void **state)
{
    (void)state;
    assert_null(cw_permit_end_condition(CW_PERMIT_ENDS_IN_ORDER));
    assert_string_equal(cw_permit_end_condition(CW_PERMIT_ENDS_RESET), "reset");
    assert_string_equal(cw_permit_end_condition(CW_PERMIT_ENDS_HOST_GONE), "host-gone");
    assert_string_equal(cw_permit_end_condition(CW_PERMIT_ENDS_POLICY), "policy-violation");
}

static void sees_any_difference(void **state)
{
    static void (*const EDITS[])(struct cw_permit *) = {set_pin,   set_limit,   set_keep_alive,
                                                        set_proxy, set_partner, lose_dialback,
                                                        lose_sasl, lose_clear,  lose_tls};
    const struct cw_permit before = permit(ALL);

    (void)state;
    assert_true(cw_permit_equal(&before, &before));
    for (size_t i = 0; i < CW_COUNT(EDITS); i++) {
        struct cw_permit now = before;

        EDITS[i](&now);
        assert_false(cw_permit_equal(&before, &now));
        assert_true(cw_permit_equal(&now, &now));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_what_it_must),
        cmocka_unit_test(widening_ends_nothing),
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(a_stream_lives_by_its_own_partner),
        cmocka_unit_test(names_the_condition),
        cmocka_unit_test(sees_any_difference),
    };

    return cmocka_run_group_tests_name("permit_change", tests, NULL, NULL);
}
