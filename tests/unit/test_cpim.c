/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/cpim.h>
#include <stdio.h>

#define ARENA_MAX 65536u

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

static void assert_text(struct cw_bytes got, const char *want)
{
    assert_int_equal(got.base == NULL, want == NULL);
    cw_assert_bytes(got, text(want));
}

#define END "\r\nContent-Type: text/plain\r\n\r\nHi"
#define NS  "NS: imdn <urn:ietf:params:imdn>\r\n"

/* MSG-69, MSG-70, RCPT-8: what one document says. */
static const struct {
    const char *name, *in;
    enum cw_err err;
    const char *from, *to, *subject, *lang, *datetime, *id;
    unsigned wants;
} READ[] = {
    {"all of it",
     "From: Tomasz <im:tomasz@corp.example>\r\nTo: <im:mira@partner.example>\r\n"
     "DateTime: 2026-03-02T09:00:00Z\r\nSubject:;lang=pl Plan\r\n" NS "imdn.Message-ID: 34jk\r\n"
     "imdn.Disposition-Notification: positive-delivery, negative-delivery;x=1,processing , "
     "Display\r\n" END,
     CW_OK, "im:tomasz@corp.example", "im:mira@partner.example", "Plan", "pl",
     "2026-03-02T09:00:00Z", "34jk", 15},
    {"another prefix, LF",
     "NS: d <urn:ietf:params:imdn>\nd.Message-ID: 1\nimdn.Message-ID: 2\n\n\n", CW_OK, .id = "1"},
    {"a prefix that was not declared", "imdn.Message-ID: 2\r\n" END, CW_OK, .id = NULL},
    {"a prefix of another namespace", "NS: imdn <urn:x>\r\nimdn.Message-ID: 2\r\n" END, CW_OK,
     .id = NULL},
    {"a prefix that got another meaning", NS "NS: imdn <urn:x>\r\nimdn.Message-ID: 2\r\n" END,
     CW_OK, .id = NULL},
    {"another prefix beside it",
     NS "NS: x <urn:x>\r\nimdn.Message-ID: 2\r\nx.Message-ID: 3\r\n" END, CW_OK, .id = "2"},
    {"a prefix too long to be ours",
     "NS: a23456789012345678901234567890123 <urn:ietf:params:imdn>\r\n"
     "a23456789012345678901234567890123.Message-ID: 2\r\n" END,
     CW_OK, .id = NULL},
    {"the prefix alone, or the beginning of it",
     NS "imdn.: 1\r\nimdnx.Message-ID: 1\r\nimdx.Message-ID: 1\r\nimdn: 1\r\n" END, CW_OK,
     .id = NULL},
    {"default namespace not ours",
     "From: <im:a@a.example>\r\nNS: <urn:x>\r\nTo: <im:b@b.example>\r\nSubject: x\r\n" END, CW_OK,
     .from = "im:a@a.example"},
    {"default namespace ours again",
     "NS: <urn:x>\r\nFrom: <im:x@a.example>\r\nNS: <urn:ietf:params:cpim-headers:>\r\n"
     "From: <im:a@a.example>\r\n" END,
     CW_OK, .from = "im:a@a.example"},
    {"namespace without a URI", "NS: imdn urn:x\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"namespace of nothing", "NS:\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"names are case-sensitive", "from: <im:a@a.example>\r\nSUBJECT: x\r\n" END, CW_OK, .id = NULL},
    {"display names with brackets in quotes",
     "From: \"<im:x@x.example>\\\" \\\\\" <im:a@a.example>\r\n"
     "To: A \"<\" B <im:b@b.example>;x=<y>\r\n" END,
     CW_OK, .from = "im:a@a.example", .to = "im:b@b.example"},
    {"quotes inside a URI", "From: <im:\"a\"@a.example>\r\n" END, CW_OK,
     .from = "im:\"a\"@a.example"},
    {"several To: the first", "To: <im:a@a.example>\r\nTo: <im:b@b.example>\r\n" END, CW_OK,
     .to = "im:a@a.example"},
    {"From twice: the first", "From: <im:a@a.example>\r\nFrom: <im:b@b.example>\r\n" END, CW_OK,
     .from = "im:a@a.example"},
    {"cc does not count", "cc: <im:a@a.example>\r\n" END, CW_OK, .to = NULL},
    {"no brackets", "From: im:a@a.example\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"To without an end", "To: <im:a@a.example\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"quotes without an end", "From: \"x <im:a@a.example>\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"every escape", "Subject: \\\\ \\\" \\' \\t \\n \\u00e9 \\u4E2D \\q \\u12g4 \\u123\r\n" END,
     CW_OK, .subject = "\\ \" ' \t \n \xC3\xA9 \xE4\xB8\xAD \\q \\u12g4 \\u123"},
    {"escapes of what XML forbids, and CR", "Subject: \\b\\u0000\\uFFFF\\uD83D\\udE00\\r\\\r\n" END,
     CW_OK, .subject = "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\n\\"},
    {"parameters", "Subject:;x=1;Lang=fr;y \xC3\x89t\xC3\xA9\r\n" END, CW_OK,
     .subject = "\xC3\x89t\xC3\xA9", .lang = "fr"},
    {"a parameter in quotes", "Subject:;x=\"; \\\" lang=de\";lang=fr  Objet \r\n" END, CW_OK,
     .subject = "Objet", .lang = "fr"},
    {"a parameter in quotes without an end", "Subject:;x=\"a\\\r\n" END, CW_OK, .subject = NULL},
    {"a language that is none", "Subject:;lang=_ Objet\r\n" END, CW_OK, .subject = "Objet"},
    {"no space", "Subject:Objet\r\n" END, CW_OK, .subject = "Objet"},
    {"empty subject", "Subject: \r\n" END, CW_OK, .subject = NULL},
    {"a time that is none", "DateTime: yesterday\r\n" END, CW_OK, .datetime = NULL},
    {"missing blank line (RFC 5438 section 7.1.1.4)",
     "From: <im:a@a.example>\r\nContent-type: text/plain\r\n\r\nHi", CW_OK,
     .from = "im:a@a.example"},
    {"Require of what is known",
     NS "Require: Subject, cc,imdn.Message-ID ,imdn.Disposition-Notification,imdn.Original-To,"
        "imdn.IMDN-Route,imdn.IMDN-Record-Route,From,To,DateTime,NS,Require,,\r\n" END,
     CW_OK, .id = NULL},
    {"Require of what is not", "Require: Subject,x.Vital\r\n" END, CW_ERR_UNSUPPORTED, .id = NULL},
    {"Require of an unknown one of ours", NS "Require: imdn.Vital\r\n" END, CW_ERR_UNSUPPORTED,
     .id = NULL},
    {"Require of another case", "Require: subject\r\n" END, CW_ERR_UNSUPPORTED, .id = NULL},
    {"Require in another namespace", "NS: <urn:x>\r\nRequire: Vital\r\n" END, CW_OK, .id = NULL},
    {"an id that is no token", NS "imdn.Message-ID: a b\r\n" END, CW_OK, .id = NULL},
    {"an id beyond ASCII", NS "imdn.Message-ID: \xEF\xBF\xBF\r\n" END, CW_OK, .id = NULL},
    {"an empty id", NS "imdn.Message-ID:\r\n" END, CW_OK, .id = NULL},
    {"an unknown imdn header", NS "imdn.Original-To: <im:a@a.example>\r\n" END, CW_OK, .id = NULL},
    {"nothing", "", CW_ERR_MALFORMED, .id = NULL},
    {"no message headers", "\r\n\r\nHi", CW_OK, .id = NULL},
    {"a line without a name", ": x\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"a line without a colon", "From \r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"a folded line", "Subject: a\r\n To: <im:a@a.example>\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"a name beyond ASCII", "\xC3\xA9: a\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"a control", "Subject: a\x01\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"DEL", "Subject: a\x7F\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"a lone CR", "Subject: a\rTo: <im:a@a.example>\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"a tab is no control", "Subject: a\tb\r\n" END, CW_OK, .subject = "a\tb"},
    {"not UTF-8", "Subject: \xFF\r\n" END, CW_ERR_MALFORMED, .id = NULL},
    {"a broken MIME header", "From: <im:a@a.example>\r\n\r\nHello\r\n\r\nx", CW_ERR_MALFORMED,
     .id = NULL},
};

static void reads(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_cpim out;

        cw_case(READ[i].name);
        cw_arena_reset(arena);
        assert_int_equal(cw_cpim_read(text(READ[i].in), arena, &out), READ[i].err);
        if (READ[i].err != CW_OK) {
            continue;
        }
        assert_text(out.from, READ[i].from);
        assert_text(out.to, READ[i].to);
        assert_text(out.datetime, READ[i].datetime);
        assert_text(out.message_id, READ[i].id);
        assert_int_equal(out.wants, READ[i].wants);
        assert_int_equal(out.subjects.count, READ[i].subject != NULL);
        if (READ[i].subject != NULL) {
            assert_text(out.subjects.items[0].text, READ[i].subject);
            assert_text(out.subjects.items[0].lang, READ[i].lang);
        }
        cw_assert_bytes(out.content, text(strstr(READ[i].in, "Hi") != NULL ? "Hi" : ""));
    }
    cw_arena_free(&arena);
}

