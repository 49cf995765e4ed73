/* SPDX-License-Identifier: Apache-2.0 */
/* What translating one message or presence costs, in CPU nanoseconds and allocations, beside what
 * the libraries alone take for the same bytes in the same run, and how long hostile stanzas take.
 * Prints, judges nothing. */
#include "sip/guard.h"
#include "sip/message.h"
#include "sip/message_write.h"

#include <causeway/message.h>
#include <causeway/pidf.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARENA_MAX ((size_t)16 << 20)
#define HOSTILE   262144u /* octets, the largest stanza that is read */

/* ---- allocations of the whole process, libraries included ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static unsigned long allocations;

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}

/* ---- the inputs ---- */

static const char STANZA[] =
    "<message xmlns='jabber:server' from='juliet@fabrikam.example/balcony' "
    "to='romeo@contoso.example'"
    " type='chat' id='purple7f3e2c10' xml:lang='en'><body>Good morrow, gentle Romeo, and what of "
    "the"
    " plan for tonight?</body><thread>3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a10</thread>"
    "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>"
    "</message>";

static const char PRESENCE[] =
    "<presence xmlns='jabber:server' from='juliet@fabrikam.example/balcony'"
    " to='romeo@contoso.example' xml:lang='en'><show>away</show><status>at the window</status>"
    "<priority>5</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1'"
    " node='https://client.example' ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/></presence>";

