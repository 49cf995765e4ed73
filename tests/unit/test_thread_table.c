/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "thread_table.h"

#include <causeway/arena.h>

#include <stdlib.h>

#define ROMEO  CW_LIT("romeo@contoso.example")
#define JULIET CW_LIT("juliet@fabrikam.example")
#define DAY_MS UINT64_C(86400000)

static struct cw_arena *arena;

static struct cw_bytes call_id_of(struct cw_thread_table *threads, struct cw_bytes thread,
                                  struct cw_bytes from, struct cw_bytes to, uint64_t now_ms)
{
    char *const digest = cw_arena_alloc(arena, CW_THREAD_DIGEST_LEN);

    assert_non_null(digest);
    return cw_thread_call_id(threads, thread, from, to, now_ms, digest);
}

/* MSG-15, MSG-16, MSG-56: one thread is one Call-ID between two, and comes back from it. */
static void stands_for_a_thread(void **state)
{
    struct cw_thread_table *threads = cw_thread_table_new((const uint64_t[2]){1, 2});
    const struct cw_bytes thread = CW_LIT("the thread of \u00dcmit & <co>");
    const struct cw_bytes call_id = call_id_of(threads, thread, JULIET, ROMEO, 1000);

    (void)state;
    assert_true(call_id.len >= 32 && call_id.len <= 128);
    for (size_t i = 0; i < call_id.len; i++) {
        assert_non_null(strchr("0123456789abcdef", call_id.base[i]));
    }
    cw_assert_bytes(call_id_of(threads, thread, JULIET, ROMEO, 2000), call_id);
    cw_assert_bytes(cw_thread_of(threads, call_id, 2000 + DAY_MS - 1), thread);
    cw_assert_bytes(cw_thread_of(threads, call_id, 2000 + DAY_MS), call_id);
    cw_assert_bytes(cw_thread_of(threads, CW_LIT("another"), 2000), CW_LIT("another"));
    cw_thread_table_free(&threads);
    assert_null(threads);
    cw_thread_table_free(&threads);
}

/* MSG-16: other people, another thread, another process: another Call-ID. The border between the
 * texts counts. */
static void tells_threads_apart(void **state)
{
    const struct {
        struct cw_bytes thread, from, to;
        uint64_t secret;
    } ROWS[] = {
        {CW_LIT("t"), CW_LIT("a@x.example"), CW_LIT("b@y.example"), 1},
        {CW_LIT("u"), CW_LIT("a@x.example"), CW_LIT("b@y.example"), 1},
        {CW_LIT("t"), CW_LIT("b@y.example"), CW_LIT("a@x.example"), 1},
        {CW_LIT("t"), CW_LIT("a@x.example"), CW_LIT("c@y.example"), 1},
        {CW_LIT("ta"), CW_LIT("@x.example"), CW_LIT("b@y.example"), 1},
        {CW_LIT("t"), CW_LIT("a@x.exampleb"), CW_LIT("@y.example"), 1},
        {CW_LIT("t"), CW_LIT("a@x.example"), CW_LIT("b@y.example"), 9},
    };
    struct cw_bytes made[CW_COUNT(ROWS)];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_thread_table *threads =
            cw_thread_table_new((const uint64_t[2]){ROWS[i].secret, 2});

        made[i] = call_id_of(threads, ROWS[i].thread, ROWS[i].from, ROWS[i].to, 1);
        for (size_t j = 0; j < i; j++) {
            assert_false(cw_bytes_equal(made[i], made[j]));
        }
        cw_thread_table_free(&threads);
    }
}

/* MSG-56: what SIP called a conversation is its thread, and the answer in it bears the same
 * Call-ID. */
static void gives_a_call_id_back(void **state)
{
    struct cw_thread_table *threads = cw_thread_table_new((const uint64_t[2]){1, 2});
    const struct cw_bytes ours = call_id_of(threads, CW_LIT("t"), JULIET, ROMEO, 1);
    static char text[129];
    const struct cw_bytes longest = {text, 128};
    const struct cw_bytes longer = {text, 129};

    (void)state;
    memset(text, 'c', sizeof(text));
    cw_thread_note(threads, CW_LIT("call-1"), 1000);
    cw_assert_bytes(call_id_of(threads, CW_LIT("call-1"), JULIET, ROMEO, 2000), CW_LIT("call-1"));
    cw_thread_note(threads, ours, 1000); /* an answer in it: it keeps its meaning */
    cw_assert_bytes(cw_thread_of(threads, ours, 1000), CW_LIT("t"));
    cw_thread_note(threads, CW_LIT(""), 1000);
    cw_thread_note(threads, longest, 1000);
    cw_thread_note(threads, longer, 1000);
    cw_assert_bytes(call_id_of(threads, longest, JULIET, ROMEO, 2000), longest);
    assert_false(cw_bytes_equal(call_id_of(threads, longer, JULIET, ROMEO, 2000), longer));
    assert_false(cw_bytes_equal(call_id_of(threads, CW_LIT("call-1"), JULIET, ROMEO, 1000 + DAY_MS),
                                CW_LIT("call-1")));
    cw_thread_table_free(&threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stands_for_a_thread),
        cmocka_unit_test(tells_threads_apart),
        cmocka_unit_test(gives_a_call_id_back),
    };
    int failed;

    arena = cw_arena_new(65536);
    failed = cmocka_run_group_tests_name("thread_table", tests, NULL, NULL);
    cw_arena_free(&arena);
    return failed;
}
