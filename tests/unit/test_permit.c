/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/frame.h>
#include <causeway/permit.h>
#include <stdlib.h>

#define ARENA_LIMIT ((size_t)16 * 1024 * 1024)

/* A literal where only constants may stand. */
#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const struct cw_bytes OWN[] = {TEXT("sip.example"), TEXT("voice.example")};

static struct cw_permits document(const struct cw_permit *permits, size_t count)
{
    return (struct cw_permits){
        .revision = 0x0102030405060708,
        .own_domains = OWN,
        .own_count = CW_COUNT(OWN),
        .permits = permits,
        .count = count,
        .connection_limit = 1000,
        .stream_establishment_timeout_s = 60,
        .stream_inactivity_timeout_s = 600,
        .keep_alive_interval_s = 300,
        .lease_s = 90,
    };
}

static struct cw_permit full(void)
{
    struct cw_permit permit = {
        .domain = CW_LIT("corp.fabrikam.example"),
        .partner = CW_LIT("fabrikam.example"),
        .methods = 1u << CW_METHOD_SASL_TLS | 1u << CW_METHOD_TCP_DIALBACK,
        .tls_offered = true,
        .keep_alive = true,
        .connection_limit = 20,
        .proxy = CW_LIT("[2001:db8::5]:5269"),
        .pin_count = CW_PERMIT_MAX_PINS,
    };

    for (size_t i = 0; i < CW_PERMIT_MAX_PINS; i++) {
        memset(permit.pins[i], (int)i + 1, sizeof(permit.pins[i]));
    }
    return permit;
}

static void reads_what_it_writes(void **state)
{
    const struct cw_permit two[] = {
        full(),
        {.domain = CW_LIT("b.example"), .partner = CW_LIT("b.example"), .tls_required = true}};
    const struct cw_permits want = document(two, CW_COUNT(two));
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_bytes payload;
    struct cw_permits got;

    (void)state;
    assert_int_equal(cw_permits_write(&want, arena, &payload), CW_OK);
    assert_int_equal(cw_permits_read(payload, arena, &got), CW_OK);
    assert_int_equal(got.revision, want.revision);
    assert_int_equal(got.connection_limit, 1000);
    assert_int_equal(got.stream_establishment_timeout_s, 60);
    assert_int_equal(got.stream_inactivity_timeout_s, 600);
    assert_int_equal(got.keep_alive_interval_s, 300);
    assert_int_equal(got.lease_s, 90);
    assert_int_equal(got.own_count, 2);
    cw_assert_bytes(got.own_domains[1], OWN[1]);
    assert_int_equal(got.count, 2);
    cw_assert_bytes(got.permits[0].domain, two[0].domain);
    cw_assert_bytes(got.permits[0].partner, two[0].partner);
    cw_assert_bytes(got.permits[0].proxy, two[0].proxy);
    assert_int_equal(got.permits[0].methods, two[0].methods);
    assert_false(got.permits[0].tls_required);
    assert_true(got.permits[0].tls_offered && got.permits[0].keep_alive);
    assert_int_equal(got.permits[0].connection_limit, 20);
    assert_int_equal(got.permits[0].pin_count, CW_PERMIT_MAX_PINS);
    assert_memory_equal(got.permits[0].pins, two[0].pins, sizeof(two[0].pins));
    assert_true(got.permits[1].tls_required);
    assert_false(got.permits[1].tls_offered || got.permits[1].keep_alive);
    assert_null(got.permits[1].proxy.base); /* absent, not empty */
    cw_arena_free(&arena);
}

static void refuses_every_truncation_and_left_over(void **state)
{
    const struct cw_permit one = full();
    const struct cw_permits permits = document(&one, 1);
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_bytes payload;
    struct cw_permits got;

    (void)state;
    assert_int_equal(cw_permits_write(&permits, arena, &payload), CW_OK);
    for (size_t len = 0; len <= payload.len + 1; len++) {
        char *const exact = calloc(1, len + 1);
        const size_t whole = len < payload.len ? len : payload.len;

        memcpy(exact, payload.base, whole);
        assert_int_equal(cw_permits_read((struct cw_bytes){exact, len}, arena, &got),
                         len == payload.len ? CW_OK : CW_ERR_MALFORMED);
        free(exact);
    }
    cw_arena_free(&arena);
}