/* MSG-69 */
static void reads_what_is_enclosed(void **state)
{
    static const char IN[] = "\ncontent-TYPE: text/html;\n charset=utf-8\nContent-ID: 1\n"
                             "Content-Disposition: render\nContent-Language: pl\n"
                             "Content-Transfer-Encoding: base64\n\na\n\nb\0c";
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);
    struct cw_cpim out;

    (void)state;
    assert_int_equal(cw_cpim_read((struct cw_bytes){IN, sizeof(IN) - 1}, arena, &out), CW_OK);
    assert_text(out.content_type, "text/html; charset=utf-8");
    assert_text(out.content_disposition, "render");
    assert_text(out.content_language, "pl");
    assert_text(out.content_transfer_encoding, "base64");
    cw_assert_bytes(out.content, ((struct cw_bytes){"a\n\nb\0c", 6}));
    cw_arena_free(&arena);
}

/* RCPT-11: in order, in one line or in several. */
static void reads_routes(void **state)
{
    static const struct {
        const char *value;
        enum cw_err err;
        size_t count;
    } ROUTES[] = {
        {"<sip:a>", CW_OK, 1},
        {"\"A, B\" <sip:a>;x=1,C <sip:b>, <sip:c>", CW_OK, 3},
        {"", CW_OK, 0},
        {"<sip:a>,<sip:b>,<sip:c>,<sip:d>,<sip:e>,<sip:f>,<sip:g>,<sip:h>", CW_OK, 8},
        {"<sip:a>,<sip:b>,<sip:c>,<sip:d>,<sip:e>,<sip:f>,<sip:g>,<sip:h>,<sip:i>", CW_ERR_LIMIT,
         0},
        {"sip:a", CW_ERR_MALFORMED, 0},
        {"<sip:a>,x", CW_ERR_MALFORMED, 0},
        {"<>", CW_ERR_MALFORMED, 0},
    };
    static const char *const NAMES[] = {"IMDN-Record-Route", "IMDN-Route"};
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROUTES) * CW_COUNT(NAMES); i++) {
        const size_t at = i / CW_COUNT(NAMES);
        const bool record = i % CW_COUNT(NAMES) == 0;
        char in[512];
        struct cw_cpim out;
        const struct cw_cpim_routes *const got = record ? &out.record_routes : &out.routes;

        cw_case(ROUTES[at].value);
        (void)snprintf(in, sizeof(in), NS "imdn.%s: %s\r\n" END, NAMES[i % CW_COUNT(NAMES)],
                       ROUTES[at].value);
        assert_int_equal(cw_cpim_read(text(in), arena, &out), ROUTES[at].err);
        if (ROUTES[at].err != CW_OK) {
            continue;
        }
        assert_int_equal(got->count, ROUTES[at].count);
        assert_int_equal(out.record_routes.count + out.routes.count, ROUTES[at].count);
        for (size_t j = 0; j < got->count; j++) {
            const char uri[] = {'s', 'i', 'p', ':', (char)('a' + j), '\0'};

            assert_text(got->items[j], uri);
        }
    }
    cw_arena_free(&arena);
}

