/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/show_map.h>
#include <stdio.h>

#define BIT(id) (1u << CW_ACTIVITY_##id)

/* PRES-30: the default table, each row and what decides between rows; the words for it. */
static const struct {
    const char *name; /* of RFC 4480 section 3.2 */
    enum cw_activity activity;
    enum cw_show show;
    const char *words;
} ROWS[] = {
    {"appointment", CW_ACTIVITY_APPOINTMENT, CW_SHOW_AWAY, "At an appointment"},
    {"away", CW_ACTIVITY_AWAY, CW_SHOW_AWAY, NULL},
    {"breakfast", CW_ACTIVITY_BREAKFAST, CW_SHOW_AWAY, "At breakfast"},
    {"busy", CW_ACTIVITY_BUSY, CW_SHOW_DND, NULL},
    {"dinner", CW_ACTIVITY_DINNER, CW_SHOW_AWAY, "At dinner"},
    {"holiday", CW_ACTIVITY_HOLIDAY, CW_SHOW_XA, "On holiday"},
    {"in-transit", CW_ACTIVITY_IN_TRANSIT, CW_SHOW_AWAY, "On the way"},
    {"looking-for-work", CW_ACTIVITY_LOOKING_FOR_WORK, CW_SHOW_NONE, "Looking for work"},
    {"lunch", CW_ACTIVITY_LUNCH, CW_SHOW_AWAY, "At lunch"},
    {"meal", CW_ACTIVITY_MEAL, CW_SHOW_AWAY, "At a meal"},
    {"meeting", CW_ACTIVITY_MEETING, CW_SHOW_DND, "In a meeting"},
    {"on-the-phone", CW_ACTIVITY_ON_THE_PHONE, CW_SHOW_DND, "On the phone"},
    {"other", CW_ACTIVITY_OTHER, CW_SHOW_NONE, NULL},
    {"performance", CW_ACTIVITY_PERFORMANCE, CW_SHOW_DND, "At a performance"},
    {"permanent-absence", CW_ACTIVITY_PERMANENT_ABSENCE, CW_SHOW_XA, "Gone for good"},
    {"playing", CW_ACTIVITY_PLAYING, CW_SHOW_AWAY, "Playing"},
    {"presentation", CW_ACTIVITY_PRESENTATION, CW_SHOW_DND, "In a presentation"},
    {"shopping", CW_ACTIVITY_SHOPPING, CW_SHOW_AWAY, "Shopping"},
    {"sleeping", CW_ACTIVITY_SLEEPING, CW_SHOW_XA, "Asleep"},
    {"spectator", CW_ACTIVITY_SPECTATOR, CW_SHOW_AWAY, "Watching an event"},
    {"steering", CW_ACTIVITY_STEERING, CW_SHOW_AWAY, "At the wheel"},
    {"travel", CW_ACTIVITY_TRAVEL, CW_SHOW_XA, "Travelling"},
    {"tv", CW_ACTIVITY_TV, CW_SHOW_AWAY, "Watching TV"},
    {"unknown", CW_ACTIVITY_UNKNOWN, CW_SHOW_NONE, NULL},
    {"vacation", CW_ACTIVITY_VACATION, CW_SHOW_XA, "On vacation"},
    {"working", CW_ACTIVITY_WORKING, CW_SHOW_NONE, "Working"},
    {"worship", CW_ACTIVITY_WORSHIP, CW_SHOW_AWAY, "At worship"},
};

static void knows_every_activity(void **state)
{
    cw_activities seen = 0;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct cw_bytes name = {ROWS[i].name, strlen(ROWS[i].name)};
        const cw_activities one = (cw_activities)1 << ROWS[i].activity;
        const struct cw_bytes words = cw_show_map_words(&CW_SHOW_MAP_DEFAULT, one);
        enum cw_activity found;

        cw_case(ROWS[i].name);
        assert_true(cw_activity_by_name(name, &found));
        assert_int_equal(found, ROWS[i].activity);
        cw_assert_bytes(cw_activity_name(found), name);
        assert_int_equal(cw_show_map_show(&CW_SHOW_MAP_DEFAULT, one), ROWS[i].show);
        assert_int_equal(words.base == NULL, ROWS[i].words == NULL);
        if (ROWS[i].words != NULL) {
            assert_int_equal(words.len, strlen(ROWS[i].words));
            assert_memory_equal(words.base, ROWS[i].words, words.len);
        }
        seen |= one;
    }
    assert_int_equal(seen, ((cw_activities)1 << CW_ACTIVITIES) - 1); /* each of them once */
    assert_false(cw_activity_by_name(CW_LIT("juggling"), &(enum cw_activity){0}));
    assert_false(cw_activity_by_name(CW_LIT("Away"), &(enum cw_activity){0}));
}

