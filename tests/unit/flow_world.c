/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world_private.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <stdlib.h>

struct world *the_world;
uint64_t the_time_ms = 1000000;

static int64_t the_epoch_ms = 1700000000000; /* Unix time when the clock was zero */
static uint32_t the_random = 7;

struct cw_bytes world_keep(struct cw_bytes text)
{
    char *made;

    if (text.base == NULL) {
        return text;
    }
    made = cw_arena_alloc(the_world->memory, text.len + 1);
    assert_non_null(made);
    memcpy(made, text.base, text.len);
    return (struct cw_bytes){made, text.len};
}

struct cw_bytes world_text(const char *text)
{
    return (struct cw_bytes){text, text == NULL ? 0 : strlen(text)};
}

void world_line(const char *text)
{
    assert_true(the_world->last < LINES_MAX);
    the_world->lines[the_world->last] = strdup(text);
    the_world->last++;
}

/* ---- clock and timers ---- */

uint64_t cw_clock_now_ms(void)
{
    return the_time_ms;
}

int64_t cw_clock_wall_ms(void)
{
    return the_epoch_ms + (int64_t)the_time_ms;
}

void world_set_wall(int64_t unix_ms)
{
    the_epoch_ms = unix_ms - (int64_t)the_time_ms;
}

void cw_clock_random(void *out, unsigned len)
{
    unsigned char *at = out;

    for (unsigned i = 0; i < len; i++) {
        the_random = the_random * 1664525u + 1013904223u;
        at[i] = (unsigned char)(the_random >> 24);
    }
}

struct cw_loop *cw_loop_new(struct uv_loop_s *uv)
{
    struct cw_loop *loop = calloc(1, sizeof(*loop));

    (void)uv;
    assert_non_null(loop);
    loop->alarms = cw_alarms_new();
    return loop;
}

void cw_loop_free(struct cw_loop **loop)
{
    cw_alarms_free(&(*loop)->alarms);
    free(*loop);
    *loop = NULL;
}

void cw_loop_set(struct cw_loop *loop, struct cw_alarm *alarm, uint64_t at_ms)
{
    cw_alarms_set(loop->alarms, alarm, at_ms);
}

void cw_loop_clear(struct cw_loop *loop, struct cw_alarm *alarm)
{
    cw_alarms_clear(loop->alarms, alarm);
}

void world_pass(struct world *world, uint64_t ms)
{
    const uint64_t end = the_time_ms + ms;
    struct cw_alarms *alarms = world->gw.timers->alarms;

    while (cw_alarms_next(alarms) <= end) {
        struct cw_alarm *alarm;

        if (cw_alarms_next(alarms) > the_time_ms) {
            the_time_ms = cw_alarms_next(alarms);
        }
        alarm = cw_alarms_take(alarms, the_time_ms);
        alarm->ring(alarm, alarm->user);
    }
    the_time_ms = end;
}

void world_until(struct world *world, uint64_t ms)
{
    for (uint64_t passed = 0; passed < ms && world->first == world->last; passed += 1000) {
        world_pass(world, 1000);
    }
}

/* ---- settings ---- */

bool cw_gateway_settings_is_own(const struct cw_gateway_settings *settings, struct cw_bytes domain)
{
    for (size_t i = 0; i < settings->own_domain_count; i++) {
        if (cw_bytes_equal(settings->own_domains[i], domain)) {
            return true;
        }
    }
    return false;
}

/* ---- log ---- */

bool cw_log_on(const struct cw_log *log, enum cw_log_event event)
{
    (void)log;
    return the_world->debug ||
           (event != CW_EVENT_MESSAGE_DELIVERED && event != CW_EVENT_STANZA_HANDLED);
}

struct cw_bytes cw_log_text(const char *text)
{
    return world_text(text);
}

/* The log's own catalogue, in words. */
static const struct {
    const char *name, *level;
} EVENTS[] = {
#define X(id, name, level) [CW_EVENT_##id] = {name, #level},
    CW_LOG_EVENT_MAP(X)
#undef X
};

