/* SPDX-License-Identifier: Apache-2.0 */
/* What rides on a message: message/cpim, typing, notices, expiry. */
#include "cw_test.h"

#include <causeway/message.h>
#include <stdio.h>

#define ARENA_MAX 65536u

static const struct cw_jid MIRA = {
    .local = {"mira", 4}, .domain = {"partner.example", 15}, .resource = {"Desk", 4}};
static const struct cw_jid TOMASZ = {.local = {"tomasz", 6}, .domain = {"corp.example", 12}};

#define NINE_MS INT64_C(1772442000000) /* 2026-03-02T09:00:00Z */

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

static void assert_text(struct cw_bytes got, const char *want)
{
    assert_int_equal(got.base == NULL, want == NULL);
    cw_assert_bytes(got, text(want));
}

/* RCPT-1, RCPT-2, RCPT-15, MSG-22 */
static const struct {
    const char *name;
    bool wants_receipt, markable;
    const char *delay, *date, *wants;
} WRAPPED[] = {
    {"nothing asked for", false, false, NULL, "2026-03-02T09:00:00Z", ""},
    {"a receipt", true, false, NULL, "2026-03-02T09:00:00Z",
     "imdn.Disposition-Notification: positive-delivery, negative-delivery\r\n"},
    {"a marker, late", false, true, "2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z",
     "imdn.Disposition-Notification: display\r\n"},
    {"both, a time that is none", true, true, "soon", "2026-03-02T09:00:00Z",
     "imdn.Disposition-Notification: positive-delivery, negative-delivery, display\r\n"},
};

static void wraps(void **state)
{
    static const struct cw_text BODY = {{"Kawa?\n", 6}, {"pl", 2}};
    static const struct cw_text SUBJECTS[] = {{{"Plan\nTo: x", 10}, {"pl", 2}},
                                              {{"Plan B", 6}, {"en", 2}}};
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(WRAPPED); i++) {
        const struct cw_stanza in = {
            .from = MIRA,
            .to = TOMASZ,
            .bodies = {&BODY, 1},
            .subjects = {SUBJECTS, 2},
            .wants_receipt = WRAPPED[i].wants_receipt,
            .markable = WRAPPED[i].markable,
            .delay = text(WRAPPED[i].delay),
        };
        const struct cw_message_form form = {
            .cpim = true, .message_id = CW_LIT("34jk"), .now_unix_ms = NINE_MS};
        struct cw_page_message out;
        char want[1024];

        cw_case(WRAPPED[i].name);
        (void)snprintf(
            want, sizeof(want),
            "From: <im:mira@partner.example>\r\nTo: <im:tomasz@corp.example>\r\n"
            "DateTime: %s\r\nSubject:;lang=pl Plan\\nTo: x\r\nSubject:;lang=en Plan B\r\n"
            "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk\r\n%s\r\n"
            "Content-Type: text/plain;charset=UTF-8\r\nContent-Language: pl\r\n\r\n"
            "Kawa?\r\n",
            WRAPPED[i].date, WRAPPED[i].wants);
        assert_int_equal(cw_message_to_sip(&in, &form, arena, &out), CW_OK);
        assert_text(out.content_type, "message/cpim");
        assert_text(out.request_uri, "sip:tomasz@corp.example");
        assert_text(out.subject, "Plan To: x");
        cw_assert_bytes(out.body, text(want));
    }
    cw_arena_free(&arena);
}

/* CT-1 */
static void tells_typing(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);

    (void)state;
    for (int active = 0; active < 2; active++) {
        struct cw_page_message out;
        struct cw_is_composing got;

        assert_int_equal(cw_message_typing(&MIRA, &TOMASZ, active, active ? 90 : 0, arena, &out),
                         CW_OK);
        assert_text(out.request_uri, "sip:tomasz@corp.example");
        assert_text(out.to_uri, "sip:tomasz@corp.example");
        assert_text(out.from_uri, "sip:mira@partner.example;gr=Desk");
        assert_text(out.content_type, "application/im-iscomposing+xml");
        assert_int_equal(cw_is_composing_read(out.body, arena, &got), CW_OK);
        assert_int_equal(got.active, active);
        assert_int_equal(got.refresh_s, active ? 90 : 0);
        assert_text(got.content_type, "text/plain");
    }
    cw_arena_free(&arena);
}

