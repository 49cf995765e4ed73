/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/content.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_LIMIT (1u << 20)

/* Parts of multipart bodies whose boundary is "b". */
#define PART(type, content) "--b\r\nContent-Type: " type "\r\n\r\n" content "\r\n"
#define OPTIONAL(type, content)                                                                    \
    "--b\r\nContent-Type: " type                                                                   \
    "\r\nContent-Disposition: render;handling=optional\r\n\r\n" content "\r\n"
#define IN(language, type, content)                                                                \
    "--b\r\nContent-Type: " type "\r\nContent-Language: " language "\r\n\r\n" content "\r\n"
#define END         "--b--\r\n"
#define MIXED       "multipart/mixed;boundary=b"
#define ALTERNATIVE "multipart/alternative;boundary=b"
#define CPIM        "From: <im:mira@partner.example>\r\n\r\n"
#define TYPING                                                                                     \
    "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>active</state>"             \
    "</isComposing>"
#define NOTICE(id)                                                                                 \
    "<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>" id "</message-id>"                    \
    "<delivery-notification><status><delivered/></status></delivery-notification></imdn>"

static struct cw_bytes bytes(const char *literal)
{
    return literal != NULL ? (struct cw_bytes){literal, strlen(literal)} : (struct cw_bytes){0};
}

static enum cw_err read_body(const char *type, const char *body, struct cw_arena *arena,
                             struct cw_content *out)
{
    const struct cw_content_input in = {.type = bytes(type), .bytes = bytes(body)};

    return cw_content_read(&in, arena, out);
}

/* The texts as "text" or "lang:text", with a bar in between. */
static void print_texts(const struct cw_content *content, char *to, size_t room)
{
    size_t len = 0;

    to[0] = '\0';
    for (size_t i = 0; i < content->bodies.count; i++) {
        const struct cw_text *const at = &content->bodies.items[i];

        len +=
            (size_t)snprintf(to + len, room - len, "%s" CW_FMT "%s" CW_FMT, i != 0 ? "|" : "",
                             CW_ARG(at->lang), at->lang.base != NULL ? ":" : "", CW_ARG(at->text));
    }
}

