/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/content.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ENOUGH ((size_t)8 << 20)
#define ALT    "multipart/alternative;boundary=b"
#define MIXED  "multipart/mixed;boundary=b"
#define B      "--b\r\n"
#define END    "--b--\r\n"
#define PLAIN  B "Content-Type: text/plain\r\n\r\n"
#define FROM   "From: <im:a@b.example>\r\n"

static char big[256 * 1024 + 1];

static struct cw_bytes text(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

static size_t append(size_t len, const char *piece)
{
    const size_t more = strlen(piece);

    assert_true(len + more < sizeof(big));
    memcpy(big + len, piece, more + 1);
    return len + more;
}

static enum cw_err read_big(const char *type, size_t len, struct cw_arena *arena,
                            struct cw_content *content)
{
    const struct cw_content_input in = {.type = text(type), .bytes = {big, len}};

    return cw_content_read(&in, arena, content);
}

/* `levels` multiparts around a text; the type is that of the outermost. */
static enum cw_err read_nested(unsigned levels, struct cw_content *content, struct cw_arena *arena)
{
    char line[64];
    size_t len = 0;

    for (unsigned i = 0; i < levels; i++) {
        if (i != 0) {
            (void)snprintf(line, sizeof(line), "Content-Type: multipart/mixed;boundary=b%u\r\n\r\n",
                           i);
            len = append(len, line);
        }
        (void)snprintf(line, sizeof(line), "--b%u\r\n", i);
        len = append(len, line);
    }
    len = append(len, "\r\ndeep\r\n");
    for (unsigned i = levels; i-- > 0;) {
        (void)snprintf(line, sizeof(line), "--b%u--\r\n", i);
        len = append(len, line);
    }
    return read_big("multipart/mixed;boundary=b0", len, arena, content);
}

/* MSG-68 */
static void nests_four_deep(void **state)
{
    struct cw_arena *arena = cw_arena_new(ENOUGH);
    struct cw_content content;

    (void)state;
    assert_int_equal(read_nested(3, &content, arena), CW_OK);
    assert_int_equal(content.bodies.count, 1);
    cw_assert_bytes(content.bodies.items[0].text, CW_LIT("deep"));
    assert_int_equal(read_nested(4, &content, arena), CW_ERR_LIMIT);
    assert_int_equal(read_nested(1000, &content, arena), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

#define NEST                                                                                       \
    B "Content-Type: multipart/mixed;boundary=c\r\n"                                               \
      "Content-Disposition: render;handling=optional\r\n\r\n--c\r\n\r\none\r\n--c\r\n"             \
      "Content-Type: image/png\r\n\r\nx\r\n--c--\r\n"
#define NOTICE                                                                                     \
    B "Content-Type: message/imdn+xml\r\n\r\n<imdn xmlns='urn:ietf:params:xml:ns:imdn'>"           \
      "<message-id>i</message-id><delivery-notification><status><failed/></status>"                \
      "</delivery-notification></imdn>\r\n"

/* Parts that are skipped count, too: NEST is three, of which none is shown. */
static const struct {
    const char *type, *piece;
    size_t count;
    enum cw_err err;
} REPEATED[] = {
    {MIXED, PLAIN "x\r\n", 32, CW_OK}, {MIXED, PLAIN "x\r\n", 33, CW_ERR_LIMIT},
    {ALT, PLAIN "x\r\n", 32, CW_OK},   {ALT, PLAIN "x\r\n", 33, CW_ERR_LIMIT},
    {MIXED, NEST, 10, CW_OK},          {MIXED, NEST, 11, CW_ERR_LIMIT},
    {MIXED, NOTICE, 32, CW_OK},        {MIXED, NOTICE, 33, CW_ERR_LIMIT},
};

static void takes_32_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(REPEATED); i++) {
        struct cw_arena *arena = cw_arena_new(ENOUGH);
        struct cw_content content;
        size_t len = 0;

        print_message("  case: %zu\n", i);
        for (size_t n = 0; n < REPEATED[i].count; n++) {
            len = append(len, REPEATED[i].piece);
        }
        len = append(len, END);
        assert_int_equal(read_big(REPEATED[i].type, len, arena, &content), REPEATED[i].err);
        cw_arena_free(&arena);
    }
}

/* ---- hostile input costs what its length does ---- */

static const struct {
    const char *name, *type, *head, *piece;
} HOSTILE[] = {
    {"lines almost a boundary", MIXED, "", "--b-\r\n"},
    {"empty lines", MIXED, "", "\n"},
    {"one part of near boundaries", MIXED, PLAIN, "--bb\n"},
    {"delimiters", MIXED, "", "--b\n"},
    {"headers", MIXED, B, "a:b\n"},
    {"folds", MIXED, B "a:b\n", " \n"},
    {"folded headers", MIXED, B, "a:b\n c\n c\n c\n c\n c\n c\n"},
    {"returns", MIXED, PLAIN, "\r"},
    {"tags", "text/html", "", "<b>"},
    {"open tags", "text/html", "", "<"},
    {"entities", "text/html", "", "&amp"},
    {"comments", "text/html", "", "<!--"},
    {"nested multiparts", MIXED, "", B "Content-Type: multipart/mixed;boundary=b\r\n\r\n"},
    {"alternatives of alternatives", ALT, "", B "Content-Type: " ALT "\r\n\r\n"},
    {"envelope", "message/cpim", FROM, "a: b\r\n"},
    {"envelope of folds", "message/cpim", FROM, " \r\n"},
    {"padding of quoted-printable", MIXED, B "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
     " "},
    {"soft breaks", MIXED, B "Content-Transfer-Encoding: quoted-printable\r\n\r\n", "= \n"},
    {"base64 of blanks", MIXED, B "Content-Transfer-Encoding: base64\r\n\r\n", " ="},
};

/* A body of `size` octets; a multipart is closed. */
static double seconds_for(size_t row, size_t size)
{
    struct cw_arena *arena = cw_arena_new(ENOUGH);
    const size_t piece = strlen(HOSTILE[row].piece);
    struct cw_content content;
    struct timespec start;
    struct timespec end;
    size_t len = append(0, HOSTILE[row].head);

    while (len + piece + sizeof("\r\n" END) <= size) {
        memcpy(big + len, HOSTILE[row].piece, piece);
        len += piece;
    }
    len = append(len, "\r\n" END);
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start), 0);
    (void)!read_big(HOSTILE[row].type, len, arena, &content);
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end), 0);
    cw_arena_free(&arena);
    return (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

/* Quadratic time on 256 KiB is seconds; linear time is milliseconds, also under a sanitizer. */
static void hostile_input_costs_little(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(HOSTILE); i++) {
        const double half = seconds_for(i, sizeof(big) / 2);
        const double whole = seconds_for(i, sizeof(big) - 1);

        print_message("  %s: %.2f ms for 128 KiB, %.2f ms for 256 KiB\n", HOSTILE[i].name,
                      half * 1e3, whole * 1e3);
        assert_true(whole < 0.5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nests_four_deep),
        cmocka_unit_test(takes_32_parts),
        cmocka_unit_test(hostile_input_costs_little),
    };

    return cmocka_run_group_tests_name("content_limits", tests, NULL, NULL);
}
