/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "lync.h"
#include "lync_finding.h"

#include <stdio.h>
#include <stdlib.h>

/* Bytes of a literal in a constant table, NULs inside too. */
#define RUN(literal)                                                                               \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

#define ALL           ((1u << CW_LYNC_PROPERTY_COUNT) - 1)
#define BIT(property) (1u << CW_LYNC_##property)

#define OBJS(inside)                                                                               \
    "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">" inside  \
    "</Objs>"
#define HEADER "Domain,PartnerType,TlsNegotiation\n"

static struct cw_bytes text(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

static struct cw_lync_import read_bytes(struct cw_bytes file, struct cw_arena *arena)
{
    struct cw_lync_import import;

    assert_int_equal(cw_lync_read(file, arena, &import), CW_OK);
    return import;
}

static struct cw_bytes load(const char *name, struct cw_arena *arena)
{
    char path[512];
    char *const room = cw_arena_alloc(arena, 65536);
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", CAUSEWAY_EXPORTS, name);
    file = fopen(path, "rb");
    assert_non_null(file);

    const size_t len = fread(room, 1, 65536, file);

    (void)fclose(file);
    return (struct cw_bytes){room, len};
}

/* The three partners that all the stored exports hold. */
static const struct cw_bytes FABRIKAM[] = {
    {"corp.fabrikam.example", 21},
    {"it.fabrikam.example", 19},
};
#define SUPPLIER "Our supplier, \"Fabrikam\" Z\xC3\xBCrich\nask for J. Doe \xF0\x9F\x99\x82"
static const struct cw_lync_partner EXPECTED[] = {
    {.domain = {"fabrikam.example", 16},
     .description = {SUPPLIER, sizeof(SUPPLIER) - 1},
     .additional = FABRIKAM,
     .additional_count = 2,
     .type = CW_PARTNER_FEDERATED,
     .tls = CW_REQUIRED,
     .sasl = CW_REQUIRED,
     .dialback = false,
     .keep_alive = true,
     .connection_limit = 20,
     .present = ALL & ~BIT(PROXY)},
    {.domain = {"jabber.example", 14},
     .proxy = {"xmpp.jabber.example", 19},
     .type = CW_PARTNER_PUBLIC_VERIFIED,
     .tls = CW_OPTIONAL,
     .sasl = CW_OPTIONAL,
     .dialback = true,
     .keep_alive = false,
     .connection_limit = 5,
     .present = ALL & ~BIT(DESCRIPTION)},
    {.domain = {"talk.example", 12},
     .description = {"no TLS", 6},
     .type = CW_PARTNER_PUBLIC_UNVERIFIED,
     .tls = CW_NOT_SUPPORTED,
     .sasl = CW_NOT_SUPPORTED,
     .dialback = true,
     .keep_alive = true,
     .connection_limit = 20,
     .present = ALL & ~BIT(PROXY)},
};

static void expect_partner(const struct cw_lync_partner *got, const struct cw_lync_partner *want,
                           bool with_additional)
{
    cw_assert_bytes(got->domain, want->domain);
    assert_non_null(got->description.base);
    cw_assert_bytes(got->description, want->description);
    cw_assert_bytes(got->proxy, want->proxy);
    assert_int_equal(got->proxy.base == NULL, want->proxy.base == NULL);
    assert_int_equal(got->additional_count, with_additional ? want->additional_count : 0);
    for (size_t i = 0; i < got->additional_count; i++) {
        cw_assert_bytes(got->additional[i], want->additional[i]);
    }
    assert_int_equal(got->type, want->type);
    assert_int_equal(got->tls, want->tls);
    assert_int_equal(got->sasl, want->sasl);
    assert_int_equal(got->dialback, want->dialback);
    assert_int_equal(got->keep_alive, want->keep_alive);
    assert_int_equal(got->connection_limit, want->connection_limit);
}

/* One thing that three administrators exported in eight ways. */
static void reads_every_form(void **state)
{
    static const struct {
        const char *file;
        size_t first, count;  /* of EXPECTED */
        bool tells_emptiness; /* an empty list is there; a table has nothing in its place */
        bool with_additional;
        size_t lines[3];
    } FILES[] = {
        {"clixml-utf16.xml", 0, 3, true, true, {0, 0, 0}},
        {"clixml-utf8.xml", 0, 3, true, true, {0, 0, 0}},
        {"list.json", 0, 3, true, true, {0, 0, 0}},
        {"wrapped-utf16.json", 0, 3, true, true, {0, 0, 0}},
        {"single.json", 1, 1, true, true, {0, 0, 0}},
        {"table-comma.csv", 0, 3, false, true, {2, 4, 5}},
        {"table-plain.csv", 0, 3, false, true, {2, 4, 5}},
        {"table-tab-utf16.csv", 0, 3, false, true, {2, 4, 5}},
        {"table-type.csv", 0, 3, false, false, {3, 5, 6}},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(FILES); i++) {
        struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);

        cw_case(FILES[i].file);

        const struct cw_lync_import import = read_bytes(load(FILES[i].file, arena), arena);

        assert_int_equal(import.errors, 0);
        assert_int_equal(import.partner_count, FILES[i].count);
        for (size_t k = 0; k < import.partner_count; k++) {
            const struct cw_lync_partner *const want = &EXPECTED[FILES[i].first + k];
            const struct cw_lync_partner *const got = &import.partners[k];
            const bool has_list = FILES[i].with_additional &&
                                  (FILES[i].tells_emptiness || want->additional_count > 0);

            expect_partner(got, want, FILES[i].with_additional);
            assert_int_equal(got->present,
                             has_list ? want->present : want->present & ~BIT(ADDITIONAL));
            assert_int_equal(got->record, k + 1);
            assert_int_equal(got->line, FILES[i].lines[k]);
        }
        assert_int_equal(import.finding_count, FILES[i].with_additional ? 0 : 3);
        cw_arena_free(&arena);
    }
}

