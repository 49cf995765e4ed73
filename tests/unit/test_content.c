/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/content.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#define ENOUGH ((size_t)4 << 20)

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

/* What was read, in one line: kind, "(sender, id)" of the envelope, "signed", each text with its
 * language, each notice with its status. */
static const char *print(const struct cw_content *content)
{
    static char line[4096];
    static const char *const KINDS[] = {"nothing", "text", "typing", "notices"};
    size_t len = (size_t)snprintf(line, sizeof(line), "%s", KINDS[content->kind]);

#define PRINT(...) len += (size_t)snprintf(line + len, sizeof(line) - len, __VA_ARGS__)
#define BYTES(b)   (int)(b).len, (b).len == 0 ? "" : (b).base
    if (content->wrapped) {
        PRINT(" in(%.*s %.*s)", BYTES(content->cpim.from), BYTES(content->cpim.message_id));
    }
    if (content->signature_lost) {
        PRINT(" signed");
    }
    if (content->kind == CW_CONTENT_TYPING) {
        PRINT(" %s", content->typing.active ? "active" : "idle");
    }
    for (size_t i = 0; i < content->bodies.count; i++) {
        PRINT(" %.*s[%.*s]", BYTES(content->bodies.items[i].lang),
              BYTES(content->bodies.items[i].text));
    }
    for (size_t i = 0; i < content->notice_count; i++) {
        PRINT(" %d[%.*s]", (int)content->notices[i].status, BYTES(content->notices[i].message_id));
    }
    return line;
}

/* `want`: as print() has it; NULL if `err` is not CW_OK. */
struct row {
    const char *name, *type, *body;
    enum cw_err err;
    const char *want;
    const char *disposition, *language, *encoding;
};

static struct cw_content_input input(const struct row *row)
{
    return (struct cw_content_input){.type = text(row->type),
                                     .language = text(row->language),
                                     .disposition = text(row->disposition),
                                     .transfer_encoding = text(row->encoding),
                                     .bytes = text(row->body)};
}

static void assert_reads(const struct row *row)
{
    struct cw_arena *arena = cw_arena_new(ENOUGH);
    const struct cw_content_input in = input(row);
    struct cw_content content;
    const enum cw_err err = cw_content_read(&in, arena, &content);

    if (err != row->err) {
        fail_msg("%s: error %d, not %d", row->name, (int)err, (int)row->err);
    }
    if (err == CW_OK && strcmp(print(&content), row->want) != 0) {
        fail_msg("%s: %s, not %s", row->name, print(&content), row->want);
    }
    cw_arena_free(&arena);
}

#define ALT     "multipart/alternative;boundary=b"
#define MIXED   "multipart/mixed; boundary=\"b\""
#define RELATED "multipart/related;boundary=b;type=\"text/html\""
#define SIGNED  "multipart/signed;boundary=b;protocol=\"application/pkcs7-signature\""
#define B       "--b\r\n"
#define END     "--b--\r\n"
#define PLAIN   B "Content-Type: text/plain\r\n\r\n"
#define HTML    B "Content-Type: text/html\r\n\r\n"
#define IMAGE   B "Content-Type: image/png\r\n"
#define OPT     "Content-Disposition: render;handling=optional\r\n"

#define IMDN(id, what)                                                                             \
    "<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>" id "</message-id>"                    \
    "<delivery-notification><status><" what "/></status></delivery-notification></imdn>"
#define TYPING(state)                                                                              \
    "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>" state                     \
    "</state></isComposing>"
#define CPIM_HEAD                                                                                  \
    "From: <im:t@corp.example>\r\nTo: <im:m@partner.example>\r\nNS: imdn "                         \
    "<urn:ietf:params:imdn>\r\nimdn.Message-ID: x1\r\n\r\n"
#define CPIM  CPIM_HEAD "Content-Type: text/plain\r\n\r\n"
#define NOTES "Content-Disposition: notification\r\n\r\n"

