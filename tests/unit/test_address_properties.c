/* SPDX-License-Identifier: Apache-2.0 */
#include "address_property.h"
#include "cw_test.h"

#include <causeway/address.h>

#define USERS 100000
#define SEED  UINT64_C(20260302)

static void check_users(const char *alphabet, size_t mapped_min)
{
    struct address_source source = {.seed = SEED, .alphabet = alphabet};
    struct address_set *set = address_set_new();

    for (int i = 0; i < USERS; i++) {
        const uint64_t seed = source.seed;
        const char *wrong;

        address_next(&source);
        wrong = address_check(set, (struct cw_bytes){source.user, source.len}, alphabet[0] != '\0');
        if (wrong != NULL) {
            fail_msg("seed %llu: %s", (unsigned long long)seed, wrong);
        }
    }
    print_message("  %zu of %d users have a JID\n", address_set_mapped(set), USERS);
    assert_true(address_set_mapped(set) >= mapped_min);
    address_set_free(&set);
}

/* ADDR-V40: ADDR-20, ADDR-21 */
static void keeps_users_of_the_hard_alphabet_apart(void **state)
{
    (void)state;
    check_users("ab\\257c0f4e3&%@/ ", USERS);
}

/* The same with letters that are mapped to lower case (ADDR-13). */
static void keeps_users_apart_whatever_their_case(void **state)
{
    (void)state;
    check_users("ab\\257c0f4e3&%@/ ACF", USERS);
}

/* ADDR-3, ADDR-17: what has a JID has one that leads back to it. */
static void keeps_users_of_all_unicode_apart(void **state)
{
    (void)state;
    check_users("", 15000);
}

static const char *const PIECES[] = {
    "a",  "B", "9", "\\",       "\\20",     "\\2f",     "\\5c",         "\\5C20", "5c",
    "20", "%", "[", "\xC3\xBC", "\xC3\x9C", "\xCE\xB1", "\xEF\xBC\xA1", ".",      "+",
};

static unsigned draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33) % below;
}

static size_t random_jid(uint64_t *seed, char *to)
{
    const unsigned pieces = 1 + draw(seed, 6);
    size_t len = 0;

    for (unsigned i = 0; i < pieces; i++) {
        const char *const piece = PIECES[draw(seed, CW_COUNT(PIECES))];

        memcpy(to + len, piece, strlen(piece));
        len += strlen(piece);
    }
    memcpy(to + len, "@partner.example/R 1", 20);
    return len + 20;
}

static enum cw_err to_jid(struct cw_bytes uri_text, struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_sip_uri uri;
    struct cw_jid jid;

    CW_TRY(cw_sip_uri_read(uri_text, arena, &uri));
    CW_TRY(cw_address_to_jid(&uri, arena, &jid));
    return cw_jid_write(&jid, arena, out);
}

/* ADDR-19: every JID that is mapped comes back as itself, so no two of them share a URI. */
static void brings_every_mapped_jid_back(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    uint64_t seed = 7;
    int mapped = 0;

    (void)state;
    for (int i = 0; i < USERS; i++) {
        char in[96];
        struct cw_jid jid;
        struct cw_bytes canonical;
        struct cw_bytes uri;
        struct cw_bytes back;

        assert_int_equal(cw_jid_read((struct cw_bytes){in, random_jid(&seed, in)}, arena, &jid),
                         CW_OK);
        assert_int_equal(cw_jid_write(&jid, arena, &canonical), CW_OK);
        if (cw_address_to_sip(&jid, CW_ADDRESS_WITH_GR, arena, &uri) == CW_OK) {
            mapped++;
            assert_int_equal(to_jid(uri, arena, &back), CW_OK);
            cw_assert_bytes(back, canonical);
        }
        cw_arena_reset(arena);
    }
    assert_in_range(mapped, USERS / 2, USERS - 1);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_users_of_the_hard_alphabet_apart),
        cmocka_unit_test(keeps_users_apart_whatever_their_case),
        cmocka_unit_test(keeps_users_of_all_unicode_apart),
        cmocka_unit_test(brings_every_mapped_jid_back),
    };

    return cmocka_run_group_tests_name("address_properties", tests, NULL, NULL);
}
