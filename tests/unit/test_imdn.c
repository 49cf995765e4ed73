/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/imdn.h>
#include <stdio.h>

#define OPEN  "<imdn xmlns='urn:ietf:params:xml:ns:imdn'>"
#define ID    "<message-id>34jk</message-id>"
#define DONE  "<delivery-notification><status><delivered/></status></delivery-notification>"
#define CLOSE "</imdn>"

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

static void assert_text(struct cw_bytes got, const char *want)
{
    assert_int_equal(got.base == NULL, want == NULL);
    cw_assert_bytes(got, text(want));
}

/* RCPT-4: a status counts in its own notification; forbidden and error in each. */
static const struct {
    const char *name;
    const char *notification;
    bool anywhere;
} STATUSES[CW_IMDN_STATUSES] = {
    [CW_IMDN_DELIVERED] = {"delivered", "delivery-notification", false},
    [CW_IMDN_FAILED] = {"failed", "delivery-notification", false},
    [CW_IMDN_FORBIDDEN] = {"forbidden", "delivery-notification", true},
    [CW_IMDN_ERROR] = {"error", "delivery-notification", true},
    [CW_IMDN_DISPLAYED] = {"displayed", "display-notification", false},
    [CW_IMDN_PROCESSED] = {"processed", "processing-notification", false},
    [CW_IMDN_STORED] = {"stored", "processing-notification", false},
};

static const char *const NOTIFICATIONS[] = {"delivery-notification", "display-notification",
                                            "processing-notification"};

static void reads_each_status_where_it_belongs(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_IMDN_STATUSES * CW_COUNT(NOTIFICATIONS); i++) {
        const size_t status = i / CW_COUNT(NOTIFICATIONS);
        const char *const holder = NOTIFICATIONS[i % CW_COUNT(NOTIFICATIONS)];
        const bool fits =
            STATUSES[status].anywhere || strcmp(holder, STATUSES[status].notification) == 0;
        char xml[512];
        struct cw_imdn out;

        (void)snprintf(xml, sizeof(xml), OPEN ID "<%s><status><%s/></status></%s>" CLOSE, holder,
                       STATUSES[status].name, holder);
        cw_case(xml);
        cw_arena_reset(arena);
        assert_int_equal(cw_imdn_read(text(xml), arena, &out), fits ? CW_OK : CW_ERR_MALFORMED);
        if (fits) {
            assert_int_equal(out.status, status);
        }
    }
    cw_arena_free(&arena);
}

/* RCPT-4, SEC-16 */
static const struct {
    const char *name, *xml;
    enum cw_err err;
    const char *id, *datetime, *recipient, *original;
} READ[] = {
    {"all of it",
     "<?xml version='1.0' encoding='UTF-8'?>" OPEN ID "<datetime> 2026-03-02T09:00:00Z\n</datetime>"
     "<recipient-uri>im:a@a.example</recipient-uri>"
     "<original-recipient-uri>im:b@b.example</original-recipient-uri>" DONE CLOSE,
     CW_OK, "34jk", "2026-03-02T09:00:00Z", "im:a@a.example", "im:b@b.example"},
    {"a prefix, extensions, other order",
     "<i:imdn xmlns:i='urn:ietf:params:xml:ns:imdn' xmlns:x='urn:x'><x:y><z xmlns='urn:z'/></x:y>"
     "<x:message-id>no</x:message-id><i:display-notification><i:status><i:delivered/></i:status>"
     "</i:display-notification><i:delivery-notification><x:status/><i:status><x:failed/>"
     "<i:delivered><x:y/></i:delivered></i:status></i:delivery-notification>"
     "<i:message-id>\n 34jk </i:message-id><i:subject>s</i:subject></i:imdn>",
     CW_OK, .id = "34jk"},
    {"empty values", OPEN ID "<datetime/><recipient-uri> </recipient-uri>" DONE CLOSE, CW_OK,
     .id = "34jk"},
    {"no id", OPEN DONE CLOSE, CW_ERR_MALFORMED, .id = NULL},
    {"an empty id", OPEN "<message-id> </message-id>" DONE CLOSE, CW_ERR_MALFORMED, .id = NULL},
    {"no notification", OPEN ID CLOSE, CW_ERR_MALFORMED, .id = NULL},
    {"no status", OPEN ID "<delivery-notification/>" CLOSE, CW_ERR_MALFORMED, .id = NULL},
    {"an empty status", OPEN ID "<delivery-notification><status/></delivery-notification>" CLOSE,
     CW_ERR_MALFORMED, .id = NULL},
    {"an unknown status",
     OPEN ID "<delivery-notification><status><lost/></status></delivery-notification>" CLOSE,
     CW_ERR_MALFORMED, .id = NULL},
    {"a status of another namespace",
     OPEN ID "<delivery-notification><status><delivered xmlns='urn:x'/></status>"
             "</delivery-notification>" CLOSE,
     CW_ERR_MALFORMED, .id = NULL},
    {"the namespace of the header", "<imdn xmlns='urn:ietf:params:imdn'>" ID DONE CLOSE,
     CW_ERR_MALFORMED, .id = NULL},
    {"another root", "<x xmlns='urn:ietf:params:xml:ns:imdn'>" ID DONE "</x>", CW_ERR_MALFORMED,
     .id = NULL},
    {"DTD", "<!DOCTYPE imdn [<!ENTITY a 'b'>]>" OPEN ID DONE CLOSE, CW_ERR_MALFORMED, .id = NULL},
    {"an entity", OPEN "<message-id>&a;</message-id>" DONE CLOSE, CW_ERR_MALFORMED, .id = NULL},
    {"not well-formed", OPEN ID DONE, CW_ERR_MALFORMED, .id = NULL},
    {"left-over bytes", OPEN ID DONE CLOSE "x", CW_ERR_MALFORMED, .id = NULL},
    {"nothing", "", CW_ERR_MALFORMED, .id = NULL},
    {"too deep",
     OPEN ID DONE "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a>"
                  "</a></a></a></a></a></a></a></a>" CLOSE,
     CW_ERR_LIMIT, .id = NULL},
};