/* A table without domains in place of the list warns once a row, and says what to do. */
static void warns_of_lost_domains(void **state)
{
    static const size_t LINES[] = {3, 5, 6};
    struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);
    const struct cw_lync_import import = read_bytes(load("table-type.csv", arena), arena);

    (void)state;
    assert_int_equal(import.finding_count, 3);
    for (size_t i = 0; i < import.finding_count; i++) {
        const struct cw_lync_finding *const finding = &import.findings[i];

        assert_string_equal(finding->code, "W220");
        assert_int_equal(finding->severity, CW_FINDING_WARNING);
        assert_int_equal(finding->line, LINES[i]);
        assert_int_equal(finding->record, i + 1);
        assert_non_null(strstr(finding->remedy, "Export-Clixml"));
        assert_non_null(strstr(finding->remedy, "-join ';'"));
        cw_assert_bytes(finding->text,
                        CW_LIT("AdditionalDomains \"System.Collections.Generic.List`1[System."
                               "String]\": the export has the type of this list, not the domains "
                               "in it"));
    }
    cw_arena_free(&arena);
}

/* ConvertTo-Json writes enums as numbers unless told otherwise; nothing is guessed of them. */
static void guesses_no_numbers(void **state)
{
    static const char *const PROPERTIES[] = {"PartnerType", "TlsNegotiation", "SaslNegotiation"};
    struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);
    const struct cw_lync_import import = read_bytes(load("numbers.json", arena), arena);

    (void)state;
    assert_int_equal(import.partner_count, 0);
    assert_int_equal(import.errors, 9);
    for (size_t i = 0; i < import.finding_count; i++) {
        const struct cw_lync_finding *const finding = &import.findings[i];

        assert_string_equal(finding->code, "E209");
        assert_int_equal(finding->record, i / 3 + 1);
        assert_memory_equal(finding->text.base, PROPERTIES[i % 3], strlen(PROPERTIES[i % 3]));
        assert_non_null(strstr(finding->remedy, "-EnumsAsStrings"));
    }
    cw_arena_free(&arena);
}

