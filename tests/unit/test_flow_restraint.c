/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world.h"

#include "knocks.h"

#include <causeway/clock.h>
#include <stdio.h>

#define FED CW_PARTNER_FEDERATED
#define VER CW_PARTNER_PUBLIC_VERIFIED
#define UNV CW_PARTNER_PUBLIC_UNVERIFIED

/* What left, by kind; lines are thrown away. */
struct seen {
    struct world *w;
    unsigned subscribes, messages; /* towards SIP */
    unsigned stanzas, waits, unavailables, unsubscribed;
    unsigned begins, ends;
};

static void on_request(const struct cw_sip_message *request, void *user)
{
    struct seen *const seen = user;

    seen->subscribes += request->method == CW_SIP_SUBSCRIBE && request->expires_s != 0;
    seen->messages += request->method == CW_SIP_MESSAGE;
}

static bool has(struct cw_bytes xml, const char *text)
{
    const size_t len = strlen(text);

    for (size_t at = 0; at + len <= xml.len; at++) {
        if (memcmp(xml.base + at, text, len) == 0) {
            return true;
        }
    }
    return false;
}

static void on_stanza(struct cw_bytes xml, void *user)
{
    struct seen *const seen = user;

    seen->stanzas++;
    seen->waits += has(xml, "<resource-constraint") && has(xml, "type='wait'");
    seen->unavailables += has(xml, "<service-unavailable");
    seen->unsubscribed += has(xml, "type='unsubscribed'");
}

static void on_log(const char *text, void *user)
{
    struct seen *const seen = user;

    seen->begins += strstr(text, "event=quarantine.begin") != NULL;
    seen->ends += strstr(text, "event=quarantine.end") != NULL;
}

static const struct world_observer OBSERVER = {
    .on_stanza = on_stanza, .on_request = on_request, .on_log = on_log};

static void open_world(enum cw_partner_type type, struct seen *seen)
{
    const struct world_options options = {.own = {"contoso.example"},
                                          .partner = "fabrikam.example",
                                          .type = type,
                                          .observer = &OBSERVER,
                                          .observer_user = seen};

    *seen = (struct seen){0};
    seen->w = world_new_as(&options);
}

/* Answers and commits what there is, and forgets the lines; a NOTIFY is always welcome. */
static void settle(struct seen *seen, unsigned status)
{
    const struct cw_sip_message *request;

    while ((request = world_unanswered(seen->w)) != NULL) {
        world_answer(seen->w, request->method == CW_SIP_NOTIFY ? 200 : status, -1);
    }
    world_commit(seen->w);
    world_skip(seen->w);
}

static void pass(struct seen *seen, uint64_t ms)
{
    for (uint64_t done = 0; done < ms; done += 10) {
        world_pass(seen->w, 10);
        settle(seen, 403);
    }
}

enum shape { SUBSCRIBE, LEAVE, AVAILABLE, MESSAGE, TYPING };