/* RCPT-11: what goes back about a message, with its own addresses or ours. */
static void notifies(void **state)
{
    static const struct cw_cpim_routes ROUTES = {{{"sip:r1.example", 14}, {"sip:r2.example", 14}},
                                                 2};
    static const struct cw_cpim_routes NO_ROUTES;
    static const struct {
        const char *cpim_from, *cpim_to;
        const struct cw_cpim_routes *routes;
        const char *from, *to, *request_uri;
    } NOTICES[] = {
        {"im:T@corp.example", "im:M@partner.example", &ROUTES, "im:M@partner.example",
         "im:T@corp.example", "sip:r1.example"},
        {NULL, NULL, NULL, "im:mira@partner.example", "im:tomasz@corp.example",
         "sip:tomasz@corp.example"},
        {NULL, NULL, &NO_ROUTES, "im:mira@partner.example", "im:tomasz@corp.example",
         "sip:tomasz@corp.example"},
    };
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(NOTICES); i++) {
        const struct cw_message_notice in = {
            .from = MIRA,
            .to = TOMASZ,
            .cpim_from = text(NOTICES[i].cpim_from),
            .cpim_to = text(NOTICES[i].cpim_to),
            .routes = NOTICES[i].routes,
            .about = CW_LIT("34jk"),
            .about_datetime = CW_LIT("2026-03-02T08:59:00Z"),
            .message_id = CW_LIT("fresh"),
            .now_unix_ms = NINE_MS,
            .status = CW_IMDN_DISPLAYED,
        };
        struct cw_page_message out;
        struct cw_cpim cpim;
        struct cw_imdn imdn;

        assert_int_equal(cw_message_notify(&in, arena, &out), CW_OK);
        assert_text(out.content_type, "message/cpim");
        assert_text(out.request_uri, NOTICES[i].request_uri);
        assert_text(out.to_uri, "sip:tomasz@corp.example");
        assert_int_equal(cw_cpim_read(out.body, arena, &cpim), CW_OK);
        assert_text(cpim.from, NOTICES[i].from);
        assert_text(cpim.to, NOTICES[i].to);
        assert_text(cpim.datetime, "2026-03-02T09:00:00Z");
        assert_text(cpim.message_id, "fresh");
        assert_int_equal(cpim.wants, 0);
        assert_int_equal(cpim.record_routes.count, 0);
        assert_int_equal(cpim.routes.count, i == 0 ? 2 : 0);
        assert_text(cpim.content_type, "message/imdn+xml");
        assert_text(cpim.content_disposition, "notification");
        assert_int_equal(cw_imdn_read(cpim.content, arena, &imdn), CW_OK);
        assert_text(imdn.message_id, "34jk");
        assert_text(imdn.datetime, "2026-03-02T08:59:00Z");
        assert_text(imdn.recipient, NOTICES[i].from);
        assert_text(imdn.original_recipient, NULL);
        assert_int_equal(imdn.status, CW_IMDN_DISPLAYED);
    }
    cw_arena_free(&arena);
}

/* SEC-16, ADDR-19 */
static void sends_no_line_that_was_not_asked_for(void **state)
{
    const struct cw_message_form form = {.cpim = true, .message_id = CW_LIT("a\r\nTo: <im:x@x>")};
    const struct cw_text body = {CW_LIT("x"), {NULL, 0}};
    const struct cw_stanza stanza = {.from = MIRA, .to = TOMASZ, .bodies = {&body, 1}};
    struct cw_message_notice notice = {
        .from = MIRA, .to = TOMASZ, .about = CW_LIT("1"), .cpim_to = CW_LIT("im:a>\r\nX: <b")};
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);
    struct cw_page_message out;

    (void)state;
    assert_int_equal(cw_message_to_sip(&stanza, &form, arena, &out), CW_ERR_MALFORMED);
    assert_int_equal(cw_message_notify(&notice, arena, &out), CW_ERR_MALFORMED);
    notice.cpim_to = (struct cw_bytes){0};
    notice.from.local = CW_LIT("a\\5c");
    assert_int_equal(cw_message_notify(&notice, arena, &out), CW_ERR_ADDRESS);
    assert_int_equal(cw_message_typing(&notice.from, &TOMASZ, true, 0, arena, &out),
                     CW_ERR_ADDRESS);
    cw_arena_free(&arena);
}

/* MSG-51: Date, else the arrival, and Expires. */
static void knows_when_a_message_expires(void **state)
{
    static const struct {
        const char *date;
        uint64_t arrived_ms;
        int64_t expires_s, at;
    } EXPIRIES[] = {
        {"Mon, 02 Mar 2026 09:00:00 GMT", 5, 60, NINE_MS + 60000},
        {"yesterday", NINE_MS, 60, NINE_MS + 60000},
        {NULL, NINE_MS, 1, NINE_MS + 1000},
        {NULL, NINE_MS, 0, INT64_MAX},
        {NULL, NINE_MS, -1, INT64_MAX},
        {NULL, UINT64_MAX, 60, INT64_MAX},
        {NULL, NINE_MS, INT64_MAX, INT64_MAX},
        {NULL, NINE_MS, UINT32_MAX, NINE_MS + INT64_C(4294967295000)},
        {NULL, INT64_MAX / 2, INT64_MAX / 4000, INT64_MAX / 2 + INT64_MAX / 4000 * 1000},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(EXPIRIES); i++) {
        const struct cw_page_message in = {.date = text(EXPIRIES[i].date),
                                           .arrived_ms = EXPIRIES[i].arrived_ms};

        assert_int_equal(cw_message_expiry(&in, EXPIRIES[i].expires_s), EXPIRIES[i].at);
    }
}