/* What an export leaves out is as New-CsXmppAllowedPartner has it. */
static void takes_the_defaults_of_lync(void **state)
{
    static const char *const FILES[] = {
        "Identity,PartnerType\r\nGlobal/b.example,PublicUnverified\r\n",
        "{\"Identity\": \"b.example\", \"PartnerType\": \"publicUNVERIFIED\", \"Description\": "
        "\"\"}",
        OBJS("<Obj RefId=\"0\"><MS><S N=\"Identity\">b.example</S><S N=\"PartnerType\">"
             "PublicUnverified</S><Nil N=\"TlsNegotiation\" /></MS></Obj>"),
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(FILES); i++) {
        struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);
        const struct cw_lync_import import = read_bytes(text(FILES[i]), arena);
        const struct cw_lync_partner *const partner = &import.partners[import.partner_count - 1];

        cw_case(FILES[i]);
        assert_int_equal(import.partner_count, 1);
        cw_assert_bytes(partner->domain, CW_LIT("b.example"));
        assert_int_equal(partner->present, BIT(IDENTITY) | BIT(TYPE));
        assert_int_equal(partner->type, CW_PARTNER_PUBLIC_UNVERIFIED);
        assert_int_equal(partner->tls, CW_REQUIRED);
        assert_int_equal(partner->sasl, CW_REQUIRED);
        assert_true(partner->dialback);
        assert_true(partner->keep_alive);
        assert_int_equal(partner->connection_limit, 0);
        assert_null(partner->proxy.base);
        assert_int_equal(partner->additional_count, 0);
        cw_arena_free(&arena);
    }
}

#define JSON(more) "{\"Domain\":\"a.example\",\"PartnerType\":\"Federated\"" more "}"
#define XML(more)                                                                                  \
    OBJS("<Obj RefId=\"7\"><Props><S N=\"Domain\">a.example</S><S "                                \
         "N=\"PartnerType\">Federated</S>" more "</Props></Obj>")