/* A count is not believed beyond what the octets can hold: no memory is taken for it. */
static void refuses_counts_without_content(void **state)
{
    struct cw_permits permits = document(NULL, 0);
    struct cw_arena *arena = cw_arena_new(4096);
    struct cw_bytes payload;
    struct cw_permits got;
    char copy[128];

    (void)state;
    permits.own_count = 0;
    assert_int_equal(cw_permits_write(&permits, arena, &payload), CW_OK);
    assert_in_range(payload.len, 1, sizeof(copy));
    for (size_t at = payload.len - 8; at <= payload.len - 4; at += 4) {
        memcpy(copy, payload.base, payload.len);
        memset(copy + at, 0xff, 4);
        assert_int_equal(cw_permits_read((struct cw_bytes){copy, payload.len}, arena, &got),
                         CW_ERR_MALFORMED);
    }
    cw_arena_free(&arena);
}

static void refuses_what_no_gateway_means(void **state)
{
    struct cw_permit permit = full();
    const struct cw_permits permits = document(&permit, 1);
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_bytes payload;

    (void)state;
    permit.methods = 1u << CW_METHODS;
    assert_int_equal(cw_permits_write(&permits, arena, &payload), CW_ERR_LIMIT);
    permit = full();
    permit.domain.len = 0;
    assert_int_equal(cw_permits_write(&permits, arena, &payload), CW_ERR_LIMIT);
    permit = full();
    permit.pin_count = CW_PERMIT_MAX_PINS + 1;
    assert_int_equal(cw_permits_write(&permits, arena, &payload), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

/* How many partners one document takes: the figure of docs/PROTOCOL.md. */
static void carries_thousands_of_partners(void **state)
{
    enum { MANY = 4000 };
    struct cw_permit *const permits = calloc(MANY + 4000, sizeof(*permits));
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_permits want = document(permits, MANY);
    struct cw_bytes payload;
    struct cw_permits got;

    (void)state;
    for (size_t i = 0; i < MANY + 4000; i++) {
        permits[i] = (struct cw_permit){.domain = CW_LIT("a-partner-of-ours.example"),
                                        .partner = CW_LIT("a-partner-of-ours.example")};
    }
    assert_int_equal(cw_permits_write(&want, arena, &payload), CW_OK);
    assert_int_equal(cw_permits_read(payload, arena, &got), CW_OK);
    assert_int_equal(got.count, MANY);
    want.count = MANY + 4000;
    assert_int_equal(cw_permits_write(&want, arena, &payload), CW_ERR_LIMIT);
    assert_int_equal(CW_PERMITS_MAX_LEN, CW_FRAME_MAX_PAYLOAD);
    cw_arena_free(&arena);
    free(permits);
}

static void names_methods(void **state)
{
    (void)state;
    assert_string_equal(cw_method_name(CW_METHOD_NONE), "none");
    assert_string_equal(cw_method_name(CW_METHOD_SASL_TLS), "sasl_tls");
    assert_string_equal(cw_method_name(CW_METHOD_TLS_DIALBACK), "tls_dialback");
    assert_string_equal(cw_method_name(CW_METHOD_TCP_DIALBACK), "tcp_dialback");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(refuses_every_truncation_and_left_over),
        cmocka_unit_test(refuses_counts_without_content),
        cmocka_unit_test(refuses_what_no_gateway_means),
        cmocka_unit_test(carries_thousands_of_partners),
        cmocka_unit_test(names_methods),
    };

    return cmocka_run_group_tests_name("permit", tests, NULL, NULL);
}
