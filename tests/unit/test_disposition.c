/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "disposition.h"

#include <stdio.h>
#include <stdlib.h>

#define ROMEO  CW_LIT("sip:romeo@contoso.example")
#define TYBALT CW_LIT("sip:tybalt@contoso.example")
#define JULIET CW_LIT("juliet@fabrikam.example")
#define NURSE  CW_LIT("nurse@fabrikam.example")
#define WEEK   UINT64_C(604800000)
#define ALL                                                                                        \
    (CW_IMDN_WANT_POSITIVE | CW_IMDN_WANT_NEGATIVE | CW_IMDN_WANT_PROCESSING | CW_IMDN_WANT_DISPLAY)

static struct cw_disposition *disposition;

static int begin(void **state)
{
    (void)state;
    disposition = cw_disposition_new((const uint64_t[2]){1, 2});
    return 0;
}

static int finish(void **state)
{
    (void)state;
    cw_disposition_free(&disposition);
    assert_null(disposition);
    cw_disposition_free(&disposition);
    return 0;
}

/* RCPT-3, RCPT-4, SEC-10: only what we issued, only from whom it went to, each kind once, a week
 * long. */
static void believes_the_receiver(void **state)
{
    char id[] = "m1";
    const struct cw_issued message = {
        .local = ROMEO,
        .remote = CW_LIT("juliet@fabrikam.example/balcony"),
        .stanza_id = {id, 2},
        .thread = CW_LIT("t1"),
        .chat = true,
    };
    const struct cw_issued *got;

    (void)state;
    cw_disposition_issue(disposition, CW_LIT("im-1"), &message, 1000);
    id[1] = '9'; /* the texts are its own */
    assert_null(cw_disposition_told(disposition, CW_LIT("im-2"), ROMEO, CW_IMDN_DELIVERED, 2000));
    assert_null(cw_disposition_told(disposition, CW_LIT("im-1"), TYBALT, CW_IMDN_DELIVERED, 2000));
    got = cw_disposition_told(disposition, CW_LIT("im-1"), ROMEO, CW_IMDN_DELIVERED, 2000);
    assert_non_null(got);
    cw_assert_bytes(got->local, ROMEO);
    cw_assert_bytes(got->remote, message.remote);
    cw_assert_bytes(got->stanza_id, CW_LIT("m1"));
    cw_assert_bytes(got->thread, CW_LIT("t1"));
    assert_true(got->chat);
    assert_null(cw_disposition_told(disposition, CW_LIT("im-1"), ROMEO, CW_IMDN_DELIVERED, 2000));
    assert_non_null(
        cw_disposition_told(disposition, CW_LIT("im-1"), ROMEO, CW_IMDN_DISPLAYED, 999 + WEEK));
    assert_null(
        cw_disposition_told(disposition, CW_LIT("im-1"), ROMEO, CW_IMDN_FAILED, 1000 + WEEK));
    cw_disposition_issue(disposition, CW_LIT("im-3"),
                         &(struct cw_issued){.local = ROMEO, .remote = JULIET}, 3000);
    got = cw_disposition_told(disposition, CW_LIT("im-3"), ROMEO, CW_IMDN_FAILED, 3000);
    assert_null(got->stanza_id.base);
    assert_null(got->thread.base);
    assert_false(got->chat);
}

static void await_as(const char *id, struct cw_bytes local, struct cw_bytes remote, unsigned wants)
{
    const struct cw_bytes key = {id, strlen(id)};

    cw_disposition_await(disposition, key,
                         &(struct cw_awaited){.local = local,
                                              .remote = remote,
                                              .message_id = key,
                                              .datetime = CW_LIT("2026-03-02T09:00:00Z"),
                                              .cpim_from = CW_LIT("im:romeo@contoso.example"),
                                              .wants = wants},
                         1000);
}

/* What is owed then, as "id id ", the order of the gateway's own choosing. */
static const char *owed(const char *id, enum cw_imdn_status status)
{
    static char text[128];
    const struct cw_awaited *at;

    text[0] = '\0';
    cw_disposition_tell(disposition, ROMEO, JULIET, (struct cw_bytes){id, strlen(id)}, status,
                        2000);
    while ((at = cw_disposition_next(disposition)) != NULL) {
        const size_t len = strlen(text);

        cw_assert_bytes(at->datetime, CW_LIT("2026-03-02T09:00:00Z"));
        cw_assert_bytes(at->cpim_from, CW_LIT("im:romeo@contoso.example"));
        assert_null(at->cpim_to.base);
        (void)snprintf(text + len, sizeof(text) - len, CW_FMT " ", CW_ARG(at->message_id));
    }
    return text;
}

/* RCPT-9, RCPT-12, RCPT-13: each kind only to those who asked, and once; what was delivered does
 * not fail later. */