/* MSG-61, MSG-65, MSG-66, MSG-67, MSG-71, MSG-73, CT-3, RCPT-4: one body. */
static const struct row ONE[] = {
    {.name = "plain", "text/plain", "hi", CW_OK, "text [hi]"},
    {.name = "no type", NULL, "hi", CW_OK, "text [hi]"},
    {.name = "language", "text/plain", "hi", CW_OK, "text en[hi]", .language = "en, de"},
    {.name = "language that is none", "text/plain", "hi", CW_OK, "text [hi]", .language = "e n"},
    {.name = "not trimmed", "text/plain", " a\r\nb\rc\n", CW_OK, "text [ a\nb\nc\n]"},
    {.name = "illegal characters",
     "text/plain",
     "a\x01\xEF\xBF\xBE",
     CW_OK,
     "text [a\xEF\xBF\xBD\xEF\xBF\xBD]"},
    {.name = "not UTF-8", "text/plain", "a\xE9", CW_ERR_MALFORMED, NULL},
    {.name = "latin", "text/plain;charset=\"ISO-8859-1\"", "a\xE9", CW_OK, "text [a\xC3\xA9]"},
    {.name = "unknown charset", "text/plain;charset=klingon", "a", CW_ERR_UNSUPPORTED, NULL},
    {.name = "mark alone", "text/plain", "\xEF\xBB\xBF", CW_OK, "nothing"},
    {.name = "two marks",
     "text/plain",
     "\xEF\xBB\xBF\xEF\xBB\xBF"
     "a\xEF\xBB\xBF",
     CW_OK,
     "text [a\xEF\xBB\xBF]"},
    {.name = "mark in html", "text/html", "<p>\xEF\xBB\xBF&#xFEFF;a</p>", CW_OK, "text [a]"},
    {.name = "marks alone", "text/html", "<p>&#xFEFF;</p>", CW_OK, "nothing"},
    {.name = "empty", "text/plain", "", CW_OK, "nothing"},
    {.name = "absent", "image/png", NULL, CW_OK, "nothing"},
    {.name = "html", "TEXT/HTML", "<p>a &lt; <b>b</b></p>", CW_OK, "text [a < b]"},
    {.name = "html of nothing", "text/html", "<p></p>", CW_OK, "nothing"},
    {.name = "base64", "text/plain", "aGk=", CW_OK, "text [hi]", .encoding = "BASE64"},
    {.name = "broken base64", "text/plain", "aG", CW_OK, "text [h]", .encoding = "base64"},
    {.name = "half base64", "text/plain", "aGkhh", CW_ERR_MALFORMED, NULL, .encoding = "base64"},
    {.name = "quoted-printable",
     "text/plain",
     "a=C3=A9=\r\nb",
     CW_OK,
     "text [a\xC3\xA9"
     "b]",
     .encoding = "quoted-printable"},
    {.name = "unknown encoding", "text/plain", "a", CW_ERR_UNSUPPORTED, NULL, .encoding = "x-uue"},
    {.name = "broken type", "text/plain;a=\"", "a", CW_ERR_MALFORMED, NULL},
    {.name = "unknown type", "image/png", "a", CW_ERR_UNSUPPORTED, NULL},
    {.name = "unknown text", "text/x-tcl", "a", CW_ERR_UNSUPPORTED, NULL},
    {.name = "optional",
     "image/png",
     "a",
     CW_OK,
     "nothing",
     .disposition = "icon;handling=Optional"},
    {.name = "required",
     "image/png",
     "a",
     CW_ERR_UNSUPPORTED,
     NULL,
     .disposition = "icon;handling=required"},
    {.name = "broken disposition",
     "image/png",
     "a",
     CW_ERR_UNSUPPORTED,
     NULL,
     .disposition = "icon;handling=\"optional"},
    {.name = "optional and encrypted",
     "application/pkcs7-mime",
     "a",
     CW_OK,
     "nothing",
     .disposition = "render;handling=optional"},
    {.name = "MSG-V28",
     "text/plain; charset=iso-8859-1",
     "K\xFC\xF1n",
     CW_OK,
     "text [K\xC3\xBC\xC3\xB1n]"},
    {.name = "MSG-V30", "application/json", "{}", CW_ERR_UNSUPPORTED, NULL},
    {.name = "file transfer",
     "application/vnd.gsma.rcs-ft-http+xml",
     "<file/>",
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "a body elsewhere",
     "message/external-body;access-type=URL",
     "x",
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "notice to be kept",
     "message/imdn+xml",
     IMDN("i1", "delivered"),
     CW_ERR_UNSUPPORTED,
     NULL,
     .disposition = "attachment"},
    {.name = "notice by its disposition",
     "message/imdn+xml",
     IMDN("i1", "delivered"),
     CW_OK,
     "notices 0[i1]",
     .disposition = "Notification"},
    {.name = "active", "application/im-iscomposing+xml", TYPING("active"), CW_OK, "typing active"},
    {.name = "idle", "application/im-iscomposing+xml", TYPING("idle"), CW_OK, "typing idle"},
    {.name = "broken typing", "application/im-iscomposing+xml", "<x/>", CW_ERR_MALFORMED, NULL},
    {.name = "notice", "message/imdn+xml", IMDN("i1", "delivered"), CW_OK, "notices 0[i1]"},
    {.name = "broken notice", "message/imdn+xml", "<x/>", CW_ERR_MALFORMED, NULL},
};

