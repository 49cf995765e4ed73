/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/cpim.h>
#include <stdlib.h>

#define ARENA_LIMIT (1u << 20)
#define FROM        "From: Mira <im:mira@partner.example>\r\n"
#define TYPE        "Content-Type: text/plain\r\n\r\n"

/* CW_LIT() for tables, where it is not constant enough. */
#define RUN(text)                                                                                  \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static struct cw_bytes bytes(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

/* Asserts also that absent is absent. */
static void assert_field(struct cw_bytes got, const char *want)
{
    if (want == NULL) {
        assert_null(got.base);
    } else {
        cw_assert_bytes(got, bytes(want));
    }
}

/* MSG-69, after the example of RFC 3862 section 4.1. */
static void reads_a_message(void **state)
{
    static const char MESSAGE[] =
        "From: \"Mira \\\"<M>\\\" Novak\" <im:mira@partner.example>\r\n"
        "To: Tomasz <im:tomasz@corp.example>\r\n"
        "To: <im:office@corp.example>\r\n"
        "cc: <im:board@corp.example>\r\n"
        "DateTime: 2026-03-02T09:00:00+01:00\r\n"
        "Subject: the weather will be fine today\r\n"
        "Subject:;lang=fr beau temps pr\\u00e9vu\r\n"
        "Subject:;x=y;LANG=cs;z Bude hezky\r\n"
        "NS: MyFeatures <mid:features@id.example>\r\n"
        "NS: i <urn:ietf:params:imdn>\r\n"
        "MyFeatures.Font: silly\r\n"
        "i.Message-ID: 34jk324j\r\n"
        "imdn.Message-ID: of another namespace\r\n"
        "i.Disposition-Notification: positive-delivery, Display;a=b,x,\r\n"
        "i.IMDN-Record-Route: <im:a.example>, B <im:b.example>\r\n"
        "i.IMDN-Record-Route: <im:c.example>\r\n"
        "i.IMDN-Route: <im:d.example>\r\n"
        "Require: i.Disposition-Notification, Subject,\r\n"
        "\r\n"
        "Content-type: text/xml; charset=utf-8\r\n"
        "Content-ID: <1234567890@corp.example>\r\n"
        "content-disposition: render;\r\n\thandling=optional\r\n"
        "Content-Language: en\r\n"
        "Content-Transfer-Encoding: 8bit\r\n"
        "\r\n"
        "<body>\r\nhere</body>";
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_cpim cpim;

    (void)state;
    assert_int_equal(cw_cpim_read(bytes(MESSAGE), arena, &cpim), CW_OK);
    assert_field(cpim.from, "im:mira@partner.example");
    assert_field(cpim.to, "im:tomasz@corp.example");
    assert_field(cpim.datetime, "2026-03-02T09:00:00+01:00");
    assert_int_equal(cpim.subjects.count, 3);
    assert_field(cpim.subjects.items[0].text, "the weather will be fine today");
    assert_field(cpim.subjects.items[0].lang, NULL);
    assert_field(cpim.subjects.items[1].text, "beau temps pr\xC3\xA9vu");
    assert_field(cpim.subjects.items[1].lang, "fr");
    assert_field(cpim.subjects.items[2].text, "Bude hezky");
    assert_field(cpim.subjects.items[2].lang, "cs");
    assert_field(cpim.message_id, "34jk324j");
    assert_int_equal(cpim.wants, CW_IMDN_WANT_POSITIVE | CW_IMDN_WANT_DISPLAY);
    assert_int_equal(cpim.record_routes.count, 3);
    assert_field(cpim.record_routes.items[0], "im:a.example");
    assert_field(cpim.record_routes.items[1], "im:b.example");
    assert_field(cpim.record_routes.items[2], "im:c.example");
    assert_int_equal(cpim.routes.count, 1);
    assert_field(cpim.routes.items[0], "im:d.example");
    assert_field(cpim.content_type, "text/xml; charset=utf-8");
    assert_field(cpim.content_disposition, "render; handling=optional");
    assert_field(cpim.content_language, "en");
    assert_field(cpim.content_transfer_encoding, "8bit");
    assert_field(cpim.content, "<body>\r\nhere</body>");
    cw_arena_free(&arena);
}