/* One finding each; `text` is how it begins. */
static const struct {
    const char *name;
    struct cw_bytes file;
    size_t partners;
    const char *code;
    size_t record, line;
    const char *text;
} WRONG[] = {
    {"nothing", {"", 0}, 0, "E200", 0, 0, "this is no export"},
    {"white space", RUN(" \r\n"), 0, "E200", 0, 0, "this is no export"},
    {"some prose", RUN("Dear all,\nbye\n"), 0, "E200", 0, 1, "\"Dear all\": this is no export"},
    {"Format-List", RUN("\nIdentity : a\n"), 0, "E200", 0, 2, "\"Identity : a\": this is no"},
    {"not UTF-8", RUN("Domain\n\xFC"), 0, "E202", 0, 0, "this is neither UTF-8"},
    {"a NUL", RUN("Domain\n\0"), 0, "E202", 0, 0, "this is neither UTF-8"},
    {"UTF-16 without a mark", RUN("<\0O\0"), 0, "E202", 0, 0, "this is neither UTF-8"},
    {"UTF-16, odd", RUN("\xFF\xFE<\0O"), 0, "E202", 0, 0, "this is neither UTF-8"},
    {"UTF-16, high half", RUN("\xFF\xFE\x3D\xD8"), 0, "E202", 0, 0, "this is neither UTF-8"},
    {"UTF-16, low half", RUN("\xFF\xFE\x00\xDC"), 0, "E202", 0, 0, "this is neither UTF-8"},
    {"UTF-16, two high", RUN("\xFF\xFE\x3D\xD8\x3D\xD8"), 0, "E202", 0, 0, "this is neither"},
    {"UTF-16, only a mark", RUN("\xFF\xFE"), 0, "E200", 0, 0, "this is no export"},

    {"XML, cut off", RUN("<Objs Version='1.1.0.1'><Obj>"), 0, "E203", 0, 0, "this is no Clixml"},
    {"XML, other root", RUN("<Objects/>"), 0, "E203", 0, 0, "this is no Clixml"},
    {"XML, no namespace", RUN("<Objs/>"), 0, "E203", 0, 0, "this is no Clixml"},
    {"XML, left-over", RUN(OBJS("") "x"), 0, "E203", 0, 0, "this is no Clixml"},
    {"XML, document type", RUN("<!DOCTYPE Objs [<!ENTITY a 'b'>]>" OBJS("")), 0, "E203", 0, 0,
     "this is no Clixml"},
    {"XML, none in it", RUN(OBJS("")), 0, "W222", 0, 0, "there is no partner"},
    {"XML, too deep",
     RUN("<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>"
         "<a><a><a><a><a>"),
     0, "E201", 0, 0, "the file is larger"},
    {"XML, a string", RUN(OBJS("<S>a.example</S>")), 0, "E206", 1, 0, "this is no XMPP partner"},
    {"XML, another object",
     RUN(OBJS("<Obj RefId='0'><TN RefId='0'><T>Microsoft.Rtc.AllowedDomain</T></TN><Props>"
              "<S N='Domain'>a.example</S><S N='PartnerType'>Federated</S></Props></Obj>")),
     0, "E206", 1, 0, "\"Microsoft.Rtc.AllowedDomain\": this is no XMPP partner"},
    {"XML, an enum without its word",
     RUN(XML("<Obj N='TlsNegotiation' RefId='0'><I32>2</I32></Obj>")), 0, "E214", 1, 0,
     "TlsNegotiation: the value is of the wrong kind"},
    {"XML, an enum as number", RUN(XML("<I32 N='TlsNegotiation'>2</I32>")), 0, "E209", 1, 0,
     "TlsNegotiation \"2\": a number does not say"},
    {"XML, nothing in a list",
     RUN(XML("<Obj N='AdditionalDomains' RefId='0'><LST><Nil/></LST></Obj>")), 0, "E214", 1, 0,
     "AdditionalDomains: the value is of"},
    {"XML, a reference to nothing", RUN(XML("<Ref N='ProxyFqdn' RefId='9'/>")), 0, "E214", 1, 0,
     "ProxyFqdn: the value is of the"},
    {"XML, unknown property", RUN(XML("<S N='Trusted_x005F_x'>1</S>")), 1, "N230", 1, 0,
     "\"Trusted_x\": this property is not known"},

    {"JSON, cut off", RUN("[\n{\"Domain\":\n"), 0, "E204", 0, 3, "\"unexpected"},
    {"JSON, left-over", RUN("{}\n{}"), 0, "E204", 0, 2, "\"end of file expected"},
    {"JSON, a key twice", RUN("{\"Domain\":1,\n\"Domain\":2}"), 0, "E204", 0, 2, "\"duplicate"},
    {"JSON, none in it", RUN("[]"), 0, "W222", 0, 0, "there is no partner in it"},
    {"JSON, a string", RUN("[\"a.example\"]"), 0, "E206", 1, 0, "this is no XMPP partner"},
    {"JSON, an allowed SIP domain",
     RUN("[" JSON("") ",{\"Identity\":\"b.example\",\"Domain\":\"b.example\"}]"), 1, "E206", 2, 0,
     "this is no XMPP partner"},
    {"JSON, no such word", RUN(JSON(",\"TlsNegotiation\":\"Maybe\"")), 0, "E208", 1, 0,
     "TlsNegotiation \"Maybe\": there is no such value"},
    {"JSON, no switch", RUN(JSON(",\"EnableKeepAlive\":1")), 0, "E210", 1, 0,
     "EnableKeepAlive \"1\": this is neither"},
    {"JSON, negative", RUN(JSON(",\"ConnectionLimit\":-1")), 0, "E211", 1, 0,
     "ConnectionLimit \"-1\": this is not"},
    {"JSON, too large", RUN(JSON(",\"ConnectionLimit\":4294967296")), 0, "E211", 1, 0,
     "ConnectionLimit \"4294967296\""},
    {"JSON, far too large", RUN(JSON(",\"ConnectionLimit\":\"99999999999999999999999\"")), 0,
     "E211", 1, 0, "ConnectionLimit \"999"},
    {"JSON, a fraction", RUN(JSON(",\"ConnectionLimit\":1.5")), 0, "E214", 1, 0,
     "ConnectionLimit: the value is of"},
    {"JSON, a list for a text", RUN(JSON(",\"Description\":[\"a\"]")), 0, "E214", 1, 0,
     "Description: the value is of"},
    {"JSON, an object for a list", RUN(JSON(",\"AdditionalDomains\":{}")), 0, "E214", 1, 0,
     "AdditionalDomains: the value is"},
    {"JSON, no domain", RUN("{\"PartnerType\":\"Federated\",\"Identity\":\"Global/\"}"), 0, "E207",
     1, 0, "the partner has neither"},
    {"JSON, two domains", RUN(JSON(",\"Identity\":\"b.example\"")), 1, "W221", 1, 0,
     "Identity \"b.example\": Identity names"},
    {"JSON, unknown property", RUN("[" JSON(",\"New\\n\":1") "," JSON(",\"new\\n\":1") "]"), 2,
     "N230", 1, 0, "\"New \": this property is not known"},

    {"CSV, quote not closed", RUN(HEADER "\"a\nb"), 0, "E205", 0, 2, "\"a b\": this is not CSV"},
    {"CSV, text behind a quote", RUN(HEADER "\"a\"b"), 0, "E205", 0, 2, "\"b\": this is not"},
    {"CSV, quote inside", RUN(HEADER "a\"b\""), 0, "E205", 0, 2, "\""},
    {"CSV, bare CR", RUN(HEADER "a\rb"), 0, "E205", 0, 2, "\""},
    {"CSV, short row", RUN(HEADER "a.example,Federated,\nb.example\n"), 1, "E215", 2, 3,
     "\"b.example\": the row has"},
    {"CSV, long row", RUN(HEADER "b.example,Federated,,\na.example,Federated,"), 1, "E215", 1, 2,
     "\"b.example\": the row has"},
    {"CSV, a name twice", RUN("Domain,domain\n"), 0, "E205", 0, 1, "\"domain\""},
    {"CSV, other comment", RUN("# partners\n" HEADER), 0, "E205", 0, 1, "\"# partners\""},
    {"CSV, other type", RUN("#TYPE Microsoft.Rtc.AllowedDomain\r\n" HEADER "a,Federated,\r\n"), 0,
     "E206", 1, 3, "\"Microsoft.Rtc.AllowedDomain\": this is no"},
    {"CSV, none in it", RUN(HEADER "\r\n"), 0, "W222", 0, 0, "there is no partner in it"},
    {"CSV, no such word", RUN(HEADER "\n\na.example,Federate,\n"), 0, "E208", 1, 4,
     "PartnerType \"Federate\""},
    {"CSV, line behind a break",
     RUN("Domain,PartnerType,Description\na,Federated,\"x\r\ny\"\n"
         "b,Federate,\n"),
     1, "E208", 2, 4, "PartnerType \"Federate\""},
    {"CSV, other list",
     RUN("Domain;PartnerType;AdditionalDomains\n"
         "a;Federated;Microsoft.Rtc.Management.Xds.XdsList\n"),
     1, "W220", 1, 2, "AdditionalDomains \"Microsoft.Rtc"},
    {"CSV, array", RUN("Domain\tPartnerType\tAdditionalDomains\na\tFederated\tSystem.Object[]"), 1,
     "W220", 1, 2, "AdditionalDomains \"System.Object[]\""},
};