/* MSG-70: several languages, at most as many as a stanza bears. */
static void reads_several_subjects(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);
    char in[1024] = "";
    struct cw_cpim out;

    (void)state;
    for (size_t i = 0; i <= CW_TEXTS_MAX; i++) {
        (void)snprintf(in + strlen(in), sizeof(in) - strlen(in), "Subject:;lang=x%c s\r\n",
                       (char)('a' + i));
    }
    strcat(in, END);
    assert_int_equal(cw_cpim_read(text(in), arena, &out), CW_OK);
    assert_int_equal(out.subjects.count, CW_TEXTS_MAX);
    assert_text(out.subjects.items[0].lang, "xa");
    assert_text(out.subjects.items[CW_TEXTS_MAX - 1].lang, "xp");
    cw_arena_free(&arena);
}

static void keeps_to_limits(void **state)
{
    static char in[16384];
    static const struct {
        size_t lines, len;
        enum cw_err err;
    } LIMITS[] = {{64, 5, CW_OK}, {65, 5, CW_ERR_LIMIT}, {1, 4096, CW_OK}, {1, 4097, CW_ERR_LIMIT}};
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(LIMITS); i++) {
        struct cw_cpim out;
        size_t at = 0;

        for (size_t line = 0; line < LIMITS[i].lines; line++) {
            memset(in + at, 'x', LIMITS[i].len);
            memcpy(in + at, "X: ", 3);
            at += LIMITS[i].len;
            in[at++] = '\n';
        }
        memcpy(in + at, END, sizeof(END));
        assert_int_equal(cw_cpim_read(text(in), arena, &out), LIMITS[i].err);
    }
    cw_arena_free(&arena);
}

