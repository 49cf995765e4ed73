/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "negotiation.h"

#include <stdio.h>
#include <string.h>

#define ROWS 18

/* The 18 rows of docs/reference/negotiation-matrix.csv are the oracle. */
struct row {
    char number[8], tls[16], sasl[16], dialback[8], methods[64], severity[16], commit[16];
};

static enum cw_negotiation word(const char *text)
{
    if (strcmp(text, "Required") == 0) {
        return CW_REQUIRED;
    }
    return strcmp(text, "Optional") == 0 ? CW_OPTIONAL : CW_NOT_SUPPORTED;
}

static void read_row(const char *line, struct row *row)
{
    const char *const quote = strchr(line, '"');
    const char *const last = strrchr(line, ',');

    assert_int_equal(sscanf(line, "%7[^,],%15[^,],%15[^,],%7[^,],%63[^,],%15[^,],", row->number,
                            row->tls, row->sasl, row->dialback, row->methods, row->severity),
                     6);
    assert_non_null(quote);
    assert_int_equal(sscanf(last, ",%15[^\r\n]", row->commit), 1);
}

static size_t read_matrix(struct row rows[ROWS])
{
    FILE *const file = fopen(CAUSEWAY_MATRIX, "r");
    char line[512];
    size_t count = 0;

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    while (count < ROWS && fgets(line, sizeof(line), file) != NULL) {
        read_row(line, &rows[count++]);
    }
    assert_int_equal(fclose(file), 0);
    return count;
}

static uint8_t methods_of(const char *text)
{
    unsigned methods = 0;

    for (enum cw_method m = CW_METHOD_SASL_TLS; m < CW_METHODS; m++) {
        if (strstr(text, cw_method_name(m)) != NULL) {
            methods |= 1u << m;
        }
    }
    return (uint8_t)methods;
}

static struct cw_negotiated judge(const struct row *row, enum cw_floor floor)
{
    return cw_negotiation_judge(word(row->tls), word(row->sasl), strcmp(row->dialback, "True") == 0,
                                floor);
}

static void agrees_with_every_row(void **state)
{
    struct row rows[ROWS];

    (void)state;
    assert_int_equal(read_matrix(rows), ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        const struct cw_negotiated got = judge(&rows[i], CW_FLOOR_NONE);

        cw_case(rows[i].number);
        assert_int_equal(got.row, i + 1);
        assert_int_equal(got.methods, methods_of(rows[i].methods));
        if (strcmp(rows[i].commit, "allowed") == 0) {
            assert_int_not_equal(got.severity, CW_FINDING_ERROR);
            assert_int_equal(got.effective, got.methods);
        } else {
            assert_int_equal(got.severity, CW_FINDING_ERROR);
            assert_int_equal(got.effective, 0);
            assert_true(strlen(got.remedy) > 0);
        }
        if (strcmp(rows[i].severity, "none") == 0) {
            assert_int_equal(got.severity, CW_FINDING_NONE);
            assert_string_equal(got.code, "");
        }
    }
}

static void the_floor_only_takes_away(void **state)
{
    struct row rows[ROWS];

    (void)state;
    assert_int_equal(read_matrix(rows), ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        const struct cw_negotiated tls = judge(&rows[i], CW_FLOOR_TLS);
        const struct cw_negotiated sasl = judge(&rows[i], CW_FLOOR_SASL);

        cw_case(rows[i].number);
        assert_int_equal(tls.effective & ~tls.methods, 0);
        assert_int_equal(tls.effective & 1u << CW_METHOD_TCP_DIALBACK, 0);
        assert_int_equal(sasl.effective & ~(1u << CW_METHOD_SASL_TLS), 0);
        assert_int_equal(sasl.effective & ~tls.effective, 0);
    }
}

static void a_row_without_a_method_left_is_refused(void **state)
{
    const struct cw_negotiated tcp_only =
        cw_negotiation_judge(CW_NOT_SUPPORTED, CW_NOT_SUPPORTED, true, CW_FLOOR_TLS);

    (void)state;
    assert_int_equal(tcp_only.severity, CW_FINDING_ERROR);
    assert_string_equal(tcp_only.code, "E110");
}

static void sasl_needs_tls(void **state)
{
    const struct cw_negotiated got =
        cw_negotiation_judge(CW_NOT_SUPPORTED, CW_OPTIONAL, true, CW_FLOOR_NONE);

    (void)state;
    assert_int_equal(got.severity, CW_FINDING_ERROR);
    assert_string_equal(got.code, "E104");
    assert_non_null(strstr(got.text, "SASL needs TLS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_every_row),
        cmocka_unit_test(the_floor_only_takes_away),
        cmocka_unit_test(a_row_without_a_method_left_is_refused),
        cmocka_unit_test(sasl_needs_tls),
    };

    return cmocka_run_group_tests_name("negotiation", tests, NULL, NULL);
}
