/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "iq.h"

#include <causeway/caps.h>
#include <stdio.h>

#define IQ(type, to, payload)                                                                      \
    "<iq from='juliet@fabrikam.example/r' to='" to "' type='" type "' id='q1'>" payload "</iq>"
#define INFO          "<query xmlns='http://jabber.org/protocol/disco#info'/>"
#define NODE          "<query xmlns='http://jabber.org/protocol/disco#info' node='a&apos;b'/>"
#define ITEMS         "<query xmlns='http://jabber.org/protocol/disco#items'/>"
#define NODE_IS(node) "<query xmlns='http://jabber.org/protocol/disco#info' node='" node "'/>"
#define VCARD         "<vCard xmlns='vcard-temp'/>"
#define LAST          "<query xmlns='jabber:iq:last'/>"
#define VERSION       "<query xmlns='jabber:iq:version'/>"
#define PING          "<ping xmlns='urn:xmpp:ping'/>"
#define USER          "romeo@contoso.example"

#define DEFAULT_NODE "urn:causeway:gateway#DcZls+t5lYrZzPHFihG+6myGbdU="

/* What the sender may know: of the user, and of his resource. */
static const struct cw_iq_view STRANGER = {.granted = false};
static const struct cw_iq_view WATCHER = {.granted = true, .knows_last = true, .last_s = 903};
static const struct cw_iq_view SHOWN = {
    .granted = true, .caps = CW_CAPS_DEFAULT, .knows_last = true};
static const struct cw_iq_view PHONE = {.granted = true,
                                        .caps = CW_CAP_CLIENT | CW_CAP_PHONE | CW_CAP_MARKERS};
static const struct cw_iq_view TALKATIVE = {.version = "1.2.3"};
static const char *const CONTACTS[] = {"mailto:abuse@contoso.example",
                                       "https://contoso.example/?a=1&b='2'"};
static const struct cw_iq_view REACHABLE = {.abuse_contacts = CONTACTS, .abuse_contact_count = 2};

/* IQ-1, IQ-2, IQ-3, IQ-4, IQ-5, IQ-6, IQ-7, IQ-8, ADDR-18, ERR-3; vectors IQ-V01 to IQ-V03. */
static const struct {
    const char *name, *xml;
    const struct cw_iq_view *view;
    const char *has; /* NULL: no answer */
} CASES[] = {
    {"ping to the domain", IQ("get", "contoso.example", PING), &STRANGER, "type='result'"},
    {"disco of the domain", IQ("get", "contoso.example", INFO), &STRANGER, "category='gateway'"},
    {"it is a server", IQ("get", "contoso.example", INFO), &STRANGER,
     "category='server' type='im'"},
    {"escaping is named", IQ("get", "contoso.example", INFO), &STRANGER, "jid\\20escaping"},
    {"node comes back", IQ("get", "contoso.example", NODE), &STRANGER, "node='a&apos;b'"},
    {"items of the domain", IQ("get", "contoso.example", ITEMS), &STRANGER,
     "disco#items'></query>"},
    {"unknown", IQ("get", "contoso.example", "<x xmlns='urn:x'/>"), &STRANGER,
     "service-unavailable"},
    {"set", IQ("set", "contoso.example", PING), &STRANGER, "service-unavailable"},
    {"version is a secret", IQ("get", "contoso.example", VERSION), &STRANGER,
     "service-unavailable"},
    {"version is none", IQ("get", "contoso.example", VERSION), &TALKATIVE,
     "<name>Causeway</name><version>1.2.3</version></query>"},
    {"version is named", IQ("get", "contoso.example", INFO), &TALKATIVE,
     "<feature var='jabber:iq:version'/>"},
    {"of users there is no version", IQ("get", USER, VERSION), &TALKATIVE, "service-unavailable"},
    {"whom to write to about abuse", IQ("get", "contoso.example", INFO), &REACHABLE, /* XEP-0157 */
     "<feature var='jid\\20escaping'/><x xmlns='jabber:x:data' type='result'><field "
     "var='FORM_TYPE' type='hidden'><value>http://jabber.org/network/serverinfo</value></field>"
     "<field var='abuse-addresses' type='list-multi'><value>mailto:abuse@contoso.example</value>"
     "<value>https://contoso.example/?a=1&amp;b=&apos;2&apos;</value></field></x></query>"},
    {"no contact, no form", IQ("get", "contoso.example", INFO), &STRANGER,
     "<feature var='jid\\20escaping'/></query>"},
    {"of users there is none", IQ("get", USER, INFO), &REACHABLE, "service-unavailable"},
    {"vCard of the domain", IQ("get", "contoso.example", VCARD), &STRANGER, "service-unavailable"},
    {"last of the domain", IQ("get", "contoso.example", LAST), &STRANGER, "service-unavailable"},

    {"unknown, to a user", IQ("get", USER, "<query xmlns='urn:example:none'/>"), &WATCHER,
     "service-unavailable"},
    {"ping to a user, stranger", IQ("get", USER, PING), &STRANGER, "service-unavailable"},
    {"ping to a user, watcher", IQ("get", USER, PING), &WATCHER, "type='result'"},
    {"disco of a user, stranger", IQ("get", USER, INFO), &STRANGER, "service-unavailable"},
    {"disco of a user, watcher", IQ("get", USER, INFO), &WATCHER,
     "category='account' type='registered'"},
    {"disco of a user's node", IQ("get", USER, NODE), &WATCHER, "service-unavailable"},
    {"items of a user", IQ("get", USER, ITEMS), &STRANGER, "disco#items'></query>"},
    {"vCard", IQ("get", USER, VCARD), &WATCHER, "service-unavailable"},
    {"set a vCard", IQ("set", USER, VCARD), &WATCHER, "service-unavailable"},
    {"last, stranger", IQ("get", USER, LAST), &STRANGER, "service-unavailable"},
    {"last, away", IQ("get", USER, LAST), &WATCHER, "jabber:iq:last' seconds='903'/>"},
    {"last, there", IQ("get", USER, LAST), &SHOWN, "jabber:iq:last' seconds='0'/>"},
    {"last, unknown", IQ("get", USER, LAST), &PHONE, "service-unavailable"},

    {"full JID, not shown", IQ("get", USER "/r", INFO), &WATCHER, "service-unavailable"},
    {"full JID, stranger", IQ("get", USER "/r", INFO), &STRANGER, "service-unavailable"},
    {"full JID, stranger, hash", IQ("get", USER "/r", NODE_IS(DEFAULT_NODE)), &STRANGER,
     "service-unavailable"},
    {"full JID, shown", IQ("get", USER "/r", INFO), &SHOWN, "category='client' type='pc'"},
    {"it types", IQ("get", USER "/r", INFO), &SHOWN, "protocol/chatstates"},
    {"it gives receipts", IQ("get", USER "/r", INFO), &SHOWN, "urn:xmpp:receipts"},
    {"a phone", IQ("get", USER "/r", INFO), &PHONE, "category='client' type='phone'"},
    {"it marks what was read", IQ("get", USER "/r", INFO), &PHONE, "urn:xmpp:chat-markers:0"},
    {"full JID, hash", IQ("get", USER "/r", NODE_IS(DEFAULT_NODE)), &SHOWN,
     "node='" DEFAULT_NODE "'><identity"},
    {"full JID, no hash of ours", IQ("get", USER "/r", NODE), &SHOWN, "item-not-found"},
    {"full JID, items", IQ("get", USER "/r", ITEMS), &SHOWN, "service-unavailable"},
    {"full JID, ping", IQ("get", USER "/r", PING), &SHOWN, "service-unavailable"},
    {"a server asks for a hash",
     "<iq from='fabrikam.example' to='" USER
     "/r' type='get' id='q1'>" NODE_IS(DEFAULT_NODE) "</iq>",
     &STRANGER, "category='client' type='pc'"},
    {"a server asks for a resource",
     "<iq from='fabrikam.example' to='" USER "/r' type='get' id='q1'>" INFO "</iq>", &STRANGER,
     "service-unavailable"},
    {"a server asks for another hash",
     "<iq from='fabrikam.example' to='" USER "/r' type='get' id='q1'>" NODE "</iq>", &STRANGER,
     "service-unavailable"},

    {"nothing in it", IQ("get", "contoso.example", ""), &STRANGER, "bad-request"},
    {"bad type", IQ("fetch", "contoso.example", PING), &STRANGER, "bad-request"},
    {"no id", "<iq from='a@b.example' to='contoso.example' type='get'>" PING "</iq>", &STRANGER,
     "bad-request"},
    {"result", IQ("result", "contoso.example", ""), &STRANGER, NULL},
    {"error", IQ("error", USER, ""), &STRANGER, NULL},
};