/* ---- from SIP ---- */

#define NS   "NS: imdn <urn:ietf:params:imdn>\r\n"
#define HI   "\r\nContent-Type: text/plain\r\n\r\nHi"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

/* MSG-58, MSG-63, MSG-69, MSG-70, RCPT-8. A NULL id is the digest. */
static const struct {
    const char *name, *body;
    enum cw_err err;
    const char *id;
    bool wants_receipt, markable;
    const char *subject, *lang, *stamp;
} UNWRAPPED[] = {
    {"all of it",
     "From: <im:Tomasz@corp.example>\r\nTo: <sip:mira@partner.example>\r\n"
     "DateTime: 2026-03-02T08:00:00Z\r\nSubject:;lang=pl Plan\r\n" NS "imdn.Message-ID: 34jk\r\n"
     "imdn.Disposition-Notification: positive-delivery,display\r\n" HI,
     CW_OK, "34jk", true, true, "Plan", "pl", "2026-03-02T08:00:00Z"},
    {"negative delivery is no receipt",
     NS "imdn.Message-ID: 1\r\nimdn.Disposition-Notification: negative-delivery, processing\r\n" HI,
     CW_OK, "1", false, false, "of the request", NULL, NULL},
    {"nobody named", "cc: <im:x@x.example>\r\n" HI, CW_OK, NULL, false, false, "of the request",
     NULL, NULL},
    {"a device of the sender", "From: <sip:tomasz@corp.example;gr=x>\r\n" HI, CW_OK, NULL, false,
     false, "of the request", NULL, NULL},
    {"an id as long as can be", NS "imdn.Message-ID: " LONG LONG "\r\n" HI, CW_OK, LONG LONG, false,
     false, "of the request", NULL, NULL},
    {"an id that is too long", NS "imdn.Message-ID: " LONG LONG "x\r\n" HI, CW_OK, NULL, false,
     false, "of the request", NULL, NULL},
    {"another sender", "From: <im:mallory@corp.example>\r\n" HI, CW_ERR_REFUSED, NULL, false, false,
     NULL, NULL, NULL},
    {"another receiver", "To: <im:mira@corp.example>\r\n" HI, CW_ERR_REFUSED, NULL, false, false,
     NULL, NULL, NULL},
    {"a sender that is nobody", "From: <>\r\n" HI, CW_ERR_REFUSED, NULL, false, false, NULL, NULL,
     NULL},
    {"a sender of another scheme", "From: <mailto:tomasz@corp.example>\r\n" HI, CW_ERR_REFUSED,
     NULL, false, false, NULL, NULL, NULL},
    {"Require", "Require: x.Vital\r\n" HI, CW_ERR_UNSUPPORTED, NULL, false, false, NULL, NULL,
     NULL},
    {"broken", "From: x\r\n" HI, CW_ERR_MALFORMED, NULL, false, false, NULL, NULL, NULL},
};

static void unwraps(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(UNWRAPPED); i++) {
        const struct cw_page_message in = {
            .content_type = CW_LIT("message/cpim"),
            .body = text(UNWRAPPED[i].body),
            .subject = CW_LIT("of the request"),
            .call_id = CW_LIT("c1"),
            .arrived_ms = NINE_MS,
        };
        struct cw_content content;
        struct cw_stanza_message out;

        cw_case(UNWRAPPED[i].name);
        cw_arena_reset(arena);
        assert_int_equal(cw_message_to_xmpp(&in, &TOMASZ, &MIRA, arena, &content, &out),
                         UNWRAPPED[i].err);
        if (UNWRAPPED[i].err != CW_OK) {
            continue;
        }
        assert_true(content.wrapped);
        assert_int_equal(out.bodies.count, 1);
        assert_text(out.bodies.items[0].text, "Hi");
        assert_int_equal(out.id.len, UNWRAPPED[i].id != NULL ? strlen(UNWRAPPED[i].id) : 40);
        assert_true(UNWRAPPED[i].id == NULL || cw_bytes_equal(out.id, text(UNWRAPPED[i].id)));
        assert_int_equal(out.wants_receipt, UNWRAPPED[i].wants_receipt);
        assert_int_equal(out.markable, UNWRAPPED[i].markable);
        assert_text(out.subjects.items[0].text, UNWRAPPED[i].subject);
        assert_text(out.subjects.items[0].lang, UNWRAPPED[i].lang);
        assert_text(out.delay_stamp, UNWRAPPED[i].stamp);
    }
    cw_arena_free(&arena);
}

