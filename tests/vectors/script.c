/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include "script_private.h"
#include "sip_text.h"
#include "xml_meaning.h"

#include <causeway/error_map.h>
#include <stdio.h>
#include <stdlib.h>

#include "settings.h"

#define MEMORY_MAX ((size_t)16 << 20)

/* ---- what was seen ---- */

char *script_copy(struct cw_bytes text)
{
    char *made = malloc(text.len + 1);

    if (made == NULL) {
        abort();
    }
    if (text.len != 0) {
        memcpy(made, text.base, text.len);
    }
    made[text.len] = '\0';
    return made;
}

static void check_secret(const struct script *script, struct cw_bytes text)
{
    char *copy = script_copy(text);

    if (script->secret != NULL && strstr(copy, script->secret) != NULL) {
        vector_fail("'%s' leaves the gateway in: %s", script->secret, copy);
    }
    free(copy);
}

void script_see(struct script *script, struct seen *seen, struct cw_bytes text)
{
    if (script->over) {
        return;
    }
    check_secret(script, text);
    if (seen->last == SEEN_MAX) {
        vector_fail("too much leaves the gateway");
    }
    seen->items[seen->last++] = (struct cw_bytes){script_copy(text), text.len};
}

struct cw_bytes script_take(struct script *script, struct seen *seen,
                            const struct script_step *step)
{
    for (unsigned ms = 0; ms < PATIENCE_MS && seen->first == seen->last; ms += 50) {
        world_pass(script->world, 50);
    }
    if (seen->first == seen->last) {
        vector_fail("line %d: nothing was sent", step->line);
    }
    return seen->items[seen->first++];
}

static void on_stanza(struct cw_bytes xml, void *user)
{
    struct script *script = user;

    script_see(script, &script->stanzas, xml);
}

static void on_log(const char *text, void *user)
{
    struct script *script = user;
    const struct cw_bytes line = {text, strlen(text)};

    check_secret(script, line);
    if (!script->over && script->logs.last < SEEN_MAX) {
        script->logs.items[script->logs.last++] = (struct cw_bytes){script_copy(line), line.len};
    }
}

/* ---- steps ---- */

const struct cw_yaml_node *script_option(const struct script_step *step, const char *name)
{
    return step->options == NULL ? NULL : cw_yaml_lookup(step->options, name);
}

void script_remember(struct script *script, const char *name, struct cw_bytes text)
{
    if (script->value_count == VALUES_MAX) {
        vector_fail("too much is to be remembered");
    }
    script->values[script->value_count++] = (struct script_value){name, text};
}

static struct cw_bytes value_of(const struct script *script, const char *name, int line)
{
    const char *text;

    for (size_t i = script->value_count; i > 0; i--) {
        if (strcmp(script->values[i - 1].name, name) == 0) {
            return script->values[i - 1].text;
        }
    }
    text = vector_text(script->vector, name);
    if (text == NULL) {
        vector_fail("line %d: nothing is known of ${%s}", line, name);
    }
    return (struct cw_bytes){text, strlen(text)};
}

struct cw_bytes script_scalar(const struct script_step *step, const struct cw_yaml_node *node)
{
    const char *rest = vector_scalar(node).base;
    struct sip_text made = {0};
    struct cw_bytes kept;
    const char *mark;
    char name[32];
    int len;

    while ((mark = strstr(rest, "${")) != NULL) {
        len = 0;
        if (sscanf(mark, "${%31[a-z_]}%n", name, &len) != 1 || len == 0) {
            vector_fail("line %d: a name belongs into ${}", node->line);
        }
        sip_text_put(&made, (struct cw_bytes){rest, (size_t)(mark - rest)});
        sip_text_put(&made, value_of(step->script, name, node->line));
        rest = mark + len;
    }
    sip_text_put(&made, (struct cw_bytes){rest, strlen(rest)});
    kept = (struct cw_bytes){cw_arena_alloc(step->script->memory, made.len + 1), made.len};
    if (kept.base == NULL) {
        abort();
    }
    memcpy((char *)(uintptr_t)kept.base, made.base, made.len + 1);
    sip_text_free(&made);
    return kept;
}

static const char *word_of(const struct script_step *step)
{
    if (step->value == NULL || step->value->kind != CW_YAML_SCALAR) {
        vector_fail("line %d: a text belongs behind `%s`", step->line, step->word);
    }
    return step->value->text;
}