/* MSG-69: what the examples of RFC 5438 and old clients send. */
static const struct {
    const char *name, *bytes, *from, *type, *content;
} TOLERATED[] = {
    {"no blank line", FROM TYPE "x", "im:mira@partner.example", "text/plain", "x"},
    {"LF", "From: <im:a@b.example>\nSubject: s\n\nContent-Type: text/plain\n\nx\ny\n",
     "im:a@b.example", "text/plain", "x\ny\n"},
    {"no MIME header", FROM "\r\n\r\nx: y", "im:mira@partner.example", NULL, "x: y"},
    {"no content", FROM "\r\n" TYPE, "im:mira@partner.example", "text/plain", ""},
    {"ends in the MIME headers", FROM "\r\nContent-Type: text/plain", "im:mira@partner.example",
     "text/plain", ""},
    {"ends in the message headers", FROM, "im:mira@partner.example", NULL, ""},
    {"no message header", TYPE "x", NULL, "text/plain", "x"},
    {"From twice", FROM "From: <im:b@c.example>\r\n\r\n" TYPE, "im:mira@partner.example",
     "text/plain", ""},
    {"names in the wrong case", "from: <im:a@b.example>\r\nFROM: x\r\n\r\n" TYPE, NULL,
     "text/plain", ""},
    {"no blank behind the colon", "From:<im:a@b.example>\r\n\r\n" TYPE, "im:a@b.example",
     "text/plain", ""},
    {"a date that is none", "DateTime: yesterday\r\n\r\n" TYPE, NULL, "text/plain", ""},
    {"headers of another default", "NS: <urn:other>\r\n" FROM "Require: x\r\n\r\n" TYPE, NULL,
     "text/plain", ""},
    {"and back", "NS: <urn:other>\r\nNS: <urn:ietf:params:cpim-headers:>\r\n" FROM "\r\n" TYPE,
     "im:mira@partner.example", "text/plain", ""},
    {"an empty subject", "Subject:\r\nSubject: \r\n" FROM "\r\n" TYPE, "im:mira@partner.example",
     "text/plain", ""},
};

static void tolerates_what_is_meant_well(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TOLERATED); i++) {
        struct cw_cpim cpim;

        cw_case(TOLERATED[i].name);
        assert_int_equal(cw_cpim_read(bytes(TOLERATED[i].bytes), arena, &cpim), CW_OK);
        assert_field(cpim.from, TOLERATED[i].from);
        assert_field(cpim.content_type, TOLERATED[i].type);
        assert_field(cpim.content, TOLERATED[i].content);
        assert_null(cpim.datetime.base);
    }
    cw_arena_free(&arena);
}