static void says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(WRONG); i++) {
        struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);
        const struct cw_lync_import import = read_bytes(WRONG[i].file, arena);

        cw_case(WRONG[i].name);
        assert_true(import.finding_count >= 1);

        const struct cw_lync_finding *const finding = &import.findings[0];

        assert_string_equal(finding->code, WRONG[i].code);
        assert_int_equal(finding->record, WRONG[i].record);
        assert_int_equal(finding->line, WRONG[i].line);
        assert_true(finding->text.len >= strlen(WRONG[i].text));
        assert_memory_equal(finding->text.base, WRONG[i].text, strlen(WRONG[i].text));
        assert_true(finding->remedy[0] != '\0');
        assert_int_equal(import.partner_count, WRONG[i].partners);
        assert_int_equal(finding->severity == CW_FINDING_ERROR, finding->code[0] == 'E');
        if (finding->code[0] == 'E') {
            assert_int_equal(import.errors, 1);
            assert_int_equal(import.finding_count, 1);
        }
        cw_arena_free(&arena);
    }
}

/* Shapes that PowerShell makes of the same thing. */
static void knows_the_ways_of_powershell(void **state)
{
    static const struct {
        const char *name;
        struct cw_bytes file;
        size_t additional;
    } FILES[] = {
        {"one list object",
         RUN(OBJS("<Obj RefId='0'><LST><Obj RefId='1'><MS><S N='Domain'>a.example</S>"
                  "<S N='TlsNegotiation'>Optional</S></MS></Obj></LST></Obj>")),
         0},
        {"selected",
         RUN(OBJS("<Obj RefId='0'><TN RefId='0'><T>Selected.Microsoft.Rtc.XmppAllowedPartner"
                  "#Decorated</T></TN><MS><S N='Domain'>a.example</S>"
                  "<S N='TlsNegotiation'>Optional</S></MS></Obj>")),
         0},
        {"added members first",
         RUN(OBJS("<Obj RefId='0'><Props><S N='Domain'>a.example</S><S N='TlsNegotiation'>"
                  "Required</S></Props><MS><S N='TlsNegotiation'>Optional</S></MS></Obj>")),
         0},
        {"references",
         RUN(OBJS("<Obj RefId='0'><TN RefId='5'><T>XmppAllowedPartner</T></TN><Props>"
                  "<Obj N='AdditionalDomains' RefId='2'><IE><S>b.example</S><Obj RefId='3'>"
                  "<ToString>c.example</ToString></Obj></IE></Obj><S N='Domain'>x.example</S>"
                  "<S N='TlsNegotiation'>Required</S></Props></Obj>"
                  "<Obj RefId='1'><TNRef RefId='5'/><Props><Ref N='AdditionalDomains' RefId='2'/>"
                  "<Obj N='Domain' RefId='4'><ToString>a.example</ToString></Obj>"
                  "<S N='TlsNegotiation'>Optional</S></Props></Obj>")),
         2},
        {"mark before JSON",
         RUN("\xEF\xBB\xBF{\"domain\":\"a.example\",\"tlsNegotiation\":\"optional\"}"), 0},
        {"joined by blanks, Identity an object",
         RUN("{\"Domain\":\"a.example\",\"TlsNegotiation\":\"Optional\",\"Identity\":{\"Scope\":1},"
             "\"AdditionalDomains\":\"b.example c.example\"}"),
         2},
        {"a list of one",
         RUN("{\"Domain\":\"a.example\",\"TlsNegotiation\":\"Optional\","
             "\"AdditionalDomains\":[{\"value\":\"b.example\",\"Length\":9}]}"),
         1},
        {"CSV without quotes, LF", RUN("TlsNegotiation;Domain\nOptional;a.example"), 0},
        {"CSV with a quoted type, in Excel",
         RUN("\"#TYPE XmppAllowedPartner\";\r\nDomain;TlsNegotiation\r\na.example;Optional\r\n"),
         0},
        {"CSV, one column more",
         RUN("Domain,TlsNegotiation,AdditionalDomains\na.example,Optional,\"b.example, c.example;"
             "d.example\"\n"),
         3},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(FILES); i++) {
        struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);
        const struct cw_lync_import import = read_bytes(FILES[i].file, arena);

        cw_case(FILES[i].name);
        assert_int_equal(import.finding_count, 0);
        assert_true(import.partner_count >= 1);

        const struct cw_lync_partner *const last = &import.partners[import.partner_count - 1];

        cw_assert_bytes(last->domain, CW_LIT("a.example"));
        assert_int_equal(last->tls, CW_OPTIONAL);
        assert_int_equal(last->additional_count, FILES[i].additional);
        cw_arena_free(&arena);
    }
}

