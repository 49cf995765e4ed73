/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/message.h>

static const struct cw_message_form PLAIN;

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

#define MIRA                                                                                       \
    {                                                                                              \
        .local = {"mira", 4}, .domain = {"partner.example", 15}, .resource = { "Desk", 4 }         \
    }
#define TOMASZ                                                                                     \
    {                                                                                              \
        .local = {"tomasz", 6}, .domain = { "corp.example", 12 }                                   \
    }

/* MSG-1, MSG-2, MSG-3, MSG-4, MSG-5, MSG-7, MSG-8, MSG-9; vectors MSG-V04 to V07. */
static const struct {
    const char *name;
    enum cw_stanza_type type;
    const char *body, *subject;
    enum cw_message_fate fate;
} FATES[] = {
    {"normal", CW_TYPE_NORMAL, "x", NULL, CW_MESSAGE_SEND},
    {"chat", CW_TYPE_CHAT, "x", NULL, CW_MESSAGE_SEND},
    {"headline", CW_TYPE_HEADLINE, "x", NULL, CW_MESSAGE_SEND},
    {"groupchat", CW_TYPE_GROUPCHAT, "x", NULL, CW_MESSAGE_REFUSE_GROUPCHAT},
    {"error", CW_TYPE_ERROR, "x", NULL, CW_MESSAGE_DROP},
    {"only a subject", CW_TYPE_NORMAL, NULL, "x", CW_MESSAGE_SEND},
    {"nothing", CW_TYPE_CHAT, NULL, NULL, CW_MESSAGE_DROP},
    {"empty body", CW_TYPE_CHAT, "", NULL, CW_MESSAGE_DROP},
};

static void decides_the_fate(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(FATES); i++) {
        const struct cw_stanza in = {
            .type = FATES[i].type, .body = text(FATES[i].body), .subject = text(FATES[i].subject)};

        cw_case(FATES[i].name);
        assert_int_equal(cw_message_fate(&in), FATES[i].fate);
    }
}

/* EXT-6, EXT-7, MSG-6, RCPT-9, RCPT-10, CT-4: what decides beside the text. */
static void decides_the_fate_of_what_has_no_text(void **state)
{
    static const struct {
        struct cw_stanza in;
        enum cw_message_fate fate;
    } OTHERS[] = {
        {{.forwarded = true, .body = {"x", 1}}, CW_MESSAGE_DROP_FORGED},
        {{.encrypted = true}, CW_MESSAGE_REFUSE_ENCRYPTED},
        {{.encrypted = true, .body = {"x", 1}}, CW_MESSAGE_SEND},
        {{.received_id = {"1", 1}}, CW_MESSAGE_RECEIPT},
        {{.displayed_id = {"1", 1}, .chat_state = CW_CHAT_ACTIVE}, CW_MESSAGE_RECEIPT},
        {{.chat_state = CW_CHAT_COMPOSING}, CW_MESSAGE_TYPING},
        {{.chat_state = CW_CHAT_COMPOSING, .body = {"x", 1}}, CW_MESSAGE_SEND},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(OTHERS); i++) {
        assert_int_equal(cw_message_fate(&OTHERS[i].in), OTHERS[i].fate);
    }
}

/* MSG-20, EXT-1, EXT-5: which text goes, and how. */
static const struct {
    const char *name;
    const char *stanza_lang, *preferred, *boundary, *replaces;
    const char *body, *language;
} LANGUAGES[] = {
    {"nothing known: the first", NULL, NULL, NULL, NULL, "Kawa?", "pl"},
    {"the stanza's own", "pl", "en", NULL, NULL, "Kawa?", "pl"},
    {"the receiver's", NULL, "en", NULL, NULL, "Coffee?", "en"},
    {"the receiver's is not there", NULL, "de", NULL, NULL, "Kawa?", "pl"},
    {"a correction is one text", NULL, NULL, "b", "1", "* Kawa?", "pl"},
    {"all of them", NULL, NULL, "b", NULL, NULL, NULL},
};