/* MSG-69, RCPT-4: the envelope. */
static const struct row ENVELOPES[] = {
    {.name = "text",
     "message/cpim",
     CPIM "hi\r\nyou",
     CW_OK,
     "text in(im:t@corp.example x1) [hi\nyou]"},
    {.name = "LF",
     "message/cpim",
     "From: <im:t@corp.example>\nTo: <im:m@p.example>\n\nContent-Type: text/plain\n\nhi",
     CW_OK,
     "text in(im:t@corp.example ) [hi]"},
    {.name = "outer language",
     "message/cpim",
     CPIM "hi",
     CW_OK,
     "text in(im:t@corp.example x1) de[hi]",
     .language = "de"},
    {.name = "inner language",
     "message/cpim",
     CPIM_HEAD "Content-Type: text/plain\r\nContent-Language: pl\r\n\r\nhi",
     CW_OK,
     "text in(im:t@corp.example x1) pl[hi]",
     .language = "de"},
    {.name = "empty", "message/cpim", CPIM, CW_OK, "nothing in(im:t@corp.example x1)"},
    {.name = "base64",
     "message/cpim",
     CPIM_HEAD "Content-Transfer-Encoding: base64\r\n\r\naGk=",
     CW_OK,
     "text in(im:t@corp.example x1) [hi]"},
    {.name = "notice",
     "message/cpim",
     CPIM_HEAD "Content-Type: message/imdn+xml\r\n" NOTES IMDN("i1", "failed"),
     CW_OK,
     "notices in(im:t@corp.example x1) 1[i1]"},
    {.name = "typing",
     "message/cpim",
     CPIM_HEAD "Content-Type: application/im-iscomposing+xml\r\n\r\n" TYPING("active"),
     CW_OK,
     "typing in(im:t@corp.example x1) active"},
    {.name = "aggregate",
     "message/cpim",
     CPIM_HEAD "Content-Type: multipart/mixed;boundary=b\r\n\r\n" B
               "Content-Type: message/imdn+xml\r\n" NOTES IMDN(
                   "i1", "delivered") "\r\n" B
                                      "Content-Type: message/imdn+xml\r\n" NOTES IMDN(
                                          "i2", "error") "\r\n" END,
     CW_OK,
     "notices in(im:t@corp.example x1) 0[i1] 3[i2]"},
    {.name = "in an envelope",
     "message/cpim",
     CPIM_HEAD "Content-Type: message/cpim\r\n\r\n" CPIM "hi",
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "unknown type",
     "message/cpim",
     CPIM_HEAD "Content-Type: image/png\r\n\r\nhi",
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "broken", "message/cpim", "no header", CW_ERR_MALFORMED, NULL},
};

