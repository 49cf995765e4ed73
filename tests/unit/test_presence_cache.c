/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "presence_cache.h"

static struct cw_presence open_at(const char *resource, enum cw_show show)
{
    return (struct cw_presence){
        .available = true, .show = show, .resource = {resource, strlen(resource)}};
}

static struct cw_presence closed_at(const char *resource)
{
    return (struct cw_presence){.resource = {resource, strlen(resource)}};
}

/* PRES-16, PRES-17: a resource that went away appears once, the last one stays. */
static void closes_once(void **state)
{
    struct cw_presence_cache *cache = cw_presence_cache_new();
    const struct cw_presence desk = open_at("desk", CW_SHOW_NONE);
    const struct cw_presence tablet = open_at("tablet", CW_SHOW_AWAY);
    const struct cw_presence desk_gone = closed_at("desk");
    const struct cw_presence tablet_gone = closed_at("tablet");

    (void)state;
    assert_true(cw_presence_cache_put(cache, &desk));
    assert_true(cw_presence_cache_put(cache, &tablet));
    assert_true(cw_presence_cache_put(cache, &desk_gone));
    assert_int_equal(cw_presence_cache_count(cache), 2);
    assert_false(cw_presence_cache_find(cache, CW_LIT("desk"))->available);
    cw_presence_cache_settle(cache);
    assert_int_equal(cw_presence_cache_count(cache), 1);
    assert_true(cw_presence_cache_put(cache, &tablet_gone));
    cw_presence_cache_settle(cache);
    assert_int_equal(cw_presence_cache_count(cache), 1);
    assert_false(cw_presence_cache_is_open(cache));
    assert_true(cw_presence_cache_put(cache, &desk));
    cw_presence_cache_settle(cache);
    cw_assert_bytes(cw_presence_cache_at(cache, 0)->resource, CW_LIT("desk"));
    cw_presence_cache_free(&cache);
}

/* PRES-18: unavailable from the bare JID means all of them. */
static void closes_all(void **state)
{
    struct cw_presence_cache *cache = cw_presence_cache_new();
    const struct cw_presence desk = open_at("desk", CW_SHOW_NONE);
    const struct cw_presence tablet = open_at("tablet", CW_SHOW_NONE);
    const struct cw_presence all = {0};

    (void)state;
    assert_false(cw_presence_cache_put(cache, &all));
    (void)cw_presence_cache_put(cache, &desk);
    (void)cw_presence_cache_put(cache, &tablet);
    assert_true(cw_presence_cache_put(cache, &all));
    assert_false(cw_presence_cache_put(cache, &all));
    assert_int_equal(cw_presence_cache_count(cache), 2);
    assert_false(cw_presence_cache_is_open(cache));
    cw_presence_cache_free(&cache);
}

static const struct cw_text STATUSES[][2] = {
    {{{"reading", 7}, {NULL, 0}}},
    {{{"reading", 7}, {"en", 2}}},
    {{{"writing", 7}, {"en", 2}}},
    {{{"writing", 7}, {"en", 2}}, {{"schreibt", 8}, {"de", 2}}},
    {{{"writing", 7}, {"en", 2}}, {{"liest", 5}, {"de", 2}}},
};

/* PRES-24: what no watcher would see as a difference. */
static void tells_differences(void **state)
{
    struct cw_presence_cache *cache = cw_presence_cache_new();
    struct cw_presence desk = open_at("desk", CW_SHOW_DND);

    (void)state;
    assert_true(cw_presence_cache_put(cache, &desk));
    assert_false(cw_presence_cache_put(cache, &desk));
    desk.stamp = CW_LIT("2026-01-01T00:00:00Z");
    assert_false(cw_presence_cache_put(cache, &desk));
    for (size_t i = 0; i < CW_COUNT(STATUSES); i++) {
        desk.statuses = (struct cw_text_list){STATUSES[i], i < 3 ? 1 : 2};
        assert_true(cw_presence_cache_put(cache, &desk));
        assert_false(cw_presence_cache_put(cache, &desk));
    }
    desk.idle_since = CW_LIT("2026-01-01T00:00:00Z");
    assert_true(cw_presence_cache_put(cache, &desk));
    desk.caps = 5;
    assert_true(cw_presence_cache_put(cache, &desk));
    desk.has_priority = true;
    assert_true(cw_presence_cache_put(cache, &desk));
    desk.priority = 5;
    assert_true(cw_presence_cache_put(cache, &desk));
    assert_int_equal(cw_presence_cache_at(cache, 0)->statuses.count, 2);
    cw_assert_bytes(cw_presence_cache_at(cache, 0)->statuses.items[1].text, CW_LIT("liest"));
    cw_presence_cache_free(&cache);
}