static void chooses_a_language(void **state)
{
    static const struct cw_text TEXTS[] = {{{"Kawa?", 5}, {"pl", 2}}, {{"Coffee?", 7}, {"en", 2}}};
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(LANGUAGES); i++) {
        const struct cw_stanza in = {.from = MIRA,
                                     .to = TOMASZ,
                                     .bodies = {TEXTS, 2},
                                     .lang = text(LANGUAGES[i].stanza_lang),
                                     .replaces = text(LANGUAGES[i].replaces)};
        const struct cw_message_form form = {.language = text(LANGUAGES[i].preferred),
                                             .boundary = text(LANGUAGES[i].boundary),
                                             .correction_mark = CW_LIT("* ")};
        struct cw_content_input input = {.type = CW_LIT("multipart/alternative;boundary=b")};
        struct cw_page_message out;
        struct cw_content content;

        cw_case(LANGUAGES[i].name);
        assert_int_equal(cw_message_to_sip(&in, &form, arena, &out), CW_OK);
        if (LANGUAGES[i].body != NULL) {
            cw_assert_bytes(out.body, text(LANGUAGES[i].body));
            cw_assert_bytes(out.content_language, text(LANGUAGES[i].language));
            continue;
        }
        cw_assert_bytes(out.content_type, input.type);
        input.bytes = out.body;
        assert_int_equal(cw_content_read(&input, arena, &content), CW_OK);
        assert_int_equal(content.bodies.count, 2);
        cw_assert_bytes(content.bodies.items[0].text, TEXTS[0].text);
        cw_assert_bytes(content.bodies.items[1].lang, TEXTS[1].lang);
    }
    cw_arena_free(&arena);
}

/* MSG-16, MSG-21: a thread that only looks like a UUID; a body that was made from XHTML. */
static void takes_only_uuids_for_call_ids(void **state)
{
    static const struct {
        const char *thread;
        bool taken;
    } THREADS[] = {
        {"3F6C9D1E-77AA-4C55-9F0B-2D1C8E5B7A10", true},
        {"3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a1g", false},
        {"3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a1`", false},
        {"3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a1:", false},
        {"3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a1@", false},
        {"3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a1/", false},
        {"3f6c9d1e077aa-4c55-9f0b-2d1c8e5b7a10", false},
        {"3f6c9d1e-77aa-4c55-9f0b--d1c8e5b7a10", false},
    };
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(THREADS); i++) {
        const struct cw_stanza in = {.from = MIRA,
                                     .to = TOMASZ,
                                     .body = CW_LIT("x"),
                                     .body_lang = CW_LIT("pl"),
                                     .thread = text(THREADS[i].thread)};
        struct cw_page_message out;

        cw_case(THREADS[i].thread);
        assert_int_equal(cw_message_to_sip(&in, &PLAIN, arena, &out), CW_OK);
        assert_int_equal(out.call_id.base != NULL, THREADS[i].taken);
        cw_assert_bytes(out.body, CW_LIT("x"));
        cw_assert_bytes(out.content_language, CW_LIT("pl"));
    }
    cw_arena_free(&arena);
}

/* Vectors MSG-V01, V02, V03, V08: MSG-11, MSG-12, MSG-13, MSG-14, MSG-15, MSG-16, MSG-19,
 * MSG-22, ADDR-32. */
static const struct {
    const char *name;
    struct cw_stanza in;
    struct cw_page_message out; /* what is expected beside the addresses */
} TO_SIP[] = {
    {"V01",
     {.body = {"Kawa o 9?", 9},
      .body_lang = {"pl", 2},
      .subject = {"Plan", 4},
      .thread = {"3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a10", 36}},
     {.body = {"Kawa o 9?", 9},
      .subject = {"Plan", 4},
      .content_language = {"pl", 2},
      .call_id = {"3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a10", 36}}},
    {"V02",
     {.body = {"Gr\xC3\xBC\xC3\x9F"
               "e\nbis 17:00 \xE2\x80\x93 T.",
               24}},
     {.body = {"Gr\xC3\xBC\xC3\x9F"
               "e\r\nbis 17:00 \xE2\x80\x93 T.",
               25}}},
    {"V03",
     {.body = {"x", 1}, .subject = {"Budget\r\nX-Injected: 1", 21}},
     {.body = {"x", 1}, .subject = {"Budget X-Injected: 1", 20}}},
    {"CRLF stays, a lone CR does not",
     {.body = {"a\r\nb\rc\n\n", 8}},
     {.body = {"a\r\nb\r\nc\r\n\r\n", 11}}},
    {"subject only (MSG-7)",
     {.subject = {"Plan\n2", 6}},
     {.body = {"Plan\r\n2", 7}, .subject = {"Plan 2", 6}}},
    {"thread that is no UUID",
     {.body = {"x", 1}, .thread = {"a b\r\nVia: x", 11}},
     {.body = {"x", 1}}},
    {"language that is none",
     {.body = {"x", 1}, .body_lang = {"pl\r\nX: 1", 8}},
     {.body = {"x", 1}}},
    {"language of the stanza",
     {.body = {"x", 1}, .lang = {"de-AT", 5}},
     {.body = {"x", 1}, .content_language = {"de-AT", 5}}},
    {"delay",
     {.body = {"x", 1}, .delay = {"2026-03-02T09:30:00.123+01:00", 29}},
     {.body = {"x", 1}, .date = {"Mon, 02 Mar 2026 08:30:00 GMT", 29}}},
    {"nick",
     {.body = {"x", 1}, .nick = {"Mira\n\"N\"", 8}},
     {.body = {"x", 1}, .from_display = {"Mira \"N\"", 8}}},
};

