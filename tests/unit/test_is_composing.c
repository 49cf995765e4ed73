/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/is_composing.h>

#define OPEN  "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'>"
#define CLOSE "</isComposing>"

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

static void assert_text(struct cw_bytes got, const char *want)
{
    assert_int_equal(got.base == NULL, want == NULL);
    cw_assert_bytes(got, text(want));
}

/* CT-2, CT-3, CT-5, SEC-16 */
static const struct {
    const char *name, *xml;
    enum cw_err err;
    bool active;
    uint32_t refresh_s;
    const char *type, *last_active;
} READ[] = {
    {"all of it",
     "<?xml version='1.0' encoding='UTF-8'?>" OPEN "<state>active</state>"
     "<lastactive>2026-03-02T09:00:00Z</lastactive><contenttype>text/plain</contenttype>"
     "<refresh>90</refresh>" CLOSE,
     CW_OK, true, 90, "text/plain", "2026-03-02T09:00:00Z"},
    {"idle", OPEN "<state>idle</state>" CLOSE, CW_OK, false, 0, NULL, NULL},
    {"blanks", OPEN "<state>\n active </state><refresh> 7\t</refresh>" CLOSE, CW_OK, true, 7, NULL,
     NULL},
    {"a state nobody knows", OPEN "<state>humming</state>" CLOSE, CW_OK, false, 0, NULL, NULL},
    {"states have a case", OPEN "<state>Active</state>" CLOSE, CW_OK, false, 0, NULL, NULL},
    {"other order, prefix, extensions",
     "<c:isComposing xmlns:c='urn:ietf:params:xml:ns:im-iscomposing' xmlns:x='urn:x'>"
     "<c:refresh>60</c:refresh><x:state>idle</x:state><x:y><z/></x:y><c:state>active</c:state>"
     "</c:isComposing>",
     CW_OK, true, 60, NULL, NULL},
    {"a sign", OPEN "<state>active</state><refresh>+90</refresh>" CLOSE, CW_OK, true, 90, NULL,
     NULL},
    {"leading zeros", OPEN "<state>active</state><refresh>0090</refresh>" CLOSE, CW_OK, true, 90,
     NULL, NULL},
    {"only a sign", OPEN "<state>active</state><refresh>+</refresh>" CLOSE, CW_OK, true, 0, NULL,
     NULL},
    {"below zero", OPEN "<state>active</state><refresh>-90</refresh>" CLOSE, CW_OK, true, 0, NULL,
     NULL},
    {"no number", OPEN "<state>active</state><refresh>9 0</refresh>" CLOSE, CW_OK, true, 0, NULL,
     NULL},
    {"a letter", OPEN "<state>active</state><refresh>9a</refresh>" CLOSE, CW_OK, true, 0, NULL,
     NULL},
    {"zero", OPEN "<state>active</state><refresh>0</refresh>" CLOSE, CW_OK, true, 0, NULL, NULL},
    {"a day", OPEN "<state>active</state><refresh>86400</refresh>" CLOSE, CW_OK, true, 86400, NULL,
     NULL},
    {"past a day", OPEN "<state>active</state><refresh>86401</refresh>" CLOSE, CW_OK, true, 86400,
     NULL, NULL},
    {"past any number", OPEN "<state>active</state><refresh>99999999999999999999</refresh>" CLOSE,
     CW_OK, true, 86400, NULL, NULL},
    {"no time, no type",
     OPEN "<state>active</state><lastactive>now</lastactive><contenttype/>" CLOSE, CW_OK, true, 0,
     NULL, NULL},
    {"no state", OPEN "<refresh>90</refresh>" CLOSE, CW_ERR_MALFORMED, false, 0, NULL, NULL},
    {"an empty state", OPEN "<state> </state>" CLOSE, CW_ERR_MALFORMED, false, 0, NULL, NULL},
    {"the namespace of the hint",
     "<isComposing xmlns='urn:ietf:params:xml:ns:im-composing'><state>idle</state>" CLOSE,
     CW_ERR_MALFORMED, false, 0, NULL, NULL},
    {"another root", "<x xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>idle</state></x>",
     CW_ERR_MALFORMED, false, 0, NULL, NULL},
    {"DTD", "<!DOCTYPE isComposing>" OPEN "<state>idle</state>" CLOSE, CW_ERR_MALFORMED, false, 0,
     NULL, NULL},
    {"not well-formed", OPEN "<state>idle</state>", CW_ERR_MALFORMED, false, 0, NULL, NULL},
    {"nothing", "", CW_ERR_MALFORMED, false, 0, NULL, NULL},
    {"too deep",
     OPEN "<state>idle</state><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a/></a></a></a></a></a>"
          "</a></a></a></a></a></a></a></a></a></a>" CLOSE,
     CW_ERR_LIMIT, false, 0, NULL, NULL},
};

