/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "shelf.h"

#include <stdio.h>

static void note(void *record, void *user)
{
    char *seen = user;
    const char mark[2] = {*(const char *)record, '\0'};

    (void)strcat(seen, mark);
}

static void put(struct cw_shelf *shelf, const char *key, char mark, uint64_t now_ms)
{
    *(char *)cw_shelf_put(shelf, (struct cw_bytes){key, strlen(key)}, 1, now_ms) = mark;
}

static char found(struct cw_shelf *shelf, const char *key, uint64_t now_ms)
{
    const char *record = cw_shelf_find(shelf, (struct cw_bytes){key, strlen(key)}, now_ms);

    return record == NULL ? '-' : *record;
}

static void drops_the_oldest(void **state)
{
    char gone[16] = "";
    struct cw_shelf *shelf = cw_shelf_new((const uint64_t[2]){1, 2}, 3, 100, note, gone);

    (void)state;
    put(shelf, "a", 'a', 0);
    put(shelf, "b", 'b', 1);
    put(shelf, "c", 'c', 2);
    put(shelf, "a", 'A', 3); /* replaced, and the newest now */
    assert_string_equal(gone, "a");
    put(shelf, "d", 'd', 4);
    assert_string_equal(gone, "ab");
    assert_int_equal(found(shelf, "a", 4), 'A');
    assert_int_equal(found(shelf, "b", 4), '-');
    assert_int_equal(cw_shelf_count(shelf), 3);
    cw_shelf_remove(shelf, CW_LIT("d"));
    cw_shelf_remove(shelf, CW_LIT("d"));
    assert_string_equal(gone, "abd");
    cw_shelf_free(&shelf);
    assert_null(shelf);
    assert_string_equal(gone, "abdcA");
    cw_shelf_free(&shelf);
}

static void drops_the_old(void **state)
{
    struct cw_shelf *shelf = cw_shelf_new((const uint64_t[2]){1, 2}, 10, 100, NULL, NULL);

    (void)state;
    put(shelf, "a", 'a', 50);
    put(shelf, "b", 'b', 60);
    assert_int_equal(found(shelf, "a", 149), 'a');
    assert_int_equal(found(shelf, "a", 150), '-');
    assert_int_equal(cw_shelf_count(shelf), 1);
    put(shelf, "c", 'c', 200); /* what is too old makes room unasked */
    assert_int_equal(cw_shelf_count(shelf), 1);
    assert_int_equal(found(shelf, "c", 200), 'c');
    cw_shelf_free(&shelf);
}

/* A new record is zero and fit for any type, whatever the length of its key. */
static void gives_clean_records(void **state)
{
    struct cw_shelf *shelf = cw_shelf_new((const uint64_t[2]){1, 2}, 100, 100, NULL, NULL);

    (void)state;
    for (size_t size = 0; size < 40; size++) {
        char key[48];
        unsigned char *record;

        (void)snprintf(key, sizeof(key), "%.*s", (int)size,
                       "a key that may have any length, and has.");
        record = cw_shelf_put(shelf, (struct cw_bytes){key, size}, size, 1);
        assert_int_equal((uintptr_t)record % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(record[i], 0);
            record[i] = 0xff;
        }
        memset(key, 'x', sizeof(key)); /* the shelf keeps its own */
    }
    assert_int_equal(cw_shelf_count(shelf), 40);
    assert_non_null(cw_shelf_find(shelf, CW_LIT("a key"), 2));
    cw_shelf_free(&shelf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drops_the_oldest),
        cmocka_unit_test(drops_the_old),
        cmocka_unit_test(gives_clean_records),
    };

    return cmocka_run_group_tests_name("shelf", tests, NULL, NULL);
}