static const struct {
    const char *name;
    cw_activities seen;
    enum cw_show show;
    const char *words;
} SETS[] = {
    {"nothing", 0, CW_SHOW_NONE, ""},
    {"xa before dnd", BIT(MEETING) | BIT(VACATION), CW_SHOW_XA, "On vacation"},
    {"dnd before away", BIT(LUNCH) | BIT(MEETING), CW_SHOW_DND, "In a meeting"},
    {"busy says no more than the meeting", BIT(BUSY) | BIT(MEETING), CW_SHOW_DND, "In a meeting"},
    {"phone in a meeting", BIT(ON_THE_PHONE) | BIT(MEETING), CW_SHOW_DND, "On the phone"},
    {"busy with lunch", BIT(BUSY) | BIT(LUNCH), CW_SHOW_DND, "At lunch"},
    {"driving", BIT(IN_TRANSIT) | BIT(STEERING), CW_SHOW_DND, "At the wheel"},
    {"driving for a holiday", BIT(IN_TRANSIT) | BIT(STEERING) | BIT(HOLIDAY), CW_SHOW_XA,
     "On holiday"},
};

static void decides_between_activities(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(SETS); i++) {
        cw_case(SETS[i].name);
        assert_int_equal(cw_show_map_show(&CW_SHOW_MAP_DEFAULT, SETS[i].seen), SETS[i].show);
        cw_assert_bytes(cw_show_map_words(&CW_SHOW_MAP_DEFAULT, SETS[i].seen),
                        ((struct cw_bytes){SETS[i].words, strlen(SETS[i].words)}));
    }
}

static void writes_one_activity_a_show(void **state)
{
    static const cw_activities WANT[CW_SHOWS] = {[CW_SHOW_NONE] = 0,
                                                 [CW_SHOW_CHAT] = 0,
                                                 [CW_SHOW_AWAY] = BIT(AWAY),
                                                 [CW_SHOW_DND] = BIT(BUSY),
                                                 [CW_SHOW_XA] = BIT(AWAY)};

    (void)state;
    for (enum cw_show show = CW_SHOW_NONE; show < CW_SHOWS; show++) {
        assert_int_equal(cw_show_map_activities(&CW_SHOW_MAP_DEFAULT, show), WANT[show]);
    }
}

/* Another table: what the operator set holds. */
static void follows_another_table(void **state)
{
    struct cw_show_map map = CW_SHOW_MAP_DEFAULT;

    (void)state;
    map.show_of[CW_ACTIVITY_ON_THE_PHONE] = CW_SHOW_CHAT;
    map.show_of[CW_ACTIVITY_WORKING] = CW_SHOW_AWAY;
    map.driving = CW_SHOW_XA;
    map.words = false;
    assert_int_equal(cw_show_map_show(&map, BIT(ON_THE_PHONE)), CW_SHOW_CHAT);
    assert_int_equal(cw_show_map_show(&map, BIT(ON_THE_PHONE) | BIT(WORKING)), CW_SHOW_AWAY);
    assert_int_equal(cw_show_map_show(&map, BIT(IN_TRANSIT) | BIT(STEERING)), CW_SHOW_XA);
    assert_null(cw_show_map_words(&map, BIT(ON_THE_PHONE)).base);
}

/* docs/reference/presence.md shows the table of the code. */
static void is_what_the_page_says(void **state)
{
    static const char *const SHOWS[CW_SHOWS] = {"none", "away", "chat", "dnd", "xa"};
    static char page[32768];
    FILE *const file = fopen(CAUSEWAY_PAGE, "r");

    (void)state;
    assert_non_null(file);
    assert_in_range(fread(page, 1, sizeof(page) - 1, file), 1000, sizeof(page) - 2);
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const bool own = ROWS[i].activity == CW_ACTIVITY_OTHER;
        const char *const words = own ? "its own text" : ROWS[i].words;
        char row[128];

        cw_case(ROWS[i].name);
        (void)snprintf(row, sizeof(row), "| `%s` | %s | %s%s|", ROWS[i].name, SHOWS[ROWS[i].show],
                       words != NULL ? words : "", words != NULL ? " " : "");
        assert_non_null(strstr(page, row));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_activity),       cmocka_unit_test(decides_between_activities),
        cmocka_unit_test(writes_one_activity_a_show), cmocka_unit_test(follows_another_table),
        cmocka_unit_test(is_what_the_page_says),
    };

    return cmocka_run_group_tests_name("show_map", tests, NULL, NULL);
}