static void reads(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_imdn out;

        cw_case(READ[i].name);
        cw_arena_reset(arena);
        assert_int_equal(cw_imdn_read(text(READ[i].xml), arena, &out), READ[i].err);
        if (READ[i].err == CW_OK) {
            assert_text(out.message_id, READ[i].id);
            assert_text(out.datetime, READ[i].datetime);
            assert_text(out.recipient, READ[i].recipient);
            assert_text(out.original_recipient, READ[i].original);
            assert_int_equal(out.status, CW_IMDN_DELIVERED);
        }
    }
    cw_arena_free(&arena);
}

/* RCPT-11: every status in its notification, children in the order of the schema. */
static void writes(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_IMDN_STATUSES; i++) {
        const struct cw_imdn in = {
            .message_id = CW_LIT("3<&4"),
            .datetime = CW_LIT("2026-03-02T09:00:00Z"),
            .recipient = CW_LIT("im:a@a.example"),
            .original_recipient = CW_LIT("im:b@b.example"),
            .status = (enum cw_imdn_status)i,
        };
        char want[512];
        struct cw_bytes xml;
        struct cw_imdn out;

        (void)snprintf(want, sizeof(want),
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                       "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">"
                       "<message-id>3&lt;&amp;4</message-id>"
                       "<datetime>2026-03-02T09:00:00Z</datetime>"
                       "<recipient-uri>im:a@a.example</recipient-uri>"
                       "<original-recipient-uri>im:b@b.example</original-recipient-uri>"
                       "<%s><status><%s/></status></%s></imdn>",
                       STATUSES[i].notification, STATUSES[i].name, STATUSES[i].notification);
        cw_case(STATUSES[i].name);
        assert_int_equal(cw_imdn_write(&in, arena, &xml), CW_OK);
        cw_assert_bytes(xml, text(want));
        assert_int_equal(cw_imdn_read(xml, arena, &out), CW_OK);
        assert_int_equal(out.status, i);
        assert_text(out.message_id, "3<&4");
    }
    cw_arena_free(&arena);
}

static void keeps_to_limits(void **state)
{
    static char long_text[9000];
    const struct cw_imdn in = {.message_id = {long_text, sizeof(long_text)}};
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_bytes xml;
    struct cw_imdn out;

    (void)state;
    memset(long_text, ' ', sizeof(long_text));
    assert_int_equal(cw_imdn_write(&in, arena, &xml), CW_ERR_LIMIT);
    assert_int_equal(cw_imdn_read(in.message_id, arena, &out), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

/* A full arena is CW_ERR_LIMIT, never half a result. */
static void says_when_the_arena_is_full(void **state)
{
    bool passed = false;

    (void)state;
    for (size_t limit = 1; limit < 8192; limit += 7) {
        struct cw_arena *arena = cw_arena_new(limit);
        struct cw_imdn out;
        struct cw_bytes xml;
        const enum cw_err err = cw_imdn_read(text(READ[0].xml), arena, &out);

        assert_true(err == CW_ERR_LIMIT || (err == CW_OK && out.original_recipient.len != 0));
        assert_false(passed && err != CW_OK);
        passed = err == CW_OK;
        assert_true(!passed || cw_imdn_write(&out, arena, &xml) == CW_ERR_LIMIT || xml.len > 200);
        cw_arena_free(&arena);
    }
    assert_true(passed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_status_where_it_belongs),
        cmocka_unit_test(reads),
        cmocka_unit_test(writes),
        cmocka_unit_test(keeps_to_limits),
        cmocka_unit_test(says_when_the_arena_is_full),
    };

    return cmocka_run_group_tests_name("imdn", tests, NULL, NULL);
}
