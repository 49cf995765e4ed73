/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/stanza_write.h>
#include <stdio.h>

#define MOOD     "http://jabber.org/protocol/mood"
#define ACTIVITY "http://jabber.org/protocol/activity"
#define ITEMS(node, payload)                                                                       \
    "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='" node "'>" payload       \
    "</items></event>"
#define ITEM(node, name, children)                                                                 \
    ITEMS(node, "<item id='i'><" name " xmlns='" node "'>" children "</" name "></item>")

static struct cw_pep read_pep(const char *payload, struct cw_arena *arena)
{
    char xml[2048];
    struct cw_stanza in;

    assert_in_range(snprintf(xml, sizeof(xml),
                             "<message from='juliet@fabrikam.example' type='headline' "
                             "to='romeo@contoso.example/desk'>%s</message>",
                             payload),
                    1, sizeof(xml) - 1);
    assert_int_equal(cw_stanza_read((struct cw_bytes){xml, strlen(xml)}, arena, &in), CW_OK);
    return in.pep;
}

/* PRES-40. `activity` CW_ACTIVITIES: none. */
static const struct {
    const char *name, *payload;
    enum cw_pep_kind kind;
    const char *mood;
    bool other;
    enum cw_activity activity;
} CASES[] = {
    {"no event", "<body>hi</body>", CW_PEP_NONE, "", false, CW_ACTIVITIES},
    {"a mood", ITEM(MOOD, "mood", "<in_love/><text>Romeo!</text>"), CW_PEP_MOOD, "in_love", false,
     CW_ACTIVITIES},
    {"a mood with one more precise", ITEM(MOOD, "mood", "<happy><ecstatic xmlns='urn:x'/></happy>"),
     CW_PEP_MOOD, "happy", false, CW_ACTIVITIES},
    {"a mood that RFC 4480 has not", ITEM(MOOD, "mood", "<relaxed/>"), CW_PEP_MOOD, "relaxed", true,
     CW_ACTIVITIES},
    {"no mood any more", ITEM(MOOD, "mood", ""), CW_PEP_MOOD, "", false, CW_ACTIVITIES},
    {"no mood at all", ITEM(MOOD, "mood", "<hypnotized/><happy xmlns='urn:x'/>"), CW_PEP_MOOD, "",
     false, CW_ACTIVITIES},
    {"taken back", ITEMS(MOOD, "<retract id='i'/>"), CW_PEP_MOOD, "", false, CW_ACTIVITIES},
    {"an activity", ITEM(ACTIVITY, "activity", "<talking><on_the_phone/></talking>"),
     CW_PEP_ACTIVITY, "", false, CW_ACTIVITY_ON_THE_PHONE},
    {"the general one", ITEM(ACTIVITY, "activity", "<traveling><commuting/></traveling>"),
     CW_PEP_ACTIVITY, "", false, CW_ACTIVITY_IN_TRANSIT},
    {"one that RFC 4480 has not", ITEM(ACTIVITY, "activity", "<grooming><shaving/></grooming>"),
     CW_PEP_ACTIVITY, "", false, CW_ACTIVITIES},
    {"specific of another namespace",
     ITEM(ACTIVITY, "activity", "<talking><on_the_phone xmlns='urn:x'/></talking>"),
     CW_PEP_ACTIVITY, "", false, CW_ACTIVITIES},
    {"no activity any more", ITEMS(ACTIVITY, ""), CW_PEP_ACTIVITY, "", false, CW_ACTIVITIES},
    {"the wrong payload", ITEMS(MOOD, "<item><tune xmlns='urn:x'/></item>"), CW_PEP_MOOD, "", false,
     CW_ACTIVITIES},
    {"another node", ITEMS("http://jabber.org/protocol/tune", "<item/>"), CW_PEP_NONE, "", false,
     CW_ACTIVITIES},
};

