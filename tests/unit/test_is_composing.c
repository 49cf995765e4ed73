/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/is_composing.h>

#define RUN(text)                                                                                  \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    } /* CW_LIT() for tables */
#define OPEN  "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'>"
#define CLOSE "</isComposing>"
#define ABSENT                                                                                     \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

/* CT-3, CT-2; RFC 3994 section 3.4. */
static const struct {
    const char *name;
    struct cw_bytes xml;
    struct cw_is_composing want;
} READ[] = {
    {"active",
     RUN("<?xml version='1.0' encoding='UTF-8'?>\n"
         "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'\n"
         "  xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'\n"
         "  xsi:schemaLocation='urn:ietf:params:xml:ns:im-composing iscomposing.xsd'>\n"
         "  <state>active</state>\n  <contenttype>text/plain</contenttype>\n"
         "  <refresh>90</refresh>\n" CLOSE),
     {true, 90, RUN("text/plain"), ABSENT}},
    {"idle",
     RUN(OPEN "<state>idle</state><lastactive>2026-03-02T09:00:00Z</lastactive>"
              "<contenttype> audio </contenttype>" CLOSE),
     {false, 0, RUN("audio"), RUN("2026-03-02T09:00:00Z")}},
    {"another prefix",
     RUN("<c:isComposing xmlns:c='urn:ietf:params:xml:ns:im-iscomposing'><c:state> active "
         "</c:state></c:isComposing>"),
     {true, 0, ABSENT, ABSENT}},
    {"another state", RUN(OPEN "<state>Active</state>" CLOSE), {false, 0, ABSENT, ABSENT}},
    {"extensions",
     RUN(OPEN "<x xmlns='urn:x'><state>idle</state></x><!-- c --><state>active</state><y/>" CLOSE),
     {true, 0, ABSENT, ABSENT}},
    {"times that are none",
     RUN(OPEN "<state>active</state><lastactive>now</lastactive><refresh>-1</refresh>" CLOSE),
     {true, 0, ABSENT, ABSENT}},
    {"a refresh of a day",
     RUN(OPEN "<state>active</state><refresh>86400</refresh>" CLOSE),
     {true, 86400, ABSENT, ABSENT}},
    {"a refresh of years",
     RUN(OPEN "<state>active</state><refresh>99999999999999999999999</refresh>" CLOSE),
     {true, 86400, ABSENT, ABSENT}},
    {"empty values",
     RUN(OPEN "<state>active</state><contenttype/><refresh/><lastactive/>" CLOSE),
     {true, 0, ABSENT, ABSENT}},
};

static void assert_same(const struct cw_is_composing *got, const struct cw_is_composing *want)
{
    assert_int_equal(got->active, want->active);
    assert_int_equal(got->refresh_s, want->refresh_s);
    assert_int_equal(got->content_type.base == NULL, want->content_type.base == NULL);
    assert_int_equal(got->last_active.base == NULL, want->last_active.base == NULL);
    cw_assert_bytes(got->content_type, want->content_type);
    cw_assert_bytes(got->last_active, want->last_active);
}

static void reads_documents(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_is_composing got;

        cw_case(READ[i].name);
        assert_int_equal(cw_is_composing_read(READ[i].xml, arena, &got), CW_OK);
        assert_same(&got, &READ[i].want);
    }
    cw_arena_free(&arena);
}

/* CT-3, SEC-16 */
static void refuses_the_rest(void **state)
{
    static const struct {
        const char *name;
        struct cw_bytes xml;
    } rows[] = {
        {"nothing", RUN("")},
        {"no XML", RUN("active")},
        {"no state", RUN(OPEN CLOSE)},
        {"an empty state", RUN(OPEN "<state> </state>" CLOSE)},
        {"a state of another namespace", RUN(OPEN "<state xmlns=''>active</state>" CLOSE)},
        {"the namespace of the schema's hint",
         RUN("<isComposing "
             "xmlns='urn:ietf:params:xml:ns:im-composing'><state>active</state>" CLOSE)},
        {"no namespace", RUN("<isComposing><state>active</state>" CLOSE)},
        {"another root",
         RUN("<state xmlns='urn:ietf:params:xml:ns:im-iscomposing'>active</state>")},
        {"document type", RUN("<!DOCTYPE isComposing>" OPEN "<state>active</state>" CLOSE)},
        {"not closed", RUN(OPEN "<state>active</state>")},
        {"something behind", RUN(OPEN "<state>active</state>" CLOSE "x")},
    };
    static char large[4097];
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_is_composing got;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        cw_case(rows[i].name);
        assert_int_equal(cw_is_composing_read(rows[i].xml, arena, &got), CW_ERR_MALFORMED);
    }
    memset(large, ' ', sizeof(large));
    assert_int_equal(cw_is_composing_read((struct cw_bytes){large, sizeof(large)}, arena, &got),
                     CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

/* CT-3, CT-1, CT-V01: state, lastactive, contenttype, refresh, in this order. */
static void writes_documents(void **state)
{
    static const struct {
        struct cw_is_composing in;
        struct cw_bytes xml;
    } rows[] = {
        {{true, 90, RUN("text/plain"), ABSENT},
         RUN("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
             "<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>active</state>"
             "<contenttype>text/plain</contenttype><refresh>90</refresh></isComposing>")},
        {{false, 0, ABSENT, RUN("2026-03-02T09:00:00Z")},
         RUN("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
             "<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>idle</state>"
             "<lastactive>2026-03-02T09:00:00Z</lastactive></isComposing>")},
        {{true, 4294967295u, RUN("<&>"), ABSENT},
         RUN("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
             "<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>active</state>"
             "<contenttype>&lt;&amp;&gt;</contenttype><refresh>4294967295</refresh>"
             "</isComposing>")},
    };
    struct cw_arena *arena = cw_arena_new(1024);
    struct cw_bytes xml;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        assert_int_equal(cw_is_composing_write(&rows[i].in, arena, &xml), CW_OK);
        cw_assert_bytes(xml, rows[i].xml);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
    arena = cw_arena_new(64);
    assert_int_equal(cw_is_composing_write(&rows[0].in, arena, &xml), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_documents),
        cmocka_unit_test(refuses_the_rest),
        cmocka_unit_test(writes_documents),
    };

    return cmocka_run_group_tests_name("is_composing", tests, NULL, NULL);
}