static const char PIDF[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\""
    " xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
    "xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\""
    " entity=\"pres:romeo@contoso.example\"><tuple "
    "id=\"ID-desk7\"><status><basic>open</basic></status>"
    "<contact priority=\"0.8\">sip:romeo@contoso.example</contact><note xml:lang=\"en\">in the "
    "orchard"
    "</note><timestamp>2026-03-02T09:00:00Z</timestamp></tuple><dm:person "
    "id=\"p1\"><rpid:activities>"
    "<rpid:on-the-phone/></rpid:activities></dm:person></presence>";

static const char REQUEST[] =
    "MESSAGE sip:juliet@fabrikam.example SIP/2.0\r\n"
    "Via: SIP/2.0/TCP pbx.contoso.example:5060;branch=z9hG4bK776asdhds\r\n"
    "Max-Forwards: 70\r\nFrom: \"Romeo\" <sip:romeo@contoso.example;gr=desk7>;tag=49583\r\n"
    "To: <sip:juliet@fabrikam.example>\r\nCall-ID: c0ffee-77@pbx.contoso.example\r\n"
    "CSeq: 5 MESSAGE\r\nSubject: Plan\r\nContent-Language: en\r\n"
    "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 57\r\n\r\n"
    "Good morrow, gentle Juliet, and what of the plan tonight?";

static struct cw_arena *arena;
static struct cw_bytes sink;

static void must(enum cw_err err)
{
    if (err != CW_OK) {
        fprintf(stderr, "bench_translate: %s\n", cw_err_text(err));
        exit(1);
    }
}

/* ---- what is measured ---- */

static void stanza_to_message(void)
{
    static const struct cw_message_form FORM;
    struct cw_stanza in;
    struct cw_page_message page;

    must(cw_stanza_read(CW_LIT(STANZA), arena, &in));
    must(cw_message_to_sip(&in, &FORM, arena, &page));
    sink = page.body;
}

static void stanza_to_bytes(void)
{
    static const struct cw_message_form FORM;
    struct cw_stanza in;
    struct cw_page_message page;
    struct cw_sip_message out;
    struct cw_sip_wire wire;

    must(cw_stanza_read(CW_LIT(STANZA), arena, &in));
    must(cw_message_to_sip(&in, &FORM, arena, &page));
    cw_sip_message_init(&out);
    out.method = CW_SIP_MESSAGE;
    out.request_uri = page.request_uri;
    out.from.uri = page.from_uri;
    out.from.tag = CW_LIT("abc");
    out.to.uri = page.to_uri;
    out.call_id = page.call_id;
    out.cseq = 1;
    out.content_type = page.content_type;
    out.content_language = page.content_language;
    out.body = page.body;
    must(cw_sip_write_request(&out, 65536, arena, &wire));
    sink = wire.rest;
}

static void write_stanza(const struct cw_sip_message *in)
{
    static const struct cw_jid FROM = {{"romeo", 5}, {"contoso.example", 15}, {"desk7", 5}};
    static const struct cw_jid TO = {{"juliet", 6}, {"fabrikam.example", 16}, {NULL, 0}};
    struct cw_content content;
    struct cw_stanza_message out;
    const struct cw_page_message page = {.call_id = in->call_id,
                                         .cseq = in->cseq,
                                         .from_tag = in->from.tag,
                                         .from_display = in->from.display,
                                         .subject = in->subject,
                                         .content_type = in->content_type,
                                         .content_language = in->content_language,
                                         .body = in->body};

    must(cw_message_to_xmpp(&page, &FROM, &TO, arena, &content, &out));
    must(cw_stanza_write_message(&out, arena, &sink));
}

static void message_to_stanza(void)
{
    static struct cw_sip_guarded guarded;
    struct cw_sip_message in;
    const char *problem;

    must(cw_sip_guard(CW_LIT(REQUEST), true, &guarded));
    must(cw_sip_message_read(&guarded, arena, &in, &problem));
    write_stanza(&in);
}

/* The same without the SIP reader: nothing but our own code. */
static void fields_to_stanza(void)
{
    static const struct cw_sip_message READ = {
        .call_id = {"c0ffee-77@pbx.contoso.example", 29},
        .cseq = 5,
        .from = {.tag = {"49583", 5}, .display = {"Romeo", 5}},
        .subject = {"Plan", 4},
        .content_type = {"text/plain;charset=UTF-8", 24},
        .content_language = {"en", 2},
        .body = {"Good morrow, gentle Juliet, and what of the plan tonight?", 57},
    };

    write_stanza(&READ);
}

static void presence_to_pidf(void)
{
    struct cw_stanza in;
    struct cw_pidf_tuple tuple;
    struct cw_pidf doc = {
        .entity = CW_LIT("pres:juliet@fabrikam.example"), .tuples = &tuple, .tuple_count = 1};

    must(cw_stanza_read(CW_LIT(PRESENCE), arena, &in));
    must(cw_presence_to_pidf(&in.presence, CW_LIT("sip:juliet@fabrikam.example;gr=balcony"),
                             CW_PIDF_VIEW_FULL, arena, &tuple));
    must(cw_pidf_write(&doc, 65536, arena, &sink));
}

static void pidf_to_presence(void)
{
    static const struct cw_jid FROM = {{"romeo", 5}, {"contoso.example", 15}, {"desk7", 5}};
    static const struct cw_jid TO = {{"juliet", 6}, {"fabrikam.example", 16}, {NULL, 0}};
    struct cw_pidf doc;
    struct cw_presence presence;

    must(cw_pidf_read(CW_LIT(PIDF), (struct cw_bytes){0}, arena, &doc));
    must(cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_FULL, &CW_SHOW_MAP_DEFAULT, arena,
                             &presence));
    must(cw_stanza_write_presence(&FROM, &TO, &presence, CW_LIT("p1"), arena, &sink));
}

/* ---- the libraries alone ---- */

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count,
                     int defaulted, const xmlChar **attributes)
{
    (void)user, (void)name, (void)prefix, (void)uri, (void)namespace_count, (void)namespaces;
    (void)attribute_count, (void)defaulted, (void)attributes;
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)user, (void)name, (void)prefix, (void)uri;
}

static void on_text(void *user, const xmlChar *text, int len)
{
    (void)user, (void)text, (void)len;
}