void cw_log_event(struct cw_log *log, enum cw_log_event event, const char *message,
                  const struct cw_log_field *fields, size_t count)
{
    size_t len;

    (void)log;
    (void)snprintf(the_world->log, sizeof(the_world->log), "level=%s event=%s %s",
                   EVENTS[event].level, EVENTS[event].name, message);
    for (size_t i = 0; i < count; i++) {
        len = strlen(the_world->log);
        (void)snprintf(the_world->log + len, sizeof(the_world->log) - len, " %s=" CW_FMT,
                       fields[i].key, CW_ARG(fields[i].value));
    }
    if (the_world->observer != NULL && the_world->observer->on_log != NULL) {
        the_world->observer->on_log(the_world->log, the_world->observer_user);
    }
}

const char *world_log(const struct world *world)
{
    return world->log;
}

const char *world_trace(const struct world *world)
{
    return world->trace;
}

void world_debug(struct world *world)
{
    world->debug = true;
}

const struct cw_sip_message *world_last_subscribe(const struct world *world)
{
    return &world->subscribe;
}

/* ---- lines ---- */

static bool has_words(const char *text, const char *words)
{
    char copy[512];
    char *rest = copy;
    char *word;

    assert_true(strlen(words) < sizeof(copy));
    (void)strcpy(copy, words);
    while ((word = strtok_r(rest, " ", &rest)) != NULL) {
        text = strstr(text, word);
        if (text == NULL) {
            return false;
        }
        text += strlen(word);
    }
    return true;
}

void world_expect(struct world *world, const char *text)
{
    if (world->first >= world->last) {
        fail_msg("nothing was sent, expected: %s", text);
    }
    if (!has_words(world->lines[world->first], text)) {
        fail_msg("expected: %s\n     got: %s", text, world->lines[world->first]);
    }
    free(world->lines[world->first++]);
}

void world_expect_without(struct world *world, const char *text, const char *never)
{
    if (world->first < world->last && strstr(world->lines[world->first], never) != NULL) {
        fail_msg("with %s: %s", never, world->lines[world->first]);
    }
    world_expect(world, text);
}

void world_silence(struct world *world)
{
    if (world->first < world->last) {
        fail_msg("unexpected: %s", world->lines[world->first]);
    }
    world->first = world->last = 0;
}

void world_skip(struct world *world)
{
    while (world->first < world->last) {
        free(world->lines[world->first++]);
    }
    world->first = world->last = 0;
}

/* ---- life ---- */

void world_start(struct world *world)
{
    assert_int_equal(cw_flow_new(&world->gw, NULL), CW_OK);
    world->gw.sip = &world->sip;
    cw_flow_start(&world->gw);
}

void world_stop(struct world *world)
{
    while (world->out_first < world->out_last) {
        struct outgoing *out = &world->out[world->out_first++ % WAITING];

        out->done(NULL, CW_ERR_CLOSED, out->user);
    }
    world->gw.sip = NULL;
    cw_flow_free(&world->gw);
    for (size_t i = 0; i < world->write_count; i++) { /* never durable; the store still says so */
        if (world->writes[i].done != NULL) {
            world->writes[i].done(CW_ERR_IO, world->writes[i].user);
        }
    }
    world->write_count = 0;
    world->notify_cseq = 0;
    world_skip(world);
}

static void set_partner(struct world *world, enum cw_partner_type type, bool enabled)
{
    world->partner = (struct cw_partner){
        .domain = world_text(world->partner_domain),
        .type = type,
        .tls = CW_REQUIRED,
        .sasl = CW_OPTIONAL,
        .dialback = true,
        .enabled = enabled,
        .keep_alive = true,
        .connection_limit = 20,
        .accept = world->accept,
        .additional = world->additional,
        .additional_count = world->additional_count,
    };
    cw_partners_free(&world->gw.partners);
    world->gw.partners = cw_partners_new(&world->partner, 1);
}

