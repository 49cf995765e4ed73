/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "sha1.h"

/* The samples of RFC 3174 section 7.3 and lengths around the block's end. */
static const struct {
    const char *text;
    const char *digest;
} CASES[] = {
    {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"0123456789012345678901234567890123456789012345678901234",
     "9f3a4ce7f66b1b74c34da2c5d732c39f81e0f8df"},
    {"0123456789012345678901234567890123456789012345678901234567890123",
     "cf0800f7644ace3cb4c3fa33388d3ba0ea3c8b6e"},
};

static void gives_the_digests_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        char digest[CW_SHA1_HEX_LEN];

        cw_case(CASES[i].text);
        cw_sha1_hex((struct cw_bytes){CASES[i].text, strlen(CASES[i].text)}, digest);
        assert_memory_equal(digest, CASES[i].digest, sizeof(digest));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gives_the_digests_of_the_rfc)};

    return cmocka_run_group_tests_name("sha1", tests, NULL, NULL);
}