/* MSG-20, MSG-68. */
static const struct row ALTERNATIVES[] = {
    {.name = "html first, plain last",
     ALT,
     HTML "<b>h</b>\r\n" PLAIN "p\r\n" END,
     CW_OK,
     "text [p]"},
    {.name = "plain first, html last",
     ALT,
     PLAIN "p\r\n" HTML "<b>h</b>\r\n" END,
     CW_OK,
     "text [p]"},
    {.name = "LF",
     ALT,
     "--b\nContent-Type: text/html\n\n<b>h</b>\n--b\n\np\n--b--",
     CW_OK,
     "text [p]"},
    {.name = "html alone",
     ALT,
     HTML "<b>one</b>\r\n" HTML "<i>two</i>\r\n" END,
     CW_OK,
     "text [two]"},
    {.name = "several languages",
     ALT,
     B "Content-Language: de\r\n\r\nhallo\r\n" B "Content-Language: pl\r\n\r\nhej\r\n" B
       "Content-Type: Text/Plain ;charset=utf-8\r\nContent-Language: en\r\n\r\nhi\r\n" END,
     CW_OK,
     "text en[hi] pl[hej] de[hallo]"},
    {.name = "a language twice",
     ALT,
     B "Content-Language: DE\r\n\r\none\r\n" B "Content-Language: de\r\n\r\ntwo\r\n" END,
     CW_OK,
     "text de[two]"},
    {.name = "a language and none",
     ALT,
     PLAIN "one\r\n" B "Content-Language: de\r\n\r\nzwei\r\n" END,
     CW_OK,
     "text de[zwei]"},
    {.name = "no language and one",
     ALT,
     B "Content-Language: de\r\n\r\neins\r\n" PLAIN "two\r\n" END,
     CW_OK,
     "text [two]"},
    {.name = "languages, one in an unknown charset",
     ALT,
     B "Content-Language: de\r\n\r\nhallo\r\n" B
       "Content-Type: text/plain;charset=klingon\r\n\r\nx\r\n" END,
     CW_OK,
     "text de[hallo]"},
    {.name = "plain in an unknown charset",
     ALT,
     HTML "<b>h</b>\r\n" B "Content-Type: text/plain;charset=klingon\r\n\r\nx\r\n" END,
     CW_OK,
     "text [h]"},
    {.name = "plain of nothing", ALT, PLAIN "\r\n" HTML "<b>h</b>\r\n" END, CW_OK, "text [h]"},
    {.name = "all of nothing", ALT, PLAIN "\r\n" HTML "\r\n" END, CW_OK, "nothing"},
    {.name = "plain of nothing, no other",
     ALT,
     PLAIN "\r\n" IMAGE "\r\nx\r\n" END,
     CW_OK,
     "nothing"},
    {.name = "plain not UTF-8",
     ALT,
     HTML "<b>h</b>\r\n" PLAIN "\xE9\r\n" END,
     CW_ERR_MALFORMED,
     NULL},
    {.name = "html not UTF-8", ALT, HTML "\xE9\r\n" END, CW_ERR_MALFORMED, NULL},
    {.name = "what we know not", ALT, HTML "<b>h</b>\r\n" IMAGE "\r\nx\r\n" END, CW_OK, "text [h]"},
    {.name = "nothing that we know",
     ALT,
     IMAGE "\r\nx\r\n" IMAGE "\r\ny\r\n" END,
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "encrypted and html",
     ALT,
     HTML "<b>h</b>\r\n" B "Content-Type: application/pkcs7-mime\r\n\r\nx\r\n" END,
     CW_OK,
     "text [h]"},
    {.name = "encrypted and unknown",
     ALT,
     IMAGE "\r\nx\r\n" B "Content-Type: application/pkcs7-mime\r\n\r\nx\r\n" END,
     CW_ERR_ENCRYPTED,
     NULL},
    {.name = "half a part leaves nothing",
     ALT,
     HTML "<b>h</b>\r\n" B
          "Content-Type: multipart/mixed;boundary=c\r\n\r\n--c\r\n\r\nstray\r\n--c\r\n"
          "Content-Type: image/png\r\n\r\nx\r\n--c--\r\n" END,
     CW_OK,
     "text [h]"},
    {.name = "half an envelope leaves nothing",
     ALT,
     B "Content-Type: message/cpim\r\n\r\n" CPIM "hi\r\n" B
       "Content-Type: message/cpim\r\n\r\nFrom: <im:x@x.example>\r\nTo: <im:y@y.example>\r\n\r\n"
       "Content-Type: image/png\r\n\r\nx\r\n" END,
     CW_OK,
     "text in(im:t@corp.example x1) [hi]"},
    {.name = "the outer language", ALT, PLAIN "p\r\n" END, CW_OK, "text pl[p]", .language = "pl"},
};