/* MSG-70, and what cannot be read one way only. */
static const struct {
    const char *name;
    struct cw_bytes bytes;
    enum cw_err err;
} REFUSED[] = {
    {"nothing", {"", 0}, CW_ERR_MALFORMED},
    {"no header", RUN("Hello, world\r\n\r\n"), CW_ERR_MALFORMED},
    {"no colon but a blank", RUN("From \r\n\r\n"), CW_ERR_MALFORMED},
    {"no name", RUN(": x\r\n\r\n"), CW_ERR_MALFORMED},
    {"folded", RUN("Subject: a\r\n b: c\r\n\r\n"), CW_ERR_MALFORMED},
    {"blank before the colon", RUN("From : <im:a@b.example>\r\n\r\n"), CW_ERR_MALFORMED},
    {"From without brackets", RUN("From: im:a@b.example\r\n\r\n"), CW_ERR_MALFORMED},
    {"From with one bracket", RUN("From: <im:a@b.example\r\n\r\n"), CW_ERR_MALFORMED},
    {"From with nothing in them", RUN("From: A <>\r\n\r\n"), CW_ERR_MALFORMED},
    {"To with an open quote", RUN("To: \"A <im:a@b.example>\r\n\r\n"), CW_ERR_MALFORMED},
    {"NS without URI", RUN("NS: imdn urn:ietf:params:imdn\r\n\r\n"), CW_ERR_MALFORMED},
    {"route without URI", RUN("NS: imdn <urn:ietf:params:imdn>\r\nimdn.IMDN-Route: a\r\n\r\n"),
     CW_ERR_MALFORMED},
    {"CR in a line", RUN("Subject: a\rFrom: <im:a@b.example>\r\n\r\n"), CW_ERR_MALFORMED},
    {"NUL", RUN("Subject: a\0b\r\n\r\n"), CW_ERR_MALFORMED},
    {"not UTF-8", RUN("Subject: \xFC\r\n\r\n"), CW_ERR_MALFORMED},
    {"broken MIME header", RUN(FROM "\r\nx\r\n\r\n"), CW_ERR_MALFORMED},
    {"required and unknown", RUN("Require: MyFeatures.Font\r\n\r\n"), CW_ERR_UNSUPPORTED},
    {"required of a prefix that is not declared", RUN("Require: imdn.Message-ID\r\n\r\n"),
     CW_ERR_UNSUPPORTED},
    {"required of a prefix that was redeclared",
     RUN("NS: i <urn:ietf:params:imdn>\r\nNS: i <urn:other>\r\n"
         "Require: i.Message-ID\r\n\r\n"),
     CW_ERR_UNSUPPORTED},
    {"required, unknown, of imdn",
     RUN("NS: i <urn:ietf:params:imdn>\r\nRequire: Subject,i.Subject\r\n\r\n"), CW_ERR_UNSUPPORTED},
    {"nine routes",
     RUN("NS: i <urn:ietf:params:imdn>\r\ni.IMDN-Route: <a:>,<a:>,<a:>,<a:>,<a:>,<a:>,<a:>,<a:>,"
         "<a:>\r\n\r\n"),
     CW_ERR_LIMIT},
};

static void refuses_what_is_not_understood(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(REFUSED); i++) {
        struct cw_cpim cpim;

        cw_case(REFUSED[i].name);
        assert_int_equal(cw_cpim_read(REFUSED[i].bytes, arena, &cpim), REFUSED[i].err);
    }
    cw_arena_free(&arena);
}

/* RFC 3862 section 2.3; MSG-66 for what XML cannot carry. */
static const struct {
    const char *printed, *text;
} ESCAPES[] = {
    {"\\\\ \\\" \\'", "\\ \" '"},
    {"a\\tb\\nc\\rd\\r\\ne", "a\tb\nc\nd\ne"},
    {"a\\bb", "a\xEF\xBF\xBD"
              "b"},
    {"\\u0041\\u00DF\\u20ac", "A\xC3\x9F\xE2\x82\xAC"},
    {"\\u0000\\ud83d\\uffff", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"\\u12 \\u123x \\x \\", "\\u12 \\u123x \\x \\"},
    {"\\u12", "\\u12"},
    {"\xEF\xBF\xBF", "\xEF\xBF\xBD"},
    {"a \t b", "a \t b"},
};

static void takes_escapes_out(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ESCAPES); i++) {
        char line[128] = "Subject: ";
        struct cw_cpim cpim;

        cw_case(ESCAPES[i].printed);
        strncat(line, ESCAPES[i].printed, sizeof(line) - 16);
        strncat(line, "\r\n", 3);
        assert_int_equal(cw_cpim_read(bytes(line), arena, &cpim), CW_OK);
        assert_int_equal(cpim.subjects.count, 1);
        assert_field(cpim.subjects.items[0].text, ESCAPES[i].text);
    }
    cw_arena_free(&arena);
}

static struct cw_bytes many(const char *line, size_t count, char *room)
{
    const size_t len = strlen(line);