static const struct {
    const char *name, *type, *body, *texts;
} TEXTS[] = {
    /* one part: MSG-61, MSG-65, MSG-66, MSG-67 */
    {"no type", NULL, "hi", "hi"},
    {"plain", "text/plain", " hi\n", " hi\n"},
    {"any case", "Text/Plain; Charset=\"UTF-8\"", "hi", "hi"},
    {"MSG-61 line ends", "text/plain", "a\r\nb\rc", "a\nb\nc"},
    {"MSG-V28", "text/plain; charset=iso-8859-1", "K\xFC\xF1n", "K\xC3\xBC\xC3\xB1n"},
    {"byte order mark", "text/plain", "\xEF\xBB\xBFhi", "hi"},
    {"html", "text/html;charset=windows-1252", "<p>\x80 &lt;b&gt;</p>", "\xE2\x82\xAC <b>"},
    {"html that is a character of no text", "text/html", "a&#8;", "a\xEF\xBF\xBD"},

    /* MSG-68 */
    {"MSG-V29", ALTERNATIVE, PART("text/html", "<b>fat</b>") PART("text/plain", "thin") END,
     "thin"},
    {"plain first", ALTERNATIVE, PART("text/plain", "thin") PART("text/html", "fat") END, "thin"},
    {"the last one that is understood", ALTERNATIVE,
     PART("text/html", "a") PART("text/html", "b") PART("image/png", "c") END, "b"},
    {"languages", ALTERNATIVE,
     IN("de", "text/plain", "gut") IN("fr", "text/plain", "bon") IN("en", "text/plain", "good") END,
     "en:good|fr:bon|de:gut"},
    {"a language twice", ALTERNATIVE,
     IN("DE", "text/plain", "alt") IN("de", "text/plain", "neu") IN("en", "text/plain", "new") END,
     "en:new|de:neu"},
    {"no language", ALTERNATIVE, PART("text/plain", "old") PART("text/plain", "new") END, "new"},
    {"one language and none", ALTERNATIVE,
     PART("text/plain", "old") IN("en", "text/plain", "new") END, "en:new"},
    {"plain text of an unknown charset", ALTERNATIVE,
     PART("text/html", "fat") PART("text/plain;charset=utf-7", "thin") END, "fat"},
    {"empty plain text", ALTERNATIVE, PART("text/html", "fat") PART("text/plain", "") END, "fat"},
    {"empty html behind full html", ALTERNATIVE, PART("text/html", "fat") PART("text/html", "") END,
     "fat"},
    {"one that is encrypted", ALTERNATIVE,
     PART("text/html", "fat") PART("application/pkcs7-mime", "x") END, "fat"},
    {"an envelope that cannot be read to its end", ALTERNATIVE,
     PART("text/html", "fat") PART("message/cpim", CPIM "Content-Type: image/png\r\n\r\nx") END,
     "fat"},
    {"mixed", MIXED, PART("text/plain", "one") PART("text/plain", "two") END, "one"},
    {"mixed, the first one empty", MIXED, PART("text/plain", "") PART("text/plain", "two") END,
     "two"},
    {"mixed, optional first", MIXED, OPTIONAL("image/png", "x") PART("text/plain", "one") END,
     "one"},
    {"mixed, optional last", MIXED, PART("text/plain", "one") OPTIONAL("image/png", "x") END,
     "one"},
    {"mixed, optional and encrypted", MIXED,
     OPTIONAL("application/pkcs7-mime", "x") PART("text/plain", "one") END, "one"},
    {"mixed, optional and not even decodable", MIXED,
     "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
     "Content-Disposition: icon;handling=\"Optional\"\r\n\r\n*\r\n" PART("text/plain", "one") END,
     "one"},
    {"mixed, an optional envelope", MIXED,
     OPTIONAL("message/cpim", CPIM "Content-Type: image/png\r\n\r\nx") PART("text/plain", "one")
         END,
     "one"},
    {"related", "multipart/related;boundary=\"b\";start=\"<x>\"",
     PART("text/html", "<i>one</i>") OPTIONAL("image/png", "x") END, "one"},
    {"of no known kind", "Multipart/X-New; boundary=b", PART("text/plain", "one") END, "one"},
    {"part without a header", MIXED, "--b\r\n\r\none\r\n" END, "one"},
    {"base64", MIXED,
     "--b\r\nContent-Type: text/plain;charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n"
     "/v8AYQBi\r\n" END,
     "ab"},
    {"quoted-printable", MIXED,
     "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9=\r\n!\r\n" END,
     "caf\xC3\xA9!"},
    {"alternatives in mixed", MIXED,
     PART("multipart/alternative;boundary=c",
          "--c\r\nContent-Type: text/plain\r\nContent-Language: de\r\n\r\ngut\r\n"
          "--c\r\nContent-Type: text/plain\r\nContent-Language: en\r\n\r\ngood\r\n--c--") END,
     "en:good|de:gut"},
    {"four deep", MIXED,
     PART("multipart/mixed;boundary=c",
          "--c\r\nContent-Type: multipart/mixed;boundary=d\r\n\r\n--d\r\n\r\none\r\n--d--\r\n--c--")
         END,
     "one"},
};

