/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "multipart.h"

#include <stdlib.h>

#define PARTS 4u

static struct cw_bytes bytes(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

/* MSG-68; RFC 2046 section 5.1.1. Contents of the parts; the boundary is "b". */
static const struct {
    const char *name, *bytes;
    const char *parts[PARTS];
} READ[] = {
    {"one", "--b\r\n\r\nhello\r\n--b--\r\n", {"hello"}},
    {"two", "--b\r\nContent-Type: a/b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--", {"one", "two"}},
    {"LF", "--b\n\none\n--b\n\ntwo\n--b--\n", {"one", "two"}},
    {"preamble and epilogue",
     "This is\r\n\r\n--bx\r\n--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\nno\r\n--b--",
     {"one"}},
    {"padding of transports", "--b \t\r\n\r\none\r\n--b-- \r\n", {"one"}},
    {"line ends of its own", "--b\r\n\r\n\r\none\r\n\r\n--b--", {"\r\none\r\n"}},
    {"lines that look like it",
     "--b\r\n\r\n--\r\n--bb\r\n-b\r\n --b\r\n--b-\r\n--b-- x\r\n--b--",
     {"--\r\n--bb\r\n-b\r\n --b\r\n--b-\r\n--b-- x"}},
    {"empty", "--b\r\n\r\n\r\n--b\r\n\r\n--b\r\n--b--", {"", "", ""}},
    {"headers only", "--b\r\nContent-Type: a/b\r\n--b--", {""}},
    {"any octets", "--b\r\n\r\n\x01\xFF\r\n--b--", {"\x01\xFF"}},
    {"CR alone ends no line", "--b\r\n\r\na\r--b\r\n--b--", {"a\r--b"}},
};

static void reads_parts(void **state)
{
    struct cw_arena *arena = cw_arena_new(1024);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_part parts[PARTS];
        size_t count = 0;
        size_t want = 0;

        cw_case(READ[i].name);
        assert_int_equal(
            cw_multipart_read(bytes(READ[i].bytes), CW_LIT("b"), arena, parts, PARTS, &count),
            CW_OK);
        for (; want < PARTS && READ[i].parts[want] != NULL; want++) {
            assert_true(want < count);
            cw_assert_bytes(parts[want].content, bytes(READ[i].parts[want]));
        }
        assert_int_equal(count, want);
    }
    cw_arena_free(&arena);
}

static void reads_headers(void **state)
{
    struct cw_arena *arena = cw_arena_new(1024);
    struct cw_part part;
    size_t count;

    (void)state;
    assert_int_equal(
        cw_multipart_read(CW_LIT("--b c\r\nContent-Type: a/b;\r\n c=d\r\nContent-Language: en\r\n"
                                 "\r\nx\r\n--b c--"),
                          CW_LIT("b c"), arena, &part, 1, &count),
        CW_OK);
    cw_assert_bytes(part.headers.type, CW_LIT("a/b; c=d"));
    cw_assert_bytes(part.headers.language, CW_LIT("en"));
    assert_null(part.headers.disposition.base);
    assert_null(part.headers.transfer_encoding.base);
    cw_arena_free(&arena);
}

static const struct {
    const char *name, *bytes, *boundary;
    enum cw_err err;
} REFUSED[] = {
    {"nothing", "", "b", CW_ERR_MALFORMED},
    {"no boundary in it", "hello\r\n", "b", CW_ERR_MALFORMED},
    {"not closed", "--b\r\n\r\none\r\n", "b", CW_ERR_MALFORMED},
    {"not closed, two parts", "--b\r\n\r\none\r\n--b\r\n\r\ntwo", "b", CW_ERR_MALFORMED},
    {"closed before it began", "--b--\r\n--b\r\n\r\none\r\n--b--", "b", CW_ERR_MALFORMED},
    {"no boundary", "--\r\n\r\none\r\n----", "", CW_ERR_MALFORMED},
    {"a boundary of 71 octets",
     "--"
     "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaab",
     "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaab", CW_ERR_MALFORMED},
    {"broken headers", "--b\r\nhello\r\n--b--", "b", CW_ERR_MALFORMED},
    {"too many", "--b\n\n--b\n\n--b\n\n--b\n\n--b\n\n--b--", "b", CW_ERR_LIMIT},
};

static void refuses_what_is_broken(void **state)
{
    struct cw_arena *arena = cw_arena_new(1024);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(REFUSED); i++) {
        struct cw_part parts[PARTS];
        size_t count;

        cw_case(REFUSED[i].name);
        assert_int_equal(cw_multipart_read(bytes(REFUSED[i].bytes), bytes(REFUSED[i].boundary),
                                           arena, parts, PARTS, &count),
                         REFUSED[i].err);
    }
    cw_arena_free(&arena);
}

/* SEC-16: 64 KiB of lines that are nearly boundaries, in no memory at all. */
static void takes_no_memory_of_its_own(void **state)
{
    static const char LINE[] = "--bbbbbbbb\r\n";
    const size_t len = sizeof(LINE) - 1;
    const size_t count = 65536 / len;
    char *const room = malloc(65536);
    struct cw_arena *arena = cw_arena_new(1);
    struct cw_part part;
    size_t found;

    (void)state;
    assert_non_null(room);
    for (size_t i = 0; i < count; i++) {
        memcpy(room + i * len, LINE, len);
    }
    memcpy(room, "--b\r\n\r\n--bb\r\n", len);
    memcpy(room + (count - 1) * len, "\r\n--b--\r\n\r\n", len - 1);
    assert_int_equal(cw_multipart_read((struct cw_bytes){room, count * len}, CW_LIT("b"), arena,
                                       &part, 1, &found),
                     CW_OK);
    assert_true(part.content.len > 65000);
    free(room);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_parts),
        cmocka_unit_test(reads_headers),
        cmocka_unit_test(refuses_what_is_broken),
        cmocka_unit_test(takes_no_memory_of_its_own),
    };

    return cmocka_run_group_tests_name("multipart", tests, NULL, NULL);
}
