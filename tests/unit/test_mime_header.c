/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "mime_header.h"

#include <stdlib.h>

static struct cw_bytes bytes(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

/* MSG-68, MSG-69: Content-Type, and what is left behind the headers. */
static const struct {
    const char *name, *text, *type, *rest;
} READ[] = {
    {"none", "\r\nbody", NULL, "body"},
    {"one", "Content-Type: text/plain\r\n\r\nbody", "text/plain", "body"},
    {"LF", "Content-Type: text/plain\n\nbody", "text/plain", "body"},
    {"any case, no blank, blanks", "CONTENT-type:\t text/plain \r\n\r\n", "text/plain", ""},
    {"blank before the colon", "Content-Type : text/plain\r\n\r\n", "text/plain", ""},
    {"folded", "Content-Type: multipart/mixed;\r\n  boundary=x;\n\ty=z\r\n\r\nbody",
     "multipart/mixed; boundary=x; y=z", "body"},
    {"folded with nothing", "Content-Type: a/b\r\n \r\n\t\r\nContent-ID: x\r\n\r\n", "a/b", ""},
    {"the first one counts", "Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n", "a/b", ""},
    {"others", "X: y: z\r\nContent-Length: 0\r\nContent-Type: a/b\r\n\r\n", "a/b", ""},
    {"empty", "Content-Type:\r\n\r\n", "", ""},
    {"the end", "Content-Type: a/b", "a/b", ""},
    {"the end in a fold", "Content-Type: a/b;\r\n c=d", "a/b; c=d", ""},
    {"nothing at all", "", NULL, ""},
    {"no ASCII", "Content-Type: \xFF\r\n\r\n", "\xFF", ""},
};

static void reads_headers(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_bytes rest = bytes(READ[i].text);
        struct cw_mime_headers headers;

        cw_case(READ[i].name);
        assert_int_equal(cw_mime_headers_read(&rest, arena, &headers), CW_OK);
        assert_int_equal(headers.type.base == NULL, READ[i].type == NULL);
        cw_assert_bytes(headers.type, bytes(READ[i].type != NULL ? READ[i].type : ""));
        cw_assert_bytes(rest, bytes(READ[i].rest));
    }
    cw_arena_free(&arena);
}

static void reads_all_four(void **state)
{
    struct cw_bytes rest = CW_LIT("Content-Transfer-Encoding: base64\r\n"
                                  "Content-Language: en, de\r\n"
                                  "Content-Disposition: render; handling=optional\r\n\r\n");
    struct cw_arena *arena = cw_arena_new(64);
    struct cw_mime_headers headers;

    (void)state;
    assert_int_equal(cw_mime_headers_read(&rest, arena, &headers), CW_OK);
    assert_null(headers.type.base);
    cw_assert_bytes(headers.transfer_encoding, CW_LIT("base64"));
    cw_assert_bytes(headers.language, CW_LIT("en, de"));
    cw_assert_bytes(headers.disposition, CW_LIT("render; handling=optional"));
    cw_arena_free(&arena);
}

static void refuses_what_is_no_header(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } rows[] = {
        {"body", 4},
        {": x\r\n\r\n", 7},
        {" Content-Type: a/b\r\n\r\n", 22},
        {"X: a\rb\r\n\r\n", 10},
        {"X: \0\r\n\r\n", 8},
        {"X: \x7F\r\n\r\n", 8},
        {"X: a\r\n \x01\r\n", 10},
    };
    struct cw_arena *arena = cw_arena_new(1024);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        struct cw_bytes rest = {rows[i].text, rows[i].len};
        struct cw_mime_headers headers;

        cw_case(rows[i].text);
        assert_int_equal(cw_mime_headers_read(&rest, arena, &headers), CW_ERR_MALFORMED);
    }
    cw_arena_free(&arena);
}

/* So many times `piece`. */
static struct cw_bytes many(const char *piece, size_t count, char *room)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(room + i * strlen(piece), piece, strlen(piece));
    }
    return (struct cw_bytes){room, count * strlen(piece)};
}

static enum cw_err read_in(struct cw_bytes text, size_t limit)
{
    struct cw_arena *arena = cw_arena_new(limit);
    struct cw_mime_headers headers;
    const enum cw_err err = cw_mime_headers_read(&text, arena, &headers);

    cw_arena_free(&arena);
    return err;
}

/* SEC-16: a header of a thousand folds takes the room of one header. */
static void stops_at_its_limits(void **state)
{
    char *const room = malloc(8192);

    (void)state;
    assert_non_null(room);
    assert_int_equal(read_in(many("X: y\r\n", 64, room), 16), CW_OK);
    assert_int_equal(read_in(many("X: y\r\n", 65, room), 16), CW_ERR_LIMIT);
    assert_int_equal(read_in(many("a:", 2048, room), 16), CW_OK);
    room[4096] = 'b';
    assert_int_equal(read_in((struct cw_bytes){room, 4097}, 16), CW_ERR_LIMIT);
    memcpy(room, "X:\n", 3);
    assert_int_equal(read_in((struct cw_bytes){room, 3 + many(" \n", 2047, room + 3).len}, 4096),
                     CW_OK);
    assert_int_equal(read_in((struct cw_bytes){room, 3 + many(" \n", 2048, room + 3).len}, 4096),
                     CW_ERR_LIMIT);
    assert_int_equal(read_in(CW_LIT("X: y\r\n z\r\n"), 4), CW_ERR_LIMIT);
    free(room);
}

static void knows_mime_headers(void **state)
{
    (void)state;
    assert_true(cw_mime_is_header(CW_LIT("Content-Type: a/b")));
    assert_true(cw_mime_is_header(CW_LIT("content-x:")));
    assert_false(cw_mime_is_header(CW_LIT("Content-Type")));
    assert_false(cw_mime_is_header(CW_LIT("Content: x")));
    assert_false(cw_mime_is_header(CW_LIT("C:")));
    assert_false(cw_mime_is_header(CW_LIT("Subject: Content-Type: x")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_headers),
        cmocka_unit_test(reads_all_four),
        cmocka_unit_test(refuses_what_is_no_header),
        cmocka_unit_test(stops_at_its_limits),
        cmocka_unit_test(knows_mime_headers),
    };

    return cmocka_run_group_tests_name("mime_header", tests, NULL, NULL);
}
