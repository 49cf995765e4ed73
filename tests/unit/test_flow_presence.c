/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world.h"

#include <stdio.h>

#define PRESENCE(type)                                                                             \
    "<presence from='juliet@fabrikam.example' to='romeo@contoso.example' type='" type "' "         \
    "id='p1'/>"
#define OF_JULIET "<presence from='juliet@fabrikam.example/balcony' to='romeo@contoso.example'>"
#define IQ(to, payload)                                                                            \
    "<iq from='juliet@fabrikam.example/r' to='" to "' type='get' id='q'>" payload "</iq>"
#define INFO "<query xmlns='http://jabber.org/protocol/disco#info'/>"
#define LAST "<query xmlns='jabber:iq:last'/>"
#define PIDF(children)                                                                             \
    "<?xml version='1.0' encoding='UTF-8'?><presence xmlns='urn:ietf:params:xml:ns:pidf' "         \
    "xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model' "                                           \
    "xmlns:r='urn:ietf:params:xml:ns:pidf:rpid' entity='pres:romeo@contoso.example'>" children     \
    "</presence>"
#define TUPLE(id, basic, children)                                                                 \
    "<tuple id='ID-" id "'><status><basic>" basic "</basic></status>" children "</tuple>"
#define DOING(activity)                                                                            \
    "<dm:person id='p'><r:activities><r:" activity "/></r:activities></dm:person>"

/* Juliet watches Romeo; he is there at his desk. */
static struct world *world_watching(enum cw_partner_type type)
{
    struct world *w = world_new(type);

    world_stanza(w, PRESENCE("subscribe"));
    world_answer(w, 200, 3600);
    world_notify(w, "active", NULL, PIDF(TUPLE("desk", "open", "")));
    world_commit(w);
    world_skip(w);
    return w;
}

/* Romeo watches Juliet, who agreed. */
static struct world *world_watched(void)
{
    struct world *w = world_new(CW_PARTNER_FEDERATED);

    world_subscribe(w, -1, 0, 1);
    world_commit(w);
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_answer(w, 200, -1);
    world_stanza(w, PRESENCE("subscribed"));
    world_answer(w, 200, -1);
    world_commit(w);
    world_skip(w);
    return w;
}

static void say(struct world *w, const char *document)
{
    world_notify(w, "active", NULL, document);
    world_expect(w, "R 200");
}

/* PRES-30: what he does arrives as such. */
static void tells_what_he_does(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    say(w, PIDF(TUPLE("desk", "open", "") DOING("on-the-phone")));
    world_expect(w, "X presence available romeo@contoso.example/desk <show>dnd</show> "
                    "xml:lang='en'>On the phone</status>");
    say(w, PIDF(TUPLE("desk", "open", "") DOING("meeting")));
    world_expect(w, "X presence available <show>dnd</show> In a meeting");
    say(w, PIDF(TUPLE("desk", "open", "<note>do not call</note>") DOING("meeting")));
    world_expect_without(w, "X presence available <show>dnd</show> do not call", "In a meeting");
    world_settings(w)->presence.show_map.show_of[CW_ACTIVITY_MEETING] = CW_SHOW_XA;
    world_settings(w)->presence.show_map.words = false;
    say(w, PIDF(TUPLE("desk", "open", "") DOING("meeting")));
    world_expect_without(w, "X presence available <show>xa</show>", "<status");
    world_silence(w);
    world_free(w);
}

/* PARTNERS section 3: who never sees notes does not read it either. */
static void tells_the_show_alone(void **state)
{
    struct world *w = world_watching(CW_PARTNER_PUBLIC_VERIFIED);

    (void)state;
    say(w, PIDF(TUPLE("desk", "open", "") DOING("on-the-phone")));
    world_expect_without(w, "X presence available <show>dnd</show>", "<status");
    say(w, PIDF("<note>till Monday</note>"));
    world_expect_without(w, "X presence unavailable", "<status");
    world_free(w);
}

/* PRES-29, PRES-31 */
static void tells_in_several_languages(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    world_content(w, "Application/PIDF+xml;charset=UTF-8", "pl");
    say(w, PIDF(TUPLE("desk", "open", "<note>w biurze</note><note xml:lang='de'>im Amt</note>")));
    world_expect(w, "X presence available statuses=2 <status xml:lang='pl'>w biurze</status>"
                    "<status xml:lang='de'>im Amt</status>");
    say(w, PIDF(TUPLE("desk", "open", "<note>w biurze</note><note xml:lang='de'>im Haus</note>")));
    world_expect(w, "X presence available im Haus"); /* PRES-24: the second one counts, too */
    say(w, PIDF(TUPLE("desk", "open", "<note>w biurze</note><note xml:lang='de'>im Haus</note>")));
    world_silence(w);
    world_free(w);
}