    for (size_t i = 0; i < count; i++) {
        memcpy(room + i * len, line, len);
    }
    return (struct cw_bytes){room, count * len};
}

static void stops_at_its_limits(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    char *const room = malloc(8192);
    struct cw_cpim cpim;
    struct cw_bytes line;

    (void)state;
    assert_non_null(room);
    assert_int_equal(cw_cpim_read(many("Subject: a\r\n", 64, room), arena, &cpim), CW_OK);
    assert_int_equal(cpim.subjects.count, CW_TEXTS_MAX);
    assert_int_equal(cw_cpim_read(many("Subject: a\r\n", 65, room), arena, &cpim), CW_ERR_LIMIT);
    line = many("Subject:", 512, room);
    assert_int_equal(cw_cpim_read(line, arena, &cpim), CW_OK);
    room[line.len++] = 'x';
    assert_int_equal(cw_cpim_read(line, arena, &cpim), CW_ERR_LIMIT);
    free(room);
    cw_arena_free(&arena);
}

/* Whatever does not fit, it is the limit that is named. */
static void stops_where_the_arena_ends(void **state)
{
    size_t limit = 0;
    enum cw_err err = CW_ERR_LIMIT;

    (void)state;
    for (; err == CW_ERR_LIMIT && limit < ARENA_LIMIT; limit += 16) {
        struct cw_arena *arena = cw_arena_new(limit);
        struct cw_cpim cpim;

        err = cw_cpim_read(CW_LIT("Subject: a\\nand\xEF\xBF\xBF\r\n\r\nA: b\r\n c\r\n\r\n"), arena,
                           &cpim);
        cw_arena_free(&arena);
    }
    assert_int_equal(err, CW_OK);
    assert_in_range(limit, 512, 1024);
}

/* RCPT-1, RCPT-2, RCPT-15, RCPT-V01. */
static void writes_strictly(void **state)
{
    static const struct cw_text SUBJECTS[] = {
        {RUN(" a\r\nTo: \"b\" \\\b\t\x7F\x01 "), {0}},
        {RUN(" "), {0}},
        {RUN("pr\xC3\xA9vu"), RUN("fr-CA")},
        {RUN("x"), RUN("no\r\ntag")},
    };
    const struct cw_cpim in = {
        .from = CW_LIT("im:mira@partner.example"),
        .to = CW_LIT("im:tomasz@corp.example"),
        .datetime = CW_LIT("2026-03-02T09:00:00Z"),
        .subjects = {SUBJECTS, CW_COUNT(SUBJECTS)},
        .message_id = CW_LIT("34jk324j"),
        .wants = 31,
        .record_routes = {{CW_LIT("im:a.example"), CW_LIT("im:b.example")}, 2},
        .routes = {{CW_LIT("im:c.example")}, 1},
        .content_disposition = CW_LIT("render "),
        .content_language = CW_LIT("en"),
        .content_transfer_encoding = CW_LIT("8bit"),
        .content = CW_LIT("x\r\n\r\ny"),
    };
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_bytes out;

    (void)state;
    assert_int_equal(cw_cpim_write(&in, arena, &out), CW_OK);
    cw_assert_bytes(out, CW_LIT("From: <im:mira@partner.example>\r\n"
                                "To: <im:tomasz@corp.example>\r\n"
                                "DateTime: 2026-03-02T09:00:00Z\r\n"
                                "Subject: a\\r\\nTo: \"b\" \\\\\\b\\t\\u007f\\u0001\r\n"
                                "Subject:;lang=fr-CA pr\xC3\xA9vu\r\n"
                                "Subject: x\r\n"
                                "NS: imdn <urn:ietf:params:imdn>\r\n"
                                "imdn.Message-ID: 34jk324j\r\n"
                                "imdn.Disposition-Notification: positive-delivery, "
                                "negative-delivery, processing, display\r\n"
                                "imdn.IMDN-Record-Route: <im:a.example>\r\n"
                                "imdn.IMDN-Record-Route: <im:b.example>\r\n"
                                "imdn.IMDN-Route: <im:c.example>\r\n"
                                "\r\n"
                                "Content-Type: text/plain; charset=utf-8\r\n"
                                "Content-Disposition: render\r\n"
                                "Content-Language: en\r\n"
                                "Content-Transfer-Encoding: 8bit\r\n"
                                "\r\n"
                                "x\r\n\r\ny"));
    cw_arena_free(&arena);
}