/* What the defaults of gateway.yaml say; hold and queue are short, for the tests. */
static void set_settings(struct world *world)
{
    world->settings.own_domains = world->own;
    world->settings.presence.subscribe_expires_ms = 3600000;
    world->settings.presence.subscription_refresh_interval_ms = 1800000;
    world->settings.presence.coalesce_ms = 250;
    world->settings.presence.show_map = CW_SHOW_MAP_DEFAULT;
    world->settings.sip.partner_header = "P-Causeway-Partner";
    world->settings.messages.ttl_ms = 120000;
    world->settings.messages.hold_ms = 1000;
    world->settings.messages.max_body = 16384;
    world->settings.messages.max_stanza = 65536;
    world->settings.messages.typing = true;
    world->settings.messages.receipts = true;
    world->settings.messages.receipt_from_200 = true;
    world->settings.messages.language = "";
    world->settings.messages.correction_mark = "* ";
    world->settings.messages.queue_per_pair = 3;
    world->settings.limits.quarantine = true;
    world->settings.edge.connect = (struct cw_texts){.items = world->edges, .count = 1};
}

static void set_access(struct world *world)
{
    const struct cw_access_entry entry = {
        .who = world_text(world->barred),
        .verdict = CW_ACCESS_DENY,
    };

    world->gw.access = cw_access_new(&(struct cw_access_rules){.federation = world->federation,
                                                               .usual = CW_ACCESS_ALLOW,
                                                               .entries = &entry,
                                                               .count = 1},
                                     world->memory);
}

struct world *world_new_as(const struct world_options *options)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    the_world = world;
    world->memory = cw_arena_new((size_t)16 << 20);
    world->edges[0] = "127.0.0.1:23456";
    world->observer = options->observer;
    world->observer_user = options->observer_user;
    world->accept = options->accept;
    set_settings(world);
    while (world->settings.own_domain_count < WORLD_DOMAINS_MAX &&
           options->own[world->settings.own_domain_count] != NULL) {
        const size_t i = world->settings.own_domain_count++;

        world->own[i] = world_text(options->own[i]);
    }
    while (world->additional_count < WORLD_DOMAINS_MAX &&
           options->additional[world->additional_count] != NULL) {
        const size_t i = world->additional_count++;

        world->additional[i] = world_text(options->additional[i]);
    }
    world->barred = "sip:barred@contoso.example";
    (void)snprintf(world->partner_domain, sizeof(world->partner_domain), "%s", options->partner);
    world->gw.settings = &world->settings;
    world->federation = true;
    set_access(world);
    world->gw.arena = cw_arena_new((size_t)1 << 20);
    world->gw.metrics = cw_metrics_new("gateway");
    set_partner(world, options->type, true);
    world->link_up = true;
    world_start(world);
    return world;
}

struct world *world_new(enum cw_partner_type type)
{
    const struct world_options options = {
        .own = {"contoso.example"}, .partner = "fabrikam.example", .type = type};

    return world_new_as(&options);
}

struct cw_gateway_settings *world_settings(struct world *world)
{
    return &world->settings;
}

void world_free(struct world *world)
{
    world_skip(world);
    world_stop(world);
    world_skip(world);
    cw_partners_free(&world->gw.partners);
    cw_metrics_free(&world->gw.metrics);
    cw_arena_free(&world->gw.arena);
    cw_arena_free(&world->memory);
    free(world);
    the_world = NULL;
}

struct cw_gateway *world_gateway(struct world *world)
{
    return &world->gw;
}

void world_restart(struct world *world)
{
    world_stop(world);
    world_start(world);
}

/* A world that is stopped reads it when it starts. */
static void policy_changed(struct world *world)
{
    world->gw.revision++;
    if (world->gw.edges != NULL) {
        cw_flow_policy_changed(&world->gw);
    }
}

void world_policy(struct world *world, enum cw_partner_type type, bool enabled)
{
    set_partner(world, type, enabled);
    policy_changed(world);
}

void world_unlist(struct world *world)
{
    cw_partners_free(&world->gw.partners);
    world->gw.partners = cw_partners_new(NULL, 0);
    policy_changed(world);
}

void world_bar(struct world *world, const char *aor)
{
    world->barred = aor;
    set_access(world);
    policy_changed(world);
}

void world_federation(struct world *world, bool on)
{
    world->federation = on;
    set_access(world);
    policy_changed(world);
}