/* PRES-36, PRES-37: why he went, and what is said of him while nothing is open. */
static void tells_why_he_went(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    say(w, PIDF(TUPLE("desk", "open", "") TUPLE("tablet", "open", "")));
    world_expect(w, "X presence available romeo@contoso.example/tablet");
    say(w, PIDF(TUPLE("desk", "closed", "<note>lunch</note>") TUPLE("tablet", "open", "")
                    TUPLE("tv", "closed", "<note>off</note>")));
    world_expect_without(w, "X presence unavailable romeo@contoso.example/desk <status>lunch<",
                         "<show");
    world_silence(w);
    say(w, PIDF("<note>till Monday</note>")); /* no tuples at all */
    world_expect(w, "X presence unavailable romeo@contoso.example/tablet till Monday");
    world_silence(w);
    world_stanza(w, PRESENCE("probe"));
    world_expect_without(w,
                         "X presence unavailable romeo@contoso.example > " REMOTE
                         " id=p1 till Monday <delay 2023-11-14T",
                         "romeo@contoso.example/");
    world_silence(w);
    world_free(w);
}

/* PRES-32, PRES-46: only the answer to a probe says since when; an available one bears no id. */
static void answers_probes(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    say(w, PIDF(TUPLE("desk", "open", "<timestamp>2023-11-01T08:00:00Z</timestamp>")
                    TUPLE("car", "open", "<timestamp>2099-11-01T08:00:00Z</timestamp>")));
    world_expect_without(w, "X presence available romeo@contoso.example/car", "<delay");
    world_stanza(w, PRESENCE("probe"));
    world_expect_without(w,
                         "X presence available romeo@contoso.example/desk "
                         "<delay xmlns='urn:xmpp:delay' stamp='2023-11-01T08:00:00Z'/>",
                         "p1");
    world_expect_without(w, "X presence available romeo@contoso.example/car", "<delay");
    world_stanza(w, PRESENCE("subscribe"));
    world_expect(w, "X presence subscribed");
    world_expect_without(w, "X presence available romeo@contoso.example/desk", "<delay");
    world_expect_without(w, "X presence available romeo@contoso.example/car", "<delay");
    world_stanza(w, "<presence from='juliet@fabrikam.example' to='romeo@contoso.example/desk' "
                    "type='probe' id='p2'/>");
    world_expect_without(w, "X presence available romeo@contoso.example/desk", "p2");
    world_stanza(w, "<presence from='juliet@fabrikam.example' to='romeo@contoso.example/boat' "
                    "type='probe' id='p3'/>");
    world_expect(w, "X presence unavailable romeo@contoso.example/boat id=p3");
    world_silence(w);
    world_free(w);
}

/* PRES-46: also when the answer is late. */
static void answers_probes_late(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    world_restart(w);
    world_pass(w, 200);
    world_answer(w, 200, 3600);
    world_skip(w);
    world_stanza(w, PRESENCE("probe"));
    world_silence(w);
    say(w, PIDF(TUPLE("desk", "closed", "<timestamp>2023-11-01T08:00:00Z</timestamp>")));
    world_skip(w); /* `subscribed` again */
    world_stanza(w, PRESENCE("probe"));
    world_expect(w, "X presence unavailable id=p1 <delay stamp='2023-11-01T08:00:00Z'/>");
    world_silence(w);
    world_restart(w);
    world_pass(w, 200);
    world_answer(w, 200, 3600);
    world_skip(w);
    world_stanza(w, PRESENCE("probe"));
    world_pass(w, 31000);
    world_skip(w);
    world_pass(w, 2000); /* SUB-36: nobody said anything */
    world_expect_without(w, "X presence unavailable id=p1", "<delay");
    world_free(w);
}

/* SUB-35: a probe before the answer to his request is not answered, nor is its id kept. */
static void forgets_early_probes(void **state)
{
    struct world *w = world_new(CW_PARTNER_PUBLIC_VERIFIED);

    (void)state;
    world_stanza(w, PRESENCE("subscribe"));
    world_answer(w, 200, 3600);
    world_notify(w, "pending", NULL, NULL);
    world_skip(w);
    world_stanza(w, PRESENCE("probe"));
    world_silence(w);
    say(w, PIDF(TUPLE("desk", "closed", "")));
    world_commit(w);
    world_expect(w, "X presence subscribed");
    world_expect_without(w, "X presence unavailable", "p1");
    world_silence(w);
    world_free(w);
}

