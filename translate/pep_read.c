/* SPDX-License-Identifier: Apache-2.0 */
#include "pep_read.h"

#include "ascii.h"

#define NS_EVENT    "http://jabber.org/protocol/pubsub#event"
#define NS_MOOD     "http://jabber.org/protocol/mood"
#define NS_ACTIVITY "http://jabber.org/protocol/activity"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Moods that RFC 4480 section 3.5 and XEP-0107 section 3 have in common. */
static const char *const MOODS[] = {
    "afraid",      "amazed",    "angry",       "annoyed",      "anxious",    "ashamed",
    "bored",       "brave",     "calm",        "cold",         "confused",   "contented",
    "cranky",      "curious",   "depressed",   "disappointed", "disgusted",  "distracted",
    "embarrassed", "excited",   "flirtatious", "frustrated",   "grumpy",     "guilty",
    "happy",       "hot",       "humbled",     "humiliated",   "hungry",     "hurt",
    "impressed",   "in_awe",    "in_love",     "indignant",    "interested", "invincible",
    "jealous",     "lonely",    "mean",        "moody",        "nervous",    "neutral",
    "offended",    "playful",   "proud",       "relieved",     "remorseful", "restless",
    "sad",         "sarcastic", "serious",     "shocked",      "shy",        "sick",
    "sleepy",      "stressed",  "surprised",   "thirsty",      "worried",
};

/* Those that only XEP-0107 has. */
static const char *const OTHER_MOODS[] = {
    "amorous",   "aroused",     "cautious", "confident", "contemplative", "crazy",
    "creative",  "dejected",    "dismayed", "envious",   "grateful",      "grieving",
    "hopeful",   "intoxicated", "lost",     "lucky",     "outraged",      "relaxed",
    "satisfied", "spontaneous", "strong",   "thankful",  "tired",         "weak",
};

static const struct cw_pep_activity ACTIVITIES[] = {
    {"eating", "having_breakfast", CW_ACTIVITY_BREAKFAST},
    {"eating", "having_dinner", CW_ACTIVITY_DINNER},
    {"eating", "having_lunch", CW_ACTIVITY_LUNCH},
    {"inactive", "on_vacation", CW_ACTIVITY_VACATION},
    {"inactive", "scheduled_holiday", CW_ACTIVITY_HOLIDAY},
    {"inactive", "sleeping", CW_ACTIVITY_SLEEPING},
    {"relaxing", "shopping", CW_ACTIVITY_SHOPPING},
    {"relaxing", "watching_tv", CW_ACTIVITY_TV},
    {"talking", "on_the_phone", CW_ACTIVITY_ON_THE_PHONE},
    {"traveling", "driving", CW_ACTIVITY_STEERING},
    {"traveling", "on_a_trip", CW_ACTIVITY_TRAVEL},
    {"working", "in_a_meeting", CW_ACTIVITY_MEETING},
    {"eating", NULL, CW_ACTIVITY_MEAL},
    {"having_appointment", NULL, CW_ACTIVITY_APPOINTMENT},
    {"traveling", NULL, CW_ACTIVITY_IN_TRANSIT},
    {"working", NULL, CW_ACTIVITY_WORKING},
};

const struct cw_pep_activity *cw_pep_activity_row(size_t index)
{
    return index < COUNT(ACTIVITIES) ? &ACTIVITIES[index] : NULL;
}

static bool find_mood(struct cw_bytes name, const char *const *names, size_t count,
                      struct cw_bytes *out)
{
    for (size_t i = 0; i < count; i++) {
        if (cw_ascii_is(name, names[i])) {
            *out = (struct cw_bytes){names[i], strlen(names[i])};
            return true;
        }
    }
    return false;
}

static void read_mood(const struct cw_xml_node *mood, struct cw_pep *out)
{
    for (const struct cw_xml_node *at = mood->child; at != NULL; at = at->next) {
        if (!cw_bytes_equal(at->ns, CW_LIT(NS_MOOD))) {
            continue;
        }
        if (find_mood(at->name, MOODS, COUNT(MOODS), &out->mood)) {
            return;
        }
        if (find_mood(at->name, OTHER_MOODS, COUNT(OTHER_MOODS), &out->mood)) {
            out->mood_is_other = true;
            return;
        }
    }
}

static bool is_row(const struct cw_pep_activity *row, const struct cw_xml_node *general)
{
    return cw_ascii_is(general->name, row->general) &&
           (row->specific == NULL ||
            cw_xml_child(general, row->specific, CW_LIT(NS_ACTIVITY)) != NULL);
}

static void read_activity(const struct cw_xml_node *activity, struct cw_pep *out)
{
    for (const struct cw_xml_node *at = activity->child; at != NULL; at = at->next) {
        for (size_t i = 0; i < COUNT(ACTIVITIES); i++) {
            if (cw_bytes_equal(at->ns, CW_LIT(NS_ACTIVITY)) && is_row(&ACTIVITIES[i], at)) {
                out->activities = (cw_activities)1 << ACTIVITIES[i].activity;
                return;
            }
        }
    }
}

/* The payload of the first item; NULL for none: it was taken back. */
static const struct cw_xml_node *payload(const struct cw_xml_node *items, const char *name,
                                         struct cw_bytes ns)
{
    const struct cw_xml_node *const item = cw_xml_child(items, "item", CW_LIT(NS_EVENT));

    return item == NULL ? NULL : cw_xml_child(item, name, ns);
}

void cw_pep_read(const struct cw_xml_node *root, struct cw_pep *out)
{
    const struct cw_xml_node *const event = cw_xml_child(root, "event", CW_LIT(NS_EVENT));
    const struct cw_xml_node *const items =
        event == NULL ? NULL : cw_xml_child(event, "items", CW_LIT(NS_EVENT));
    const struct cw_bytes node =
        items == NULL ? (struct cw_bytes){0} : cw_xml_attribute(items, "node");
    const struct cw_xml_node *found;

    *out = (struct cw_pep){.kind = CW_PEP_NONE};
    if (cw_bytes_equal(node, CW_LIT(NS_MOOD))) {
        out->kind = CW_PEP_MOOD;
        found = payload(items, "mood", CW_LIT(NS_MOOD));
        if (found != NULL) {
            read_mood(found, out);
        }
    } else if (cw_bytes_equal(node, CW_LIT(NS_ACTIVITY))) {
        out->kind = CW_PEP_ACTIVITY;
        found = payload(items, "activity", CW_LIT(NS_ACTIVITY));
        if (found != NULL) {
            read_activity(found, out);
        }
    }
}

bool cw_pep_merge(struct cw_pep *held, const struct cw_pep *news)
{
    const struct cw_pep before = *held;

    if (news->kind == CW_PEP_MOOD) {
        held->mood = news->mood;
        held->mood_is_other = news->mood_is_other;
    } else if (news->kind == CW_PEP_ACTIVITY) {
        held->activities = news->activities;
    }
    return !cw_bytes_equal(before.mood, held->mood) || before.activities != held->activities;
}