static void makes_page_messages(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TO_SIP); i++) {
        struct cw_stanza in = TO_SIP[i].in;
        const struct cw_page_message *const want = &TO_SIP[i].out;
        const struct cw_text body = {in.body, in.body_lang};
        const struct cw_text subject = {in.subject, {NULL, 0}};
        struct cw_page_message out;

        cw_case(TO_SIP[i].name);
        in.from = (struct cw_jid)MIRA;
        in.to = (struct cw_jid)TOMASZ;
        in.bodies = (struct cw_text_list){&body, in.body.len != 0 ? 1 : 0};
        in.subjects = (struct cw_text_list){&subject, in.subject.len != 0 ? 1 : 0};
        assert_int_equal(cw_message_to_sip(&in, &PLAIN, arena, &out), CW_OK);
        cw_assert_bytes(out.request_uri, CW_LIT("sip:tomasz@corp.example"));
        cw_assert_bytes(out.to_uri, CW_LIT("sip:tomasz@corp.example"));
        cw_assert_bytes(out.from_uri, CW_LIT("sip:mira@partner.example;gr=Desk"));
        cw_assert_bytes(out.content_type, CW_LIT("text/plain;charset=UTF-8"));
        cw_assert_bytes(out.body, want->body);
        cw_assert_bytes(out.subject, want->subject);
        cw_assert_bytes(out.content_language, want->content_language);
        cw_assert_bytes(out.call_id, want->call_id);
        assert_int_equal(out.call_id.base == NULL, want->call_id.base == NULL);
        cw_assert_bytes(out.date, want->date);
        cw_assert_bytes(out.from_display, want->from_display);
    }
    cw_arena_free(&arena);
}

/* ADDR-19 */
static void refuses_unmappable_senders(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_stanza in = {.from = MIRA, .to = TOMASZ, .body = CW_LIT("x")};
    struct cw_page_message out;

    (void)state;
    in.from.local = CW_LIT("a\\5c");
    assert_int_equal(cw_message_to_sip(&in, &PLAIN, arena, &out), CW_ERR_ADDRESS);
    cw_arena_free(&arena);
}

#define NINE_MS UINT64_C(1772442000000) /* 2026-03-02T09:00:00Z */
#define NINE                                                                                       \
    {                                                                                              \
        "Mon, 02 Mar 2026 09:00:00 GMT", 29                                                        \
    }
#define NINE_UTC                                                                                   \
    {                                                                                              \
        "2026-03-02T09:00:00Z", 20                                                                 \
    }

/* Vectors MSG-V21, V22, V27, V30, V33: MSG-54, MSG-55, MSG-56, MSG-59, MSG-60, MSG-61,
 * MSG-62, MSG-63, MSG-64, MSG-65, MSG-66, MSG-71, MSG-73, ADDR-32. */
struct expected {
    struct cw_bytes body, subject, lang, nick, delay_stamp, delay_from;
};

static struct cw_bytes first(struct cw_text_list texts)
{
    return texts.count == 0 ? (struct cw_bytes){0} : texts.items[0].text;
}