static xmlSAXHandler handlers = {.initialized = XML_SAX2_MAGIC,
                                 .startElementNs = on_start,
                                 .endElementNs = on_end,
                                 .characters = on_text,
                                 .cdataBlock = on_text,
                                 .ignorableWhitespace = on_text};

static void parse_anew(const char *xml, size_t len)
{
    xmlParserCtxtPtr parser = xmlCreateMemoryParserCtxt(xml, (int)len);

    *parser->sax = handlers;
    (void)xmlParseDocument(parser);
    xmlFreeParserCtxt(parser);
}

static void parse_again(const char *xml, size_t len)
{
    static xmlParserCtxtPtr parser;

    if (parser == NULL) {
        parser = xmlCreatePushParserCtxt(&handlers, NULL, NULL, 0, NULL);
    }
    (void)xmlCtxtResetPush(parser, NULL, 0, NULL, NULL);
    (void)xmlParseChunk(parser, xml, (int)len, 1);
}

static void xml_stanza_anew(void)
{
    parse_anew(STANZA, sizeof(STANZA) - 1);
}
static void xml_stanza_again(void)
{
    parse_again(STANZA, sizeof(STANZA) - 1);
}
static void xml_presence_anew(void)
{
    parse_anew(PRESENCE, sizeof(PRESENCE) - 1);
}
static void xml_presence_again(void)
{
    parse_again(PRESENCE, sizeof(PRESENCE) - 1);
}
static void xml_pidf_anew(void)
{
    parse_anew(PIDF, sizeof(PIDF) - 1);
}
static void xml_pidf_again(void)
{
    parse_again(PIDF, sizeof(PIDF) - 1);
}

static msg_t *sofia_parsed(void)
{
    msg_t *const msg = msg_make(sip_default_mclass(), 0, REQUEST, sizeof(REQUEST) - 1);

    if (msg == NULL || sip_object(msg)->sip_request == NULL) {
        must(CW_ERR_MALFORMED);
    }
    return msg;
}

static void sofia_parse(void)
{
    msg_destroy(sofia_parsed());
}

static void sofia_parse_and_build(void)
{
    msg_t *const msg = sofia_parsed();

    must(msg_serialize(msg, msg_object(msg)) < 0 || msg_prepare(msg) < 0 ? CW_ERR_IO : CW_OK);
    msg_destroy(msg);
}

/* ---- timing ---- */