/* A MIME header of many folds is copied once: the arena would not hold a copy for each. */
static void unfolds_in_one_pass(void **state)
{
    static const struct {
        size_t folds;
        enum cw_err err;
    } FOLDS[] = {{0, CW_OK}, {1, CW_OK}, {2040, CW_OK}, {2041, CW_ERR_LIMIT}};
    static char in[16384];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(FOLDS); i++) {
        struct cw_arena *arena = cw_arena_new(8192);
        struct cw_cpim out;
        size_t at = strlen(strcpy(in, "\nCONTENT-Type: x"));

        for (size_t j = 0; j < FOLDS[i].folds; j++, at += 4) {
            memcpy(in + at, "\n\tx ", 4);
        }
        /* 15 octets, and two for each fold: one more than 4,096 with the 2,041st */
        memcpy(in + at, "\n\nHi", 5);
        assert_int_equal(cw_cpim_read(text(in), arena, &out), FOLDS[i].err);
        assert_true(FOLDS[i].err != CW_OK || out.content_type.len == 1 + 2 * FOLDS[i].folds);
        cw_arena_free(&arena);
    }
}

/* A full arena is CW_ERR_LIMIT, never half a result. */
static void says_when_the_arena_is_full(void **state)
{
    static const char IN[] = "Subject: a\\u0001\r\n" NS "imdn.Message-ID: 7\r\n"
                             "\r\nContent-Type: text/plain;\r\n charset=utf-8\r\n\r\nHi";
    bool passed = false;

    (void)state;
    for (size_t limit = 1; limit < 4096; limit += 7) {
        struct cw_arena *arena = cw_arena_new(limit);
        struct cw_cpim out;
        struct cw_bytes written;
        const enum cw_err err = cw_cpim_read(text(IN), arena, &out);

        assert_true(err == CW_ERR_LIMIT || (err == CW_OK && out.message_id.len == 1));
        assert_false(passed && err != CW_OK);
        passed = err == CW_OK;
        if (passed && cw_cpim_write(&out, arena, &written) != CW_ERR_LIMIT) {
            assert_true(written.len > 100);
        }
        cw_arena_free(&arena);
    }
    assert_true(passed);
}

/* ---- writing ---- */

