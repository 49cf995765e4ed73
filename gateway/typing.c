/* SPDX-License-Identifier: Apache-2.0 */
#include "typing.h"

#include "alarm.h"
#include "table.h"

#include <stdlib.h>

/* Does the XMPP user's client know chat states (CT-9)? */
enum opt { OPT_UNKNOWN, OPT_IN, OPT_OUT };

struct talk {
    struct cw_alarm alarm;      /* first; user: the talk */
    struct talk *older, *newer; /* by the last message with text */
    struct cw_bytes key;
    struct cw_typing_pair pair;
    uint64_t spoke_ms; /* last message with text, either way */
    uint64_t since_ms; /* XMPP: composing since; 0: is not */
    uint64_t again_ms; /* XMPP: `active` is due again */
    uint64_t idle_ms;  /* SIP: composing until; 0: is not */
    enum opt opt;
    char *resource; /* of the device that sent the last state; owned */
    char text[];
};

struct cw_typing {
    struct cw_table *talks;
    struct talk *oldest, *newest;
    struct cw_alarms *alarms; /* each talk has one: the next thing due, or its end */
};

struct cw_typing *cw_typing_new(const uint64_t hash_key[2])
{
    struct cw_typing *typing = calloc(1, sizeof(*typing));

    if (typing == NULL) {
        abort();
    }
    typing->talks = cw_table_new(hash_key);
    typing->alarms = cw_alarms_new();
    return typing;
}

void cw_typing_free(struct cw_typing **typing)
{
    struct talk *talk;
    size_t cursor = 0;

    if (*typing == NULL) {
        return;
    }
    while ((talk = cw_table_next((*typing)->talks, &cursor)) != NULL) {
        free(talk->resource);
        free(talk);
    }
    cw_alarms_free(&(*typing)->alarms);
    cw_table_free(&(*typing)->talks);
    free(*typing);
    *typing = NULL;
}

static struct talk *make_talk(const struct cw_typing_pair *pair)
{
    const size_t len = pair->local.len + 1 + pair->remote.len;
    struct talk *talk = calloc(1, sizeof(*talk) + len);

    if (talk == NULL) {
        abort();
    }
    memcpy(talk->text, pair->local.base, pair->local.len);
    memcpy(talk->text + pair->local.len + 1, pair->remote.base, pair->remote.len);
    talk->pair.local = (struct cw_bytes){talk->text, pair->local.len};
    talk->pair.remote = (struct cw_bytes){talk->text + pair->local.len + 1, pair->remote.len};
    talk->key = (struct cw_bytes){talk->text, len};
    talk->alarm.user = talk;
    return talk;
}

static void unhook(struct cw_typing *typing, struct talk *talk)
{
    *(talk->older != NULL ? &talk->older->newer : &typing->oldest) = talk->newer;
    *(talk->newer != NULL ? &talk->newer->older : &typing->newest) = talk->older;
}

static void hook(struct cw_typing *typing, struct talk *talk)
{
    talk->older = typing->newest;
    talk->newer = NULL;
    *(talk->older != NULL ? &talk->older->newer : &typing->oldest) = talk;
    typing->newest = talk;
}

static void forget(struct cw_typing *typing, struct talk *talk)
{
    unhook(typing, talk);
    cw_alarms_clear(typing->alarms, &talk->alarm);
    (void)cw_table_remove(typing->talks, talk->key);
    free(talk->resource);
    free(talk);
}

static struct talk *find(const struct cw_typing *typing, const struct cw_typing_pair *pair)
{
    struct talk *const made = make_talk(pair);
    struct talk *const talk = cw_table_find(typing->talks, made->key);

    free(made);
    return talk;
}

/* They speak. The talk that has been silent longest makes room. */
static struct talk *find_or_make(struct cw_typing *typing, const struct cw_typing_pair *pair)
{
    struct talk *talk = find(typing, pair);

    if (talk != NULL) {
        unhook(typing, talk);
    } else {
        if (cw_table_count(typing->talks) >= CW_TYPING_MAX) {
            forget(typing, typing->oldest);
        }
        talk = make_talk(pair);
        cw_table_add(typing->talks, talk->key, talk);
    }
    hook(typing, talk);
    return talk;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return b != 0 && b < a ? b : a;
}

static void set_alarm(struct cw_typing *typing, struct talk *talk)
{
    uint64_t at_ms = talk->spoke_ms + CW_TYPING_TALK_MS;

    if (talk->since_ms != 0 || talk->idle_ms != 0) {
        at_ms = UINT64_MAX; /* not before what is outstanding was ended */
    }
    at_ms = earlier(at_ms, talk->since_ms != 0 ? talk->again_ms : 0);
    at_ms = earlier(at_ms, talk->idle_ms);
    cw_alarms_set(typing->alarms, &talk->alarm, at_ms);
}

/* What follows by itself comes from the same device. */
static void keep_resource(struct talk *talk, struct cw_bytes resource)
{
    free(talk->resource);
    talk->resource = resource.len != 0 ? malloc(resource.len) : NULL;
    if (talk->resource != NULL) {
        memcpy(talk->resource, resource.base, resource.len);
    } else if (resource.len != 0) {
        abort();
    }
    talk->pair.resource = (struct cw_bytes){talk->resource, resource.len};
}

/* ---- messages with text ---- */