/* RCPT-2, SEC-16: what cannot be made safe, and what may be absent. */
static void writes_no_stray_line(void **state)
{
    static const struct {
        const char *name;
        struct cw_cpim in;
        enum cw_err err;
        const char *out;
    } rows[] = {
        {"almost nothing",
         {.content_type = RUN(" ")},
         CW_OK,
         "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"},
        {"want that is none",
         {.wants = 16, .message_id = RUN("i"), .datetime = RUN("d"), .content_type = RUN("a/b")},
         CW_OK,
         "DateTime: d\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: i\r\n\r\n"
         "Content-Type: a/b\r\n\r\n"},
        {"want without id", {.wants = 1, .datetime = RUN("d")}, CW_ERR_MALFORMED, NULL},
        {"want without time", {.wants = 1, .message_id = RUN("i")}, CW_ERR_MALFORMED, NULL},
        {"from", {.from = RUN("im:a\r\nTo: b")}, CW_ERR_MALFORMED, NULL},
        {"from with a bracket", {.from = RUN("im:a>")}, CW_ERR_MALFORMED, NULL},
        {"to", {.to = RUN("im:<a")}, CW_ERR_MALFORMED, NULL},
        {"to with a blank", {.to = RUN("im:a b")}, CW_ERR_MALFORMED, NULL},
        {"to that is not ASCII", {.to = RUN("im:\xC3\xA9")}, CW_ERR_MALFORMED, NULL},
        {"id", {.message_id = RUN("a\nb")}, CW_ERR_MALFORMED, NULL},
        {"time", {.datetime = RUN("a\rb")}, CW_ERR_MALFORMED, NULL},
        {"route", {.routes = {{RUN("a"), RUN("\n")}, 2}}, CW_ERR_MALFORMED, NULL},
        {"record route", {.record_routes = {{RUN("\n")}, 1}}, CW_ERR_MALFORMED, NULL},
        {"type", {.content_type = RUN("a\r\n\r\nb")}, CW_ERR_MALFORMED, NULL},
        {"disposition", {.content_disposition = RUN("a\tb")}, CW_ERR_MALFORMED, NULL},
        {"language", {.content_language = RUN("a\nb")}, CW_ERR_MALFORMED, NULL},
        {"encoding", {.content_transfer_encoding = RUN("\x7F")}, CW_ERR_MALFORMED, NULL},
    };
    struct cw_arena *arena = cw_arena_new(1024);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        struct cw_bytes out;

        cw_case(rows[i].name);
        assert_int_equal(cw_cpim_write(&rows[i].in, arena, &out), rows[i].err);
        if (rows[i].out != NULL) {
            cw_assert_bytes(out, bytes(rows[i].out));
        }
    }
    cw_arena_free(&arena);
}

static void writes_what_fits(void **state)
{
    const struct cw_cpim in = {.content = CW_LIT("more than sixteen octets")};
    struct cw_arena *arena = cw_arena_new(16);
    struct cw_bytes out;

    (void)state;
    assert_int_equal(cw_cpim_write(&in, arena, &out), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_message),
        cmocka_unit_test(tolerates_what_is_meant_well),
        cmocka_unit_test(refuses_what_is_not_understood),
        cmocka_unit_test(takes_escapes_out),
        cmocka_unit_test(stops_at_its_limits),
        cmocka_unit_test(stops_where_the_arena_ends),
        cmocka_unit_test(writes_strictly),
        cmocka_unit_test(writes_no_stray_line),
        cmocka_unit_test(writes_what_fits),
    };

    return cmocka_run_group_tests_name("cpim", tests, NULL, NULL);
}