static void reads_headlines(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        const enum cw_activity activity = CASES[i].activity;
        struct cw_pep pep;

        cw_case(CASES[i].name);
        pep = read_pep(CASES[i].payload, arena);
        assert_int_equal(pep.kind, CASES[i].kind);
        cw_assert_bytes(pep.mood, ((struct cw_bytes){CASES[i].mood, strlen(CASES[i].mood)}));
        assert_int_equal(pep.mood_is_other, CASES[i].other);
        assert_int_equal(pep.activities, activity == CW_ACTIVITIES ? 0 : 1u << activity);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* PRES-40: the table of XEP-0108 section 4 from XMPP to RPID, row by row. */
static const struct {
    const char *general, *specific, *rpid;
} TABLE[] = {
    {"having_appointment", NULL, "appointment"}, {"inactive", "scheduled_holiday", "holiday"},
    {"traveling", NULL, "in-transit"},           {"eating", NULL, "meal"},
    {"working", "in_a_meeting", "meeting"},      {"talking", "on_the_phone", "on-the-phone"},
    {"inactive", "sleeping", "sleeping"},        {"traveling", "driving", "steering"},
    {"traveling", "on_a_trip", "travel"},        {"inactive", "on_vacation", "vacation"},
    {"eating", "having_breakfast", "breakfast"}, {"eating", "having_dinner", "dinner"},
    {"eating", "having_lunch", "lunch"},         {"relaxing", "shopping", "shopping"},
    {"relaxing", "watching_tv", "tv"},           {"working", NULL, "working"},
};

static void maps_activities_there(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TABLE); i++) {
        char payload[512];
        enum cw_activity activity;

        cw_case(TABLE[i].rpid);
        (void)snprintf(payload, sizeof(payload), ITEM(ACTIVITY, "activity", "<%s>%s%s%s</%s>"),
                       TABLE[i].general, TABLE[i].specific != NULL ? "<" : "",
                       TABLE[i].specific != NULL ? TABLE[i].specific : "",
                       TABLE[i].specific != NULL ? "/>" : "", TABLE[i].general);
        assert_true(cw_activity_by_name((struct cw_bytes){TABLE[i].rpid, strlen(TABLE[i].rpid)},
                                        &activity));
        assert_int_equal(read_pep(payload, arena).activities, 1u << activity);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* Each activity stands in one row, so the table can be read the other way; rows with a specific one
 * come first. */
static void maps_activities_back(void **state)
{
    cw_activities seen = 0;
    bool general = false;
    size_t count = 0;

    (void)state;
    for (const struct cw_pep_activity *row; (row = cw_pep_activity_row(count)) != NULL; count++) {
        const struct cw_bytes rpid = cw_activity_name(row->activity);
        bool found = false;

        assert_int_equal(seen & 1u << row->activity, 0);
        seen |= 1u << row->activity;
        assert_false(general && row->specific != NULL);
        general = row->specific == NULL;
        for (size_t i = 0; i < CW_COUNT(TABLE); i++) {
            if (cw_bytes_equal(rpid, (struct cw_bytes){TABLE[i].rpid, strlen(TABLE[i].rpid)})) {
                found = true;
                assert_string_equal(row->general, TABLE[i].general);
                assert_int_equal(row->specific == NULL, TABLE[i].specific == NULL);
                if (row->specific != NULL) {
                    assert_string_equal(row->specific, TABLE[i].specific);
                }
            }
        }
        assert_true(found);
    }
    assert_int_equal(count, CW_COUNT(TABLE));
}

static void merges_news(void **state)
{
    struct cw_pep held = {.kind = CW_PEP_NONE};
    const struct cw_pep sad = {.kind = CW_PEP_MOOD, .mood = CW_LIT("sad")};
    const struct cw_pep meal = {.kind = CW_PEP_ACTIVITY, .activities = 1u << CW_ACTIVITY_MEAL};
    const struct cw_pep back = {.kind = CW_PEP_MOOD};

    (void)state;
    assert_true(cw_pep_merge(&held, &sad));
    assert_false(cw_pep_merge(&held, &sad));
    assert_true(cw_pep_merge(&held, &meal));
    cw_assert_bytes(held.mood, CW_LIT("sad"));
    assert_false(cw_pep_merge(&held, &meal));
    assert_true(cw_pep_merge(&held, &back));
    assert_null(held.mood.base);
    assert_int_equal(held.activities, meal.activities);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_headlines),
        cmocka_unit_test(maps_activities_there),
        cmocka_unit_test(maps_activities_back),
        cmocka_unit_test(merges_news),
    };

    return cmocka_run_group_tests_name("pep", tests, NULL, NULL);
}
