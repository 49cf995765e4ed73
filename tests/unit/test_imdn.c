/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/imdn.h>
#include <stdio.h>

#define RUN(text)                                                                                  \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    } /* CW_LIT() for tables */
#define OPEN  "<imdn xmlns='urn:ietf:params:xml:ns:imdn'>"
#define CLOSE "</imdn>"
#define ID    "<message-id>34jk324j</message-id>"

/* RCPT-4, RCPT-V02, after the example of RFC 5438 section 7.2.1.1. */
static void reads_a_document(void **state)
{
    static const char XML[] =
        "<?xml version='1.0' encoding='UTF-8'?>\n" OPEN "\n"
        "  <message-id> 34jk324j </message-id>\n"
        "  <datetime>2026-03-02T09:00:00Z</datetime>\n"
        "  <recipient-uri>im:tomasz@corp.example</recipient-uri>\n"
        "  <original-recipient-uri>im:office@corp.example</original-recipient-uri>\n"
        "  <subject>x</subject><note xmlns='urn:x'><status/></note>\n"
        "  <delivery-notification><status><delivered/></status></delivery-notification>\n" CLOSE;
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_imdn imdn;

    (void)state;
    assert_int_equal(cw_imdn_read((struct cw_bytes){XML, sizeof(XML) - 1}, arena, &imdn), CW_OK);
    cw_assert_bytes(imdn.message_id, CW_LIT("34jk324j"));
    cw_assert_bytes(imdn.datetime, CW_LIT("2026-03-02T09:00:00Z"));
    cw_assert_bytes(imdn.recipient, CW_LIT("im:tomasz@corp.example"));
    cw_assert_bytes(imdn.original_recipient, CW_LIT("im:office@corp.example"));
    assert_int_equal(imdn.status, CW_IMDN_DELIVERED);
    cw_arena_free(&arena);
}

/* RCPT-4: a status stands where RFC 5438 section 11.1 puts it. */
static const struct {
    const char *notification, *status;
    enum cw_imdn_status want; /* CW_IMDN_STATUSES: not read */
} STATUSES[] = {
    {"delivery", "delivered", CW_IMDN_DELIVERED},
    {"delivery", "failed", CW_IMDN_FAILED},
    {"delivery", "forbidden", CW_IMDN_FORBIDDEN},
    {"delivery", "error", CW_IMDN_ERROR},
    {"delivery", "displayed", CW_IMDN_STATUSES},
    {"delivery", "stored", CW_IMDN_STATUSES},
    {"display", "displayed", CW_IMDN_DISPLAYED},
    {"display", "forbidden", CW_IMDN_FORBIDDEN},
    {"display", "error", CW_IMDN_ERROR},
    {"display", "delivered", CW_IMDN_STATUSES},
    {"processing", "processed", CW_IMDN_PROCESSED},
    {"processing", "stored", CW_IMDN_STORED},
    {"processing", "forbidden", CW_IMDN_FORBIDDEN},
    {"processing", "error", CW_IMDN_ERROR},
    {"processing", "failed", CW_IMDN_STATUSES},
    {"delivery", "unheard-of", CW_IMDN_STATUSES},
};

static void reads_every_status(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(STATUSES); i++) {
        char xml[256];
        const int len =
            snprintf(xml, sizeof(xml),
                     OPEN ID "<%s-notification><status><%s/></status></%s-notification>" CLOSE,
                     STATUSES[i].notification, STATUSES[i].status, STATUSES[i].notification);
        struct cw_imdn imdn;
        const enum cw_err err = cw_imdn_read((struct cw_bytes){xml, (size_t)len}, arena, &imdn);

        cw_case(xml);
        if (STATUSES[i].want == CW_IMDN_STATUSES) {
            assert_int_equal(err, CW_ERR_MALFORMED);
        } else {
            assert_int_equal(err, CW_OK);
            assert_int_equal(imdn.status, STATUSES[i].want);
            assert_null(imdn.recipient.base);
            assert_null(imdn.datetime.base);
        }
    }
    cw_arena_free(&arena);
}

