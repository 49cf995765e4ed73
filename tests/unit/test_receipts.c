/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "ledger.h"
#include "receipts.h"

static void settles_in_order(void **state)
{
    enum { NOTE, DURABLE };
    static const struct {
        const char *name;
        int what;
        uint64_t seq, write, durable, settled;
    } STEPS[] = {
        {"nothing to wait for", NOTE, 1, 0, 0, 1},
        {"a write", NOTE, 2, 1, 0, 0},
        {"behind it", NOTE, 3, 0, 0, 0},
        {"it is durable", DURABLE, 0, 0, 1, 3},
        {"nothing waits", DURABLE, 0, 0, 1, 0},
        {"a write", NOTE, 4, 2, 1, 0},
        {"another", NOTE, 5, 3, 1, 0},
        {"behind both", NOTE, 6, 0, 1, 0},
        {"a third", NOTE, 7, 5, 1, 0},
        {"the first is durable", DURABLE, 0, 0, 2, 4},
        {"the batch is not", DURABLE, 0, 0, 4, 0},
        {"behind the batch", NOTE, 8, 6, 4, 0},
        {"the batch is", DURABLE, 0, 0, 5, 7},
        {"both at once", NOTE, 9, 7, 5, 0},
        {"to the last", DURABLE, 0, 0, 7, 9},
        {"durable already", NOTE, 10, 7, 7, 10},
    };
    struct cw_receipts receipts = {0};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(STEPS); i++) {
        uint64_t settled;

        cw_case(STEPS[i].name);
        if (STEPS[i].what == NOTE) {
            settled = cw_receipts_note(&receipts, STEPS[i].seq, STEPS[i].write, STEPS[i].durable);
        } else {
            settled = cw_receipts_durable(&receipts, STEPS[i].durable);
        }
        assert_int_equal(settled, STEPS[i].settled);
    }
}

/* However writes and stanzas interleave: nothing is settled before its write, nothing waits for
 * ever, numbers only grow. */
static void never_settles_early(void **state)
{
    struct cw_receipts receipts = {0};
    uint64_t write_of[1001] = {0};
    uint64_t writes = 0;
    uint64_t durable = 0;
    uint64_t settled = 0;
    uint32_t dice = 7;

    (void)state;
    for (uint64_t seq = 1; seq <= 1000; seq++) {
        uint64_t now;

        dice = dice * 1664525u + 1013904223u;
        writes += (dice >> 20) % 3;
        write_of[seq] = writes;
        now = cw_receipts_note(&receipts, seq, (dice >> 20) % 3 == 0 ? 0 : writes, durable);
        if ((dice >> 24) % 4 == 0) {
            uint64_t more;

            durable += (writes - durable) / 2;
            more = cw_receipts_durable(&receipts, durable);
            now = more != 0 ? more : now;
        }
        assert_true(now == 0 || (now > settled && write_of[now] <= durable));
        settled = now != 0 ? now : settled;
    }
    assert_true(settled > 500);
    assert_int_equal(cw_receipts_durable(&receipts, writes), settled == 1000 ? 0 : 1000);
}

static void on_done(enum cw_err err, void *user)
{
    *(enum cw_err *)user = err;
}

static void on_report(void *user)
{
    (*(unsigned *)user)++;
}

static void counts_reports(void **state)
{
    struct cw_ledger *ledger = cw_ledger_new();
    enum cw_err told = CW_ERR_CLOSED;
    unsigned reports = 0;
    void *first;
    void *second;

    (void)state;
    cw_ledger_watch(ledger, on_report, &reports);
    first = cw_ledger_begin(ledger, on_done, &told);
    second = cw_ledger_begin(ledger, NULL, NULL);
    assert_int_equal(cw_ledger_begun(ledger), 2);
    assert_int_equal(cw_ledger_reported(ledger), 0);
    cw_ledger_report(CW_OK, first);
    assert_int_equal(told, CW_OK);
    assert_int_equal(reports, 1);
    assert_int_equal(cw_ledger_reported(ledger), 1);
    first = cw_ledger_begin(ledger, on_done, &told);
    cw_ledger_free(&ledger); /* the store reports what it still has when it is closed */
    assert_null(ledger);
    cw_ledger_report(CW_OK, second);
    cw_ledger_report(CW_ERR_IO, first);
    assert_int_equal(told, CW_ERR_IO);
    assert_int_equal(reports, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settles_in_order),
        cmocka_unit_test(never_settles_early),
        cmocka_unit_test(counts_reports),
    };

    return cmocka_run_group_tests_name("receipts", tests, NULL, NULL);
}
