/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/sip_uri.h>

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

/* ADDR-21 steps 1 and 2, ADDR-24. */
static const struct {
    const char *in;
    enum cw_uri_scheme scheme;
    const char *user, *host;
    uint16_t port;
    const char *gr;
    bool gr_flag;
} READS[] = {
    {"sip:tomasz@corp.example", CW_URI_SIP, "tomasz", "corp.example", 0, NULL, false},
    {"SIPS:t@corp.example", CW_URI_SIPS, "t", "corp.example", 0, NULL, false},
    {"sip:T@CORP.example:5061;transport=tls;gr=urn:uuid:7f;lr", CW_URI_SIP, "T", "corp.example",
     5061, "urn:uuid:7f", true},
    {"sip:tomasz:geheim@corp.example", CW_URI_SIP, "tomasz", "corp.example", 0, NULL, false},
    {"sip:corp.example", CW_URI_SIP, NULL, "corp.example", 0, NULL, false},
    {"sip:a;b=c?d/e@corp.example?subject=x&to=y", CW_URI_SIP, "a;b=c?d/e", "corp.example", 0, NULL,
     false},
    {"sip:x@corp.example;gr", CW_URI_SIP, "x", "corp.example", 0, NULL, true},
    {"sip:x@[2001:DB8::1]:5060", CW_URI_SIP, "x", "[2001:db8::1]", 5060, NULL, false},
    {"im:a#b@corp.example", CW_URI_IM, "a#b", "corp.example", 0, NULL, false},
    {"pres:a@corp.example", CW_URI_PRES, "a", "corp.example", 0, NULL, false},
    {"tel:+15550100;phone-context=x", CW_URI_TEL, "+15550100", NULL, 0, NULL, false},
    {"mailto:a@corp.example", CW_URI_OTHER, NULL, NULL, 0, NULL, false},
};

static void reads_the_parts(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READS); i++) {
        struct cw_sip_uri uri;

        cw_case(READS[i].in);
        assert_int_equal(cw_sip_uri_read(text(READS[i].in), arena, &uri), CW_OK);
        assert_int_equal(uri.scheme, READS[i].scheme);
        cw_assert_bytes(uri.user, text(READS[i].user));
        assert_int_equal(uri.user.base == NULL, READS[i].user == NULL);
        cw_assert_bytes(uri.host, text(READS[i].host));
        assert_int_equal(uri.port, READS[i].port);
        cw_assert_bytes(uri.gr, text(READS[i].gr));
        assert_int_equal(uri.gr_flag, READS[i].gr_flag);
    }
    cw_arena_free(&arena);
}

static void reads_route_parameters(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_sip_uri uri;

    (void)state;
    assert_int_equal(cw_sip_uri_read(CW_LIT("sip:p.corp.example;LR;transport=TCP"), arena, &uri),
                     CW_OK);
    assert_true(uri.lr);
    cw_assert_bytes(uri.transport, CW_LIT("TCP"));
    cw_arena_free(&arena);
}

static const char *const BROKEN[] = {
    "",
    "tomasz@corp.example",
    ":x",
    "1sip:x@corp.example",
    "sip:",
    "sip:@corp.example",
    "sip::pw@corp.example",
    "sip:a@",
    "sip:a@b@corp.example",
    "sip:a b@corp.example",
    "sip:a<b@corp.example",
    "sip:a\"b@corp.example",
    "sip:a#b@corp.example",
    "sip:a\xC3\xBC@corp.example",
    "sip:a@corp.example:",
    "sip:a@corp.example:0",
    "sip:a@corp.example:65536",
    "sip:a@corp.example:50x",
    "sip:a@corp.example;",
    "sip:a@corp.example;=x",
    "sip:a@corp.example;gr=a;gr=b",
    "sip:a@corp.example;gr=a@b",
    "sip:a@corp ex",
    "sip:a@b%41",
    "sip:a@b..c",
    "sip:a@.b",
    "sip:a@[::1",
    "sip:a@[]",
    "sip:a@[::g]",
    "sip:a@b\r\n",
    "tel:",
};

static void refuses_broken_ones(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(BROKEN); i++) {
        struct cw_sip_uri uri;

        cw_case(BROKEN[i]);
        assert_int_equal(cw_sip_uri_read(text(BROKEN[i]), arena, &uri), CW_ERR_MALFORMED);
    }
    cw_arena_free(&arena);
}

/* ADDR-7, ADDR-9: one key for all spellings of an address. */
static const struct {
    const char *in;
    const char *aor;
} AORS[] = {
    {"sip:tomasz@corp.example", "sip:tomasz@corp.example"},
    {"sips:Tomasz:pw@CORP.example:5061;user=phone", "sip:Tomasz@corp.example"},
    {"sip:q%26a@corp.example", "sip:q&a@corp.example"},
    {"sip:q&a@corp.example", "sip:q&a@corp.example"},
    {"sip:%74omasz@corp.example.", "sip:tomasz@corp.example"},
    {"sip:a%5cb@corp.example", "sip:a%5Cb@corp.example"},
    {"sip:%c3%bc@corp.example", "sip:%C3%BC@corp.example"},
    {"sip:corp.example", NULL},
    {"sip:a%zz@corp.example", NULL},
    {"sip:a%4@corp.example", NULL},
    {"sip:%C3%28@corp.example", NULL},
};

static void gives_the_address_of_record(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(AORS); i++) {
        struct cw_sip_uri uri;
        struct cw_bytes aor = {0};

        cw_case(AORS[i].in);
        assert_int_equal(cw_sip_uri_read(text(AORS[i].in), arena, &uri), CW_OK);
        assert_int_equal(cw_sip_uri_aor(&uri, arena, &aor),
                         AORS[i].aor == NULL ? CW_ERR_ADDRESS : CW_OK);
        cw_assert_bytes(aor, text(AORS[i].aor));
    }
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_parts),
        cmocka_unit_test(reads_route_parameters),
        cmocka_unit_test(refuses_broken_ones),
        cmocka_unit_test(gives_the_address_of_record),
    };

    return cmocka_run_group_tests_name("sip_uri", tests, NULL, NULL);
}
