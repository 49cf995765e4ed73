/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/caps.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

/* XEP-0115 section 5.1 once more, from the markup of an answer and with another SHA-1. */
struct parts {
    char items[16][128];
    size_t count;
};

static int by_octets(const void *a, const void *b)
{
    return strcmp(a, b);
}

static const char *attribute(const char *element, const char *name, char out[64])
{
    char start[32];
    const char *at;

    (void)snprintf(start, sizeof(start), " %s='", name);
    at = strstr(element, start);
    out[0] = '\0';
    if (at != NULL && at < strchr(element, '>')) {
        at += strlen(start);
        (void)snprintf(out, 64, "%.*s", (int)strcspn(at, "'"), at);
    }
    return out;
}

static void gather(const char *xml, const char *element, struct parts *out)
{
    out->count = 0;
    for (const char *at = strstr(xml, element); at != NULL; at = strstr(at + 1, element)) {
        char values[4][64];

        if (strcmp(element, "<feature") == 0) {
            (void)snprintf(out->items[out->count++], 128, "%s<", attribute(at, "var", values[0]));
        } else {
            (void)snprintf(out->items[out->count++], 128, "%s/%s/%s/%s<",
                           attribute(at, "category", values[0]), attribute(at, "type", values[1]),
                           attribute(at, "xml:lang", values[2]), attribute(at, "name", values[3]));
        }
    }
    qsort(out->items, out->count, sizeof(out->items[0]), by_octets);
}

static void hash(const char *xml, char out[32])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char text[4096] = "";
    struct parts parts;

    gather(xml, "<identity", &parts);
    for (size_t i = 0; i < parts.count; i++) {
        strcat(text, parts.items[i]);
    }
    gather(xml, "<feature", &parts);
    for (size_t i = 0; i < parts.count; i++) {
        strcat(text, parts.items[i]);
    }
    assert_int_equal(EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL), 1);
    assert_int_equal(EVP_EncodeBlock((unsigned char *)out, digest, (int)len), 28);
}

/* The example of XEP-0115 section 5.2, to know that this file computes right. */
static void computes_the_example(void **state)
{
    char ver[32];

    (void)state;
    hash("<identity category='client' type='pc' name='Exodus 0.9.1'/>"
         "<feature var='http://jabber.org/protocol/disco#info'/>"
         "<feature var='http://jabber.org/protocol/disco#items'/>"
         "<feature var='http://jabber.org/protocol/muc'/>"
         "<feature var='http://jabber.org/protocol/caps'/>",
         ver);
    assert_string_equal(ver, "QgayPKawpkPSDYmwT/WM94uAlu0=");
}

/* PRES-43, IQ-6: the hash is that of the answer; each set has its own. */
static void hashes_what_it_answers(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);
    char seen[CW_CAPS_ALL + 1][32] = {""};

    (void)state;
    for (unsigned caps = CW_CAP_CLIENT; caps <= CW_CAPS_ALL; caps += 2) {
        char xml[4096];
        char node[128];
        struct cw_bytes info;
        struct cw_bytes ver;
        unsigned found = 0;

        assert_int_equal(cw_caps_info(caps, arena, &info), CW_OK);
        assert_int_equal(cw_caps_ver(caps, arena, &ver), CW_OK);
        (void)snprintf(xml, sizeof(xml), CW_FMT, CW_ARG(info));
        hash(xml, seen[caps]);
        cw_assert_bytes(ver, ((struct cw_bytes){seen[caps], 28}));
        for (unsigned other = CW_CAP_CLIENT; other < caps; other += 2) {
            assert_string_not_equal(seen[other], seen[caps]);
        }
        (void)snprintf(node, sizeof(node), CW_CAPS_NODE "#" CW_FMT, CW_ARG(ver));
        assert_int_equal(cw_caps_by_node((struct cw_bytes){node, strlen(node)}, arena, &found),
                         CW_OK);
        assert_int_equal(found, caps);
        assert_non_null(strstr(xml, (caps & CW_CAP_PHONE) != 0 ? "type='phone'" : "type='pc'"));
        assert_int_equal(strstr(xml, "chatstates") != NULL, (caps & CW_CAP_TYPING) != 0);
        assert_int_equal(strstr(xml, "urn:xmpp:receipts") != NULL, (caps & CW_CAP_RECEIPTS) != 0);
        assert_int_equal(strstr(xml, "chat-markers") != NULL, (caps & CW_CAP_MARKERS) != 0);
        assert_int_equal(strstr(xml, "mood+notify") != NULL, (caps & CW_CAP_HEADLINES) != 0);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

static void knows_no_other_nodes(void **state)
{
    static const char *const NODES[] = {"",
                                        "urn:causeway:gateway",
                                        "urn:causeway:gateway#",
                                        "urn:causeway:gateway#abc",
                                        "urn:causeway:gateway#AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                        "urn:x#QgayPKawpkPSDYmwT/WM94uAlu0="};
    struct cw_arena *arena = cw_arena_new(1 << 20);
    unsigned caps;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(NODES); i++) {
        cw_case(NODES[i]);
        assert_int_equal(
            cw_caps_by_node((struct cw_bytes){NODES[i], strlen(NODES[i])}, arena, &caps),
            CW_ERR_MALFORMED);
    }
    cw_arena_free(&arena);
}

static void stops_at_the_limit(void **state)
{
    struct cw_arena *arena = cw_arena_new(16);
    struct cw_bytes out;
    unsigned caps;

    (void)state;
    assert_int_equal(cw_caps_ver(CW_CAPS_DEFAULT, arena, &out), CW_ERR_LIMIT);
    assert_int_equal(cw_caps_info(CW_CAPS_DEFAULT, arena, &out), CW_ERR_LIMIT);
    assert_int_equal(
        cw_caps_by_node(CW_LIT("urn:causeway:gateway#AAAAAAAAAAAAAAAAAAAAAAAAAAA="), arena, &caps),
        CW_ERR_LIMIT);
    cw_arena_free(&arena);
    arena = cw_arena_new(40); /* room for the hash, not for what is hashed */
    assert_int_equal(cw_caps_ver(CW_CAPS_DEFAULT, arena, &out), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_the_example),
        cmocka_unit_test(hashes_what_it_answers),
        cmocka_unit_test(knows_no_other_nodes),
        cmocka_unit_test(stops_at_the_limit),
    };

    return cmocka_run_group_tests_name("caps", tests, NULL, NULL);
}