static void reads_texts(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TEXTS); i++) {
        struct cw_content content;
        char texts[256];

        cw_case(TEXTS[i].name);
        assert_int_equal(read_body(TEXTS[i].type, TEXTS[i].body, arena, &content), CW_OK);
        assert_int_equal(content.kind, CW_CONTENT_TEXT);
        assert_false(content.wrapped);
        assert_false(content.signature_lost);
        print_texts(&content, texts, sizeof(texts));
        assert_string_equal(texts, TEXTS[i].texts);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* MSG-66, MSG-V27 */
static void replaces_what_xml_cannot_carry(void **state)
{
    const struct cw_content_input in = {.bytes = {"\x61\x07\x62\x00\xEF\xBF\xBE\x63", 8}};
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_content content;

    (void)state;
    assert_int_equal(cw_content_read(&in, arena, &content), CW_OK);
    cw_assert_bytes(content.bodies.items[0].text, CW_LIT("a\xEF\xBF\xBD"
                                                         "b\xEF\xBF\xBD\xEF\xBF\xBD"
                                                         "c"));
    cw_arena_free(&arena);
}

/* MSG-60, MSG-69: the inner language counts before the outer one. */
static void takes_the_language_from_outside(void **state)
{
    static const struct {
        const char *type, *language, *body, *texts;
    } rows[] = {
        {"text/plain", "de, en", "x", "de:x"},
        {"text/plain", "not a tag", "x", "x"},
        {MIXED, "de", "--b\r\n\r\nx\r\n" END, "de:x"},
        {MIXED, "de", IN("fr", "text/plain", "x") END, "fr:x"},
        {CW_CPIM_TYPE, "de", CPIM "\r\nx", "de:x"},
        {CW_CPIM_TYPE, "de", CPIM "Content-Language: fr\r\n\r\nx", "fr:x"},
    };
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        const struct cw_content_input in = {.type = bytes(rows[i].type),
                                            .language = bytes(rows[i].language),
                                            .bytes = bytes(rows[i].body)};
        struct cw_content content;
        char texts[64];

        assert_int_equal(cw_content_read(&in, arena, &content), CW_OK);
        print_texts(&content, texts, sizeof(texts));
        assert_string_equal(texts, rows[i].texts);
    }
    cw_arena_free(&arena);
}

