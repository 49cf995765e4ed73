/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/error_map.h>

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

/* ERR-6, ERR-7, ERR-20; vectors ERR-V04, V05, MSG-V18 to V20. The sender is authorised. */
static const struct {
    unsigned status;
    const char *condition, *type;
} FROM_SIP[] = {
    {300, "redirect", "modify"},
    {301, "gone", "cancel"},
    {302, "redirect", "modify"},
    {380, "not-acceptable", "modify"},
    {399, "redirect", "modify"},
    {400, "bad-request", "modify"},
    {401, "internal-server-error", "cancel"},
    {402, "bad-request", "modify"},
    {403, "forbidden", "cancel"},
    {404, "item-not-found", "cancel"},
    {405, "feature-not-implemented", "cancel"},
    {406, "not-acceptable", "modify"},
    {407, "internal-server-error", "cancel"},
    {408, "remote-server-timeout", "wait"},
    {410, "gone", "cancel"},
    {412, "unexpected-request", "wait"},
    {413, "policy-violation", "modify"},
    {414, "policy-violation", "modify"},
    {415, "not-acceptable", "modify"},
    {416, "not-acceptable", "modify"},
    {420, "feature-not-implemented", "cancel"},
    {421, "not-acceptable", "cancel"},
    {423, "resource-constraint", "wait"},
    {424, "not-acceptable", "modify"},
    {425, "bad-request", "modify"},
    {428, "internal-server-error", "cancel"},
    {430, "recipient-unavailable", "wait"},
    {433, "forbidden", "cancel"},
    {438, "internal-server-error", "cancel"},
    {439, "feature-not-implemented", "cancel"},
    {440, "policy-violation", "wait"},
    {469, "bad-request", "cancel"},
    {470, "forbidden", "cancel"},
    {480, "recipient-unavailable", "wait"},
    {481, "internal-server-error", "cancel"},
    {482, "not-acceptable", "cancel"},
    {483, "not-acceptable", "cancel"},
    {484, "item-not-found", "cancel"},
    {485, "item-not-found", "cancel"},
    {486, "recipient-unavailable", "wait"},
    {488, "not-acceptable", "modify"},
    {489, "policy-violation", "modify"},
    {491, "unexpected-request", "wait"},
    {493, "not-acceptable", "modify"},
    {494, "internal-server-error", "cancel"},
    {499, "bad-request", "modify"},
    {500, "internal-server-error", "cancel"},
    {501, "feature-not-implemented", "cancel"},
    {502, "internal-server-error", "wait"},
    {503, "internal-server-error", "wait"},
    {504, "remote-server-timeout", "wait"},
    {505, "internal-server-error", "cancel"},
    {513, "policy-violation", "modify"},
    {555, "recipient-unavailable", "wait"},
    {580, "internal-server-error", "cancel"},
    {599, "internal-server-error", "cancel"},
    {600, "recipient-unavailable", "wait"},
    {603, "recipient-unavailable", "cancel"},
    {604, "item-not-found", "cancel"},
    {606, "not-acceptable", "modify"},
    {607, "forbidden", "cancel"},
    {699, "recipient-unavailable", "wait"},
};

static void maps_sip_to_xmpp(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(FROM_SIP); i++) {
        const struct cw_stanza_error error = cw_error_from_sip(FROM_SIP[i].status, false, true);

        print_message("  case: %u\n", FROM_SIP[i].status);
        cw_assert_bytes(error.condition, text(FROM_SIP[i].condition));
        cw_assert_bytes(error.type, text(FROM_SIP[i].type));
        assert_null(error.text.base);
        assert_null(error.gone_uri.base);
    }
    cw_assert_bytes(cw_error_from_sip(500, true, true).type, CW_LIT("wait"));
    cw_assert_bytes(cw_error_from_sip(501, true, true).type, CW_LIT("cancel"));
}