void cw_typing_from_xmpp(struct cw_typing *typing, const struct cw_typing_pair *pair,
                         bool has_state, uint64_t now_ms)
{
    struct talk *const talk = find_or_make(typing, pair);

    talk->spoke_ms = now_ms;
    talk->since_ms = 0; /* CT-4: the message itself says idle */
    talk->opt = has_state ? OPT_IN : OPT_OUT;
    set_alarm(typing, talk);
}

bool cw_typing_from_sip(struct cw_typing *typing, const struct cw_typing_pair *pair,
                        uint64_t now_ms)
{
    struct talk *const talk = find_or_make(typing, pair);

    talk->spoke_ms = now_ms;
    talk->idle_ms = 0; /* CT-6 */
    set_alarm(typing, talk);
    return talk->opt != OPT_OUT;
}

/* ---- states alone ---- */

/* CT-8, SEC-11: who was not written to for a while, or never, is not told who types. */
static bool is_talking(const struct talk *talk, uint64_t now_ms)
{
    return talk != NULL && now_ms - talk->spoke_ms <= CW_TYPING_TALK_MS;
}

/* Another device that is closed ends nothing. */
static bool is_elsewhere(const struct talk *talk, const struct cw_typing_pair *pair,
                         enum cw_chat_state state)
{
    return state == CW_CHAT_GONE && pair->resource.len != 0 && talk->pair.resource.len != 0 &&
           !cw_bytes_equal(pair->resource, talk->pair.resource);
}

enum cw_typing_effect cw_typing_state(struct cw_typing *typing, const struct cw_typing_pair *pair,
                                      enum cw_chat_state state, uint64_t now_ms)
{
    struct talk *const talk = find(typing, pair);
    const bool was = talk != NULL && talk->since_ms != 0;

    if (talk == NULL || state == CW_CHAT_NONE || is_elsewhere(talk, pair, state)) {
        return CW_TYPING_NOTHING;
    }
    talk->opt = state == CW_CHAT_GONE ? talk->opt : OPT_IN;
    if (state != CW_CHAT_COMPOSING) { /* CT-1, CT-12 */
        talk->since_ms = 0;
        set_alarm(typing, talk);
        return was ? CW_TYPING_SIP_IDLE : CW_TYPING_NOTHING;
    }
    if (was || !is_talking(talk, now_ms)) {
        return CW_TYPING_NOTHING;
    }
    keep_resource(talk, pair->resource);
    talk->since_ms = now_ms;
    talk->again_ms = now_ms + CW_TYPING_AGAIN_MS;
    set_alarm(typing, talk);
    return CW_TYPING_SIP_ACTIVE;
}

enum cw_typing_effect cw_typing_indication(struct cw_typing *typing,
                                           const struct cw_typing_pair *pair, bool active,
                                           uint32_t refresh_s, uint64_t now_ms)
{
    struct talk *const talk = find(typing, pair);
    const uint64_t life_ms = (refresh_s != 0 ? refresh_s : CW_TYPING_IDLE_S) * UINT64_C(1000);
    bool was;

    if (talk == NULL) {
        return CW_TYPING_NOTHING;
    }
    was = talk->idle_ms != 0;
    if (!active) { /* CT-2 */
        talk->idle_ms = 0;
        set_alarm(typing, talk);
        return was ? CW_TYPING_ACTIVE : CW_TYPING_NOTHING;
    }
    if (talk->opt != OPT_IN || (!was && !is_talking(talk, now_ms))) { /* CT-9, CT-8 */
        return CW_TYPING_NOTHING;
    }
    talk->idle_ms = now_ms + life_ms;
    set_alarm(typing, talk);
    return was ? CW_TYPING_NOTHING : CW_TYPING_COMPOSING; /* CT-6 */
}

/* ---- time ---- */

uint64_t cw_typing_next_ms(const struct cw_typing *typing)
{
    return cw_alarms_next(typing->alarms);
}

static enum cw_typing_effect step(struct talk *talk, uint64_t now_ms)
{
    if (talk->idle_ms != 0 && talk->idle_ms <= now_ms) { /* CT-6, CT-13 */
        talk->idle_ms = 0;
        return CW_TYPING_PAUSED;
    }
    if (talk->since_ms != 0 && talk->since_ms + CW_TYPING_MAX_MS <= now_ms) {
        talk->since_ms = 0;
        return CW_TYPING_SIP_IDLE;
    }
    if (talk->since_ms != 0 && talk->again_ms <= now_ms) { /* CT-5 */
        talk->again_ms += CW_TYPING_AGAIN_MS;
        if (talk->again_ms > talk->since_ms + CW_TYPING_MAX_MS) {
            talk->again_ms = talk->since_ms + CW_TYPING_MAX_MS;
        }
        return CW_TYPING_SIP_ACTIVE;
    }
    return CW_TYPING_NOTHING;
}

enum cw_typing_effect cw_typing_due(struct cw_typing *typing, uint64_t now_ms,
                                    struct cw_typing_pair *pair)
{
    struct cw_alarm *alarm;

    while ((alarm = cw_alarms_take(typing->alarms, now_ms)) != NULL) {
        struct talk *const talk = alarm->user;
        const enum cw_typing_effect effect = step(talk, now_ms);

        if (effect != CW_TYPING_NOTHING) {
            *pair = talk->pair;
            set_alarm(typing, talk);
            return effect;
        }
        forget(typing, talk); /* nothing outstanding, and long silent */
    }
    return CW_TYPING_NOTHING;
}

size_t cw_typing_count(const struct cw_typing *typing)
{
    return cw_table_count(typing->talks);
}