static void stanza(struct seen *seen, const char *from, const char *to, enum shape shape)
{
    static const char *const PARTS[][3] = {
        [SUBSCRIBE] = {"presence", "", " type='subscribe'/>"},
        [LEAVE] = {"presence", "", " type='unsubscribe'/>"},
        [AVAILABLE] = {"presence", "/r", "/>"},
        [MESSAGE] = {"message", "/r", " id='m'><body>hello</body></message>"},
        [TYPING] = {"message", "/r",
                    "><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    };
    char xml[512];

    (void)snprintf(xml, sizeof(xml), "<%s from='%s%s' to='%s'%s", PARTS[shape][0], from,
                   PARTS[shape][1], to, PARTS[shape][2]);
    world_stanza_from(seen->w, strchr(from, '@') + 1, "contoso.example", xml);
    world_skip(seen->w);
}

static const char *name(char room[64], const char *stem, unsigned n, const char *domain)
{
    (void)snprintf(room, 64, "%s%u@%s", stem, n, domain);
    return room;
}

static double metric(const struct seen *seen, const char *kind)
{
    return cw_metrics_value(world_gateway(seen->w)->metrics, CW_METRIC_RATE_LIMITED_TOTAL,
                            (const char *const[]){"fabrikam.example", kind});
}

static double quarantined(const struct seen *seen, const char *scope)
{
    return cw_metrics_value(world_gateway(seen->w)->metrics, CW_METRIC_QUARANTINED,
                            (const char *const[]){scope});
}

static double decided(const struct seen *seen, const char *rule)
{
    return cw_metrics_value(world_gateway(seen->w)->metrics, CW_METRIC_POLICY_DECISIONS_TOTAL,
                            (const char *const[]){"fabrikam.example", "deny", rule});
}

/* Another partner beside the world's own; both of `type`. */
static void add_partner(struct seen *seen, enum cw_partner_type type)
{
    const struct cw_partner partners[] = {
        {.domain = CW_LIT("fabrikam.example"), .type = type, .enabled = true},
        {.domain = CW_LIT("northwind.example"), .type = type, .enabled = true}};

    cw_partners_free(&world_gateway(seen->w)->partners);
    world_gateway(seen->w)->partners = cw_partners_new(partners, 2);
}

/* romeo has invited `remote`. */
static void invite(struct seen *seen, const char *remote)
{
    cw_roster_get(world_gateway(seen->w)->roster, CW_LIT(LOCAL),
                  (struct cw_bytes){remote, strlen(remote)})
        ->invited = true;
}

/* CASE 54: one sender, 10,000 users, in a minute. */
static void holds_a_sender(void **state)
{
    struct seen seen;
    unsigned before;
    char to[64];

    (void)state;
    open_world(VER, &seen);
    add_partner(&seen, VER);
    for (unsigned n = 0; n < 10000; n++) {
        stanza(&seen, REMOTE, name(to, "u", n, "contoso.example"), SUBSCRIBE);
        settle(&seen, 200);
        if (n % 100 == 99) {
            pass(&seen, 590);
        }
    }
    assert_int_equal(seen.subscribes, 20);
    assert_int_equal(seen.stanzas, 0); /* silence: no answer that would be traffic too */
    assert_int_equal(cw_roster_count(world_gateway(seen.w)->roster), 20);
    assert_int_equal(seen.begins, 1);
    assert_true(quarantined(&seen, "user") == 1.0);
    assert_true(quarantined(&seen, "partner") == 0.0); /* it is his own doing */
    assert_true(metric(&seen, "subscribe_partner") == 40.0);
    assert_true(metric(&seen, "subscribe_user") == 50.0);
    assert_true(decided(&seen, "quarantined") == 9890.0);
    pass(&seen, 3000); /* the minute of the 20 is over */
    before = seen.subscribes;
    stanza(&seen, "other@fabrikam.example", "u1@contoso.example", SUBSCRIBE);
    stanza(&seen, "n@northwind.example", "u1@contoso.example", SUBSCRIBE);
    assert_int_equal(seen.subscribes, before + 2);
    settle(&seen, 403);
    pass(&seen, 530000);
    assert_int_equal(seen.ends, 0);
    pass(&seen, 70000);
    assert_int_equal(seen.ends, 1);
    assert_true(quarantined(&seen, "user") == 0.0);
    world_free(seen.w);
}

/* CASE 54: 10,000 senders, one user. */
static void holds_a_crowd(void **state)
{
    struct seen seen;
    char from[64];
    unsigned before;

    (void)state;
    open_world(VER, &seen);
    add_partner(&seen, VER);
    invite(&seen, "friend@fabrikam.example");
    for (unsigned n = 0; n < 10000; n++) {
        stanza(&seen, name(from, "s", n, "fabrikam.example"), "romeo@contoso.example", SUBSCRIBE);
        settle(&seen, 200);
    }
    assert_int_equal(seen.subscribes, 20);
    assert_int_equal(seen.stanzas, 0);
    assert_int_equal(cw_roster_count(world_gateway(seen.w)->roster), 21);
    assert_true(quarantined(&seen, "partner") == 1.0);
    assert_true(metric(&seen, "subscribe_partner") == 500.0);
    /* whom he invited, and others, are not touched */
    stanza(&seen, "friend@fabrikam.example", "romeo@contoso.example", SUBSCRIBE);
    assert_int_equal(seen.subscribes, 21);
    stanza(&seen, "friend@fabrikam.example", "romeo@contoso.example", MESSAGE);
    assert_int_equal(seen.messages, 1);
    settle(&seen, 200);
    stanza(&seen, "n@northwind.example", "romeo@contoso.example", SUBSCRIBE);
    assert_int_equal(seen.subscribes, 22);
    settle(&seen, 200);
    /* a stranger gets nothing; with one word a minute where it is a message */
    before = seen.stanzas;
    for (unsigned n = 0; n < 100; n++) {
        stanza(&seen, name(from, "t", n, "fabrikam.example"), "romeo@contoso.example", MESSAGE);
    }
    pass(&seen, 1000);
    assert_int_equal(seen.messages, 1);
    assert_int_equal(seen.stanzas - before, 1);
    assert_int_equal(seen.unavailables, 1);
    pass(&seen, 60000);
    stanza(&seen, "t@fabrikam.example", "romeo@contoso.example", MESSAGE);
    pass(&seen, 1000);
    assert_int_equal(seen.unavailables, 2);
    /* and what takes rights away is always heard */
    stanza(&seen, "s1@fabrikam.example", "romeo@contoso.example", LEAVE);
    world_commit(seen.w);
    assert_int_equal(
        cw_roster_asked_by(world_gateway(seen.w)->roster, CW_LIT("s1@fabrikam.example")), 0);
    world_free(seen.w);
}

/* CASE 54: 10,000 messages of as many senders. None is lost without a word, until it is clear what
 * they are. */
static void holds_messages(void **state)
{
    struct seen seen;
    char from[64];

    (void)state;
    open_world(VER, &seen);
    for (unsigned n = 0; n < 10000; n++) {
        stanza(&seen, name(from, "s", n, "fabrikam.example"), "romeo@contoso.example", MESSAGE);
        settle(&seen, 200);
    }
    pass(&seen, 500);
    assert_int_equal(seen.messages, 100);
    assert_int_equal(seen.waits, 500);
    assert_int_equal(seen.unavailables, 1);
    assert_int_equal(seen.stanzas, 501);
    assert_true(metric(&seen, "message_partner") == 500.0);
    assert_true(decided(&seen, "quarantined") == 9400.0);
    assert_int_equal(seen.begins, 1);
    assert_null(strstr(world_log(seen.w), "hello"));
    world_free(seen.w);
}

/* A federated partner is trusted to keep its own users in order: it has rates, and no more. */
static void does_not_hurt_a_federated_partner(void **state)
{
    struct seen seen;
    char from[64];

    (void)state;
    open_world(FED, &seen);
    for (unsigned n = 0; n < 600; n++) {
        stanza(&seen, name(from, "s", n, "fabrikam.example"), "romeo@contoso.example", SUBSCRIBE);
        settle(&seen, 403);
        pass(&seen, 90);
    }
    assert_int_equal(seen.subscribes, 600);
    assert_true(metric(&seen, "subscribe_partner") == 0.0);
    for (unsigned n = 0; n < 3000; n++) {
        stanza(&seen, REMOTE, "romeo@contoso.example", MESSAGE);
        settle(&seen, 200);
    }
    assert_int_equal(seen.messages, 1000);
    assert_int_equal(seen.waits, 2000);
    assert_int_equal(seen.begins, 0);
    pass(&seen, 1000);
    stanza(&seen, REMOTE, "romeo@contoso.example", MESSAGE);
    assert_int_equal(seen.messages, 1001);
    world_free(seen.w);
}

/* CASES 100, 101: presence and typing over the rate are dropped and counted; the next one is as
 * good. */
static void drops_what_the_next_one_mends(void **state)
{
    static const struct {
        const char *name;
        enum shape shape;
        const char *kind;
        unsigned passes;
    } CASES[] = {{"presence", AVAILABLE, "presence_partner", 500},
                 {"typing", TYPING, "typing_partner", 100}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct seen seen;

        cw_case(CASES[i].name);
        open_world(VER, &seen);
        world_settings(seen.w)->limits.quarantine = false;
        for (unsigned n = 0; n < 2000; n++) {
            stanza(&seen, REMOTE, "romeo@contoso.example", CASES[i].shape);
            settle(&seen, 200);
        }
        assert_true(metric(&seen, CASES[i].kind) == 2000.0 - CASES[i].passes);
        assert_int_equal(seen.stanzas, 0);
        assert_int_equal(seen.begins, 0);
        assert_int_equal(world_taken(seen.w), 2000);
        world_free(seen.w);
    }
}

/* CASE 100: the end of a resource that a storm swallowed is found out afterwards, by one probe. */
static void asks_for_what_a_storm_swallowed(void **state)
{
    struct seen seen;
    char from[64];

    (void)state;
    open_world(VER, &seen);
    world_subscribe(seen.w, 3600, 0, 1);
    world_commit(seen.w);
    world_stanza(seen.w, "<presence from='" REMOTE "' to='romeo@contoso.example' "
                         "type='subscribed'/>");
    stanza(&seen, REMOTE, "romeo@contoso.example", AVAILABLE);
    world_commit(seen.w);
    pass(&seen, 6000);
    for (unsigned n = 0; n < 20000; n++) {
        stanza(&seen, n % 2 == 0 ? REMOTE : name(from, "s", n, "fabrikam.example"),
               "romeo@contoso.example", AVAILABLE);
    }
    for (unsigned n = 0; n < 3; n++) {
        world_stanza(seen.w, "<presence from='" REMOTE "/r' to='romeo@contoso.example' "
                             "type='unavailable'/>");
        world_silence(seen.w);
    }
    seen.stanzas = 0;
    pass(&seen, 9000);
    assert_int_equal(seen.stanzas, 0);
    world_until(seen.w, 31000);
    world_expect(seen.w, "X presence probe romeo@contoso.example > juliet@fabrikam.example");
    world_pass(seen.w, 60000);
    world_silence(seen.w);
    world_stanza(seen.w, "<presence from='" REMOTE "' to='romeo@contoso.example' "
                         "type='unavailable'/>");
    world_pass(seen.w, 6000);
    world_expect_without(seen.w, "S NOTIFY active closed", "open</basic>");
    world_free(seen.w);
}

/* Strangers of a partner where only the invited get anything, who do not stop. */
static void goes_silent_on_strangers(void **state)
{
    struct seen seen;
    char from[64];

    (void)state;
    open_world(UNV, &seen);
    invite(&seen, "friend@fabrikam.example");
    for (unsigned n = 0; n < 2000; n++) {
        stanza(&seen, name(from, "s", n, "fabrikam.example"), "romeo@contoso.example", MESSAGE);
        if (n % 100 == 99) {
            pass(&seen, 250);
        }
    }
    assert_int_equal(seen.messages, 0);
    assert_int_equal(seen.unavailables, 501); /* 500, and one more word in this minute */
    assert_true(decided(&seen, "unverified_not_invited") == 500.0);
    assert_true(decided(&seen, "quarantined") == 1500.0);
    stanza(&seen, "friend@fabrikam.example", "romeo@contoso.example", MESSAGE);
    assert_int_equal(seen.messages, 1);
    world_free(seen.w);
}

/* SEC-6: 1,000 requests of a public partner wait; one more, and the oldest goes without a word. */
static void crowds_out_the_oldest(void **state)
{
    struct seen seen;
    struct cw_roster *roster;
    char remote[64];

    (void)state;
    open_world(VER, &seen);
    roster = world_gateway(seen.w)->roster;
    stanza(&seen, "first@fabrikam.example", "romeo@contoso.example", SUBSCRIBE);
    settle(&seen, 200);
    world_notify(seen.w, "pending", NULL, NULL);
    settle(&seen, 200);
    for (unsigned n = 1; n < 1000; n++) {
        struct cw_contact *const contact = cw_roster_get(
            roster, CW_LIT(LOCAL),
            (struct cw_bytes){name(remote, "s", n, "fabrikam.example"), strlen(remote)});

        contact->changed_s = cw_clock_wall_ms() / 1000 + 1;
        cw_roster_grant(roster, contact, CW_GRANT_ASKED);
    }
    pass(&seen, 5000);
    seen.stanzas = 0;
    assert_int_equal(cw_roster_asked_by(roster, CW_LIT("fabrikam.example")), 1000);
    world_stanza(seen.w, "<presence from='new@fabrikam.example' to='romeo@contoso.example' "
                         "type='subscribe'/>");
    world_expect(seen.w, "S SUBSCRIBE from=sip:first@fabrikam.example expires=0");
    world_expect(seen.w, "S SUBSCRIBE from=sip:new@fabrikam.example expires=3600");
    settle(&seen, 200);
    assert_int_equal(cw_roster_asked_by(roster, CW_LIT("fabrikam.example")), 1000);
    assert_int_equal(cw_roster_asked_by(roster, CW_LIT("first@fabrikam.example")), 0);
    assert_int_equal(seen.stanzas, 0);
    /* the next oldest has no dialog to end */
    world_stanza(seen.w, "<presence from='newer@fabrikam.example' to='romeo@contoso.example' "
                         "type='subscribe'/>");
    world_expect(seen.w, "S SUBSCRIBE expires=3600");
    settle(&seen, 200);
    assert_int_equal(cw_roster_asked_by(roster, CW_LIT("fabrikam.example")), 1000);
    world_free(seen.w);
}

/* The same where the partner's name is written in two ways: A-labels in its record, U-labels in the
 * addresses of its users. */
static void crowds_out_users_of_an_idn_domain(void **state)
{
    struct seen seen = {0};
    const struct world_options options = {.own = {"contoso.example"},
                                          .partner = "xn--bcher-kva.example",
                                          .type = VER,
                                          .observer = &OBSERVER,
                                          .observer_user = &seen};
    const struct cw_bytes domain = CW_LIT("b\xC3\xBC"
                                          "cher.example");
    struct cw_roster *roster;
    char remote[64];

    (void)state;
    seen.w = world_new_as(&options);
    roster = world_gateway(seen.w)->roster;
    for (unsigned n = 0; n < 1000; n++) {
        struct cw_contact *const contact =
            cw_roster_get(roster, CW_LIT(LOCAL),
                          (struct cw_bytes){name(remote, "s", n, domain.base), strlen(remote)});

        contact->changed_s = cw_clock_wall_ms() / 1000 + n;
        cw_roster_grant(roster, contact, CW_GRANT_ASKED);
    }
    world_stanza_from(seen.w, "xn--bcher-kva.example", "contoso.example",
                      "<presence from='new@b\xC3\xBC"
                      "cher.example' to='romeo@contoso.example' "
                      "type='subscribe'/>");
    settle(&seen, 200);
    assert_int_equal(cw_roster_asked_by(roster, domain), 1000);
    assert_int_equal(cw_roster_asked_by(roster, CW_LIT("s0@b\xC3\xBC"
                                                       "cher.example")),
                     0);
    world_free(seen.w);
}

struct told {
    unsigned rows;
    uint64_t from_xmpp, from_sip;
    unsigned users;
};

/* Adds up the row of the domain and reason in `want`. */
struct want {
    struct cw_bytes domain;
    enum cw_reason reason;
    struct told told;
};

static void find_row(const struct cw_knock_row *row, void *user)
{
    struct want *const want = user;

    if (row->reason == want->reason && cw_bytes_equal(row->domain, want->domain)) {
        want->told.rows++;
        want->told.from_xmpp += row->from_xmpp;
        want->told.from_sip += row->from_sip;
        want->told.users += row->local_users;
    }
}

static struct told told_of(const struct seen *seen, struct cw_bytes domain, enum cw_reason reason)
{
    struct want want = {domain, reason, {0}};

    cw_knocks_visit(world_gateway(seen->w)->knocks, find_row, &want);
    return want.told;
}

static double knocks(const struct seen *seen, const char *reason)
{
    return cw_metrics_value(world_gateway(seen->w)->metrics, CW_METRIC_KNOCKS_TOTAL,
                            (const char *const[]){reason});
}

/* A SIP user writes to a domain. */
static void write_to(struct seen *seen, struct cw_bytes uri, struct cw_bytes from)
{
    struct cw_sip_message request;

    cw_sip_message_init(&request);
    request.method = CW_SIP_MESSAGE;
    request.request_uri = uri;
    request.from.uri = from;
    request.from.tag = CW_LIT("phone");
    request.to.uri = uri;
    request.call_id = CW_LIT("talk-1");
    request.cseq = 1;
    request.content_type = CW_LIT("text/plain;charset=UTF-8");
    request.body = CW_LIT("hello");
    (void)world_request(seen->w, &request);
    world_skip(seen->w);
}

/* The operator sees who was turned away, whoever it was that turned him away. */
static void shows_who_was_turned_away(void **state)
{
    static const struct cw_frame_knocks EDGE = {
        .unnamed = 1000,
        .count = 3,
        .items = {
            {.count = 41, .domain = {"tailspin.example", 16}, .peer = {"192.0.2.9:40000", 15}},
            {.count = 2, .outgoing = true, .domain = {"tailspin.example", 16}},
            {.count = 7, .domain = {"fabrikam.example", 16}}, /* it has a permit by now */
        }};
    struct seen seen;
    struct told told;

    (void)state;
    open_world(UNV, &seen);
    world_knocks(seen.w, &EDGE);
    assert_non_null(strstr(world_log(seen.w), "level=NOTICE event=policy.unlisted"));
    assert_non_null(strstr(world_log(seen.w), "domain=tailspin.example reason=unlisted"));
    assert_non_null(strstr(world_log(seen.w), "peer=192.0.2.9:40000"));
    told = told_of(&seen, CW_LIT("tailspin.example"), CW_REASON_UNLISTED);
    assert_int_equal(told.from_xmpp, 41);
    assert_int_equal(told.from_sip, 2);
    assert_int_equal(told.users, 0);
    assert_int_equal(told_of(&seen, CW_LIT("fabrikam.example"), CW_REASON_UNLISTED).rows, 0);
    assert_true(knocks(&seen, "unlisted") == 1043.0);

    /* our own users knock from inside; others do not count, nor does our own domain */
    write_to(&seen, CW_LIT("sip:a@tailspin.example"), CW_LIT("sip:romeo@contoso.example"));
    write_to(&seen, CW_LIT("sip:b@tailspin.example"), CW_LIT("sip:romeo@contoso.example"));
    write_to(&seen, CW_LIT("sip:b@tailspin.example"), CW_LIT("sip:tybalt@contoso.example"));
    write_to(&seen, CW_LIT("sip:b@tailspin.example"), CW_LIT("sip:x@elsewhere.example"));
    write_to(&seen, CW_LIT("sip:b@contoso.example"), CW_LIT("sip:romeo@contoso.example"));
    told = told_of(&seen, CW_LIT("tailspin.example"), CW_REASON_UNLISTED);
    assert_int_equal(told.from_sip, 5);
    assert_int_equal(told.users, 2);
    assert_int_equal(cw_knocks_count(world_gateway(seen.w)->knocks), 1);

    /* a stranger of a partner, and one whose partner is paused */
    stanza(&seen, REMOTE, "romeo@contoso.example", SUBSCRIBE);
    assert_int_equal(told_of(&seen, CW_LIT("fabrikam.example"), CW_REASON_NOT_INVITED).from_xmpp,
                     1);
    world_policy(seen.w, UNV, false);
    stanza(&seen, REMOTE, "romeo@contoso.example", SUBSCRIBE);
    world_knocks(seen.w, &EDGE);
    told = told_of(&seen, CW_LIT("fabrikam.example"), CW_REASON_PARTNER_DISABLED);
    assert_int_equal(told.from_xmpp, 8);
    assert_true(knocks(&seen, "partner_disabled") == 8.0);
    assert_true(knocks(&seen, "unverified_not_invited") == 1.0);
    world_free(seen.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_a_sender),
        cmocka_unit_test(holds_a_crowd),
        cmocka_unit_test(holds_messages),
        cmocka_unit_test(does_not_hurt_a_federated_partner),
        cmocka_unit_test(drops_what_the_next_one_mends),
        cmocka_unit_test(asks_for_what_a_storm_swallowed),
        cmocka_unit_test(goes_silent_on_strangers),
        cmocka_unit_test(crowds_out_the_oldest),
        cmocka_unit_test(crowds_out_users_of_an_idn_domain),
        cmocka_unit_test(shows_who_was_turned_away),
    };

    return cmocka_run_group_tests_name("flow_restraint", tests, NULL, NULL);
}
