/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "mime_header.h"

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

static void assert_optional(struct cw_bytes got, const char *want)
{
    assert_int_equal(got.base == NULL, want == NULL);
    if (want != NULL) {
        cw_assert_bytes(got, text(want));
    }
}

/* MSG-68, MSG-69. NULL: there is no such header. */
static const struct {
    const char *in, *type, *disposition, *language, *encoding, *rest;
} READ[] = {
    {"", NULL, NULL, NULL, NULL, ""},
    {"\r\nbody", NULL, NULL, NULL, NULL, "body"},
    {"\nbody", NULL, NULL, NULL, NULL, "body"},
    {"Content-Type: text/plain\r\nContent-Disposition: render\r\nContent-Language: pl\r\n"
     "Content-Transfer-Encoding: base64\r\n\r\nb\r\n\r\n",
     "text/plain", "render", "pl", "base64", "b\r\n\r\n"},
    {"CONTENT-type :\ttext/html \ncontent-id: <a@b>\n\nb", "text/html", NULL, NULL, NULL, "b"},
    {"Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n", "a/b", NULL, NULL, NULL, ""},
    {"Content-Type:\r\nContent-Language: \r\n\r\n", "", NULL, "", NULL, ""},
    {"Content-Type: a/b;\r\n charset=x;\r\n\t  y=z\t\r\n\r\nb", "a/b; charset=x; y=z", NULL, NULL,
     NULL, "b"},
    {"Content-Type: a/b\r\n \r\n\r\nb", "a/b", NULL, NULL, NULL, "b"},
    {"Content-Type: a/b\n ;c=d", "a/b ;c=d", NULL, NULL, NULL, ""},
    {"Content-Type: a/b", "a/b", NULL, NULL, NULL, ""},
    {"X-A: \xC3\xBC\r\n\r\n", NULL, NULL, NULL, NULL, ""},
};

static void reads_headers(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_bytes rest = text(READ[i].in);
        struct cw_mime_headers headers;

        cw_case(READ[i].in);
        assert_int_equal(cw_mime_headers_read(&rest, arena, &headers), CW_OK);
        assert_optional(headers.type, READ[i].type);
        assert_optional(headers.disposition, READ[i].disposition);
        assert_optional(headers.language, READ[i].language);
        assert_optional(headers.transfer_encoding, READ[i].encoding);
        cw_assert_bytes(rest, text(READ[i].rest));
    }
    cw_arena_free(&arena);
}

static const char *const REFUSED[] = {
    "no colon\r\n\r\n",
    ": no name\r\n\r\n",
    " Content-Type: a/b\r\n\r\n",
    "\tContent-Type: a/b\r\n",
    " \r\n\r\n",
    "A: b\rc\r\n\r\n",
    "A: b\x01\r\n\r\n",
    "A: b\x7F\r\n\r\n",
    "A: b\r\n \x0B\r\n\r\n",
    "A: b\r\nno colon\r\n",
    "A: b\r\n \r\r\n\r\nrest",
};

static void refuses_what_is_no_header(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(REFUSED); i++) {
        struct cw_bytes rest = text(REFUSED[i]);
        struct cw_mime_headers headers;

        cw_case(REFUSED[i]);
        assert_int_equal(cw_mime_headers_read(&rest, arena, &headers), CW_ERR_MALFORMED);
    }
    cw_arena_free(&arena);
}

static char many[65536];

static enum cw_err read_many(size_t len, size_t room)
{
    struct cw_arena *arena = cw_arena_new(room);
    struct cw_bytes rest = {many, len};
    struct cw_mime_headers headers;
    const enum cw_err err = cw_mime_headers_read(&rest, arena, &headers);

    cw_arena_free(&arena);
    return err;
}

static size_t repeat(const char *head, const char *piece, size_t count)
{
    size_t len = strlen(head);

    memcpy(many, head, len);
    for (size_t i = 0; i < count; i++) {
        memcpy(many + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return len;
}

static void keeps_its_limits(void **state)
{
    (void)state;
    assert_int_equal(read_many(repeat("", "A: b\r\n", CW_MIME_LINES_MAX), 64), CW_OK);
    assert_int_equal(read_many(repeat("", "A: b\r\n", CW_MIME_LINES_MAX + 1), 64), CW_ERR_LIMIT);
    assert_int_equal(read_many(repeat("A:", "b", CW_MIME_LINE_MAX - 2), 64), CW_OK);
    assert_int_equal(read_many(repeat("A:", "b", CW_MIME_LINE_MAX - 1), 64), CW_ERR_LIMIT);
    assert_int_equal(read_many(repeat("A:b\r\n", " c\r\n", (CW_MIME_LINE_MAX - 3) / 2), 4096),
                     CW_OK);
    assert_int_equal(read_many(repeat("A:b\r\n", " c\r\n", CW_MIME_LINE_MAX / 2), 65536),
                     CW_ERR_LIMIT);
    assert_int_equal(read_many(repeat("A:b\r\n", " c\r\n", 100), 64), CW_ERR_LIMIT);
}

/* A header of nothing but folds costs its own length, not the square of it. */
static void joins_folds_once(void **state)
{
    struct cw_mime_headers headers;
    struct cw_arena *arena = cw_arena_new(CW_MIME_LINE_MAX);
    const size_t len = repeat("A:b\n", " \n", CW_MIME_LINE_MAX - 3);
    struct cw_bytes rest = {many, len};

    (void)state;
    assert_int_equal(cw_mime_headers_read(&rest, arena, &headers), CW_OK);
    assert_int_equal(rest.len, 0);
    cw_arena_free(&arena);
}

static const struct {
    const char *line;
    bool is;
} LINES[] = {
    {"Content-Type: text/plain", true},
    {"content-x:", true},
    {"Content-Type", false},
    {"Content:", false},
    {"", false},
    {"From: <im:a@b.example>", false},
};

static void knows_its_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(LINES); i++) {
        cw_case(LINES[i].line);
        assert_int_equal(cw_mime_is_header(text(LINES[i].line)), LINES[i].is);
    }
}

static const char *const TAKEN[] = {"a", "b", "", "c\rd", "e"};

static void takes_lines(void **state)
{
    struct cw_bytes rest = CW_LIT("a\r\nb\n\r\nc\rd\r\ne");
    struct cw_bytes line;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TAKEN); i++) {
        assert_true(cw_mime_line(&rest, &line));
        cw_assert_bytes(line, text(TAKEN[i]));
    }
    assert_false(cw_mime_line(&rest, &line));
    rest = (struct cw_bytes){0};
    assert_false(cw_mime_line(&rest, &line));
}

static void trims(void **state)
{
    (void)state;
    cw_assert_bytes(cw_mime_trim(CW_LIT(" \t a b\t ")), CW_LIT("a b"));
    assert_int_equal(cw_mime_trim(CW_LIT(" \t ")).len, 0);
    assert_null(cw_mime_trim((struct cw_bytes){0}).base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_headers),
        cmocka_unit_test(refuses_what_is_no_header),
        cmocka_unit_test(keeps_its_limits),
        cmocka_unit_test(joins_folds_once),
        cmocka_unit_test(knows_its_headers),
        cmocka_unit_test(takes_lines),
        cmocka_unit_test(trims),
    };

    return cmocka_run_group_tests_name("mime_header", tests, NULL, NULL);
}