static void reads(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_is_composing out;

        cw_case(READ[i].name);
        cw_arena_reset(arena);
        assert_int_equal(cw_is_composing_read(text(READ[i].xml), arena, &out), READ[i].err);
        if (READ[i].err == CW_OK) {
            assert_int_equal(out.active, READ[i].active);
            assert_int_equal(out.refresh_s, READ[i].refresh_s);
            assert_text(out.content_type, READ[i].type);
            assert_text(out.last_active, READ[i].last_active);
        }
    }
    cw_arena_free(&arena);
}

#define HEAD                                                                                       \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"                                                   \
    "<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\">"

/* CT-1, CT-3: children in the order of the schema. */
static const struct {
    struct cw_is_composing in;
    const char *xml;
} WRITTEN[] = {
    {{.active = true,
      .refresh_s = 90,
      .content_type = {"text/<plain>", 12},
      .last_active = {"2026-03-02T09:00:00Z", 20}},
     HEAD "<state>active</state><lastactive>2026-03-02T09:00:00Z</lastactive>"
          "<contenttype>text/&lt;plain&gt;</contenttype><refresh>90</refresh></isComposing>"},
    {{.active = false}, HEAD "<state>idle</state></isComposing>"},
    {{.active = false, .refresh_s = UINT32_MAX},
     HEAD "<state>idle</state><refresh>4294967295</refresh></isComposing>"},
};

static void writes(void **state)
{
    static char long_text[5000];
    const struct cw_is_composing too_long = {.content_type = {long_text, sizeof(long_text)}};
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_is_composing out;
    struct cw_bytes xml;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(WRITTEN); i++) {
        assert_int_equal(cw_is_composing_write(&WRITTEN[i].in, arena, &xml), CW_OK);
        cw_assert_bytes(xml, text(WRITTEN[i].xml));
    }
    memset(long_text, ' ', sizeof(long_text));
    assert_int_equal(cw_is_composing_write(&too_long, arena, &xml), CW_ERR_LIMIT);
    assert_int_equal(cw_is_composing_read(too_long.content_type, arena, &out), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

/* A full arena is CW_ERR_LIMIT, never half a result. */
static void says_when_the_arena_is_full(void **state)
{
    bool passed = false;

    (void)state;
    for (size_t limit = 1; limit < 8192; limit += 7) {
        struct cw_arena *arena = cw_arena_new(limit);
        struct cw_is_composing out;
        struct cw_bytes xml;
        const enum cw_err err = cw_is_composing_read(text(READ[0].xml), arena, &out);

        assert_true(err == CW_ERR_LIMIT || (err == CW_OK && out.refresh_s == 90));
        assert_false(passed && err != CW_OK);
        passed = err == CW_OK;
        assert_true(!passed || cw_is_composing_write(&out, arena, &xml) == CW_ERR_LIMIT ||
                    xml.len > 100);
        cw_arena_free(&arena);
    }
    assert_true(passed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(writes),
        cmocka_unit_test(says_when_the_arena_is_full),
    };

    return cmocka_run_group_tests_name("is_composing", tests, NULL, NULL);
}