static uint64_t span_ms(const struct script_step *step)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } UNITS[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};
    char *end = NULL;
    const unsigned long long count = strtoull(word_of(step), &end, 10);

    for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
        if (strcmp(end, UNITS[i].unit) == 0) {
            return count * UNITS[i].ms;
        }
    }
    vector_fail("line %d: not a time: %s", step->line, word_of(step));
}

static void stanza_comes(struct script *script, const struct script_step *step)
{
    vector_allow(step->options, (const char *const[]){"X>", NULL});
    if (step->value == NULL) {
        vector_fail("line %d: a stanza belongs here", step->line);
    }
    world_stanza(script->world, script_scalar(step, step->value).base);
}

static void expect_stanza(struct script *script, const struct script_step *step)
{
    const struct cw_bytes got = script_take(script, &script->stanzas, step);
    const struct cw_yaml_node *absent = script_option(step, "absent");
    const char *differs;

    vector_allow(step->options, (const char *const[]){"X<", "absent", NULL});
    differs = xml_differs(script_scalar(step, step->value), got);
    if (differs != NULL) {
        vector_fail("line %d: %s; got: " CW_FMT, step->line, differs, CW_ARG(got));
    }
    for (absent = absent == NULL ? NULL : absent->first; absent != NULL; absent = absent->next) {
        if (xml_has(got, absent->text)) {
            vector_fail("line %d: there is a <%s>: " CW_FMT, step->line, absent->text, CW_ARG(got));
        }
    }
}

static void expect_nothing(const struct script *script, int line)
{
    const struct seen *all[] = {&script->stanzas, &script->requests, &script->responses};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i]->first != all[i]->last) {
            vector_fail("line %d: nothing more was expected, but: " CW_FMT, line,
                        CW_ARG(all[i]->items[all[i]->first]));
        }
    }
}

static void keep_silent(struct script *script, const struct script_step *step)
{
    expect_nothing(script, step->line);
    if (step->value != NULL) {
        world_pass(script->world, span_ms(step));
        expect_nothing(script, step->line);
    }
}

/* All that is under way has this outcome. */
static void settle(struct script *script, const struct script_step *step, enum cw_fate fate,
                   enum cw_fail reason)
{
    if (!world_awaits_fate(script->world)) {
        vector_fail("line %d: nothing is under way", step->line);
    }
    while (world_awaits_fate(script->world)) {
        world_fate(script->world, fate, reason);
    }
}

static void fate_comes(struct script *script, const struct script_step *step)
{
    static const struct {
        const char *name;
        enum cw_fail fail;
    } FAILS[] = {{"no_permit", CW_FAIL_NO_PERMIT},
                 {"dns", CW_FAIL_DNS},
                 {"connect", CW_FAIL_CONNECT},
                 {"tls", CW_FAIL_TLS},
                 {"auth", CW_FAIL_AUTH},
                 {"timeout", CW_FAIL_TIMEOUT},
                 {"stream", CW_FAIL_STREAM},
                 {"queue_full", CW_FAIL_QUEUE_FULL},
                 {"key", CW_FAIL_KEY}};
    const struct cw_bytes name = script_scalar(step, step->value);

    for (size_t i = 0; i < sizeof(FAILS) / sizeof(FAILS[0]); i++) {
        if (cw_bytes_equal((struct cw_bytes){FAILS[i].name, strlen(FAILS[i].name)}, name)) {
            settle(script, step, CW_FATE_FAILED, FAILS[i].fail);
            return;
        }
    }
    vector_fail("line %d: no such reason", step->line);
}

static void time_passes(struct script *script, const struct script_step *step)
{
    world_pass(script->world, span_ms(step));
}

/* Time passes until something is sent. */
static void await(struct script *script, const struct script_step *step)
{
    const struct seen *all[] = {&script->stanzas, &script->requests, &script->responses};
    const uint64_t most_ms = span_ms(step);

    expect_nothing(script, step->line);
    for (uint64_t ms = 0; ms < most_ms; ms += 1000) {
        world_pass(script->world, 1000);
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
            if (all[i]->first != all[i]->last) {
                return;
            }
        }
    }
    vector_fail("line %d: nothing was sent for %s", step->line, word_of(step));
}

static void commit(struct script *script, const struct script_step *step)
{
    (void)step;
    world_commit(script->world);
}