static void is_bounded(void **state)
{
    struct cw_presence_cache *cache = cw_presence_cache_new();
    char resource[] = "r0";

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        struct cw_presence presence;

        resource[1] = (char)('a' + i);
        presence = open_at(resource, CW_SHOW_NONE);
        assert_int_equal(cw_presence_cache_put(cache, &presence), i < CW_PRESENCE_CACHE_MAX);
    }
    assert_int_equal(cw_presence_cache_count(cache), CW_PRESENCE_CACHE_MAX);
    cw_presence_cache_free(&cache);
}

/* Statuses that take more than their share are left out; the first one is cut between characters.
 */
static void bounds_statuses(void **state)
{
    struct cw_presence_cache *cache = cw_presence_cache_new();
    static char long_text[3 * CW_PRESENCE_TEXT_MAX];
    const struct cw_text texts[] = {{{long_text, sizeof(long_text)}, {"en", 2}},
                                    {{"short", 5}, {"de", 2}}};
    const struct cw_text second[] = {{{"short", 5}, {"de", 2}},
                                     {{long_text, sizeof(long_text)}, {"en", 2}},
                                     {{"kurz", 4}, {"pl", 2}}};
    struct cw_presence desk = open_at("desk", CW_SHOW_NONE);
    const struct cw_text_list *kept;

    (void)state;
    for (size_t i = 0; i < sizeof(long_text); i += 3) {
        memcpy(long_text + i, "\xE2\x82\xAC", 3);
    }
    desk.statuses = (struct cw_text_list){texts, 2};
    assert_true(cw_presence_cache_put(cache, &desk));
    assert_false(cw_presence_cache_put(cache, &desk));
    kept = &cw_presence_cache_at(cache, 0)->statuses;
    assert_int_equal(kept->count, 1);
    assert_int_equal(kept->items[0].text.len, (CW_PRESENCE_TEXT_MAX - 2) / 3 * 3);
    desk.statuses = (struct cw_text_list){second, 3};
    assert_true(cw_presence_cache_put(cache, &desk));
    kept = &cw_presence_cache_at(cache, 0)->statuses;
    assert_int_equal(kept->count, 2);
    cw_assert_bytes(kept->items[1].text, CW_LIT("kurz"));
    cw_presence_cache_free(&cache);
}

/* PRES-36: what is said when somebody goes: of the resource, else of the user once nothing of him
 * is open. */
static void gives_last_words(void **state)
{
    struct cw_presence_cache *known = cw_presence_cache_new();
    struct cw_presence_cache *shown = cw_presence_cache_new();
    const struct cw_presence desk = open_at("desk", CW_SHOW_NONE);
    const struct cw_presence mobile = open_at("mobile", CW_SHOW_NONE);
    const struct cw_text left = {CW_LIT("left"), CW_LIT("en")};
    const struct cw_text away = {CW_LIT("till Monday"), CW_LIT("en")};
    const struct cw_presence desk_gone = {.resource = CW_LIT("desk"), .statuses = {&left, 1}};
    const struct cw_presence absence = {.statuses = {&away, 1}};
    struct cw_presence next;

    (void)state;
    (void)cw_presence_cache_put(known, &desk);
    (void)cw_presence_cache_put(known, &mobile);
    while (cw_presence_cache_differs(known, shown, &next)) {
    }
    cw_presence_cache_clear(known);
    (void)cw_presence_cache_put(known, &mobile);
    cw_presence_cache_add_closed(known, &desk_gone);
    cw_presence_cache_add_closed(known, &mobile); /* it is there */
    cw_presence_cache_set_absence(known, &absence);
    assert_true(cw_presence_cache_differs(known, shown, &next));
    cw_assert_bytes(next.resource, CW_LIT("desk"));
    assert_false(next.available);
    cw_assert_bytes(next.statuses.items[0].text, left.text);
    assert_false(cw_presence_cache_differs(known, shown, &next));

    cw_presence_cache_clear(known);
    assert_int_equal(cw_presence_cache_absence(known).statuses.count, 0);
    cw_presence_cache_set_absence(known, &absence);
    cw_presence_cache_set_absence(known, &absence);
    assert_true(cw_presence_cache_differs(known, shown, &next));
    cw_assert_bytes(next.resource, CW_LIT("mobile"));
    cw_assert_bytes(next.statuses.items[0].text, away.text);
    cw_assert_bytes(cw_presence_cache_absence(known).statuses.items[0].text, away.text);
    cw_presence_cache_free(&known);
    cw_presence_cache_free(&shown);
}

