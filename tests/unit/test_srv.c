/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "srv.h"

static struct cw_srv_record record(uint16_t priority, uint16_t weight, const char *target)
{
    struct cw_srv_record made = {.priority = priority, .weight = weight, .port = 5269};

    memcpy(made.target, target, strlen(target) + 1);
    return made;
}

/* Octets of a record, without the literal's own NUL. */
#define RAW(text)                                                                                  \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const struct {
    const char *name;
    struct cw_bytes data;
    enum cw_err err;
    const char *target;
} RECORDS[] = {
    {"plain", RAW("\0\12\0\5\024\225\4xmpp\10fabrikam\7example\0"), CW_OK, "xmpp.fabrikam.example"},
    {"upper case is folded", RAW("\0\12\0\5\024\225\1X\7EXAMPLE\0"), CW_OK, "x.example"},
    {"root", RAW("\0\0\0\0\0\0\0"), CW_OK, ""},
    {"without its end", RAW("\0\12\0\5\024\225\4xmpp"), CW_ERR_MALFORMED, NULL},
    {"left-over octet", RAW("\0\0\0\0\0\0\0x"), CW_ERR_MALFORMED, NULL},
    {"empty", RAW(""), CW_ERR_MALFORMED, NULL},
    {"numbers only", RAW("\0\12\0\5\024\225"), CW_ERR_MALFORMED, NULL},
    {"a dot inside a label", RAW("\0\12\0\5\024\225\3a.b\0"), CW_ERR_MALFORMED, NULL},
    {"a NUL inside a label", RAW("\0\12\0\5\024\225\3a\0b\0"), CW_ERR_MALFORMED, NULL},
    {"a compression pointer", RAW("\0\12\0\5\024\225\300\14"), CW_ERR_MALFORMED, NULL},
};

static void reads_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(RECORDS); i++) {
        struct cw_srv_record got = record(7, 7, "untouched");

        cw_case(RECORDS[i].name);
        assert_int_equal(cw_srv_read(RECORDS[i].data, &got), RECORDS[i].err);
        assert_string_equal(got.target,
                            RECORDS[i].target != NULL ? RECORDS[i].target : "untouched");
    }
}

static void reads_numbers(void **state)
{
    struct cw_srv_record got = {.direct_tls = true};

    (void)state;
    assert_int_equal(cw_srv_read(RECORDS[0].data, &got), CW_OK);
    assert_int_equal(got.priority, 10);
    assert_int_equal(got.weight, 5);
    assert_int_equal(got.port, 5269);
    assert_true(got.direct_tls);
}

/* 4 labels of 62 octets fill a name; one more label passes its end. */
static void bounds_the_name(void **state)
{
    char data[6 + 5 * 63 + 1] = {0};
    struct cw_srv_record got = {0};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        data[6 + i * 63] = 62;
        memset(data + 6 + i * 63 + 1, 'a', 62);
    }
    assert_int_equal(cw_srv_read((struct cw_bytes){data, sizeof(data)}, &got), CW_ERR_MALFORMED);
    data[6 + 4 * 63] = 0;
    assert_int_equal(cw_srv_read((struct cw_bytes){data, 6 + 4 * 63 + 1}, &got), CW_OK);
    assert_int_equal(strlen(got.target), 4 * 63 - 1);
}

/* STREAM-1: a lower priority always comes first, whatever the weights. */
static void orders_by_priority(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        struct cw_srv_record records[] = {record(20, 65535, "c"), record(10, 0, "b"),
                                          record(5, 1, "a"), record(30, 0, "d")};

        cw_srv_order(records, CW_COUNT(records), &seed);
        assert_string_equal(records[0].target, "a");
        assert_string_equal(records[1].target, "b");
        assert_string_equal(records[2].target, "c");
        assert_string_equal(records[3].target, "d");
    }
}

/* STREAM-1: weights 60, 30, 10 are drawn first about that often; weight 0 now and then. */
static void draws_by_weight(void **state)
{
    enum { ROUNDS = 20000 };
    unsigned first[128] = {0};
    uint64_t seed = 42;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct cw_srv_record records[] = {record(1, 10, "c"), record(1, 60, "a"), record(1, 0, "z"),
                                          record(1, 30, "b")};

        cw_srv_order(records, CW_COUNT(records), &seed);
        first[(unsigned char)records[0].target[0]]++;
    }
    assert_in_range(first['a'], ROUNDS * 57 / 100, ROUNDS * 62 / 100);
    assert_in_range(first['b'], ROUNDS * 28 / 100, ROUNDS * 32 / 100);
    assert_in_range(first['c'], ROUNDS * 8 / 100, ROUNDS * 12 / 100);
    assert_in_range(first['z'], 1, ROUNDS * 2 / 100);
}

static void keeps_every_record(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (unsigned round = 0; round < 500; round++) {
        struct cw_srv_record records[] = {record(1, 0, "a"), record(1, 0, "b"), record(1, 9, "c"),
                                          record(2, 1, "d")};
        unsigned seen = 0;

        cw_srv_order(records, CW_COUNT(records), &seed);
        for (size_t i = 0; i < CW_COUNT(records); i++) {
            seen |= 1u << (records[i].target[0] - 'a');
        }
        assert_int_equal(seen, 15);
    }
}