/* An XML declaration names the encoding that the file had. */
static void reads_utf16_of_both_orders(void **state)
{
    static const char FILE_TEXT[] =
        "<?xml version='1.0' encoding='utf-16'?>\r\n" XML("<S N='ProxyFqdn'>p.example</S>");
    char room[2 * sizeof(FILE_TEXT)];

    (void)state;
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);

        cw_case(big_endian ? "big-endian" : "little-endian");
        memset(room, 0, sizeof(room));
        room[big_endian ? 0 : 1] = '\xFE';
        room[big_endian ? 1 : 0] = '\xFF';
        for (size_t i = 0; i + 1 < sizeof(FILE_TEXT); i++) {
            room[2 + 2 * i + (big_endian ? 1 : 0)] = FILE_TEXT[i];
        }

        const struct cw_lync_import import =
            read_bytes((struct cw_bytes){room, sizeof(room)}, arena);

        assert_int_equal(import.finding_count, 0);
        assert_int_equal(import.partner_count, 1);
        cw_assert_bytes(import.partners[0].proxy, CW_LIT("p.example"));
        cw_arena_free(&arena);
    }
}

/* Escapes of Clixml, right and not. */
static void reads_strings_of_clixml(void **state)
{
    static const struct {
        const char *xml, *text;
    } STRINGS[] = {
        {"a_x000A_b", "a\nb"},
        {"_x005F_x000A_", "_x000A_"},
        {"_xD83D__xDE42_!", "\xF0\x9F\x99\x82!"},
        {"_xD83D_!", "\xEF\xBF\xBD!"},
        {"_xD83D__xD83D_", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"_xDE42_", "\xEF\xBF\xBD"},
        {"_x0000_", "\xEF\xBF\xBD"},
        {"_x0007_", "\xEF\xBF\xBD"},
        {"_x00e4_", "\xC3\xA4"},
        {"_x00g4_", "_x00g4_"},
        {"_x00E4", "_x00E4"},
        {"_x_", "_x_"},
        {"1 &lt; 2 &amp; <![CDATA[<]]>", "1 < 2 & <"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(STRINGS); i++) {
        struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);
        char file[512];

        cw_case(STRINGS[i].xml);
        (void)snprintf(file, sizeof(file), XML("<S N='Description'>%s</S>"), STRINGS[i].xml);

        const struct cw_lync_import import = read_bytes(text(file), arena);

        assert_int_equal(import.partner_count, 1);
        cw_assert_bytes(import.partners[0].description, text(STRINGS[i].text));
        cw_arena_free(&arena);
    }
}