/* ERR-30; vector MSG-V14. */
static void hides_users_from_strangers(void **state)
{
    static const unsigned HIDDEN[] = {301, 403, 404, 405, 410, 420, 430, 433, 480,
                                      484, 486, 501, 555, 600, 603, 604, 607};
    static const unsigned SHOWN[] = {400, 413, 415, 500, 503, 504};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(HIDDEN); i++) {
        const struct cw_stanza_error error = cw_error_from_sip(HIDDEN[i], false, false);

        cw_assert_bytes(error.condition, CW_LIT("service-unavailable"));
        cw_assert_bytes(error.type, CW_LIT("cancel"));
    }
    for (size_t i = 0; i < CW_COUNT(SHOWN); i++) {
        cw_assert_bytes(cw_error_from_sip(SHOWN[i], false, false).condition,
                        cw_error_from_sip(SHOWN[i], false, true).condition);
    }
}

/* ERR-9, ERR-20; vectors MSG-V15, V16. */
static void tells_where_a_user_moved(void **state)
{
    const struct cw_bytes uri = CW_LIT("xmpp:tomasz.n@corp.example");
    struct cw_stanza_error error = cw_error_moved(301, uri, true);

    (void)state;
    cw_assert_bytes(error.condition, CW_LIT("gone"));
    cw_assert_bytes(error.gone_uri, uri);
    error = cw_error_moved(302, uri, true);
    cw_assert_bytes(error.condition, CW_LIT("redirect"));
    cw_assert_bytes(error.gone_uri, uri);
    error = cw_error_moved(301, (struct cw_bytes){0}, true);
    cw_assert_bytes(error.condition, CW_LIT("service-unavailable"));
    error = cw_error_moved(301, uri, false);
    cw_assert_bytes(error.condition, CW_LIT("service-unavailable"));
    assert_null(error.gone_uri.base);
}

/* ERR-10; vectors ERR-V01 to V03. */
static const struct {
    const char *condition, *type;
    unsigned full, bare, moved;
} TO_SIP[] = {
    {"bad-request", "modify", 400, 400, 0},
    {"conflict", "cancel", 400, 400, 0},
    {"feature-not-implemented", "cancel", 405, 501, 0},
    {"forbidden", "auth", 403, 403, 0},
    {"gone", "cancel", 410, 410, 301},
    {"internal-server-error", "cancel", 500, 500, 0},
    {"item-not-found", "cancel", 404, 404, 0},
    {"jid-malformed", "modify", 400, 400, 0},
    {"not-acceptable", "modify", 406, 406, 0},
    {"not-allowed", "cancel", 403, 403, 0},
    {"not-authorized", "auth", 403, 403, 0},
    {"policy-violation", "modify", 403, 403, 0},
    {"stanza-too-big", "modify", 513, 513, 0},
    {"recipient-unavailable", "wait", 480, 480, 0},
    {"redirect", "modify", 480, 480, 302},
    {"registration-required", "auth", 403, 403, 0},
    {"remote-server-not-found", "cancel", 404, 404, 0},
    {"remote-server-timeout", "wait", 504, 504, 0},
    {"resource-constraint", "wait", 500, 500, 0},
    {"service-unavailable", "cancel", 403, 403, 0},
    {"subscription-required", "auth", 403, 403, 0},
    {"undefined-condition", "cancel", 400, 400, 0},
    {"undefined-condition", NULL, 400, 400, 0},
    {"undefined-condition", "wait", 480, 480, 0},
    {"unexpected-request", "wait", 400, 400, 0},
    {"made-up", "modify", 400, 400, 0},
};

static void maps_xmpp_to_sip(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(TO_SIP); i++) {
        const struct cw_bytes condition = text(TO_SIP[i].condition);
        const struct cw_sip_error full = cw_error_to_sip(condition, text(TO_SIP[i].type), true);
        const struct cw_sip_error bare = cw_error_to_sip(condition, text(TO_SIP[i].type), false);

        cw_case(TO_SIP[i].condition);
        assert_int_equal(full.status, TO_SIP[i].full);
        assert_int_equal(bare.status, TO_SIP[i].bare);
        assert_int_equal(full.moved_status, TO_SIP[i].moved);
        assert_int_equal(full.needs_allow, full.status == 405);
        assert_int_equal(full.retry_after_s > 0,
                         strcmp(TO_SIP[i].condition, "resource-constraint") == 0);
        assert_string_equal(full.reason, cw_error_reason_phrase(full.status));
    }
}