/* PRES-33 */
static void tells_since_when_idle(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    say(w, PIDF(TUPLE("desk", "open",
                      "<r:user-input last-input='2023-11-01T08:00:00Z'>idle</r:user-input>")));
    world_expect(w, "X presence available <show>away</show> "
                    "<idle xmlns='urn:xmpp:idle:1' since='2023-11-01T08:00:00Z'/>");
    say(w, PIDF(TUPLE("desk", "open", "<r:user-input>active</r:user-input>")));
    world_expect_without(w, "X presence available", "<idle");
    world_free(w);
}

/* PRES-43, PRES-44, IQ-5, IQ-6: presence names its capabilities, and whoever asks is told. */
static void tells_capabilities(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    world_stanza(w, IQ("romeo@contoso.example/desk", INFO));
    world_expect(w, "X iq result type='pc' chatstates urn:xmpp:receipts");
    world_stanza(w, IQ("romeo@contoso.example/car", INFO));
    world_expect(w, "X iq error service-unavailable");
    say(w, PIDF(TUPLE("desk", "open",
                      "<c:servcaps xmlns:c='urn:ietf:params:xml:ns:pidf:caps'><c:type>text/plain"
                      "</c:type></c:servcaps><c:devcaps "
                      "xmlns:c='urn:ietf:params:xml:ns:pidf:caps'><c:mobility><c:supported>"
                      "<c:mobile/></c:supported></c:mobility></c:devcaps>")));
    world_expect_without(w,
                         "X presence available <c xmlns='http://jabber.org/protocol/caps' "
                         "hash='sha-1' node='urn:causeway:gateway' ver='",
                         "vcard-temp");
    world_stanza(w, IQ("romeo@contoso.example/desk", INFO));
    world_expect_without(w, "X iq result type='phone'", "chatstates");
    say(w, PIDF(TUPLE("desk", "closed", "")));
    world_expect_without(w, "X presence unavailable", "<c ");
    world_stanza(w, IQ("romeo@contoso.example/desk", INFO));
    world_expect(w, "X iq error service-unavailable");
    world_stanza(w, IQ("romeo@contoso.example", INFO));
    world_expect(w, "X iq result category='account'");
    world_stanza(w, "<iq from='nurse@fabrikam.example/r' to='romeo@contoso.example' type='get' "
                    "id='q'>" INFO "</iq>");
    world_expect(w, "X iq error service-unavailable");
    world_silence(w);
    world_free(w);
}

/* IQ-8 */
static void tells_since_when_he_is_gone(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    world_stanza(w, IQ("romeo@contoso.example", LAST));
    world_expect(w, "X iq result jabber:iq:last' seconds='0'/>");
    say(w, PIDF(TUPLE("desk", "closed", "")));
    world_skip(w);
    world_pass(w, 61000);
    say(w, PIDF(TUPLE("desk", "closed", "<note>still away</note>")));
    world_skip(w);
    world_pass(w, 60000);
    world_stanza(w, IQ("romeo@contoso.example", LAST));
    world_expect(w, "X iq result jabber:iq:last' seconds='121'/>");
    world_restart(w); /* what was before is not known any more */
    world_pass(w, 200);
    world_answer(w, 200, 3600);
    world_skip(w);
    world_stanza(w, IQ("romeo@contoso.example", LAST));
    world_expect(w, "X iq error service-unavailable");
    world_free(w);
}

/* IQ-4: only when the operator says so. */
static void tells_its_version(void **state)
{
    struct world *w = world_new(CW_PARTNER_FEDERATED);

    (void)state;
    world_stanza(w, IQ("contoso.example", "<query xmlns='jabber:iq:version'/>"));
    world_expect(w, "X iq error service-unavailable");
    world_settings(w)->presence.software_version = true;
    world_stanza(w, IQ("contoso.example", "<query xmlns='jabber:iq:version'/>"));
    world_expect(w, "X iq result <name>Causeway</name><version>" CAUSEWAY_VERSION);
    world_free(w);
}