static double now_ns(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

struct figure {
    double ns;
    double allocations;
};

/* The best of five, so that what else the machine does counts least. */
static struct figure measure(void (*work)(void), unsigned rounds)
{
    struct figure best = {1e18, 0};

    for (unsigned run = 0; run < 5; run++) {
        const double from = now_ns();
        const unsigned long before = allocations;

        for (unsigned i = 0; i < rounds; i++) {
            work();
            cw_arena_reset(arena);
        }

        const double ns = (now_ns() - from) / rounds;

        if (ns < best.ns) {
            best = (struct figure){ns, (double)(allocations - before) / rounds};
        }
    }
    return best;
}

static struct figure show(const char *name, void (*work)(void), unsigned rounds)
{
    const struct figure figure = measure(work, rounds);

    printf("%-44s %8.0f ns %6.1f allocations\n", name, figure.ns, figure.allocations);
    return figure;
}

static void show_own(const char *name, struct figure whole, double raw_ns)
{
    printf("%-44s %8.0f ns  %.2f x the libraries alone\n", name, whole.ns - raw_ns,
           whole.ns / raw_ns);
}

/* ---- hostile stanzas ---- */

static size_t repeated(char *to, const char *head, const char *piece, const char *tail)
{
    const size_t piece_len = strlen(piece);
    size_t len = strlen(head);

    memcpy(to, head, len);
    while (len + piece_len + strlen(tail) <= HOSTILE) {
        memcpy(to + len, piece, piece_len);
        len += piece_len;
    }
    memcpy(to + len, tail, strlen(tail));
    return len + strlen(tail);
}

static void show_hostile(void)
{
#define HEAD "<message xmlns='jabber:server' from='a@b.example' to='c@d.example'>"
    static const struct {
        const char *name, *head, *piece, *tail;
    } SHAPES[] = {
        {"one long text", HEAD "<body>", "x", "</body></message>"},
        {"entities", HEAD "<body>", "&amp;", "</body></message>"},
        {"character references", HEAD "<body>", "&#x41;", "</body></message>"},
        {"a long attribute of >", HEAD "<x a='", ">", "'/></message>"},
        {"elements", HEAD, "<a/>", "</message>"},
        {"bodies", HEAD, "<body>x</body>", "</message>"},
        {"depth", HEAD, "<a>", "</message>"},
        {"CDATA", HEAD "<body>", "<![CDATA[x]]>", "</body></message>"},
        {"line ends", HEAD "<body>", "\r\n", "</body></message>"},
        {"controls in words", HEAD "<body>", "\xC2\x85", "</body></message>"},
    };
    char *const xml = __libc_malloc(HOSTILE);

    for (size_t i = 0; i < sizeof(SHAPES) / sizeof(SHAPES[0]); i++) {
        static const struct cw_message_form FORM;
        const size_t len = repeated(xml, SHAPES[i].head, SHAPES[i].piece, SHAPES[i].tail);
        double best = 1e18;
        enum cw_err err = CW_OK;

        for (unsigned run = 0; run < 5; run++) {
            const double from = now_ns();
            struct cw_stanza in;
            struct cw_page_message page;

            err = cw_stanza_read((struct cw_bytes){xml, len}, arena, &in);
            if (err == CW_OK) {
                err = cw_message_to_sip(&in, &FORM, arena, &page);
            }
            best = now_ns() - from < best ? now_ns() - from : best;
            cw_arena_reset(arena);
        }
        printf("%-44s %8.2f ms  %s\n", SHAPES[i].name, best / 1e6, cw_err_text(err));
    }
    free(xml);
}

int main(int argc, char **argv)
{
    const unsigned rounds = argc > 1 && strcmp(argv[1], "--short") == 0 ? 2000 : 100000;
    struct figure raw;

    arena = cw_arena_new(ARENA_MAX);
    printf("CPU time of one, best of five runs of %u\n\nXMPP to SIP\n", rounds);
    raw = show("  libxml2 alone, parser made anew", xml_stanza_anew, rounds);
    (void)show("  libxml2 alone, parser used again", xml_stanza_again, rounds);
    show_own("  our own part: stanza to MESSAGE fields",
             show("  stanza to MESSAGE fields", stanza_to_message, rounds), raw.ns);
    (void)show("  stanza to MESSAGE octets", stanza_to_bytes, rounds);
    printf("\nSIP to XMPP\n");
    raw = show("  sofia-sip alone: parse", sofia_parse, rounds);
    (void)show("  sofia-sip alone: parse and build", sofia_parse_and_build, rounds);
    show_own("  our own part: MESSAGE octets to stanza octets",
             show("  MESSAGE octets to stanza octets", message_to_stanza, rounds), raw.ns);
    (void)show("  of that, MESSAGE fields to stanza octets", fields_to_stanza, rounds);
    printf("\nPresence\n");
    raw = show("  libxml2 alone, presence", xml_presence_anew, rounds);
    (void)show("  libxml2 alone, presence, parser used again", xml_presence_again, rounds);
    show_own("  our own part: presence to PIDF",
             show("  presence to PIDF octets", presence_to_pidf, rounds), raw.ns);
    raw = show("  libxml2 alone, PIDF", xml_pidf_anew, rounds);
    (void)show("  libxml2 alone, PIDF, parser used again", xml_pidf_again, rounds);
    show_own("  our own part: PIDF to presence",
             show("  PIDF to presence octets", pidf_to_presence, rounds), raw.ns);
    printf("\nHostile stanzas of 256 KiB\n");
    show_hostile();
    return 0;
}
