/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_pair.h"
#include "flow_record.h"
#include "rules_reference.h"

#include <stdio.h>

#define ROWS (RULES_TYPES * RULES_KINDS * RULES_RELATIONS * RULES_SETTINGS)

#define FROM_HER       "from='juliet@fabrikam.example/balcony' to='romeo@contoso.example'"
#define MESSAGE(inner) "<message " FROM_HER " type='chat' id='m1'>" inner "</message>"

/* What comes from XMPP, where it is no bare presence. */
static const char *const STANZAS[RULES_XMPP_KINDS] = {
    [RULES_AVAILABLE] = "<presence " FROM_HER "><show>away</show></presence>",
    [RULES_UNAVAILABLE] = "<presence " FROM_HER " type='unavailable'/>",
    [RULES_MESSAGE] = MESSAGE("<body>Good morrow</body>"),
    [RULES_TYPING] = MESSAGE("<composing xmlns='http://jabber.org/protocol/chatstates'/>"),
    [RULES_RECEIPT] = MESSAGE("<received xmlns='urn:xmpp:receipts' id='im-1'/>"),
    [RULES_MARKER] = MESSAGE("<displayed xmlns='urn:xmpp:chat-markers:0' id='im-1'/>"),
    [RULES_IQ] = "<iq from='juliet@fabrikam.example/balcony' to='romeo@contoso.example' "
                 "type='get' id='q1'><ping xmlns='urn:xmpp:ping'/></iq>",
};

static const enum cw_partner_type TYPES[RULES_TYPES] = {
    CW_PARTNER_FEDERATED, CW_PARTNER_PUBLIC_VERIFIED, CW_PARTNER_PUBLIC_UNVERIFIED};

/* One row at its place: the world, what is seen of it, and what he must know to answer her. */
struct scene {
    const struct rules_row *row;
    struct world *w;
    struct flow_record record;
    char her_message[64];
};

static void begin(struct scene *scene, const struct rules_row *row)
{
    *scene = (struct scene){.row = row};
    scene->w = world_new_as(&(struct world_options){
        .own = {"contoso.example"},
        .partner = "fabrikam.example",
        .type = CW_PARTNER_FEDERATED,
        .accept = CW_ACCEPT_ASK, /* or his silence would be a yes */
        .observer = &FLOW_RECORDER,
        .observer_user = &scene->record,
    });
    world_debug(scene->w);
}

static void relate(struct scene *scene)
{
    switch (scene->row->relation) {
    case RULES_ASKED:
        pair_ask(scene->w);
        break;
    case RULES_GRANTED:
        pair_grant(scene->w);
        break;
    case RULES_INVITED:
        pair_invite(scene->w);
        break;
    case RULES_BOTH:
    case RULES_REMOVED:
        pair_grant(scene->w);
        pair_invite(scene->w);
        break;
    case RULES_NONE:
    case RULES_RELATIONS:
        break;
    }
    pair_talk(scene->w, scene->her_message);
}

static void set(struct scene *scene)
{
    struct world *w = scene->w;

    switch (scene->row->setting) {
    case RULES_BARRED:
        world_bar(w, LOCAL);
        break;
    case RULES_BLOCKED:
        cw_flow_block(world_gateway(w), CW_LIT(LOCAL), CW_LIT(REMOTE), true);
        break;
    case RULES_MASTER_OFF:
        world_federation(w, false);
        world_policy(w, TYPES[scene->row->type], true);
        break;
    case RULES_DISABLED:
        world_policy(w, TYPES[scene->row->type], false);
        break;
    case RULES_UNLISTED:
        world_unlist(w);
        break;
    case RULES_PLAIN:
    case RULES_SETTINGS:
        break;
    }
}

static void prepare(struct scene *scene)
{
    relate(scene);
    world_policy(scene->w, TYPES[scene->row->type], true);
    pair_settle(scene->w, 400);
    if (scene->row->relation == RULES_BOTH || scene->row->relation == RULES_GRANTED ||
        scene->row->relation == RULES_REMOVED) { /* the new type asked for a new document */
        world_notify(scene->w, "active", NULL, PAIR_OPEN);
        pair_settle(scene->w, 0);
    }
    if (scene->row->relation == RULES_REMOVED) {
        pair_remove(scene->w);
    }
    set(scene);
    pair_settle(scene->w, 6000);
    flow_record_clear(&scene->record);
}

static void happen(struct scene *scene)
{
    struct world *w = scene->w;

    switch ((int)scene->row->kind) {
    case RULES_SIP_SUBSCRIBE:
        world_subscribe(w, 3600, 0, 7);
        break;
    case RULES_SIP_POLL:
        world_subscribe(w, 0, 0, 7);
        break;
    case RULES_SIP_MESSAGE:
        pair_say(w, "text/plain", "Good even");
        break;
    case RULES_SIP_TYPING:
        pair_say(w, "application/im-iscomposing+xml",
                 "<?xml version='1.0'?><isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'>"
                 "<state>active</state></isComposing>");
        break;
    case RULES_SIP_IMDN:
        pair_confirm(w, scene->her_message);
        break;
    default:
        if (STANZAS[scene->row->kind] != NULL) {
            world_stanza(w, STANZAS[scene->row->kind]);
        } else {
            pair_presence(w, rules_kind_name(scene->row->kind));
        }
        break;
    }
}