/* RCPT-4, SEC-16 */
static void refuses_the_rest(void **state)
{
    static const struct {
        const char *name;
        struct cw_bytes xml;
    } rows[] = {
        {"nothing", RUN("")},
        {"no notification", RUN(OPEN ID CLOSE)},
        {"no status", RUN(OPEN ID "<delivery-notification/>" CLOSE)},
        {"no id",
         RUN(OPEN
             "<delivery-notification><status><delivered/></status></delivery-notification>" CLOSE)},
        {"an empty id",
         RUN(OPEN "<message-id> </message-id><delivery-notification><status><delivered/></status>"
                  "</delivery-notification>" CLOSE)},
        {"the namespace of the header",
         RUN("<imdn xmlns='urn:ietf:params:imdn'>" ID "<delivery-notification><status><delivered/>"
             "</status></delivery-notification>" CLOSE)},
        {"a status of another namespace",
         RUN(OPEN ID "<delivery-notification><status><delivered xmlns='urn:x'/></status>"
                     "</delivery-notification>" CLOSE)},
        {"document type",
         RUN("<!DOCTYPE imdn>" OPEN ID "<delivery-notification><status><delivered/></status>"
             "</delivery-notification>" CLOSE)},
        {"not closed", RUN(OPEN ID)},
    };
    static char large[8193];
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_imdn imdn;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        cw_case(rows[i].name);
        assert_int_equal(cw_imdn_read(rows[i].xml, arena, &imdn), CW_ERR_MALFORMED);
    }
    memset(large, ' ', sizeof(large));
    assert_int_equal(cw_imdn_read((struct cw_bytes){large, sizeof(large)}, arena, &imdn),
                     CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

/* RCPT-11: what is written is read as the same, and in the order of the schema. */
static void writes_every_status(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (unsigned status = 0; status < CW_IMDN_STATUSES; status++) {
        const struct cw_imdn in = {.message_id = CW_LIT("<&\"'>"),
                                   .datetime = CW_LIT("2026-03-02T09:00:00Z"),
                                   .recipient = CW_LIT("im:a@b.example"),
                                   .status = (enum cw_imdn_status)status};
        struct cw_imdn again;
        struct cw_bytes xml;

        assert_int_equal(cw_imdn_write(&in, arena, &xml), CW_OK);
        assert_int_equal(cw_imdn_read(xml, arena, &again), CW_OK);
        assert_int_equal(again.status, in.status);
        cw_assert_bytes(again.message_id, in.message_id);
        cw_assert_bytes(again.datetime, in.datetime);
        cw_assert_bytes(again.recipient, in.recipient);
        assert_null(again.original_recipient.base);
    }
    cw_arena_free(&arena);
}

static void writes_in_order(void **state)
{
    const struct cw_imdn in = {.message_id = CW_LIT("i"),
                               .datetime = CW_LIT("d"),
                               .recipient = CW_LIT("r"),
                               .original_recipient = CW_LIT("o"),
                               .status = CW_IMDN_DISPLAYED};
    struct cw_arena *arena = cw_arena_new(512);
    struct cw_bytes xml;

    (void)state;
    assert_int_equal(cw_imdn_write(&in, arena, &xml), CW_OK);
    cw_assert_bytes(
        xml, CW_LIT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                    "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>i</message-id>"
                    "<datetime>d</datetime><recipient-uri>r</recipient-uri>"
                    "<original-recipient-uri>o</original-recipient-uri><display-notification>"
                    "<status><displayed/></status></display-notification></imdn>"));
    assert_int_equal(cw_imdn_write(&in, arena, &xml), CW_ERR_LIMIT); /* no room for a second one */
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_document), cmocka_unit_test(reads_every_status),
        cmocka_unit_test(refuses_the_rest), cmocka_unit_test(writes_every_status),
        cmocka_unit_test(writes_in_order),
    };

    return cmocka_run_group_tests_name("imdn", tests, NULL, NULL);
}