/* PRES-41, PRES-42: only whole documents are asked for, and taken. */
static void takes_whole_documents_only(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    cw_assert_bytes(world_last_subscribe(w)->accept, CW_LIT("application/pidf+xml"));
    world_content(w, "application/pidf-diff+xml", NULL);
    world_notify(w, "active", NULL, PIDF(""));
    world_expect(w, "R 415 accept=application/pidf+xml");
    world_silence(w);
    world_content(w, NULL, NULL);
    world_notify(w, "active", NULL, PIDF("<tuple"));
    world_expect(w, "R 400");
    say(w, "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:tybalt@contoso.example'/>");
    world_silence(w); /* ADDR-30: not about him */
    say(w, PIDF(TUPLE("desk", "open", "")));
    world_silence(w); /* the state is what it was */
    world_free(w);
}

/* PRES-11, PRES-12, PRES-24, PRES-33: towards SIP. */
static void shows_languages_and_idleness(void **state)
{
    struct world *w = world_watched();

    (void)state;
    world_stanza(w, OF_JULIET "<status xml:lang='en'>nurse calls</status></presence>");
    world_pass(w, 300);
    world_expect(w, "S NOTIFY active language=en ID-balcony open "
                    "<note xml:lang='en'>nurse calls</note>");
    world_stanza(w, OF_JULIET "<status xml:lang='en'>nurse calls</status>"
                              "<status xml:lang='it'>la balia</status></presence>");
    world_pass(w, 6000);
    world_expect_without(w,
                         "S NOTIFY active <note xml:lang='en'>nurse calls</note>"
                         "<note xml:lang='it'>la balia</note>",
                         "language=en");
    world_stanza(w, OF_JULIET "<status xml:lang='en'>nurse calls</status>"
                              "<status xml:lang='it'>la balia</status></presence>");
    world_pass(w, 6000);
    world_silence(w);
    world_stanza(w, OF_JULIET "<show>away</show>"
                              "<query xmlns='jabber:iq:last' seconds='600'/></presence>");
    world_pass(w, 6000);
    world_expect(w, "S NOTIFY active away "
                    "<user-input xmlns='urn:ietf:params:xml:ns:pidf:rpid' last-input='2023-");
    world_stanza(w, OF_JULIET "<show>dnd</show></presence>");
    world_pass(w, 6000);
    world_expect_without(w, "S NOTIFY active dnd <rpid:busy/>", "user-input");
    world_settings(w)->presence.capabilities = true;
    world_settings(w)->presence.show_map.activity_of[CW_SHOW_DND] = CW_ACTIVITY_MEETING;
    world_stanza(w, OF_JULIET "<show>dnd</show><priority>1</priority></presence>");
    world_pass(w, 6000);
    world_expect(w, "S NOTIFY active servcaps <rpid:meeting/>");
    world_silence(w);
    world_free(w);
}

#define OPEN(resource)                                                                             \
    "<presence from='juliet@fabrikam.example/" resource "' to='romeo@contoso.example'/>"
#define GONE(from) "<presence from='" from "' to='romeo@contoso.example' type='unavailable'/>"

/* Vectors PRES-V06, V07: PRES-16, PRES-17, PRES-18. */
static void closes_resources(void **state)
{
    struct world *w = world_watched();

    (void)state;
    world_stanza(w, OPEN("desk"));
    world_stanza(w, OPEN("tablet"));
    world_pass(w, 300);
    world_expect(w, "S NOTIFY active ID-desk open ID-tablet open");
    world_stanza(w, GONE("juliet@fabrikam.example/desk"));
    world_pass(w, 6000);
    world_expect(w, "S NOTIFY active ID-desk closed ID-tablet open");
    world_stanza(w, "<presence from='juliet@fabrikam.example/tablet' "
                    "to='romeo@contoso.example'><show>away</show></presence>");
    world_pass(w, 6000);
    world_expect_without(w, "S NOTIFY active ID-tablet open away", "ID-desk");
    world_stanza(w, OPEN("desk"));
    world_pass(w, 6000);
    world_expect(w, "S NOTIFY active ID-tablet open ID-desk open");
    world_stanza(w, GONE("juliet@fabrikam.example"));
    world_pass(w, 6000);
    world_expect_without(w, "S NOTIFY active ID-tablet closed ID-desk closed", "<basic>open");
    world_silence(w);
    world_free(w);
}