/* MSG-68: mixed and related, and what is not known is mixed. */
static const struct row MIXTURES[] = {
    {.name = "the first one is the body",
     MIXED,
     PLAIN "one\r\n" PLAIN "two\r\n" END,
     CW_OK,
     "text [one]"},
    {.name = "html", RELATED, HTML "<b>h</b>\r\n" IMAGE OPT "\r\nx\r\n" END, CW_OK, "text [h]"},
    {.name = "unknown subtype",
     "multipart/x-made-up;boundary=b",
     PLAIN "one\r\n" END,
     CW_OK,
     "text [one]"},
    {.name = "empty before", MIXED, PLAIN "\r\n" PLAIN "two\r\n" END, CW_OK, "text [two]"},
    {.name = "image before", MIXED, IMAGE OPT "\r\nx\r\n" PLAIN "one\r\n" END, CW_OK, "text [one]"},
    {.name = "image behind", MIXED, PLAIN "one\r\n" IMAGE OPT "\r\nx\r\n" END, CW_OK, "text [one]"},
    {.name = "image that cannot be decoded",
     MIXED,
     IMAGE "Content-Transfer-Encoding: base64\r\n" OPT "\r\n*\r\n" PLAIN "one\r\n" END,
     CW_OK,
     "text [one]"},
    {.name = "image required",
     MIXED,
     PLAIN "one\r\n" IMAGE "Content-Disposition: render;handling=required\r\n\r\nx\r\n" END,
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "image by default",
     RELATED,
     PLAIN "one\r\n" IMAGE "\r\nx\r\n" END,
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "image with another disposition",
     MIXED,
     PLAIN "one\r\n" IMAGE "Content-Disposition: attachment;filename=x\r\n\r\nx\r\n" END,
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "images alone", MIXED, IMAGE OPT "\r\nx\r\n" END, CW_OK, "nothing"},
    {.name = "encrypted optional",
     MIXED,
     PLAIN "one\r\n" B "Content-Type: application/pkcs7-mime\r\n" OPT "\r\nx\r\n" END,
     CW_OK,
     "text [one]"},
    {.name = "encrypted required",
     MIXED,
     PLAIN "one\r\n" B "Content-Type: application/pkcs7-mime\r\n\r\nx\r\n" END,
     CW_ERR_ENCRYPTED,
     NULL},
    {.name = "broken part behind",
     MIXED,
     PLAIN "one\r\n" PLAIN "\xE9\r\n" END,
     CW_ERR_MALFORMED,
     NULL},
    {.name = "text behind a notice",
     MIXED,
     B "Content-Type: message/imdn+xml\r\n\r\n" IMDN("i1", "failed") "\r\n" PLAIN "one\r\n" END,
     CW_OK,
     "text [one] 1[i1]"},
    {.name = "notice and typing",
     MIXED,
     B "Content-Type: message/imdn+xml\r\n\r\n" IMDN(
         "i1",
         "failed") "\r\n" B
                   "Content-Type: application/im-iscomposing+xml\r\n\r\n" TYPING("idle") "\r\n" END,
     CW_OK,
     "notices 1[i1]"},
    {.name = "envelope behind text",
     MIXED,
     PLAIN "one\r\n" B "Content-Type: message/cpim\r\n\r\n" CPIM "two\r\n" END,
     CW_OK,
     "text [one]"},
    {.name = "encoded parts",
     MIXED,
     B "Content-Transfer-Encoding: base64\r\n\r\n\r\n" B
       "Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db= \r\n" END,
     CW_OK,
     "text [a=b]"},
    {.name = "alternative inside",
     MIXED,
     B "Content-Type: multipart/alternative;boundary=c\r\n\r\n--c\r\nContent-Language: de\r\n\r\n"
       "eins\r\n--c\r\nContent-Language: en\r\n\r\none\r\n--c--\r\n" PLAIN "two\r\n" END,
     CW_OK,
     "text en[one] de[eins]"},
    {.name = "no closing boundary", MIXED, PLAIN "one\r\n" B, CW_ERR_MALFORMED, NULL},
    {.name = "no boundary at all", "multipart/mixed", PLAIN "one\r\n" END, CW_ERR_MALFORMED, NULL},
    {.name = "inner one not closed",
     MIXED,
     B "Content-Type: multipart/mixed;boundary=c\r\n\r\n--c\r\n\r\none\r\n" END,
     CW_ERR_MALFORMED,
     NULL},
};