/* What a user who does not exist would have answered: a SIP side that knows nobody, strangers. */
static void ask_nobody(enum rules_type type, enum rules_kind kind, struct flow_record *out)
{
    const struct rules_row row = {.type = type, .kind = kind};
    struct scene scene;

    begin(&scene, &row);
    world_policy(scene.w, TYPES[type], true);
    flow_record_clear(&scene.record);
    happen(&scene);
    pair_settle_with(scene.w, 404, 400);
    *out = scene.record;
    world_free(scene.w);
}

static void fail_row(const struct rules_row *row, const char *what, const struct flow_record *seen)
{
    fail_msg("%s, %s, %s, %s: %s\nstatus %u, %u lines: %s\nto SIP: %s\nto XMPP: %s",
             rules_type_name(row->type), rules_kind_name(row->kind),
             rules_relation_name(row->relation), rules_setting_name(row->setting), what,
             seen->status, seen->audits, seen->audit, seen->targets, seen->stanzas);
}

/* The stanzas that left are those of the reference, in its order, and no more. */
static bool left(const struct flow_record *seen, const struct rules_outcome *want)
{
    const char *at = seen->stanzas;
    size_t count = 0;

    for (size_t i = 0; i < 3 && want->stanzas[i] != NULL; i++) {
        at = strstr(at, want->stanzas[i]);
        if (at == NULL) {
            return false;
        }
        at = strchr(at, '\n');
        count++;
    }
    return seen->stanza_count == count;
}

/* The one decision that is to be counted, as flow_decisions_since() writes it. */
static const char *decision_of(const struct rules_row *row, const struct rules_outcome *want)
{
    static char text[64];

    if (want->reason == NULL) {
        return "";
    }
    (void)snprintf(text, sizeof(text), "%s%s %s;",
                   row->setting == RULES_UNLISTED ? "_unlisted " : "",
                   want->allowed ? "allow" : "deny", want->reason);
    return text;
}

static void check_row(const struct rules_row *row, const struct flow_record *nobody)
{
    const struct rules_outcome want = rules_reference(row);
    struct scene scene;
    const struct flow_record *seen = &scene.record;
    struct flow_decisions before;

    begin(&scene, row);
    prepare(&scene);
    flow_decisions_note(&before, scene.w);
    happen(&scene);
    pair_settle(scene.w, 400);
    if (seen->requests[CW_SIP_MESSAGE] != want.messages ||
        seen->requests[CW_SIP_SUBSCRIBE] != want.subscribes ||
        seen->requests[CW_SIP_NOTIFY] != want.notifies) {
        fail_row(row, "SIP hears something else", seen);
    }
    if (want.as_unknown ? strcmp(seen->stanzas, nobody->stanzas) != 0 : !left(seen, &want)) {
        fail_row(row, want.as_unknown ? nobody->stanzas : "XMPP hears something else", seen);
    }
    if (seen->status != want.status || seen->answers != (want.status == 0 ? 0 : 1)) {
        fail_row(row, "SIP is answered otherwise", seen);
    }
    if (strcmp(flow_decisions_since(&before, scene.w), decision_of(row, &want)) != 0) {
        fail_row(row, flow_decisions_since(&before, scene.w), seen);
    }
    if (seen->audits != 1 || (strstr(seen->audit, "result=denied") != NULL) != want.denied) {
        fail_row(row, "not one line, or another one", seen);
    }
    world_free(scene.w);
}

/* CASE 48 on the level of the flow: PARTNERS section 3, every combination. */
static void follows_the_table(void **state)
{
    static struct flow_record nobody[RULES_TYPES][RULES_XMPP_KINDS];
    const unsigned total = ROWS;

    (void)state;
    assert_int_equal(total, 1836);
    for (unsigned type = 0; type < RULES_TYPES; type++) {
        for (unsigned kind = 0; kind < RULES_XMPP_KINDS; kind++) {
            ask_nobody(type, kind, &nobody[type][kind]);
        }
    }
    for (unsigned n = 0; n < total; n++) {
        const struct rules_row row = {
            .type = n % RULES_TYPES,
            .kind = n / RULES_TYPES % RULES_KINDS,
            .relation = n / (RULES_TYPES * RULES_KINDS) % RULES_RELATIONS,
            .setting = n / (RULES_TYPES * RULES_KINDS * RULES_RELATIONS),
        };

        check_row(&row, row.kind < RULES_XMPP_KINDS ? &nobody[row.type][row.kind] : NULL);
    }
}

/* MSG-10, SEC-12: of nobody, all partners hear the same, whatever their type. */
static void says_the_same_of_nobody(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < RULES_XMPP_KINDS; kind++) {
        struct flow_record first;

        cw_case(rules_kind_name(kind));
        ask_nobody(RULES_FEDERATED, kind, &first);
        for (unsigned type = 1; type < RULES_TYPES; type++) {
            struct flow_record other;

            ask_nobody(type, kind, &other);
            assert_string_equal(other.stanzas, first.stanzas);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_the_same_of_nobody),
        cmocka_unit_test(follows_the_table),
    };

    return cmocka_run_group_tests_name("flow_rules", tests, NULL, NULL);
}