/* PRES-37: what is due to an XMPP watcher after each document. */
static void finds_what_to_show(void **state)
{
    struct cw_presence_cache *known = cw_presence_cache_new();
    struct cw_presence_cache *shown = cw_presence_cache_new();
    const struct cw_presence desk = open_at("desk", CW_SHOW_NONE);
    const struct cw_presence mobile = open_at("mobile", CW_SHOW_AWAY);
    const struct cw_presence closed = closed_at("tv");
    struct cw_presence next;

    (void)state;
    (void)cw_presence_cache_put(known, &closed); /* never seen open: nothing */
    assert_false(cw_presence_cache_differs(known, shown, &next));
    cw_presence_cache_clear(known);
    (void)cw_presence_cache_put(known, &desk);
    assert_true(cw_presence_cache_differs(known, shown, &next));
    cw_assert_bytes(next.resource, CW_LIT("desk"));
    assert_true(next.available);
    assert_false(cw_presence_cache_differs(known, shown, &next));

    cw_presence_cache_clear(known);
    (void)cw_presence_cache_put(known, &mobile);
    assert_true(cw_presence_cache_differs(known, shown, &next));
    cw_assert_bytes(next.resource, CW_LIT("desk"));
    assert_false(next.available);
    assert_true(cw_presence_cache_differs(known, shown, &next));
    cw_assert_bytes(next.resource, CW_LIT("mobile"));
    assert_int_equal(next.show, CW_SHOW_AWAY);
    assert_false(cw_presence_cache_differs(known, shown, &next));

    cw_presence_cache_clear(known);
    assert_true(cw_presence_cache_differs(known, shown, &next));
    assert_false(next.available);
    assert_false(cw_presence_cache_differs(known, shown, &next));
    cw_presence_cache_free(&known);
    cw_presence_cache_free(&shown);
}

/* What was not sent after all is due again, in both directions; a whole answer still closes what is
 * gone. */
static void takes_back(void **state)
{
    struct cw_presence_cache *known = cw_presence_cache_new();
    struct cw_presence_cache *shown = cw_presence_cache_new();
    const struct cw_presence desk = open_at("desk", CW_SHOW_NONE);
    const struct cw_presence mobile = open_at("mobile", CW_SHOW_NONE);
    struct cw_presence next;

    (void)state;
    (void)cw_presence_cache_put(known, &desk);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(cw_presence_cache_differs(known, shown, &next));
        assert_true(next.available);
        if (i == 0) {
            cw_presence_cache_unshow(shown, &next);
        }
    }
    cw_presence_cache_clear(known);
    (void)cw_presence_cache_put(known, &mobile);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(cw_presence_cache_differs(known, shown, &next));
        assert_false(next.available);
        cw_assert_bytes(next.resource, CW_LIT("desk"));
        if (i == 0) {
            cw_presence_cache_unshow(shown, &next);
            cw_presence_cache_show_again(shown, known);
        }
    }
    assert_true(cw_presence_cache_differs(known, shown, &next));
    assert_false(cw_presence_cache_differs(known, shown, &next));
    cw_presence_cache_show_again(shown, known);
    assert_true(cw_presence_cache_differs(known, shown, &next));
    cw_assert_bytes(next.resource, CW_LIT("mobile"));
    cw_presence_cache_free(&known);
    cw_presence_cache_free(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closes_once),        cmocka_unit_test(closes_all),
        cmocka_unit_test(tells_differences),  cmocka_unit_test(is_bounded),
        cmocka_unit_test(finds_what_to_show), cmocka_unit_test(takes_back),
        cmocka_unit_test(bounds_statuses),    cmocka_unit_test(gives_last_words),
    };

    return cmocka_run_group_tests_name("presence_cache", tests, NULL, NULL);
}