/* `head`, then `row` so often, then `tail`. */
static struct cw_bytes repeat(const char *head, const char *row, size_t count, const char *tail)
{
    const size_t len = strlen(row);
    char *const room = malloc(strlen(head) + len * count + strlen(tail));
    char *at = room;

    assert_non_null(room);
    memcpy(at, head, strlen(head));
    at += strlen(head);
    for (size_t i = 0; i < count; i++, at += len) {
        memcpy(at, row, len);
    }
    memcpy(at, tail, strlen(tail));
    return (struct cw_bytes){room, (size_t)(at - room) + strlen(tail)};
}

#define LONG16 "0123456789abcde."
#define LONG256                                                                                    \
    LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16     \
        LONG16 LONG16 LONG16
#define LONG LONG256 LONG256 LONG256

static void keeps_its_bounds(void **state)
{
    static const struct {
        const char *name, *head, *row;
        size_t count;
        const char *tail;
        size_t partners, findings, errors;
        const char *code;
    } FILES[] = {
        {"10000 partners", HEADER, "a.example,Federated,\n", 10000, "", 10000, 0, 0, NULL},
        {"one more", HEADER, "a.example,Federated,\n", 10005, "", 10000, 1, 1, "E212"},
        {"1 MiB", HEADER, "\n", ((size_t)1 << 20) - sizeof(HEADER) + 1, "", 0, 1, 0, "W222"},
        {"one octet more", HEADER, "\n", ((size_t)1 << 20) - sizeof(HEADER) + 2, "", 0, 1, 1,
         "E201"},
        {"a domain list of 100",
         "{\"Domain\":\"a\",\"PartnerType\":\"Federated\","
         "\"AdditionalDomains\":\"",
         "b ", 100, "\"}", 1, 0, 0, NULL},
        {"and of 101", "{\"Domain\":\"a\",\"PartnerType\":\"Federated\",\"AdditionalDomains\":\"",
         "b ", 103, "\"}", 0, 1, 1, "E213"},
        {"findings", HEADER, "a,Federate,\n", 130, "", 0, 100, 130, "E208"},
        {"arrays", "[", "[],", 65535, "[]]", 0, 1, 1, "E201"},
        {"arrays in arrays", "", "[", 3000, "", 0, 1, 1, "E204"},
        {"too many elements", "<Objs xmlns='http://schemas.microsoft.com/powershell/2004/04'>",
         "<S/>", 65536, "</Objs>", 0, 1, 1, "E201"},
        {"columns", "Domain", ",", 128, "\n", 0, 1, 1, "E201"},
        {"a long class and many rows", "#TYPE " LONG "\n" HEADER, ",,\n", 100000, "", 0, 100,
         100000, "E206"},
        {"a long name and many rows", "Domain,TlsNegotiation," LONG "\n", ",,\n", 100000, "", 0,
         100, 100000, "E206"},
        {"many references to a list",
         "<Objs xmlns='http://schemas.microsoft.com/powershell/2004/04'><Obj "
         "RefId='1'><LST><S>" LONG256 "</S><S>a</S></LST></Obj><Obj><Props><S N='Domain'>a</S><S "
         "N='TlsNegotiation'>Optional</S>",
         "<Ref N='b' RefId='1'/>", 30000, "</Props></Obj></Objs>", 1, 3, 2, "E201"},
        {"quotes", HEADER "\"", "\"\"", 100000, "\",Federated,", 1, 0, 0, NULL},
        {"many quoted fields", HEADER, "\"a\"\"b\",\"Federated\",\"\"\n", 10000, "", 10000, 0, 0,
         NULL},
        {"unknown names are told up to a number",
         "Domain,TlsNegotiation,a,b,c,d,e,f,g,h,i,j,k,l,m,"
         "n,o,p,q\n",
         "a,,,,,,,,,,,,,,,,,,\n", 0, "a,Optional,,,,,,,,,,,,,,,,,\n", 1, 16, 0, "N230"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(FILES); i++) {
        struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);
        const struct cw_bytes file =
            repeat(FILES[i].head, FILES[i].row, FILES[i].count, FILES[i].tail);
        const struct cw_lync_import import = read_bytes(file, arena);

        cw_case(FILES[i].name);
        assert_int_equal(import.partner_count, FILES[i].partners);
        assert_int_equal(import.errors, FILES[i].errors);
        assert_int_equal(import.finding_count, FILES[i].findings);
        assert_int_equal(import.dropped > 0, FILES[i].errors > 100);
        assert_true(import.finding_count + import.dropped >= import.errors);
        if (FILES[i].code != NULL) {
            assert_string_equal(import.findings[import.finding_count - 1].code, FILES[i].code);
        }
        free((void *)(uintptr_t)file.base);
        cw_arena_free(&arena);
    }
}