static const struct {
    const char *name, *type, *body;
    enum cw_err err;
} REFUSED[] = {
    /* MSG-71, MSG-V30 */
    {"MSG-V30", "application/json", "{}", CW_ERR_UNSUPPORTED},
    {"file transfer", "application/vnd.gsma.rcs-ft-http+xml", "<file/>", CW_ERR_UNSUPPORTED},
    {"a body elsewhere", "message/external-body; access-type=URL;URL=\"http://a.example/\"", "x",
     CW_ERR_UNSUPPORTED},
    {"MSG-65 unknown charset", "text/plain;charset=utf-7", "hi", CW_ERR_UNSUPPORTED},
    {"unknown transfer encoding", MIXED,
     "--b\r\nContent-Transfer-Encoding: x-gzip\r\n\r\nx\r\n" END, CW_ERR_UNSUPPORTED},
    /* MSG-68 */
    {"required part", MIXED, PART("text/plain", "one") PART("image/png", "x") END,
     CW_ERR_UNSUPPORTED},
    {"required by name", MIXED,
     PART("text/plain", "one") "--b\r\nContent-Type: image/png\r\nContent-Disposition: "
                               "render;handling=required\r\n\r\nx\r\n" END,
     CW_ERR_UNSUPPORTED},
    {"a handling that cannot be read", MIXED,
     "--b\r\nContent-Type: image/png\r\nContent-Disposition: "
     "x;handling=optional;handling=\"\r\n\r\n"
     "x\r\n" END,
     CW_ERR_UNSUPPORTED},
    {"no alternative", ALTERNATIVE, PART("image/png", "x") PART("image/gif", "y") END,
     CW_ERR_UNSUPPORTED},
    {"an envelope in an envelope", CW_CPIM_TYPE,
     CPIM "Content-Type: message/cpim\r\n\r\n" CPIM "Content-Type: text/plain\r\n\r\nhi",
     CW_ERR_UNSUPPORTED},
    {"MSG-70 what an envelope requires", CW_CPIM_TYPE, "Require: x.y\r\n\r\n\r\n",
     CW_ERR_UNSUPPORTED},
    /* MSG-72 */
    {"enveloped", "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "x",
     CW_ERR_ENCRYPTED},
    {"pkcs7 of no kind", "application/x-pkcs7-mime", "x", CW_ERR_ENCRYPTED},
    {"signed in one piece", "application/pkcs7-mime; smime-type=signed-data", "x",
     CW_ERR_UNSUPPORTED},
    {"certificates", "application/pkcs7-mime; smime-type=Certs-Only", "x", CW_ERR_UNSUPPORTED},
    {"PGP", "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b", "x",
     CW_ERR_ENCRYPTED},
    {"PGP in a part", MIXED, PART("application/pgp-encrypted", "Version: 1") END, CW_ERR_ENCRYPTED},
    {"no alternative that is open", ALTERNATIVE,
     PART("application/pkcs7-mime", "x") PART("image/png", "x") END, CW_ERR_ENCRYPTED},
    {"encrypted in an envelope", CW_CPIM_TYPE, CPIM "Content-Type: application/pkcs7-mime\r\n\r\nx",
     CW_ERR_ENCRYPTED},
    /* 400 */
    {"MSG-66 not UTF-8", "text/plain", "\xFC", CW_ERR_MALFORMED},
    {"html that is not UTF-8", "text/html", "\xFC", CW_ERR_MALFORMED},
    {"no ASCII", "text/plain;charset=us-ascii", "\xFC", CW_ERR_MALFORMED},
    {"a type that cannot be read", "text/plain;charset=\"utf-8", "hi", CW_ERR_MALFORMED},
    {"multipart without boundary", "multipart/mixed", "--b\r\n\r\none\r\n" END, CW_ERR_MALFORMED},
    {"multipart that does not end", MIXED, "--b\r\n\r\none\r\n", CW_ERR_MALFORMED},
    {"a part of an alternative that is broken", ALTERNATIVE,
     PART("text/plain", "one") PART("text/plain", "\xFC") END, CW_ERR_MALFORMED},
    {"base64 that is none", MIXED, "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n*\r\n" END,
     CW_ERR_MALFORMED},
    {"a signature without content", "multipart/signed;boundary=b", PART("text/plain", "one") END,
     CW_ERR_MALFORMED},
    {"typing that is none", CW_IS_COMPOSING_TYPE, "<x/>", CW_ERR_MALFORMED},
    {"a notice that is none", CW_IMDN_TYPE, "<x/>", CW_ERR_MALFORMED},
    {"an envelope that is none", CW_CPIM_TYPE, "hi", CW_ERR_MALFORMED},
    /* 513 */
    {"five deep", MIXED,
     PART("multipart/mixed;boundary=c", "--c\r\nContent-Type: multipart/mixed;boundary=d\r\n\r\n"
                                        "--d\r\nContent-Type: multipart/mixed;boundary=e\r\n\r\n"
                                        "--e\r\n\r\none\r\n--e--\r\n--d--\r\n--c--") END,
     CW_ERR_LIMIT},
};