/* MSG-72. */
static const struct row SECURED[] = {
    {.name = "signed",
     SIGNED,
     PLAIN "one\r\n" B "Content-Type: application/pkcs7-signature\r\n\r\nx\r\n" END,
     CW_OK,
     "text signed [one]"},
    {.name = "signed html",
     SIGNED,
     HTML "<b>h</b>\r\n" B "Content-Type: application/pgp-signature\r\n\r\nx\r\n" END,
     CW_OK,
     "text signed [h]"},
    {.name = "signature missing", SIGNED, PLAIN "one\r\n" END, CW_ERR_MALFORMED, NULL},
    {.name = "three parts",
     SIGNED,
     PLAIN "one\r\n" PLAIN "s\r\n" PLAIN "x\r\n" END,
     CW_ERR_MALFORMED,
     NULL},
    {.name = "signed behind the text",
     MIXED,
     PLAIN "one\r\n" B "Content-Type: multipart/signed;boundary=c\r\n\r\n--c\r\n\r\ntwo\r\n--c\r\n"
           "\r\ns\r\n--c--\r\n" END,
     CW_OK,
     "text [one]"},
    {.name = "enveloped",
     "application/pkcs7-mime;smime-type=enveloped-data;name=smime.p7m",
     "x",
     CW_ERR_ENCRYPTED,
     NULL},
    {.name = "enveloped, authenticated",
     "application/pkcs7-mime;smime-type=authEnveloped-data",
     "x",
     CW_ERR_ENCRYPTED,
     NULL},
    {.name = "kind not said", "application/x-pkcs7-mime", "x", CW_ERR_ENCRYPTED, NULL},
    {.name = "signed-data",
     "application/pkcs7-mime;smime-type=Signed-Data",
     "x",
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "certificates",
     "application/x-pkcs7-mime;smime-type=certs-only",
     "x",
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "compressed",
     "application/pkcs7-mime;smime-type=compressed-data",
     "x",
     CW_ERR_UNSUPPORTED,
     NULL},
    {.name = "multipart/encrypted", "multipart/encrypted;boundary=b", "x", CW_ERR_ENCRYPTED, NULL},
    {.name = "pgp", "application/pgp-encrypted", "Version: 1", CW_ERR_ENCRYPTED, NULL},
    {.name = "enveloped in an envelope",
     "message/cpim",
     CPIM_HEAD "Content-Type: application/pkcs7-mime\r\n\r\nx",
     CW_ERR_ENCRYPTED,
     NULL},
};