/* An arena of any size too small is told, or ends in a finding; it never ends in partners. */
static void survives_a_small_arena(void **state)
{
    struct cw_arena *files = cw_arena_new(CW_LYNC_ARENA);
    static const char *const NAMES[] = {"clixml-utf16.xml", "list.json", "table-tab-utf16.csv"};
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(NAMES); i++) {
        const struct cw_bytes file = load(NAMES[i], files);

        for (size_t limit = 64; limit < 2000000; limit += limit / 16) {
            struct cw_arena *arena = cw_arena_new(limit);
            struct cw_lync_import import;

            if (cw_lync_read(file, arena, &import) != CW_OK) {
                refused++;
            } else if (import.errors == 0) {
                assert_int_equal(import.partner_count, 3);
                expect_partner(&import.partners[0], &EXPECTED[0], true);
            }
            cw_arena_free(&arena);
        }
    }
    assert_true(refused > 10);
    cw_arena_free(&files);
}

/* The page for operators lists each finding. */
static void is_documented(void **state)
{
    static const char *const CODES[] = {
#define X(name, code, severity, text, remedy) code,
        CW_LYNC_FINDINGS(X)
#undef X
    };
    char *const page = calloc(1, 65536);
    FILE *const file = fopen(CAUSEWAY_PAGE, "rb");

    (void)state;
    assert_non_null(page);
    assert_non_null(file);
    assert_true(fread(page, 1, 65535, file) > 0);
    (void)fclose(file);
    for (size_t i = 0; i < CW_COUNT(CODES); i++) {
        cw_case(CODES[i]);
        assert_non_null(strstr(strstr(page, "## Findings"), CODES[i]));
    }
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form),
        cmocka_unit_test(warns_of_lost_domains),
        cmocka_unit_test(guesses_no_numbers),
        cmocka_unit_test(takes_the_defaults_of_lync),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(knows_the_ways_of_powershell),
        cmocka_unit_test(reads_utf16_of_both_orders),
        cmocka_unit_test(reads_strings_of_clixml),
        cmocka_unit_test(keeps_its_bounds),
        cmocka_unit_test(survives_a_small_arena),
        cmocka_unit_test(is_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
