/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "iq.h"

#define IQ(type, to, payload)                                                                      \
    "<iq from='juliet@fabrikam.example/r' to='" to "' type='" type "' id='q1'>" payload "</iq>"
#define INFO  "<query xmlns='http://jabber.org/protocol/disco#info'/>"
#define NODE  "<query xmlns='http://jabber.org/protocol/disco#info' node='a&apos;b'/>"
#define ITEMS "<query xmlns='http://jabber.org/protocol/disco#items'/>"
#define PING  "<ping xmlns='urn:xmpp:ping'/>"
#define USER  "romeo@contoso.example"

/* IQ-1, IQ-2, IQ-3, IQ-4, IQ-5 */
static const struct {
    const char *name, *xml;
    bool granted;
    const char *has; /* NULL: no answer */
} CASES[] = {
    {"ping to the domain", IQ("get", "contoso.example", PING), false, "type='result'"},
    {"disco of the domain", IQ("get", "contoso.example", INFO), false, "category='gateway'"},
    {"escaping is named", IQ("get", "contoso.example", INFO), false, "jid\\20escaping"},
    {"node comes back", IQ("get", "contoso.example", NODE), false, "node='a&apos;b'"},
    {"items of the domain", IQ("get", "contoso.example", ITEMS), false, "disco#items"},
    {"unknown", IQ("get", "contoso.example", "<x xmlns='urn:x'/>"), false, "service-unavailable"},
    {"set", IQ("set", "contoso.example", PING), false, "service-unavailable"},
    {"ping to a user", IQ("get", USER, PING), true, "service-unavailable"},
    {"disco of a user, stranger", IQ("get", USER, INFO), false, "service-unavailable"},
    {"disco of a user, watcher", IQ("get", USER, INFO), true, "category='account'"},
    {"items of a user", IQ("get", USER, ITEMS), false, "disco#items"},
    {"full JID", IQ("get", USER "/r", INFO), true, "service-unavailable"},
    {"nothing in it", IQ("get", "contoso.example", ""), false, "bad-request"},
    {"bad type", IQ("fetch", "contoso.example", PING), false, "bad-request"},
    {"no id", "<iq from='a@b.example' to='contoso.example' type='get'>" PING "</iq>", false,
     "bad-request"},
    {"result", IQ("result", "contoso.example", ""), false, NULL},
    {"error", IQ("error", "contoso.example", ""), false, NULL},
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
        assert_int_equal(cw_iq_answer(&in, CASES[i].granted, arena, &out), CW_OK);
        if (CASES[i].has == NULL) {
            assert_int_equal(out.len, 0);
        } else {
            char text[4096];

            assert_in_range(out.len, 1, sizeof(text) - 1);
            memcpy(text, out.base, out.len);
            text[out.len] = '\0';
            assert_non_null(strstr(text, CASES[i].has));
            assert_int_equal(cw_stanza_read(out, arena, &in), CW_OK);
        }
        cw_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers)};

    return cmocka_run_group_tests_name("iq", tests, NULL, NULL);
}