/* Vector PRES-V16: PRES-22. The first change goes at once, the last state after five seconds. */
static void merges_changes(void **state)
{
    struct world *w = world_watched();

    (void)state;
    world_settings(w)->presence.coalesce_ms = 0;
    for (unsigned i = 0; i < 10; i++) {
        char xml[256];

        (void)snprintf(xml, sizeof(xml), OF_JULIET "<priority>%u</priority></presence>", i);
        world_stanza(w, xml);
        world_pass(w, 0);
        if (i == 0) {
            world_expect(w, "S NOTIFY active priority='0'");
        }
        world_pass(w, 200);
        world_silence(w);
    }
    world_pass(w, 2900);
    world_silence(w);
    world_pass(w, 200);
    world_expect(w, "S NOTIFY active priority='0.070'");
    world_pass(w, 20000);
    world_silence(w);
    world_free(w);
}

#define HEADLINE(from, node, name, children)                                                       \
    "<message from='" from "' to='romeo@contoso.example/desk' type='headline'><event "             \
    "xmlns='http://jabber.org/protocol/pubsub#event'><items node='" node "'><item id='i'><" name   \
    " xmlns='" node "'>" children "</" name "></item></items></event></message>"
#define MOOD(children)                                                                             \
    HEADLINE("juliet@fabrikam.example", "http://jabber.org/protocol/mood", "mood", children)
#define ACTIVITY(children)                                                                         \
    HEADLINE("juliet@fabrikam.example", "http://jabber.org/protocol/activity", "activity", children)

/* PRES-40: off by default; on, mood and activity of whom Romeo watches reach him. */
static void shows_moods(void **state)
{
    struct world *w = world_watched();

    (void)state;
    world_stanza(w, OF_JULIET "</presence>");
    world_pass(w, 300);
    world_expect_without(w, "S NOTIFY active ID-balcony", "person");
    world_stanza(w, MOOD("<happy/>"));
    world_pass(w, 10000);
    world_silence(w);
    world_settings(w)->presence.pep = true;
    world_stanza(w, MOOD("<in_love/>"));
    world_pass(w, 6000);
    world_expect(w, "S NOTIFY active ID-balcony <rpid:mood><rpid:in_love/></rpid:mood>");
    world_stanza(w, MOOD("<in_love/>"));
    world_pass(w, 10000);
    world_silence(w); /* nothing new */
    world_stanza(w, ACTIVITY("<talking><on_the_phone/></talking>"));
    world_pass(w, 6000);
    world_expect(w, "S NOTIFY active <rpid:on-the-phone/> <rpid:in_love/>");
    world_stanza(w, MOOD(""));
    world_pass(w, 6000);
    world_expect_without(w, "S NOTIFY active <rpid:on-the-phone/>", "in_love");
    world_stanza(w, HEADLINE("nurse@fabrikam.example", "http://jabber.org/protocol/mood", "mood",
                             "<sad/>")); /* whom nobody watches */
    world_pass(w, 10000);
    world_silence(w);
    assert_int_equal(cw_roster_count(world_gateway(w)->roster), 1);
    world_free(w);
}

/* PRES-40: the contact's server sends headlines only to who says that he wants them. */
static void asks_for_moods(void **state)
{
    struct world *w = world_watching(CW_PARTNER_FEDERATED);

    (void)state;
    world_stanza(w, IQ("romeo@contoso.example/desk", INFO));
    world_expect_without(w, "X iq result", "+notify");
    world_settings(w)->presence.pep = true;
    say(w, PIDF(TUPLE("desk", "open", "")));
    world_expect(w, "X presence available <c ");
    world_stanza(w, IQ("romeo@contoso.example/desk", INFO));
    world_expect(w, "X iq result activity+notify mood+notify");
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_he_does),
        cmocka_unit_test(tells_the_show_alone),
        cmocka_unit_test(tells_in_several_languages),
        cmocka_unit_test(tells_why_he_went),
        cmocka_unit_test(answers_probes),
        cmocka_unit_test(answers_probes_late),
        cmocka_unit_test(forgets_early_probes),
        cmocka_unit_test(tells_since_when_idle),
        cmocka_unit_test(tells_capabilities),
        cmocka_unit_test(tells_since_when_he_is_gone),
        cmocka_unit_test(tells_its_version),
        cmocka_unit_test(takes_whole_documents_only),
        cmocka_unit_test(shows_languages_and_idleness),
        cmocka_unit_test(closes_resources),
        cmocka_unit_test(merges_changes),
        cmocka_unit_test(shows_moods),
        cmocka_unit_test(asks_for_moods),
    };

    return cmocka_run_group_tests_name("flow_presence", tests, NULL, NULL);
}