static void same_seed_same_order(void **state)
{
    (void)state;
    for (uint64_t start = 0; start < 50; start++) {
        struct cw_srv_record one[] = {record(1, 1, "a"), record(1, 1, "b"), record(1, 1, "c")};
        struct cw_srv_record two[] = {record(1, 1, "a"), record(1, 1, "b"), record(1, 1, "c")};
        uint64_t seed_one = start;
        uint64_t seed_two = start;

        cw_srv_order(one, 3, &seed_one);
        cw_srv_order(two, 3, &seed_two);
        for (size_t i = 0; i < 3; i++) {
            assert_string_equal(one[i].target, two[i].target);
        }
    }
}

#define FOUND   CW_DNS_FOUND
#define NONE    CW_DNS_NONE
#define UNKNOWN CW_DNS_UNKNOWN
#define BOGUS   CW_DNS_BOGUS

/* Answers: status and targets, one letter each; '.' is the root. */
static const struct {
    const char *name;
    enum cw_dns_status xmpp;
    const char *xmpp_targets;
    enum cw_dns_status xmpps;
    const char *xmpps_targets;
    enum cw_srv_verdict verdict;
    size_t count;
} PLANS[] = {
    {"STREAM-1: targets", FOUND, "ab", NONE, "", CW_SRV_USE, 2},
    {"STREAM-2: root means no service", FOUND, ".", NONE, "", CW_SRV_NO_SERVICE, 0},
    {"STREAM-2: root in both", FOUND, ".", FOUND, ".", CW_SRV_NO_SERVICE, 0},
    {"STREAM-3: no record at all", NONE, "", NONE, "", CW_SRV_FALLBACK, 0},
    {"STREAM-3: DNS does not answer", UNKNOWN, "", NONE, "", CW_SRV_RETRY, 0},
    {"STREAM-3: half an answer is none", NONE, "", UNKNOWN, "", CW_SRV_RETRY, 0},
    {"STREAM-5: both kinds", FOUND, "a", FOUND, "b", CW_SRV_USE, 2},
    {"STREAM-5: direct TLS only", NONE, "", FOUND, "b", CW_SRV_USE, 1},
    {"STREAM-5: no direct TLS", FOUND, "a", FOUND, ".", CW_SRV_USE, 1},
    {"STREAM-5: no direct TLS, no fallback", NONE, "", FOUND, ".", CW_SRV_NO_SERVICE, 0},
    {"STREAM-5: no STARTTLS", FOUND, ".", FOUND, "b", CW_SRV_USE, 1},
    {"STREAM-6: xmpps was not asked for", FOUND, "a", NONE, "", CW_SRV_USE, 1},
    {"one answer is enough", FOUND, "a", UNKNOWN, "", CW_SRV_USE, 1},
    {"STREAM-7: bogus", BOGUS, "", FOUND, "a", CW_SRV_ABORT, 0},
    {"STREAM-7: bogus of the other kind", FOUND, "a", BOGUS, "", CW_SRV_ABORT, 0},
};

static struct cw_srv_answer answer(enum cw_dns_status status, const char *targets)
{
    struct cw_srv_answer made = {.status = status};

    for (; targets[made.count] != '\0'; made.count++) {
        const char name[] = {targets[made.count] == '.' ? '\0' : targets[made.count], '\0'};

        made.records[made.count] = record(1, 1, name);
    }
    return made;
}

static void decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(PLANS); i++) {
        const struct cw_srv_answer xmpp = answer(PLANS[i].xmpp, PLANS[i].xmpp_targets);
        const struct cw_srv_answer xmpps = answer(PLANS[i].xmpps, PLANS[i].xmpps_targets);
        struct cw_srv_plan plan = {0};
        uint64_t seed = i;

        cw_case(PLANS[i].name);
        assert_int_equal(cw_srv_decide(&xmpp, &xmpps, &seed, &plan), PLANS[i].verdict);
        if (PLANS[i].verdict == CW_SRV_USE) {
            assert_int_equal(plan.count, PLANS[i].count);
        }
        for (size_t k = 0; k < plan.count; k++) {
            assert_int_equal(plan.targets[k].direct_tls,
                             strchr(PLANS[i].xmpps_targets, plan.targets[k].target[0]) != NULL);
        }
    }
}

/* A partner that lists more than we take fills both halves, not more. */
static void bounds_the_plan(void **state)
{
    struct cw_srv_answer full = {.status = CW_DNS_FOUND, .count = CW_SRV_MAX_RECORDS};
    struct cw_srv_plan plan;
    uint64_t seed = 0;

    (void)state;
    for (size_t i = 0; i < CW_SRV_MAX_RECORDS; i++) {
        full.records[i] = record(1, 1, "a");
    }
    assert_int_equal(cw_srv_decide(&full, &full, &seed, &plan), CW_SRV_USE);
    assert_int_equal(plan.count, 2 * CW_SRV_MAX_RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_records),        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(bounds_the_name),      cmocka_unit_test(orders_by_priority),
        cmocka_unit_test(draws_by_weight),      cmocka_unit_test(keeps_every_record),
        cmocka_unit_test(same_seed_same_order), cmocka_unit_test(decides),
        cmocka_unit_test(bounds_the_plan),
    };

    return cmocka_run_group_tests_name("srv", tests, NULL, NULL);
}
