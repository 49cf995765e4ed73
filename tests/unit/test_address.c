/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/address.h>

static struct cw_bytes text(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

/* Vectors ADDR-V01 to V16, V19, V20 (V17 and V18 stand in test_jid). NULL: not mappable.
 * ADDR-10, ADDR-11, ADDR-15, ADDR-16, ADDR-19, ADDR-20, ADDR-23. */
static const struct {
    const char *name, *jid, *uri;
} TO_SIP[] = {
    {"V01", "mira@partner.example", "sip:mira@partner.example"},
    {"V02", "MIRA@Partner.EXAMPLE/Desk", "sip:mira@partner.example;gr=Desk"},
    {"V03", "jean\\27luc@partner.example", "sip:jean'luc@partner.example"},
    {"V04", "r\\26d@partner.example", "sip:r&d@partner.example"},
    {"V05", "50%@partner.example", "sip:50%25@partner.example"},
    {"V06", "#tag[1]@partner.example", "sip:%23tag%5B1%5D@partner.example"},
    {"V07",
     "\xC5\xBC"
     "aneta@partner.example",
     "sip:%C5%BCaneta@partner.example"},
    {"V08", "space\\20man@partner.example", "sip:space%20man@partner.example"},
    {"V09", "foo\\bar@partner.example", "sip:foo%5Cbar@partner.example"},
    {"V10", "c\\5c26d@partner.example", "sip:c%5C26d@partner.example"},
    {"V11",
     "mira@b\xC3\xBC"
     "cher.example",
     "sip:mira@xn--bcher-kva.example"},
    {"V12", "mira@partner.example/B\xC3\xBCro 2;x=1",
     "sip:mira@partner.example;gr=B%C3%BCro%202%3Bx%3D1"},
    {"V13", "mira@partner.example/x@y/z", "sip:mira@partner.example;gr=x%40y/z"},
    {"V14", "\xEF\xBC\xAD\xEF\xBD\x89\xEF\xBD\x92\xEF\xBD\x81@partner.example",
     "sip:mira@partner.example"},
    {"V15",
     "Stra\xC3\x9F"
     "e@partner.example",
     "sip:stra%C3%9Fe@partner.example"},
    {"V16", "a+b=c;d@partner.example", "sip:a+b=c;d@partner.example"},
    {"V19", "partner.example", NULL},
    {"an address for a domain", "mira@127.0.0.1", NULL},
    {"V20", "a\\5c@partner.example", NULL},
    {"ADDR-19, second user of one URI", "x\\5cy@partner.example", NULL},
    {"ADDR-14, blank in front", "\\20x@partner.example", NULL},
    {"ADDR-14, blank behind", "x\\20@partner.example", NULL},
    {"all ten", "a\\20\\22\\26\\27\\2f\\3a\\3c\\3e\\40\\5c20@partner.example",
     "sip:a%20%22&'/%3A%3C%3E%40%5C20@partner.example"},
    {"upper-case code", "a\\2Fb@partner.example", "sip:a/b@partner.example"},
    {"other backslash text", "\\41\\4\\5@partner.example", "sip:%5C41%5C4%5C5@partner.example"},
};

static void makes_sip_uris(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TO_SIP); i++) {
        struct cw_jid jid;
        struct cw_bytes uri;

        cw_case(TO_SIP[i].name);
        assert_int_equal(cw_jid_read(text(TO_SIP[i].jid), arena, &jid), CW_OK);
        assert_int_equal(cw_address_to_sip(&jid, CW_ADDRESS_WITH_GR, arena, &uri),
                         TO_SIP[i].uri == NULL ? CW_ERR_ADDRESS : CW_OK);
        if (TO_SIP[i].uri != NULL) {
            cw_assert_bytes(uri, text(TO_SIP[i].uri));
            assert_int_equal(cw_address_to_sip(&jid, CW_ADDRESS_AOR, arena, &uri), CW_OK);
            assert_null(memchr(uri.base, '=', jid.resource.len > 0 ? uri.len : 0));
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* Vectors ADDR-V21 to V38. ADDR-9, ADDR-12, ADDR-13, ADDR-17, ADDR-21, ADDR-24, ADDR-27, ADDR-28,
 * ARCH-7. */
static const struct {
    const char *name, *uri;
    enum cw_err err;
    const char *jid;
} TO_JID[] = {
    {"V21", "sip:tomasz@corp.example", CW_OK, "tomasz@corp.example"},
    {"V22",
     "sip:Tomasz.Nowak@CORP.example:5061;transport=tls;"
     "gr=urn:uuid:7f3e2c10-aa55-4a2e-9d01-5f0e8a6f1b2c",
     CW_OK, "tomasz.nowak@corp.example/urn:uuid:7f3e2c10-aa55-4a2e-9d01-5f0e8a6f1b2c"},
    {"V23", "sip:o'neil@corp.example", CW_OK, "o\\27neil@corp.example"},
    {"V24", "sip:q&a@corp.example", CW_OK, "q\\26a@corp.example"},
    {"V25", "sip:q%26a@corp.example", CW_OK, "q\\26a@corp.example"},
    {"V26", "sip:a%40b@corp.example", CW_OK, "a\\40b@corp.example"},
    {"V27", "sip:trap%5C2Fx@corp.example", CW_OK, "trap\\5c2fx@corp.example"},
    {"V28", "sip:back%5Cslash@corp.example", CW_OK, "back\\slash@corp.example"},
    {"V29", "sip:a%2540b@corp.example", CW_OK, "a%40b@corp.example"},
    {"V30", "sip:a%zzb@corp.example", CW_ERR_MALFORMED, NULL},
    {"V31", "sip:%C3%28@corp.example", CW_ERR_MALFORMED, NULL},
    {"V32", "sip:a%00b@corp.example", CW_ERR_UNKNOWN_USER, NULL},
    {"V32, C1", "sip:a%C2%85b@corp.example", CW_ERR_UNKNOWN_USER, NULL},
    {"V33", "sip:tomasz:geheim@corp.example", CW_OK, "tomasz@corp.example"},
    {"V34", "sip:+15550100@corp.example;user=phone", CW_OK, "+15550100@corp.example"},
    {"V35", "sips:mira@partner.example", CW_ERR_UNSUPPORTED, NULL},
    {"V36", "sip:tgruu.9a7Hq@corp.example;gr", CW_ERR_UNKNOWN_USER, NULL},
    {"V37", "sip:%20x@corp.example", CW_ERR_UNKNOWN_USER, NULL},
    {"V37, behind", "sip:x%20@corp.example", CW_ERR_UNKNOWN_USER, NULL},
    {"V38", "tel:+15550100", CW_ERR_UNSUPPORTED, NULL},
    {"no user", "sip:corp.example", CW_ERR_UNKNOWN_USER, NULL},
    {"IPv4 literal", "sip:x@127.0.0.1", CW_ERR_UNKNOWN_USER, NULL},
    {"IPv6 literal", "sip:x@[::1]", CW_ERR_UNKNOWN_USER, NULL},
    {"A-labels", "sip:x@xn--bcher-kva.example", CW_OK,
     "x@b\xC3\xBC"
     "cher.example"},
    {"host that IDNA refuses", "sip:x@xn--a.example", CW_ERR_UNKNOWN_USER, NULL},
    {"trailing dot", "sip:x@corp.example.", CW_OK, "x@corp.example"},
    {"symbol", "sip:%E2%99%9A@corp.example", CW_ERR_UNKNOWN_USER, NULL},
    {"full-width digit behind a backslash", "sip:a%5C%EF%BC%92f@corp.example", CW_OK,
     "a\\5c2f@corp.example"},
    {"full-width backslash", "sip:a%EF%BC%BC2f@corp.example", CW_OK, "a\\5c2f@corp.example"},
    {"im", "im:x@corp.example", CW_OK, "x@corp.example"},
    {"gr with blank", "sip:x@corp.example;gr=a%20b", CW_OK, "x@corp.example/a b"},
    {"gr broken", "sip:x@corp.example;gr=a%2", CW_ERR_MALFORMED, NULL},
    {"gr with control", "sip:x@corp.example;gr=a%0Ab", CW_ERR_UNKNOWN_USER, NULL},
    {"other scheme", "http:x", CW_ERR_UNSUPPORTED, NULL},
};

static enum cw_err to_jid(struct cw_bytes uri_text, struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_sip_uri uri;
    struct cw_jid jid;

    CW_TRY(cw_sip_uri_read(uri_text, arena, &uri));
    CW_TRY(cw_address_to_jid(&uri, arena, &jid));
    return cw_jid_write(&jid, arena, out);
}

static void makes_jids(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TO_JID); i++) {
        struct cw_bytes jid = {0};

        cw_case(TO_JID[i].name);
        assert_int_equal(to_jid(text(TO_JID[i].uri), arena, &jid), TO_JID[i].err);
        if (TO_JID[i].jid != NULL) {
            cw_assert_bytes(jid, text(TO_JID[i].jid));
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* ADDR-31 */
static void makes_xmpp_uris(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_jid jid;
    struct cw_bytes uri;

    (void)state;
    assert_int_equal(cw_jid_read(CW_LIT("a\\20[b]@corp.example/desk"), arena, &jid), CW_OK);
    assert_int_equal(cw_address_xmpp_uri(&jid, arena, &uri), CW_OK);
    cw_assert_bytes(uri, CW_LIT("xmpp:a%5C20%5Bb%5D@corp.example"));
    cw_arena_free(&arena);
}

/* ADDR-7, ADDR-8, ADDR-25, ADDR-26, ADDR-27, ADDR-28 */
static const struct {
    const char *uri, *key;
    enum cw_err err;
} KEYS[] = {
    {"sip:Tomasz@Corp.Example;transport=tcp", "sip:tomasz@corp.example", CW_OK},
    {"sip:tomasz@corp.example.", "sip:tomasz@corp.example", CW_OK},
    {"sip:tom%61sz@corp.example;user=phone", "sip:tomasz@corp.example", CW_OK},
    {"im:tomasz@corp.example", "sip:tomasz@corp.example", CW_OK},
    {"pres:tomasz@corp.example", "sip:tomasz@corp.example", CW_OK},
    {"sip:a%2F@b\xC3\xBC.example", NULL, CW_ERR_MALFORMED},
    {"sip:corp.example", NULL, CW_ERR_UNKNOWN_USER},
    {"tel:+1", NULL, CW_ERR_UNSUPPORTED},
};

static void makes_state_keys(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(KEYS); i++) {
        struct cw_sip_uri uri;
        struct cw_bytes key;
        enum cw_err err = cw_sip_uri_read(text(KEYS[i].uri), arena, &uri);

        cw_case(KEYS[i].uri);
        err = err == CW_OK ? cw_address_key(&uri, arena, &key) : err;
        assert_int_equal(err, KEYS[i].err);
        if (err == CW_OK) {
            cw_assert_bytes(key, text(KEYS[i].key));
        }
    }
    cw_arena_free(&arena);
}

/* ADDR-27 */
static const struct {
    const char *uri, *key;
    enum cw_err err;
} NUMBERS[] = {
    {"tel:+1-555.(0100);phone-context=x", "sip:+15550100@corp.example", CW_OK},
    {"tel:*31#", "sip:*31%23@corp.example", CW_OK},
    {"tel:-", NULL, CW_ERR_UNKNOWN_USER},
    {"sip:1@corp.example", NULL, CW_ERR_UNSUPPORTED},
};

static void takes_numbers_for_users(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(NUMBERS); i++) {
        struct cw_sip_uri uri;
        struct cw_bytes key;

        cw_case(NUMBERS[i].uri);
        assert_int_equal(cw_sip_uri_read(text(NUMBERS[i].uri), arena, &uri), CW_OK);
        assert_int_equal(cw_address_of_tel(&uri, CW_LIT("corp.example"), arena, &uri),
                         NUMBERS[i].err);
        if (NUMBERS[i].err == CW_OK) {
            assert_int_equal(cw_address_key(&uri, arena, &key), CW_OK);
            cw_assert_bytes(key, text(NUMBERS[i].key));
        }
    }
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_state_keys), cmocka_unit_test(takes_numbers_for_users),
        cmocka_unit_test(makes_sip_uris),   cmocka_unit_test(makes_jids),
        cmocka_unit_test(makes_xmpp_uris),
    };

    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