static const struct {
    const struct row *rows;
    size_t count;
} TABLES[] = {
    {ONE, CW_COUNT(ONE)},           {ENVELOPES, CW_COUNT(ENVELOPES)},
    {MIXTURES, CW_COUNT(MIXTURES)}, {ALTERNATIVES, CW_COUNT(ALTERNATIVES)},
    {SECURED, CW_COUNT(SECURED)},
};

static void reads_bodies(void **state)
{
    (void)state;
    for (size_t t = 0; t < CW_COUNT(TABLES); t++) {
        for (size_t i = 0; i < TABLES[t].count; i++) {
            cw_case(TABLES[t].rows[i].name);
            assert_reads(&TABLES[t].rows[i]);
        }
    }
}

static enum cw_err read_within(const struct row *row, size_t limit, struct cw_arena **arena,
                               struct cw_content *content)
{
    const struct cw_content_input in = input(row);

    *arena = cw_arena_new(limit);
    return cw_content_read(&in, *arena, content);
}

/* Whatever memory there is, a body is read as with enough of it, or the limit is told. */
static void assert_keeps_to_memory(const struct row *row)
{
    size_t limit = 0;
    enum cw_err err = CW_ERR_LIMIT;

    for (; err == CW_ERR_LIMIT; limit += alignof(max_align_t)) {
        struct cw_arena *arena;
        struct cw_content content;

        assert_true(limit < ENOUGH);
        err = read_within(row, limit, &arena, &content);
        if (err != CW_ERR_LIMIT && err != row->err) {
            fail_msg("%s: error %d within %zu octets", row->name, (int)err, limit);
        }
        if (err == CW_OK && strcmp(print(&content), row->want) != 0) {
            fail_msg("%s: %s within %zu octets", row->name, print(&content), limit);
        }
        cw_arena_free(&arena);
    }
}

static void keeps_to_memory(void **state)
{
    (void)state;
    for (size_t t = 0; t < CW_COUNT(TABLES); t++) {
        for (size_t i = 0; i < TABLES[t].count; i++) {
            assert_keeps_to_memory(&TABLES[t].rows[i]);
        }
    }
}

/* MSG-71: each type that is named is taken, and each one that is taken is named. */
static void accept_names_what_is_taken(void **state)
{
    static const struct row TAKEN[] = {
        {.name = "text/plain", "text/plain", "x", CW_OK, NULL},
        {.name = "text/html", "text/html", "x", CW_OK, NULL},
        {.name = "message/cpim", "message/cpim", CPIM "x", CW_OK, NULL},
        {.name = "application/im-iscomposing+xml",
         "application/im-iscomposing+xml",
         TYPING("idle"),
         CW_OK,
         NULL},
        {.name = "message/imdn+xml", "message/imdn+xml", IMDN("i", "failed"), CW_OK, NULL},
        {.name = "multipart/mixed", MIXED, PLAIN "x\r\n" END, CW_OK, NULL},
        {.name = "multipart/alternative", ALT, PLAIN "x\r\n" END, CW_OK, NULL},
    };
    char want[256] = "";

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TAKEN); i++) {
        struct cw_arena *arena;
        struct cw_content content;

        strcat(strcat(want, i == 0 ? "" : ", "), TAKEN[i].name);
        assert_int_equal(read_within(&TAKEN[i], ENOUGH, &arena, &content), CW_OK);
        assert_int_not_equal(content.kind, CW_CONTENT_NOTHING);
        cw_arena_free(&arena);
    }
    cw_assert_bytes(cw_content_accept(), text(want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_bodies),
        cmocka_unit_test(keeps_to_memory),
        cmocka_unit_test(accept_names_what_is_taken),
    };

    return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