static void handed(struct script *script, const struct script_step *step)
{
    settle(script, step, CW_FATE_HANDED, CW_FAIL_NONE);
}

static void no_route(struct script *script, const struct script_step *step)
{
    (void)step;
    world_no_route(script->world);
}

static void too_long(struct script *script, const struct script_step *step)
{
    (void)step;
    world_refuse_next(script->world);
}

/* As after SIGKILL: what the old process says while it is taken down was never said. */
static void restart(struct script *script, const struct script_step *step)
{
    expect_nothing(script, step->line);
    script->over = true;
    world_stop(script->world);
    script->over = false;
    world_start(script->world);
}

/* The operator was told, whenever it was. */
static void expect_log(struct script *script, const struct script_step *step)
{
    for (size_t i = 0; i < script->logs.last; i++) {
        if (vector_fits(vector_scalar(step->value), script->logs.items[i])) {
            return;
        }
    }
    vector_fail("line %d: the log does not say %s", step->line, word_of(step));
}

static void play_steps(struct script *script, const struct cw_yaml_node *steps);

static void use(struct script *script, const struct script_step *step)
{
    const struct cw_yaml_node *steps = vector_definition(script->vector, word_of(step));

    if (steps == NULL) {
        vector_fail("line %d: no definition of %s", step->line, word_of(step));
    }
    play_steps(script, steps);
}

static const struct {
    const char *word;
    void (*play)(struct script *script, const struct script_step *step);
} STEPS[] = {
    {"X>", stanza_comes},
    {"X<", expect_stanza},
    {"S>", script_sip_request},
    {"S<", script_sip_expect},
    {"R<", script_sip_expect_response},
    {"answer", script_sip_answer},
    {"commit", commit},
    {"handed", handed},
    {"fate", fate_comes},
    {"no_route", no_route},
    {"too_long", too_long},
    {"log", expect_log},
    {"wait", time_passes},
    {"until", await},
    {"silence", keep_silent},
    {"restart", restart},
    {"use", use},
};

static void play_step(struct script *script, const struct cw_yaml_node *node)
{
    const bool mere = node->kind == CW_YAML_SCALAR;
    const struct script_step step = {
        .script = script,
        .word = mere                  ? node->text
                : node->first == NULL ? ""
                                      : node->first->text,
        .value = mere || node->first == NULL || cw_yaml_is_null(node->first->next)
                     ? NULL
                     : node->first->next,
        .options = mere ? NULL : node,
        .line = node->line,
    };

    for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
        if (strcmp(STEPS[i].word, step.word) == 0) {
            STEPS[i].play(script, &step);
            return;
        }
    }
    vector_fail("line %d: no such step: %s", step.line, step.word);
}

static void play_steps(struct script *script, const struct cw_yaml_node *steps)
{
    if (steps->kind != CW_YAML_SEQUENCE) {
        vector_fail("line %d: steps are a list", steps->line);
    }
    for (const struct cw_yaml_node *at = steps->first; at != NULL; at = at->next) {
        play_step(script, at);
    }
}

/* ---- the world ---- */

static const char *choice(const struct cw_yaml_node *given, const char *name, const char *otherwise)
{
    const struct cw_yaml_node *node = cw_yaml_lookup(given, name);

    return node == NULL ? otherwise : node->text;
}

static enum cw_error_text text_policy(const char *word)
{
    if (strcmp(word, "copy") == 0) {
        return CW_ERROR_TEXT_COPY;
    }
    return strcmp(word, "none") == 0 ? CW_ERROR_TEXT_NONE : CW_ERROR_TEXT_GENERIC;
}

/* Settings are those of gateway.yaml, with the group before a dot. */
static void set(struct cw_gateway_settings *settings, const char *name, const char *value)
{
    if (strcmp(name, "errors.reason_phrase") == 0) {
        settings->errors.reason_phrase = (int)text_policy(value);
    } else if (strcmp(name, "errors.hide_existence") == 0) {
        settings->errors.hide_existence = strcmp(value, "true") == 0;
    } else if (strcmp(name, "messages.hold") == 0) {
        settings->messages.hold_ms = strtoll(value, NULL, 10);
    } else if (strcmp(name, "messages.max_body") == 0) {
        settings->messages.max_body = strtoll(value, NULL, 10);
    } else {
        vector_fail("no such setting: %s", name);
    }
}