static void answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_arena *arena = cw_arena_new(65536);
        const struct cw_bytes xml = {CASES[i].xml, strlen(CASES[i].xml)};
        struct cw_stanza in;
        struct cw_bytes out;

        cw_case(CASES[i].name);
        assert_int_equal(cw_stanza_read(xml, arena, &in), CW_OK);
        assert_int_equal(cw_iq_answer(&in, CASES[i].view, arena, &out), CW_OK);
        if (CASES[i].has == NULL) {
            assert_int_equal(out.len, 0);
        } else {
            char text[4096];

            assert_in_range(out.len, 1, sizeof(text) - 1);
            memcpy(text, out.base, out.len);
            text[out.len] = '\0';
            if (strstr(text, CASES[i].has) == NULL) {
                fail_msg("no %s in %s", CASES[i].has, text);
            }
            assert_int_equal(cw_stanza_read(out, arena, &in), CW_OK);
        }
        cw_arena_free(&arena);
    }
}

/* IQ-2, IQ-5, ERR-30; vector IQ-V04: a stranger gets the same words about whoever he asks for. */
static void says_the_same_of_everybody(void **state)
{
    static const char *const PAYLOADS[] = {INFO, ITEMS, PING, VCARD, LAST, VERSION, NODE};
    static const char *const USERS[] = {"tomasz@corp.example", "nobody@corp.example"};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(PAYLOADS); i++) {
        struct cw_arena *arena = cw_arena_new(65536);
        char said[CW_COUNT(USERS)][2048];

        cw_case(PAYLOADS[i]);
        for (size_t k = 0; k < CW_COUNT(USERS); k++) {
            char xml[512];
            struct cw_stanza in;
            struct cw_bytes out;
            char *name;

            (void)snprintf(xml, sizeof(xml),
                           "<iq from='a@b.example' to='%s' type='get' id='q'>%s</iq>", USERS[k],
                           PAYLOADS[i]);
            assert_int_equal(cw_stanza_read((struct cw_bytes){xml, strlen(xml)}, arena, &in),
                             CW_OK);
            assert_int_equal(cw_iq_answer(&in, &STRANGER, arena, &out), CW_OK);
            (void)snprintf(said[k], sizeof(said[k]), CW_FMT, CW_ARG(out));
            name = strstr(said[k], USERS[k]);
            assert_non_null(name);
            memcpy(name, "------", 6); /* his name is all that may differ; both have six letters */
        }
        assert_string_equal(said[1], said[0]);
        cw_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(says_the_same_of_everybody),
    };

    return cmocka_run_group_tests_name("iq", tests, NULL, NULL);
}