/* RCPT-2, RCPT-15 */
static void writes_every_header(void **state)
{
    const struct cw_text subjects[] = {
        {CW_LIT(" Plan\r\nTo: <im:x@x.example>\t\\ \"q\" \b\x01\x7F\xC3\xA9 "), CW_LIT("pl")},
        {CW_LIT("  "), CW_LIT("de")},
        {CW_LIT("B"), CW_LIT("x\r\ny")},
    };
    const struct cw_cpim in = {
        .from = CW_LIT("im:mira@partner.example"),
        .to = CW_LIT("im:tomasz@corp.example"),
        .subjects = {subjects, CW_COUNT(subjects)},
        .datetime = CW_LIT("2026-03-02T09:00:00Z"),
        .message_id = CW_LIT("34jk"),
        .wants = 15,
        .record_routes = {{CW_LIT("sip:a"), CW_LIT("sip:b")}, 2},
        .routes = {{CW_LIT("sip:c")}, 1},
        .content_type = CW_LIT("message/imdn+xml"),
        .content_disposition = CW_LIT("notification"),
        .content_language = CW_LIT("pl"),
        .content_transfer_encoding = CW_LIT("8bit"),
        .content = CW_LIT("a\r\n\r\nb"),
    };
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);
    struct cw_bytes out;

    (void)state;
    assert_int_equal(cw_cpim_write(&in, arena, &out), CW_OK);
    cw_assert_bytes(
        out,
        CW_LIT("From: <im:mira@partner.example>\r\n"
               "To: <im:tomasz@corp.example>\r\n"
               "DateTime: 2026-03-02T09:00:00Z\r\n"
               "Subject:;lang=pl Plan\\r\\nTo: <im:x@x.example>\\t\\\\ \"q\" "
               "\\b\\u0001\\u007f\xC3\xA9\r\n"
               "Subject: B\r\n"
               "NS: imdn <urn:ietf:params:imdn>\r\n"
               "imdn.Message-ID: 34jk\r\n"
               "imdn.Disposition-Notification: positive-delivery, negative-delivery, processing, "
               "display\r\n"
               "imdn.IMDN-Record-Route: <sip:a>\r\n"
               "imdn.IMDN-Record-Route: <sip:b>\r\n"
               "imdn.IMDN-Route: <sip:c>\r\n"
               "\r\n"
               "Content-Type: message/imdn+xml\r\n"
               "Content-Disposition: notification\r\n"
               "Content-Language: pl\r\n"
               "Content-Transfer-Encoding: 8bit\r\n"
               "\r\n"
               "a\r\n\r\nb"));
    cw_arena_free(&arena);
}

/* RCPT-15: no imdn header, no namespace; the default type is said. */
static void writes_the_least(void **state)
{
    static const struct {
        struct cw_cpim in;
        const char *out;
    } LEAST[] = {
        {{.wants = 0}, "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"},
        {{.wants = CW_IMDN_WANT_DISPLAY, .message_id = {"i", 1}, .datetime = {"d", 1}},
         "DateTime: d\r\n" NS "imdn.Message-ID: i\r\n"
         "imdn.Disposition-Notification: display\r\n"
         "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"},
        {{.wants = 16, .message_id = {"i", 1}, .datetime = {"d", 1}}, /* none that has a name */
         "DateTime: d\r\n" NS "imdn.Message-ID: i\r\n"
         "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"},
        {{.content_type = {" ", 1}, .content_language = {" en ", 4}},
         "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Language: en\r\n\r\n"},
        {{.record_routes = {{{"sip:a", 5}}, 1}},
         NS "imdn.IMDN-Record-Route: <sip:a>\r\n"
            "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"},
        {{.routes = {{{"sip:a", 5}}, 1}},
         NS "imdn.IMDN-Route: <sip:a>\r\n"
            "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"},
    };
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(LEAST); i++) {
        struct cw_bytes out;

        assert_int_equal(cw_cpim_write(&LEAST[i].in, arena, &out), CW_OK);
        cw_assert_bytes(out, text(LEAST[i].out));
    }
    cw_arena_free(&arena);
}