/* CT-2, CT-3, RCPT-4: what is no text has no text, and no delay. */
static void takes_status_messages(void **state)
{
    static const struct {
        const char *type, *body;
        enum cw_content_kind kind;
    } STATUS[] = {
        {"application/im-iscomposing+xml",
         "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>active</state>"
         "</isComposing>",
         CW_CONTENT_TYPING},
        {"message/cpim",
         "From: <im:tomasz@corp.example>\r\n" NS "imdn.Message-ID: 1\r\n"
         "\r\nContent-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\r\n"
         "<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>34jk</message-id>"
         "<delivery-notification><status><delivered/></status></delivery-notification></imdn>",
         CW_CONTENT_NOTICES},
    };
    struct cw_arena *arena = cw_arena_new(ARENA_MAX);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(STATUS); i++) {
        const struct cw_page_message in = {.content_type = text(STATUS[i].type),
                                           .body = text(STATUS[i].body),
                                           .date = CW_LIT("Mon, 02 Mar 2026 08:00:00 GMT"),
                                           .subject = CW_LIT("x"),
                                           .arrived_ms = NINE_MS};
        struct cw_content content;
        struct cw_stanza_message out;

        assert_int_equal(cw_message_to_xmpp(&in, &TOMASZ, &MIRA, arena, &content, &out), CW_OK);
        assert_int_equal(content.kind, STATUS[i].kind);
        assert_int_equal(out.bodies.count + out.subjects.count, 0);
        assert_null(out.delay_stamp.base);
        assert_false(out.origin_id);
    }
    cw_arena_free(&arena);
}

/* A full arena is CW_ERR_LIMIT: not a refusal, not half a message. */
static void says_when_the_arena_is_full(void **state)
{
    const struct cw_page_message in = {.content_type = CW_LIT("message/cpim"),
                                       .body = text(UNWRAPPED[0].body),
                                       .from_display = CW_LIT("T\x01"),
                                       .call_id = CW_LIT("c\x01"),
                                       .arrived_ms = NINE_MS};
    const struct cw_text texts[] = {{CW_LIT("a\nb"), CW_LIT("pl")}};
    const struct cw_stanza stanza = {.from = MIRA,
                                     .to = TOMASZ,
                                     .nick = CW_LIT("M"),
                                     .bodies = {texts, 1},
                                     .subjects = {texts, 1},
                                     .delay = CW_LIT("2026-03-02T08:00:00Z"),
                                     .replaces = CW_LIT("1"),
                                     .wants_receipt = true};
    const struct cw_message_form form = {
        .cpim = true, .message_id = CW_LIT("1"), .correction_mark = CW_LIT("* ")};
    const struct cw_message_notice notice = {.from = MIRA, .to = TOMASZ, .about = CW_LIT("1")};
    bool passed[4] = {false};

    (void)state;
    for (size_t limit = 1; limit < 12000; limit += 13) {
        struct cw_content content;
        struct cw_stanza_message to_xmpp;
        struct cw_page_message page;

        for (size_t i = 0; i < CW_COUNT(passed); i++) {
            struct cw_arena *arena = cw_arena_new(limit);
            const enum cw_err err =
                i == 0   ? cw_message_to_xmpp(&in, &TOMASZ, &MIRA, arena, &content, &to_xmpp)
                : i == 1 ? cw_message_to_sip(&stanza, &form, arena, &page)
                : i == 2 ? cw_message_notify(&notice, arena, &page)
                         : cw_message_typing(&MIRA, &TOMASZ, true, 90, arena, &page);

            assert_true(err == CW_OK || err == CW_ERR_LIMIT);
            assert_false(passed[i] && err != CW_OK);
            passed[i] = err == CW_OK;
            cw_arena_free(&arena);
        }
    }
    assert_true(passed[0] && passed[1] && passed[2] && passed[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wraps),
        cmocka_unit_test(tells_typing),
        cmocka_unit_test(notifies),
        cmocka_unit_test(sends_no_line_that_was_not_asked_for),
        cmocka_unit_test(knows_when_a_message_expires),
        cmocka_unit_test(unwraps),
        cmocka_unit_test(takes_status_messages),
        cmocka_unit_test(says_when_the_arena_is_full),
    };

    return cmocka_run_group_tests_name("message_cpim", tests, NULL, NULL);
}