/* Days from 1970-01-01, in the Gregorian calendar. */
static int64_t days_until(int year, int month, int day)
{
    static const int BEFORE[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const int past = year - 1;
    const int64_t leaps = past / 4 - past / 100 + past / 400 - 477;

    return (int64_t)(year - 1970) * 365 + leaps + BEFORE[(month - 1) % 12] +
           (leap && month > 2 ? 1 : 0) + day - 1;
}

static int64_t unix_ms(const char *text)
{
    int part[6];

    if (sscanf(text, "%d-%d-%dT%d:%d:%dZ", &part[0], &part[1], &part[2], &part[3], &part[4],
               &part[5]) != 6) {
        vector_fail("not a date: %s", text);
    }
    return (days_until(part[0], part[1], part[2]) * 86400 + part[3] * 3600 + part[4] * 60 +
            part[5]) *
           1000;
}

static enum cw_partner_type type_of(const char *word)
{
    static const char *const WORDS[CW_PARTNER_TYPES] = {"federated", "public_verified",
                                                        "public_unverified"};

    for (unsigned i = 0; i < CW_PARTNER_TYPES; i++) {
        if (strcmp(word, WORDS[i]) == 0) {
            return (enum cw_partner_type)i;
        }
    }
    vector_fail("no such partner type: %s", word);
}

/* RFC 8048 lets the far user decide: a 2xx to SUBSCRIBE alone grants nothing, hence `ask`. */
static void make_world(struct script *script)
{
    static const struct world_observer OBSERVER = {.on_stanza = on_stanza,
                                                   .on_request = script_sip_on_request,
                                                   .on_response = script_sip_on_response,
                                                   .on_log = on_log};
    const struct cw_yaml_node *given = vector_get(script->vector, "given");
    const struct world_options options = {
        .own = {"corp.example", "lab.corp.example"},
        .partner = "partner.example",
        .type = type_of(choice(given, "partner_type", "federated")),
        .accept =
            strcmp(choice(given, "accept", "ask"), "auto") == 0 ? CW_ACCEPT_AUTO : CW_ACCEPT_ASK,
        .observer = &OBSERVER,
        .observer_user = script,
    };
    const struct cw_yaml_node *settings = cw_yaml_lookup(given, "settings");

    if (given != NULL) {
        vector_allow(given,
                     (const char *const[]){"partner_type", "accept", "settings", "now", NULL});
    }
    script->world = world_new_as(&options);
    world_debug(script->world);
    for (const struct cw_yaml_node *key = settings == NULL ? NULL : settings->first; key != NULL;
         key = key->next->next) {
        set(world_settings(script->world), key->text, key->next->text);
    }
    if (cw_yaml_lookup(given, "now") != NULL) {
        world_set_wall(unix_ms(choice(given, "now", "")));
    }
}

static void forget(struct seen *seen)
{
    for (size_t i = 0; i < seen->last; i++) {
        free((void *)(uintptr_t)seen->items[i].base);
    }
}

static void forget_all(struct script *script)
{
    forget(&script->stanzas);
    forget(&script->requests);
    forget(&script->responses);
    forget(&script->logs);
    for (size_t i = 0; i < script->value_count; i++) {
        free((void *)(uintptr_t)script->values[i].text.base);
    }
    for (size_t i = 0; i < script->dialog_count; i++) {
        const struct script_dialog *dialog = &script->dialogs[i];

        free(dialog->call_id);
        free(dialog->near_uri);
        free(dialog->near_tag);
        free(dialog->far_uri);
        free(dialog->far_tag);
    }
}

void script_play(const struct vector *vector)
{
    struct script *script = calloc(1, sizeof(*script));
    const struct cw_yaml_node *before = vector_get(vector, "before");
    const struct cw_yaml_node *steps = vector_get(vector, "script");

    if (script == NULL) {
        abort();
    }
    if (steps == NULL) {
        vector_fail("`script` is missing");
    }
    script->vector = vector;
    script->memory = cw_arena_new(MEMORY_MAX);
    script->secret = vector_text(vector, "secret");
    make_world(script);
    if (before != NULL) {
        play_steps(script, before);
    }
    play_steps(script, steps);
    expect_nothing(script, steps->line);
    script->over = true;
    world_free(script->world);
    forget_all(script);
    cw_arena_free(&script->memory);
    free(script);
}