/* RCPT-2: what cannot be matched to its message is not asked for. */
static void asks_for_nothing_without_an_id_and_a_time(void **state)
{
    static const struct cw_cpim ASKING[] = {
        {.wants = CW_IMDN_WANT_DISPLAY, .message_id = {"i", 1}},
        {.wants = CW_IMDN_WANT_DISPLAY, .datetime = {"d", 1}},
    };
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);
    struct cw_bytes out;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ASKING); i++) {
        assert_int_equal(cw_cpim_write(&ASKING[i], arena, &out), CW_ERR_MALFORMED);
    }
    cw_arena_free(&arena);
}

/* MSG-66: an id goes on into an IMDN, a subject into a stanza; neither takes U+FFFE. Of an id that
 * is there twice the first one counts. */
static void reads_what_xml_can_carry(void **state)
{
    static const char MESSAGE[] = "Subject: a\xEF\xBF\xBE"
                                  "b\r\n"
                                  "From: <im:\xEF\xBF\xBF>\r\n" NS
                                  "imdn.Message-ID: first\r\nimdn.Message-ID: second\r\n\r\n";
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);
    struct cw_cpim cpim;

    (void)state;
    assert_int_equal(cw_cpim_read(text(MESSAGE), arena, &cpim), CW_OK);
    cw_assert_bytes(cpim.subjects.items[0].text, text("a\xEF\xBF\xBD"
                                                      "b"));
    cw_assert_bytes(cpim.from, text("im:\xEF\xBF\xBD"));
    cw_assert_bytes(cpim.message_id, text("first"));
    cw_arena_free(&arena);
}

/* One text in each field that a peer may have made. */
static size_t fill(struct cw_cpim *cpims, struct cw_bytes value)
{
    size_t count = 0;

    cpims[count++] = (struct cw_cpim){.from = value};
    cpims[count++] = (struct cw_cpim){.to = value};
    cpims[count++] = (struct cw_cpim){.datetime = value};
    cpims[count++] = (struct cw_cpim){.message_id = value};
    cpims[count++] = (struct cw_cpim){.record_routes = {{CW_LIT("sip:a"), value}, 2}};
    cpims[count++] = (struct cw_cpim){.routes = {{value}, 1}};
    cpims[count++] = (struct cw_cpim){.content_type = value};
    cpims[count++] = (struct cw_cpim){.content_disposition = value};
    cpims[count++] = (struct cw_cpim){.content_language = value};
    cpims[count++] = (struct cw_cpim){.content_transfer_encoding = value};
    return count;
}

/* SEC-16 */
static void refuses_what_could_begin_a_line(void **state)
{
    static const char *const BAD[] = {
        "a\r\nTo: <im:x@x.example>", "a\nb", "a\r", "\x01", "a\x7F", "a\tb", "\xC3\xA9", "a\x80"};
    static const char *const BAD_URIS[] = {"a b", "a>b", "<"};
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);
    struct cw_cpim cpims[16];
    struct cw_bytes out;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(BAD); i++) {
        const size_t count = fill(cpims, text(BAD[i]));

        for (size_t j = 0; j < count; j++) {
            assert_int_equal(cw_cpim_write(&cpims[j], arena, &out), CW_ERR_MALFORMED);
        }
    }
    for (size_t i = 0; i < CW_COUNT(BAD_URIS); i++) {
        const struct cw_cpim from = {.from = text(BAD_URIS[i])};
        const struct cw_cpim route = {.routes = {{text(BAD_URIS[i])}, 1}};

        assert_int_equal(cw_cpim_write(&from, arena, &out), CW_ERR_MALFORMED);
        assert_int_equal(cw_cpim_write(&route, arena, &out), CW_ERR_MALFORMED);
    }
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(reads_what_is_enclosed),
        cmocka_unit_test(reads_routes),
        cmocka_unit_test(reads_several_subjects),
        cmocka_unit_test(keeps_to_limits),
        cmocka_unit_test(unfolds_in_one_pass),
        cmocka_unit_test(says_when_the_arena_is_full),
        cmocka_unit_test(writes_every_header),
        cmocka_unit_test(writes_the_least),
        cmocka_unit_test(asks_for_nothing_without_an_id_and_a_time),
        cmocka_unit_test(reads_what_xml_can_carry),
        cmocka_unit_test(refuses_what_could_begin_a_line),
    };

    return cmocka_run_group_tests_name("cpim", tests, NULL, NULL);
}