static const struct {
    const char *name;
    struct cw_page_message in;
    enum cw_err err;
    struct expected out;
} TO_XMPP[] = {
    {"V21",
     {.content_type = {"text/plain", 10},
      .body = {"Ok, 9:00\r\n", 10},
      .subject = {"Plan", 4},
      .content_language = {"pl, en", 6},
      .from_display = {"Tomasz N", 8}},
     CW_OK,
     {.body = {"Ok, 9:00\n", 9},
      .subject = {"Plan", 4},
      .lang = {"pl", 2},
      .nick = {"Tomasz N", 8}}},
    {"V27",
     {.content_type = {"Text/Plain ; Charset=\"UTF-8\"", 28},
      .body = {"a\x07"
               "b\x00\xEF\xBF\xBE"
               "c",
               8}},
     CW_OK,
     {.body = {"a\xEF\xBF\xBD"
               "b\xEF\xBF\xBD\xEF\xBF\xBD"
               "c",
               12}}},
    {"V30",
     {.content_type = {"application/json", 16}, .body = {"{}", 2}},
     CW_ERR_UNSUPPORTED,
     {.body = {NULL, 0}}},
    {"V33: late",
     {.content_type = {"text/plain", 10},
      .body = {"x", 1},
      .date = NINE,
      .arrived_ms = NINE_MS + 600000},
     CW_OK,
     {.body = {"x", 1}, .delay_stamp = NINE_UTC, .delay_from = {"corp.example", 12}}},
    {"60 s is not late",
     {.content_type = {"text/plain", 10},
      .body = {"x", 1},
      .date = NINE,
      .arrived_ms = NINE_MS + 60000},
     CW_OK,
     {.body = {"x", 1}}},
    {"dated in the future",
     {.content_type = {"text/plain", 10},
      .body = {"x", 1},
      .date = NINE,
      .arrived_ms = NINE_MS - 400000},
     CW_OK,
     {.body = {"x", 1}}},
    {"US-ASCII",
     {.content_type = {"text/plain;charset=us-ascii", 27}, .body = {"x", 1}},
     CW_OK,
     {.body = {"x", 1}}},
    {"another charset",
     {.content_type = {"text/plain;format=flowed;charset=koi8-r", 39}, .body = {"x", 1}},
     CW_ERR_UNSUPPORTED,
     {.body = {NULL, 0}}},
    {"no type: text (RFC 2045 section 5.2)", {.body = {"x", 1}}, CW_OK, {.body = {"x", 1}}},
    {"not UTF-8",
     {.content_type = {"text/plain", 10}, .body = {"\xFC", 1}},
     CW_ERR_MALFORMED,
     {.body = {NULL, 0}}},
    {"nothing (MSG-73)", {.content_type = {"text/plain", 10}}, CW_ERR_EMPTY, {.body = {NULL, 0}}},
    {"subject only (MSG-73)",
     {.subject = {"Plan", 4}},
     CW_OK,
     {.body = {"Plan", 4}, .subject = {"Plan", 4}}},
    {"broken header texts are left out",
     {.content_type = {"text/plain", 10},
      .body = {"x", 1},
      .subject = {"\xFF", 1},
      .from_display = {"\xFF", 1},
      .content_language = {"e n", 3}},
     CW_OK,
     {.body = {"x", 1}}},
};

static void makes_message_stanzas(void **state)
{
    static const struct cw_jid FROM = TOMASZ;
    static const struct cw_jid TO = MIRA;
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TO_XMPP); i++) {
        struct cw_page_message in = TO_XMPP[i].in;
        const struct expected *const want = &TO_XMPP[i].out;
        struct cw_content content;
        struct cw_stanza_message out;

        cw_case(TO_XMPP[i].name);
        in.call_id = CW_LIT("c0ffee-77@127.0.0.1");
        assert_int_equal(cw_message_to_xmpp(&in, &FROM, &TO, arena, &content, &out),
                         TO_XMPP[i].err);
        if (TO_XMPP[i].err != CW_OK) {
            continue;
        }
        assert_true(cw_jid_equal(&out.from, &FROM));
        assert_true(cw_jid_equal(&out.to, &TO));
        assert_int_equal(out.type, CW_TYPE_NORMAL);
        cw_assert_bytes(out.thread, in.call_id);
        assert_int_equal(out.id.len, 40);
        cw_assert_bytes(first(out.bodies), want->body);
        cw_assert_bytes(first(out.subjects), want->subject);
        cw_assert_bytes(out.lang, want->lang);
        cw_assert_bytes(out.nick, want->nick);
        cw_assert_bytes(out.delay_stamp, want->delay_stamp);
        cw_assert_bytes(out.delay_from, want->delay_from);
    }
    cw_arena_free(&arena);
}

static struct cw_bytes id_of(const char *call_id, uint32_t cseq, const char *tag,
                             struct cw_arena *arena)
{
    static const struct cw_jid FROM = TOMASZ;
    const struct cw_page_message in = {
        .call_id = text(call_id), .cseq = cseq, .from_tag = text(tag), .subject = CW_LIT("x")};
    struct cw_content content;
    struct cw_stanza_message out;

    assert_int_equal(cw_message_to_xmpp(&in, &FROM, &FROM, arena, &content, &out), CW_OK);
    return out.id;
}

/* MSG-58 */
static void names_each_request_by_a_digest(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_bytes id = id_of("c1", 5, "a1", arena);

    (void)state;
    cw_assert_bytes(id_of("c1", 5, "a1", arena), id);
    assert_false(cw_bytes_equal(id_of("c1", 6, "a1", arena), id));
    assert_false(cw_bytes_equal(id_of("c2", 5, "a1", arena), id));
    assert_false(cw_bytes_equal(id_of("c1", 5, "a2", arena), id));
    assert_false(cw_bytes_equal(id_of("c1", 5, NULL, arena), id));
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_the_fate),
        cmocka_unit_test(decides_the_fate_of_what_has_no_text),
        cmocka_unit_test(makes_page_messages),
        cmocka_unit_test(chooses_a_language),
        cmocka_unit_test(takes_only_uuids_for_call_ids),
        cmocka_unit_test(refuses_unmappable_senders),
        cmocka_unit_test(makes_message_stanzas),
        cmocka_unit_test(names_each_request_by_a_digest),
    };

    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