static void tells_who_asked(void **state)
{
    static const struct {
        const char *name;
        unsigned wants;
        struct {
            enum cw_imdn_status status;
            bool owed;
        } steps[4];
    } ROWS[] = {
        {"delivered",
         CW_IMDN_WANT_POSITIVE,
         {{CW_IMDN_DELIVERED, true},
          {CW_IMDN_DELIVERED, false},
          {CW_IMDN_DISPLAYED, false},
          {CW_IMDN_FAILED, false}}},
        {"failed",
         CW_IMDN_WANT_NEGATIVE,
         {{CW_IMDN_PROCESSED, false},
          {CW_IMDN_FAILED, true},
          {CW_IMDN_FAILED, false},
          {CW_IMDN_DELIVERED, false}}},
        {"not failed",
         CW_IMDN_WANT_NEGATIVE,
         {{CW_IMDN_DELIVERED, false},
          {CW_IMDN_FAILED, false},
          {CW_IMDN_FAILED, false},
          {CW_IMDN_FAILED, false}}},
        {"processed",
         CW_IMDN_WANT_PROCESSING,
         {{CW_IMDN_PROCESSED, true},
          {CW_IMDN_PROCESSED, false},
          {CW_IMDN_DELIVERED, false},
          {CW_IMDN_DISPLAYED, false}}},
        {"all",
         ALL,
         {{CW_IMDN_PROCESSED, true},
          {CW_IMDN_DELIVERED, true},
          {CW_IMDN_DISPLAYED, true},
          {CW_IMDN_FAILED, false}}},
        {"none",
         0,
         {{CW_IMDN_PROCESSED, false},
          {CW_IMDN_DELIVERED, false},
          {CW_IMDN_DISPLAYED, false},
          {CW_IMDN_FAILED, false}}},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        cw_case(ROWS[i].name);
        await_as(ROWS[i].name, ROMEO, JULIET, ROWS[i].wants);
        for (size_t j = 0; j < CW_COUNT(ROWS[i].steps); j++) {
            const bool got = owed(ROWS[i].name, ROWS[i].steps[j].status)[0] != '\0';

            assert_int_equal(got, ROWS[i].steps[j].owed);
        }
    }
}

/* RCPT-10: cumulative in the conversation, never backwards; nobody else's. */
static void marks_all_before(void **state)
{
    (void)state;
    await_as("1", ROMEO, JULIET, CW_IMDN_WANT_DISPLAY);
    await_as("x", ROMEO, NURSE, CW_IMDN_WANT_DISPLAY);
    await_as("2", ROMEO, JULIET, CW_IMDN_WANT_POSITIVE);
    await_as("y", TYBALT, JULIET, CW_IMDN_WANT_DISPLAY);
    await_as("3", ROMEO, JULIET, CW_IMDN_WANT_DISPLAY);
    await_as("4", ROMEO, JULIET, CW_IMDN_WANT_DISPLAY);
    assert_string_equal(owed("x", CW_IMDN_DISPLAYED), ""); /* she is not asked about the nurse's */
    assert_string_equal(owed("?", CW_IMDN_DISPLAYED), "");
    assert_string_equal(owed("3", CW_IMDN_DISPLAYED), "1 3 "); /* in their order */
    assert_string_equal(owed("1", CW_IMDN_DISPLAYED), "");
    assert_string_equal(owed("3", CW_IMDN_DISPLAYED), "");
    assert_string_equal(owed("2", CW_IMDN_DELIVERED), "2 ");
    assert_string_equal(owed("4", CW_IMDN_DISPLAYED), "4 ");
}

/* RCPT-3: in number, and an id that comes again is the new message's. */
static void is_bounded(void **state)
{
    char id[16];

    (void)state;
    await_as("first", ROMEO, JULIET, ALL);
    await_as("first", ROMEO, JULIET, ALL); /* takes the place of the one before */
    await_as("first", ROMEO, NURSE, ALL);
    assert_int_equal(cw_disposition_count(disposition), 2);
    assert_string_equal(owed("first", CW_IMDN_DELIVERED), "first ");
    await_as("second", ROMEO, JULIET, ALL);
    for (unsigned i = 0; i < CW_DISPOSITION_MAX; i++) {
        (void)snprintf(id, sizeof(id), "i%u", i);
        cw_disposition_issue(disposition, (struct cw_bytes){id, strlen(id)},
                             &(struct cw_issued){.local = ROMEO, .remote = JULIET}, 1000);
        await_as(id, ROMEO, i % 2 == 0 ? JULIET : NURSE, ALL);
    }
    assert_int_equal(cw_disposition_count(disposition), 2 * CW_DISPOSITION_MAX);
    assert_string_equal(owed("second", CW_IMDN_DELIVERED), ""); /* pushed out */
    assert_string_equal(owed("i0", CW_IMDN_DISPLAYED), "i0 ");
    assert_string_equal(owed("i4", CW_IMDN_DISPLAYED), "i2 i4 ");
}

/* SEC-10: an id that somebody else chose, too, is another message. */
static void tells_users_apart(void **state)
{
    const struct cw_awaited romeo = {.local = ROMEO,
                                     .remote = JULIET,
                                     .message_id = CW_LIT("same"),
                                     .datetime = CW_LIT("2026-03-02T09:00:00Z"),
                                     .cpim_from = CW_LIT("im:romeo@contoso.example"),
                                     .wants = CW_IMDN_WANT_POSITIVE};
    struct cw_awaited tybalt = romeo;

    (void)state;
    disposition = cw_disposition_new((const uint64_t[2]){1, 2});
    tybalt.local = CW_LIT("sip:tybalt@contoso.example");
    cw_disposition_await(disposition, CW_LIT("same"), &romeo, 1000);
    cw_disposition_await(disposition, CW_LIT("same"), &tybalt, 1000);
    assert_int_equal(cw_disposition_count(disposition), 2);
    cw_disposition_forget(disposition, tybalt.local, JULIET, CW_LIT("same"));
    assert_int_equal(cw_disposition_count(disposition), 1);
    assert_string_equal(owed("same", CW_IMDN_DELIVERED), "same ");
    assert_string_equal(owed("", CW_IMDN_DELIVERED), "");
    cw_disposition_free(&disposition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_users_apart),
        cmocka_unit_test_setup_teardown(believes_the_receiver, begin, finish),
        cmocka_unit_test_setup_teardown(tells_who_asked, begin, finish),
        cmocka_unit_test_setup_teardown(marks_all_before, begin, finish),
        cmocka_unit_test_setup_teardown(is_bounded, begin, finish),
    };

    return cmocka_run_group_tests_name("disposition", tests, NULL, NULL);
}