static void refuses_what_it_must(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(REFUSED); i++) {
        struct cw_content content;

        cw_case(REFUSED[i].name);
        assert_int_equal(read_body(REFUSED[i].type, REFUSED[i].body, arena, &content),
                         REFUSED[i].err);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* MSG-73, MSG-68 */
static void finds_nothing_where_nothing_is(void **state)
{
    static const struct {
        const char *type, *disposition, *body;
    } rows[] = {
        {"text/plain", NULL, ""},
        {"application/json", NULL, ""},
        {"text/plain", NULL, "\xEF\xBB\xBF"},
        {"text/html", NULL, "<p> </p>"},
        {MIXED, NULL, OPTIONAL("image/png", "x") END},
        {MIXED, NULL, PART("text/plain", "") END},
        {ALTERNATIVE, NULL, PART("text/plain", "") PART("image/png", "x") END},
        {"application/json", "render; handling=optional", "{}"},
        {"application/pkcs7-mime", "render; handling=OPTIONAL", "x"},
    };
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        const struct cw_content_input in = {.type = bytes(rows[i].type),
                                            .disposition = bytes(rows[i].disposition),
                                            .bytes = bytes(rows[i].body)};
        struct cw_content content;

        cw_case(rows[i].body);
        assert_int_equal(cw_content_read(&in, arena, &content), CW_OK);
        assert_int_equal(content.kind, CW_CONTENT_NOTHING);
        assert_int_equal(content.bodies.count, 0);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* MSG-69, RCPT-1 */
static void opens_envelopes(void **state)
{
    static const char BODY[] =
        "From: M <im:mira@partner.example>\r\nTo: <im:tomasz@corp.example>\r\n"
        "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: r1\r\n"
        "imdn.Disposition-Notification: positive-delivery\r\n\r\n"
        "Content-Type: " ALTERNATIVE "\r\n\r\n" PART("text/html", "fat") PART("text/plain", "thin")
            END;
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_content content;

    (void)state;
    assert_int_equal(read_body("Message/CPIM", BODY, arena, &content), CW_OK);
    assert_int_equal(content.kind, CW_CONTENT_TEXT);
    assert_true(content.wrapped);
    cw_assert_bytes(content.cpim.from, CW_LIT("im:mira@partner.example"));
    cw_assert_bytes(content.cpim.message_id, CW_LIT("r1"));
    assert_int_equal(content.cpim.wants, CW_IMDN_WANT_POSITIVE);
    cw_assert_bytes(content.bodies.items[0].text, CW_LIT("thin"));
    cw_arena_free(&arena);
}

/* MSG-72, RCPT-15 */
static void takes_what_was_signed(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_content content;

    (void)state;
    assert_int_equal(
        read_body("multipart/signed;boundary=b;protocol=\"application/pkcs7-signature\"",
                  PART("message/cpim", CPIM "Content-Type: text/plain\r\n\r\nhi")
                      PART("application/pkcs7-signature", "x") END,
                  arena, &content),
        CW_OK);
    assert_true(content.signature_lost);
    assert_true(content.wrapped);
    cw_assert_bytes(content.bodies.items[0].text, CW_LIT("hi"));
    /* what was signed and is not taken leaves no trace */
    assert_int_equal(
        read_body(MIXED,
                  OPTIONAL("multipart/signed;boundary=c",
                           "--c\r\nContent-Type: image/png\r\n\r\nx\r\n--c\r\n\r\ny\r\n"
                           "--c--") PART("text/plain", "hi") END,
                  arena, &content),
        CW_OK);
    assert_false(content.signature_lost);
    cw_arena_free(&arena);
}

/* CT-3, CT-V01 */
static void reads_typing(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_content content;

    (void)state;
    assert_int_equal(read_body(CW_IS_COMPOSING_TYPE ";charset=UTF-8", TYPING, arena, &content),
                     CW_OK);
    assert_int_equal(content.kind, CW_CONTENT_TYPING);
    assert_true(content.typing.active);
    assert_int_equal(read_body(CW_CPIM_TYPE,
                               CPIM "Content-Type: " CW_IS_COMPOSING_TYPE "\r\n\r\n" TYPING, arena,
                               &content),
                     CW_OK);
    assert_int_equal(content.kind, CW_CONTENT_TYPING);
    assert_true(content.wrapped);
    assert_int_equal(content.bodies.count, 0);
    cw_arena_free(&arena);
}

/* RCPT-4, RCPT-V02 */
static void reads_notices(void **state)
{
    static const char ONE[] = CPIM "Content-Type: message/imdn+xml\r\n"
                                   "Content-Disposition: notification\r\n\r\n" NOTICE("i1");
    static const char MANY[] = CPIM "Content-Type: " MIXED "\r\n\r\n"
                                    "--b\r\nContent-Type: message/imdn+xml\r\n"
                                    "Content-Disposition: Notification\r\n\r\n" NOTICE(
                                        "i1") "\r\n" PART("message/imdn+xml", NOTICE("i2")) END;
    static const char OTHER[] = CPIM "Content-Type: message/imdn+xml\r\n"
                                     "Content-Disposition: attachment\r\n\r\n" NOTICE("i1");
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_content content;

    (void)state;
    assert_int_equal(read_body(CW_CPIM_TYPE, ONE, arena, &content), CW_OK);
    assert_int_equal(content.kind, CW_CONTENT_NOTICES);
    assert_int_equal(content.notice_count, 1);
    cw_assert_bytes(content.notices[0].message_id, CW_LIT("i1"));
    assert_int_equal(read_body(CW_CPIM_TYPE, MANY, arena, &content), CW_OK);
    assert_int_equal(content.notice_count, 2);
    cw_assert_bytes(content.notices[0].message_id, CW_LIT("i1"));
    cw_assert_bytes(content.notices[1].message_id, CW_LIT("i2"));
    assert_int_equal(content.notices[1].status, CW_IMDN_DELIVERED);
    assert_int_equal(read_body(CW_CPIM_TYPE, OTHER, arena, &content), CW_ERR_UNSUPPORTED);
    cw_arena_free(&arena);
}

static char *append(char *to, const char *text)
{
    memcpy(to, text, strlen(text) + 1);
    return to + strlen(text);
}

/* `groups` of eight optional parts that are not for us, each group a multipart of its own. */
static enum cw_err read_groups(unsigned groups, const char *part)
{
    static const char OPEN[] = "--b\r\nContent-Type: multipart/mixed;boundary=c\r\n"
                               "Content-Disposition: render;handling=optional\r\n\r\n";
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    char *const room = malloc(65536);
    struct cw_content content;
    char *at = room;
    enum cw_err err;

    assert_non_null(room);
    for (unsigned i = 0; i < groups; i++) {
        at = append(at, OPEN);
        for (unsigned j = 0; j < 8; j++) {
            at = append(at, part);
        }
        at = append(at, "--c--\r\n");
    }
    (void)append(at, END);
    err = read_body(MIXED, room, arena, &content);
    free(room);
    cw_arena_free(&arena);
    return err;
}

/* SEC-16: 32 parts are all, whether they were for us or not. */
static void counts_parts_of_all_levels(void **state)
{
    static const char UNKNOWN[] = "--c\r\nContent-Type: image/png\r\n\r\nx\r\n";
    static const char PLAIN[] = "--c\r\n\r\nx\r\n";

    (void)state;
    assert_int_equal(read_groups(3, UNKNOWN), CW_OK);
    assert_int_equal(read_groups(4, UNKNOWN), CW_ERR_LIMIT);
    assert_int_equal(read_groups(3, PLAIN), CW_OK);
    assert_int_equal(read_groups(4, PLAIN), CW_ERR_LIMIT);
}

/* Whatever does not fit, it is the limit that is named. */
static void stops_where_the_arena_ends(void **state)
{
    static const struct {
        const char *type, *body;
    } rows[] = {
        {"text/plain;charset=\"utf-16\"", "abcd"},
        {"text/html", "<a href='http://a.example/&amp;'>b</a>"},
        {ALTERNATIVE, PART("text/plain", "\x01") PART("text/html", "b") END},
        {CW_CPIM_TYPE, CPIM "Content-Type: " CW_IMDN_TYPE "\r\n\r\n" NOTICE("i1")},
        {CW_IS_COMPOSING_TYPE, TYPING},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        enum cw_err err = CW_ERR_LIMIT;

        for (size_t limit = 0; err == CW_ERR_LIMIT && limit < ARENA_LIMIT; limit += 64) {
            struct cw_arena *arena = cw_arena_new(limit);
            struct cw_content content;

            err = read_body(rows[i].type, rows[i].body, arena, &content);
            cw_arena_free(&arena);
        }
        assert_int_equal(err, CW_OK);
    }
}

/* MSG-71 */
static void names_what_it_takes(void **state)
{
    (void)state;
    cw_assert_bytes(cw_content_accept(),
                    CW_LIT("text/plain, text/html, message/cpim, application/im-iscomposing+xml, "
                           "message/imdn+xml, multipart/mixed, multipart/alternative"));
}

/* MSG-20: the preferred text last; read again it is the first. */
static void writes_alternatives(void **state)
{
    static const struct cw_text TEXTS_OF[] = {
        {{"good\nday", 8}, {"en", 2}}, {{"gut\r\n", 5}, {"de", 2}}, {{"x", 1}, {"no\ntag", 6}}};
    const struct cw_text_list three = {TEXTS_OF, 3};
    const struct cw_text_list two = {TEXTS_OF, 2};
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_content content;
    struct cw_bytes out;
    char texts[64];

    (void)state;
    assert_int_equal(cw_content_write_alternative(three, CW_LIT("b"), arena, &out), CW_OK);
    cw_assert_bytes(out, CW_LIT("--b\r\nContent-Type: text/plain;charset=UTF-8\r\n\r\nx\r\n"
                                "--b\r\nContent-Type: text/plain;charset=UTF-8\r\n"
                                "Content-Language: de\r\n\r\ngut\r\n\r\n"
                                "--b\r\nContent-Type: text/plain;charset=UTF-8\r\n"
                                "Content-Language: en\r\n\r\ngood\r\nday\r\n--b--\r\n"));
    assert_int_equal(cw_content_write_alternative(two, CW_LIT("b"), arena, &out), CW_OK);
    assert_int_equal(
        cw_content_read(&(struct cw_content_input){.type = CW_LIT(ALTERNATIVE), .bytes = out},
                        arena, &content),
        CW_OK);
    print_texts(&content, texts, sizeof(texts));
    assert_string_equal(texts, "en:good\nday|de:gut\n");
    cw_arena_free(&arena);
}

static void writes_only_with_a_boundary(void **state)
{
    static const char *const BAD[] = {
        "",
        "a b",
        "a\r\nb",
        "a\"b",
        "good",
        "oo",
        "\xC3\xA9",
        "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbba"
        "aaaaaaaaaa"};
    static const struct cw_text TEXT_OF = {{"ogood", 5}, {NULL, 0}};
    const struct cw_text_list one = {&TEXT_OF, 1};
    struct cw_arena *arena = cw_arena_new(8);
    struct cw_bytes out;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(BAD); i++) {
        cw_case(BAD[i]);
        assert_int_equal(cw_content_write_alternative(one, bytes(BAD[i]), arena, &out),
                         CW_ERR_MALFORMED);
    }
    assert_int_equal(
        cw_content_write_alternative((struct cw_text_list){0}, CW_LIT("b"), arena, &out),
        CW_ERR_MALFORMED);
    assert_int_equal(cw_content_write_alternative(one, CW_LIT("goood"), arena, &out), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_texts),
        cmocka_unit_test(replaces_what_xml_cannot_carry),
        cmocka_unit_test(takes_the_language_from_outside),
        cmocka_unit_test(refuses_what_it_must),
        cmocka_unit_test(finds_nothing_where_nothing_is),
        cmocka_unit_test(opens_envelopes),
        cmocka_unit_test(takes_what_was_signed),
        cmocka_unit_test(reads_typing),
        cmocka_unit_test(reads_notices),
        cmocka_unit_test(counts_parts_of_all_levels),
        cmocka_unit_test(stops_where_the_arena_ends),
        cmocka_unit_test(names_what_it_takes),
        cmocka_unit_test(writes_alternatives),
        cmocka_unit_test(writes_only_with_a_boundary),
    };

    return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
