/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world_private.h"

#include <stdio.h>

struct cw_link *cw_link_dial(struct uv_loop_s *loop, const struct cw_link_settings *settings,
                             const char *address, const struct cw_link_events *events, void *user)
{
    (void)loop;
    (void)settings;
    (void)address;
    the_world->link = (struct cw_link){.events = events, .user = user};
    return &the_world->link;
}

void cw_link_close(struct cw_link **link)
{
    struct world *world = the_world;

    while (world->cookie_first < world->cookie_last) {
        world_fate(world, CW_FATE_AMBIGUOUS, CW_FAIL_STREAM);
    }
    *link = NULL;
}

bool cw_link_is_up(const struct cw_link *link)
{
    (void)link;
    return the_world->link_up;
}

const char *cw_link_peer(const struct cw_link *link)
{
    (void)link;
    return "edge1";
}

uint32_t cw_link_round_trip_us(const struct cw_link *link)
{
    (void)link;
    return 0;
}

size_t cw_link_unsettled(const struct cw_link *link)
{
    (void)link;
    return 0;
}

static const char *type_word(enum cw_stanza_type type)
{
    static const char *const WORDS[] = {
        [CW_TYPE_NORMAL] = "normal",
        [CW_TYPE_CHAT] = "chat",
        [CW_TYPE_HEADLINE] = "headline",
        [CW_TYPE_GROUPCHAT] = "groupchat",
        [CW_TYPE_AVAILABLE] = "available",
        [CW_TYPE_UNAVAILABLE] = "unavailable",
        [CW_TYPE_SUBSCRIBE] = "subscribe",
        [CW_TYPE_SUBSCRIBED] = "subscribed",
        [CW_TYPE_UNSUBSCRIBE] = "unsubscribe",
        [CW_TYPE_UNSUBSCRIBED] = "unsubscribed",
        [CW_TYPE_PROBE] = "probe",
        [CW_TYPE_GET] = "get",
        [CW_TYPE_SET] = "set",
        [CW_TYPE_RESULT] = "result",
        [CW_TYPE_ERROR] = "error",
        [CW_TYPE_UNKNOWN] = "unknown",
    };

    return WORDS[type];
}

/* What rides on a message, in words. */
static void write_marks(char *text, size_t size, const struct cw_stanza *in)
{
    static const char *const STATES[] = {
        [CW_CHAT_NONE] = "none",           [CW_CHAT_ACTIVE] = "active",
        [CW_CHAT_COMPOSING] = "composing", [CW_CHAT_PAUSED] = "paused",
        [CW_CHAT_INACTIVE] = "inactive",   [CW_CHAT_GONE] = "gone"};
    static const char *const ASKS[] = {"nothing", "receipt", "marker", "both"};

    (void)snprintf(text, size,
                   "state=%s asks=%s received=" CW_FMT " displayed=" CW_FMT " thread=" CW_FMT
                   " error-text=" CW_FMT,
                   STATES[in->chat_state],
                   ASKS[(in->wants_receipt ? 1 : 0) + (in->markable ? 2 : 0)],
                   CW_ARG(in->received_id), CW_ARG(in->displayed_id), CW_ARG(in->thread),
                   CW_ARG(in->error_text));
}

enum cw_err cw_link_send(struct cw_link *link, const struct cw_frame_stanza *stanza, void *cookie)
{
    static const char *const KINDS[] = {"message", "presence", "iq"};
    struct cw_stanza in;
    struct cw_bytes from;
    struct cw_bytes to;
    char marks[512];
    char text[8192];

    (void)link;
    if (the_world->full) {
        return CW_ERR_BUSY;
    }
    if (cw_stanza_read(world_keep(stanza->xml), the_world->memory, &in) != CW_OK) {
        print_message("no stanza for the edge: " CW_FMT "\n", CW_ARG(stanza->xml));
        fail();
    }
    assert_int_equal(cw_jid_write(&in.from, the_world->memory, &from), CW_OK);
    assert_int_equal(cw_jid_write(&in.to, the_world->memory, &to), CW_OK);
    write_marks(marks, sizeof(marks), &in);
    (void)snprintf(text, sizeof(text),
                   "X %s %s " CW_FMT " > " CW_FMT " id=" CW_FMT " " CW_FMT CW_FMT
                   " show=%d statuses=%zu error-type=" CW_FMT " %s xml=" CW_FMT,
                   KINDS[in.kind], type_word(in.type), CW_ARG(from), CW_ARG(to), CW_ARG(in.id),
                   CW_ARG(in.error_condition), CW_ARG(in.body), (int)in.presence.show,
                   in.presence.statuses.count, CW_ARG(in.error_type), marks, CW_ARG(stanza->xml));
    world_line(text);
    if (the_world->observer != NULL && the_world->observer->on_stanza != NULL) {
        the_world->observer->on_stanza(stanza->xml, the_world->observer_user);
    }
    (void)strcpy(the_world->trace, " trace=");
    for (size_t i = 0; i < sizeof(stanza->trace); i++) {
        (void)snprintf(the_world->trace + 7 + 2 * i, 3, "%02x", stanza->trace[i]);
    }
    if (cookie != NULL) {
        the_world->cookies[the_world->cookie_last++ % WAITING] = cookie;
    }
    return CW_OK;
}

void cw_link_settle(struct cw_link *link, uint64_t seq, enum cw_fate fate, enum cw_fail reason)
{
    (void)link;
    (void)reason;
    assert_int_equal(fate, CW_FATE_TAKEN);
    the_world->taken = seq;
}

void cw_link_set_permits(struct cw_link *link, uint64_t revision, struct cw_bytes payload)
{
    (void)link;
    (void)revision;
    assert_true(payload.len > 0);
}

void cw_link_goaway(struct cw_link *link, const char *reason)
{
    (void)link;
    (void)reason;
}

bool world_awaits_fate(const struct world *world)
{
    return world->cookie_first < world->cookie_last;
}

void world_fate(struct world *world, enum cw_fate fate, enum cw_fail reason)
{
    const struct cw_frame_ack ack = {.seq = 1, .fate = fate, .reason = reason};

    assert_true(world->cookie_first < world->cookie_last);
    world->link.events->on_fate(&world->link, &ack, world->cookies[world->cookie_first++ % WAITING],
                                world->link.user);
}

void world_full(struct world *world, bool full)
{
    world->full = full;
}

void world_link(struct world *world, bool up)
{
    world->link_up = up;
}

uint64_t world_taken(const struct world *world)
{
    return world->taken;
}

void world_stanza_from(struct world *world, const char *from, const char *to, const char *xml)
{
    const struct cw_frame_stanza frame = {
        .seq = ++world->seq,
        .class = CW_CLASS_MESSAGE,
        .method = CW_METHOD_SASL_TLS,
        .from_domain = world_text(from),
        .to_domain = world_text(to),
        .partner = world_text(from),
        .xml = world_text(xml),
    };

    world->link.events->on_stanza(&world->link, &frame, world->link.user);
}

void world_stanza(struct world *world, const char *xml)
{
    world_stanza_from(world, world->partner_domain, world->settings.own_domains[0].base, xml);
}

void world_knocks(struct world *world, const struct cw_frame_knocks *knocks)
{
    world->link.events->on_knocks(&world->link, knocks, world->link.user);
}