static void has_a_phrase_for_every_status(void **state)
{
    (void)state;
    for (unsigned status = 0; status < 800; status++) {
        assert_true(strlen(cw_error_reason_phrase(status)) > 0);
    }
    assert_string_equal(cw_error_reason_phrase(404), "Not Found");
    assert_string_equal(cw_error_reason_phrase(599), "Server Failure");
}

/* ERR-20, MSG-34: what is told to the operator is never the XMPP user's to mend. */
static void knows_what_the_operator_must_mend(void **state)
{
    static const unsigned OURS[] = {401, 407, 417, 421, 440, 482, 483, 494, 505};
    static const unsigned THEIRS[] = {200, 301, 400, 403, 404, 408, 480, 486, 500, 503, 603};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(OURS); i++) {
        assert_true(cw_error_is_alarm(OURS[i]));
        assert_false(cw_bytes_equal(cw_error_from_sip(OURS[i], false, true).condition,
                                    CW_LIT("bad-request")));
    }
    for (size_t i = 0; i < CW_COUNT(THEIRS); i++) {
        assert_false(cw_error_is_alarm(THEIRS[i]));
    }
}

/* ERR-5 */
static const struct {
    const char *name;
    enum cw_error_text policy;
    unsigned status;
    const char *reason, *text; /* NULL: absent */
} TEXTS[] = {
    {"copied", CW_ERROR_TEXT_COPY, 480, "Gone home", "Gone home"},
    {"no response", CW_ERROR_TEXT_COPY, 408, NULL, "Request Timeout"},
    {"lines and controls", CW_ERROR_TEXT_COPY, 480, "Gone\r\n\thome\x01", "Gone home "},
    {"a full stop is no host", CW_ERROR_TEXT_COPY, 480, "Gone. Home: 9 pm", "Gone. Home: 9 pm"},
    {"a host", CW_ERROR_TEXT_COPY, 480, "see pbx1.inside.example", "Temporarily Unavailable"},
    {"an address", CW_ERROR_TEXT_COPY, 503, "10.1.2.3 is down", "Service Unavailable"},
    {"a URI", CW_ERROR_TEXT_COPY, 404, "no sip:x", "Not Found"},
    {"a user", CW_ERROR_TEXT_COPY, 404, "no x@y", "Not Found"},
    {"not UTF-8", CW_ERROR_TEXT_COPY, 404, "\xFF", "Not Found"},
    {"generic", CW_ERROR_TEXT_GENERIC, 480, "Gone home", "Temporarily Unavailable"},
    {"generic, unknown status", CW_ERROR_TEXT_GENERIC, 499, "x", "Request Failure"},
    {"none", CW_ERROR_TEXT_NONE, 480, "Gone home", NULL},
};

static void words_errors(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    char longer[600];
    struct cw_bytes out;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TEXTS); i++) {
        cw_case(TEXTS[i].name);
        assert_int_equal(
            cw_error_text(TEXTS[i].policy, TEXTS[i].status, text(TEXTS[i].reason), arena, &out),
            CW_OK);
        cw_assert_bytes(out, text(TEXTS[i].text));
        assert_int_equal(out.base == NULL, TEXTS[i].text == NULL);
    }
    for (size_t i = 0; i < 300; i++) {
        memcpy(longer + 2 * i, "\xC3\xBC", 2);
    }
    assert_int_equal(
        cw_error_text(CW_ERROR_TEXT_COPY, 480, (struct cw_bytes){longer, 600}, arena, &out), CW_OK);
    assert_int_equal(out.len, 512); /* 256 characters */
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_errors),
        cmocka_unit_test(knows_what_the_operator_must_mend),
        cmocka_unit_test(maps_sip_to_xmpp),
        cmocka_unit_test(hides_users_from_strangers),
        cmocka_unit_test(tells_where_a_user_moved),
        cmocka_unit_test(maps_xmpp_to_sip),
        cmocka_unit_test(has_a_phrase_for_every_status),
    };

    return cmocka_run_group_tests_name("error_map", tests, NULL, NULL);
}
