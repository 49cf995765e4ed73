/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "frame_split.h"

#include <causeway/frame_knock.h>
#include <causeway/frame_write.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_FRAME = 4096, LINE_LEN = 512 };

/* A literal where only constants may stand. */
#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

/* One frame of each type, as docs/PROTOCOL.md shows it. */
static const struct cw_frame_hello HELLO = {
    .protocol = 1,
    .node = TEXT("gw1"),
    .pool = TEXT("pool1"),
    .epoch = 0x1122334455667788,
    .peer_epoch = 0x99aabbccddeeff00,
    .received = 41,
    .oldest = 7,
    .revision = 12,
    .credit = 1024,
};
static const struct cw_frame_hello WELCOME = {
    .protocol = 1,
    .node = TEXT("edge1"),
    .pool = TEXT(""),
    .epoch = 0x99aabbccddeeff00,
    .peer_epoch = 0x1122334455667788,
    .received = 9,
    .oldest = 0,
    .revision = 11,
    .credit = 1024,
};
static const struct cw_frame_stanza STANZA = {
    .seq = 42,
    .class = CW_CLASS_MESSAGE,
    .method = CW_METHOD_SASL_TLS,
    .trace = {0x7c, 0x1e, 0x9b, 0x2f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
    .from_domain = TEXT("b.example"),
    .to_domain = TEXT("sip.example"),
    .partner = TEXT("b.example"),
    .xml = TEXT("<message/>"),
};
static const struct cw_frame_ack ACK = {42, CW_FATE_FAILED, CW_FAIL_DNS};
static const struct cw_frame_credit CREDIT = {TEXT("b.example"), 16};
static const struct cw_frame_goaway GOAWAY = {42, TEXT("drain")};
static const struct cw_frame_report REPORT = {
    .stream = 5,
    .up = true,
    .outgoing = true,
    .method = CW_METHOD_TLS_DIALBACK,
    .own_domain = TEXT("sip.example"),
    .remote_domain = TEXT("b.example"),
    .partner = TEXT("b.example"),
    .tls_version = TEXT("TLSv1.3"),
    .peer = TEXT("192.0.2.7:5269"),
    .detail = TEXT(""),
};

static const struct cw_frame_knocks KNOCKS = {
    .unnamed = 3,
    .count = 2,
    .items =
        {
            {.count = 41, .domain = TEXT("a.example"), .peer = TEXT("192.0.2.9:40000")},
            {.outgoing = true, .count = 1, .domain = TEXT("c.example"), .peer = TEXT("")},
        },
};

static size_t write_hello(uint8_t *out, size_t room)
{
    return cw_frame_write_hello(CW_FRAME_HELLO, &HELLO, out, room);
}

static size_t write_welcome(uint8_t *out, size_t room)
{
    return cw_frame_write_hello(CW_FRAME_WELCOME, &WELCOME, out, room);
}

static size_t write_permits(uint8_t *out, size_t room)
{
    static const struct cw_bytes OWN[] = {TEXT("sip.example")};
    static const struct cw_permit PARTNERS[] = {{
        .domain = TEXT("b.example"),
        .partner = TEXT("b.example"),
        .methods = 1u << CW_METHOD_SASL_TLS | 1u << CW_METHOD_TLS_DIALBACK,
        .tls_required = true,
        .tls_offered = true,
        .keep_alive = true,
        .connection_limit = 20,
    }};
    const struct cw_permits permits = {
        .revision = 12,
        .own_domains = OWN,
        .own_count = 1,
        .permits = PARTNERS,
        .count = 1,
        .connection_limit = 1000,
        .stream_establishment_timeout_s = 60,
        .stream_inactivity_timeout_s = 600,
        .keep_alive_interval_s = 300,
        .lease_s = 90,
    };
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_bytes payload;

    assert_int_equal(cw_permits_write(&permits, arena, &payload), CW_OK);

    const size_t len = CW_FRAME_HEADER_LEN + payload.len;

    if (len <= room) {
        cw_frame_write_header(CW_FRAME_PERMITS, (uint32_t)payload.len, out);
        memcpy(out + CW_FRAME_HEADER_LEN, payload.base, payload.len);
    }
    cw_arena_free(&arena);
    return len;
}

static size_t write_applied(uint8_t *out, size_t room)
{
    return cw_frame_write_number(CW_FRAME_APPLIED, 12, out, room);
}

static size_t write_stanza(uint8_t *out, size_t room)
{
    return cw_frame_write_stanza(&STANZA, out, room);
}

static size_t write_ack(uint8_t *out, size_t room)
{
    return cw_frame_write_ack(&ACK, out, room);
}

static size_t write_credit(uint8_t *out, size_t room)
{
    return cw_frame_write_credit(&CREDIT, out, room);
}

static size_t write_ping(uint8_t *out, size_t room)
{
    return cw_frame_write_number(CW_FRAME_PING, 3, out, room);
}

static size_t write_pong(uint8_t *out, size_t room)
{
    return cw_frame_write_number(CW_FRAME_PONG, 3, out, room);
}

static size_t write_goaway(uint8_t *out, size_t room)
{
    return cw_frame_write_goaway(&GOAWAY, out, room);
}

static size_t write_report(uint8_t *out, size_t room)
{
    return cw_frame_write_report(&REPORT, out, room);
}

static size_t write_knocks(uint8_t *out, size_t room)
{
    return cw_frame_write_knocks(&KNOCKS, out, room);
}

static void assert_hello(const struct cw_frame_hello *got, const struct cw_frame_hello *want)
{
    assert_int_equal(got->protocol, want->protocol);
    cw_assert_bytes(got->node, want->node);
    cw_assert_bytes(got->pool, want->pool);
    assert_int_equal(got->epoch, want->epoch);
    assert_int_equal(got->peer_epoch, want->peer_epoch);
    assert_int_equal(got->received, want->received);
    assert_int_equal(got->oldest, want->oldest);
    assert_int_equal(got->revision, want->revision);
    assert_int_equal(got->credit, want->credit);
}

static enum cw_err read_hello(struct cw_bytes payload)
{
    struct cw_frame_hello got;

    CW_TRY(cw_frame_read_hello(payload, &got));
    assert_hello(&got, &HELLO);
    return CW_OK;
}

static enum cw_err read_welcome(struct cw_bytes payload)
{
    struct cw_frame_hello got;

    CW_TRY(cw_frame_read_hello(payload, &got));
    assert_hello(&got, &WELCOME);
    return CW_OK;
}

static enum cw_err read_permits(struct cw_bytes payload)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_permits got;
    const enum cw_err err = cw_permits_read(payload, arena, &got);

    if (err == CW_OK) {
        assert_int_equal(got.revision, 12);
        assert_int_equal(got.count, 1);
        cw_assert_bytes(got.permits[0].domain, CW_LIT("b.example"));
    }
    cw_arena_free(&arena);
    return err;
}

static enum cw_err read_applied(struct cw_bytes payload)
{
    uint64_t got;

    CW_TRY(cw_frame_read_number(payload, &got));
    assert_int_equal(got, 12);
    return CW_OK;
}

static enum cw_err read_stanza(struct cw_bytes payload)
{
    struct cw_frame_stanza got;

    CW_TRY(cw_frame_read_stanza(payload, &got));
    assert_int_equal(got.seq, STANZA.seq);
    assert_int_equal(got.class, STANZA.class);
    assert_int_equal(got.method, STANZA.method);
    assert_memory_equal(got.trace, STANZA.trace, sizeof(got.trace));
    cw_assert_bytes(got.from_domain, STANZA.from_domain);
    cw_assert_bytes(got.to_domain, STANZA.to_domain);
    cw_assert_bytes(got.partner, STANZA.partner);
    cw_assert_bytes(got.xml, STANZA.xml);
    return CW_OK;
}

static enum cw_err read_ack(struct cw_bytes payload)
{
    struct cw_frame_ack got;

    CW_TRY(cw_frame_read_ack(payload, &got));
    assert_int_equal(got.seq, ACK.seq);
    assert_int_equal(got.fate, ACK.fate);
    assert_int_equal(got.reason, ACK.reason);
    return CW_OK;
}

static enum cw_err read_credit(struct cw_bytes payload)
{
    struct cw_frame_credit got;

    CW_TRY(cw_frame_read_credit(payload, &got));
    cw_assert_bytes(got.partner, CREDIT.partner);
    assert_int_equal(got.count, CREDIT.count);
    return CW_OK;
}

static enum cw_err read_ping(struct cw_bytes payload)
{
    uint64_t got;

    CW_TRY(cw_frame_read_number(payload, &got));
    assert_int_equal(got, 3);
    return CW_OK;
}

static enum cw_err read_goaway(struct cw_bytes payload)
{
    struct cw_frame_goaway got;

    CW_TRY(cw_frame_read_goaway(payload, &got));
    assert_int_equal(got.last_seq, GOAWAY.last_seq);
    cw_assert_bytes(got.reason, GOAWAY.reason);
    return CW_OK;
}

static enum cw_err read_report(struct cw_bytes payload)
{
    struct cw_frame_report got;

    CW_TRY(cw_frame_read_report(payload, &got));
    assert_int_equal(got.stream, REPORT.stream);
    assert_true(got.up && got.outgoing);
    assert_int_equal(got.method, REPORT.method);
    cw_assert_bytes(got.own_domain, REPORT.own_domain);
    cw_assert_bytes(got.remote_domain, REPORT.remote_domain);
    cw_assert_bytes(got.partner, REPORT.partner);
    cw_assert_bytes(got.tls_version, REPORT.tls_version);
    cw_assert_bytes(got.peer, REPORT.peer);
    assert_int_equal(got.detail.len, 0);
    return CW_OK;
}

static enum cw_err read_knocks(struct cw_bytes payload)
{
    struct cw_frame_knocks got;

    CW_TRY(cw_frame_read_knocks(payload, &got));
    assert_int_equal(got.unnamed, KNOCKS.unnamed);
    assert_int_equal(got.count, KNOCKS.count);
    for (size_t i = 0; i < got.count; i++) {
        assert_int_equal(got.items[i].outgoing, KNOCKS.items[i].outgoing);
        assert_int_equal(got.items[i].count, KNOCKS.items[i].count);
        cw_assert_bytes(got.items[i].domain, KNOCKS.items[i].domain);
        assert_int_equal(got.items[i].peer.len, KNOCKS.items[i].peer.len);
    }
    return CW_OK;
}

static const struct {
    const char *name; /* heading of docs/PROTOCOL.md */
    enum cw_frame_type type;
    size_t (*write)(uint8_t *out, size_t room);
    enum cw_err (*read)(struct cw_bytes payload);
} TYPES[] = {
    {"HELLO", CW_FRAME_HELLO, write_hello, read_hello},
    {"WELCOME", CW_FRAME_WELCOME, write_welcome, read_welcome},
    {"PERMITS", CW_FRAME_PERMITS, write_permits, read_permits},
    {"APPLIED", CW_FRAME_APPLIED, write_applied, read_applied},
    {"STANZA", CW_FRAME_STANZA, write_stanza, read_stanza},
    {"ACK", CW_FRAME_ACK, write_ack, read_ack},
    {"CREDIT", CW_FRAME_CREDIT, write_credit, read_credit},
    {"PING", CW_FRAME_PING, write_ping, read_ping},
    {"PONG", CW_FRAME_PONG, write_pong, read_ping},
    {"GOAWAY", CW_FRAME_GOAWAY, write_goaway, read_goaway},
    {"REPORT", CW_FRAME_REPORT, write_report, read_report},
    {"KNOCK", CW_FRAME_KNOCK, write_knocks, read_knocks},
};

static struct cw_bytes payload_of(const uint8_t *frame, size_t len)
{
    return (struct cw_bytes){(const char *)frame + CW_FRAME_HEADER_LEN, len - CW_FRAME_HEADER_LEN};
}

static void reads_what_it_writes(void **state)
{
    uint8_t frame[MAX_FRAME];
    struct cw_frame_header header;

    (void)state;
    assert_int_equal(CW_COUNT(TYPES), CW_FRAME_TYPES - CW_FRAME_HELLO);
    for (size_t i = 0; i < CW_COUNT(TYPES); i++) {
        const size_t len = TYPES[i].write(frame, sizeof(frame));

        cw_case(TYPES[i].name);
        assert_in_range(len, CW_FRAME_HEADER_LEN + 1, sizeof(frame));
        assert_int_equal(TYPES[i].write(NULL, 0), len); /* measuring tells the same */
        assert_int_equal(cw_frame_read_header(frame, &header), CW_OK);
        assert_int_equal(header.type, TYPES[i].type);
        assert_int_equal(header.payload_len, len - CW_FRAME_HEADER_LEN);
        assert_int_equal(TYPES[i].read(payload_of(frame, len)), CW_OK);
    }
}

static void refuses_every_truncation_and_left_over(void **state)
{
    uint8_t frame[MAX_FRAME];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TYPES); i++) {
        const size_t len = TYPES[i].write(frame, sizeof(frame));

        cw_case(TYPES[i].name);
        for (size_t cut = CW_FRAME_HEADER_LEN; cut < len; cut++) {
            /* Exact memory, so that a read past the end is found. */
            uint8_t *const exact = malloc(cut);

            memcpy(exact, frame, cut);
            assert_int_equal(TYPES[i].read(payload_of(exact, cut)), CW_ERR_MALFORMED);
            free(exact);
        }
        frame[len] = 0;
        assert_int_equal(TYPES[i].read(payload_of(frame, len + 1)), CW_ERR_MALFORMED);
    }
}

static void reads_headers(void **state)
{
    static const struct {
        const char *name;
        uint8_t octets[CW_FRAME_HEADER_LEN];
        enum cw_err want;
    } ROWS[] = {
        {"longest payload", {1, 5, 0, 0, 0, 4, 0, 0}, CW_OK},
        {"one more", {1, 5, 0, 0, 0, 4, 0, 1}, CW_ERR_LIMIT},
        {"another version", {2, 5, 0, 0, 0, 0, 0, 0}, CW_ERR_UNSUPPORTED},
        {"type 0", {1, 0, 0, 0, 0, 0, 0, 0}, CW_ERR_UNSUPPORTED},
        {"unknown type", {1, 13, 0, 0, 0, 0, 0, 0}, CW_ERR_UNSUPPORTED},
        {"unknown optional type", {1, 13, 0, 1, 0, 0, 0, 0}, CW_OK},
        {"known type marked optional", {1, 8, 0, 1, 0, 0, 0, 8}, CW_OK},
        {"unknown flag", {1, 8, 0, 2, 0, 0, 0, 8}, CW_ERR_UNSUPPORTED},
        {"unknown high flag", {1, 8, 128, 0, 0, 0, 0, 8}, CW_ERR_UNSUPPORTED},
    };
    struct cw_frame_header header;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        cw_case(ROWS[i].name);
        assert_int_equal(cw_frame_read_header(ROWS[i].octets, &header), ROWS[i].want);
    }
}

/* Sets one octet of a good payload; the reader must refuse. */
static void refuses_values_out_of_range(void **state)
{
    static const struct {
        const char *name;
        size_t type; /* index of TYPES */
        size_t at;   /* offset in the payload */
        uint8_t value;
    } ROWS[] = {
        {"HELLO: protocol 0", 0, 1, 0},
        {"HELLO: node with a blank", 0, 3, ' '},
        {"STANZA: unknown class", 4, 8, CW_CLASSES},
        {"STANZA: unknown method", 4, 9, CW_METHODS},
        {"STANZA: domain with a NUL", 4, 27, 0},
        {"STANZA: number 0", 4, 7, 0},
        {"ACK: fate 0", 5, 8, 0},
        {"ACK: fate 5", 5, 8, 5},
        {"ACK: unknown reason", 5, 9, CW_FAILS},
        {"CREDIT: none", 6, 13, 0},
        {"REPORT: unknown bit", 10, 8, 4},
        {"REPORT: unknown method", 10, 9, CW_METHODS},
        {"KNOCK: more than there may be", 11, 4, CW_FRAME_MAX_KNOCKS + 1},
        {"KNOCK: fewer than there are", 11, 4, 1},
        {"KNOCK: unknown bit", 11, 5, 2},
        {"KNOCK: never", 11, 9, 0},
        {"KNOCK: domain with a blank", 11, 11, ' '},
        {"KNOCK: peer with a line break", 11, 21, '\n'},
    };
    uint8_t frame[MAX_FRAME];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const size_t len = TYPES[ROWS[i].type].write(frame, sizeof(frame));

        cw_case(ROWS[i].name);
        frame[CW_FRAME_HEADER_LEN + ROWS[i].at] = ROWS[i].value;
        assert_int_equal(TYPES[ROWS[i].type].read(payload_of(frame, len)), CW_ERR_MALFORMED);
    }
}

static void refuses_to_write_what_does_not_fit(void **state)
{
    static char longest[CW_FRAME_MAX_PAYLOAD];
    struct cw_frame_stanza stanza = STANZA;
    struct cw_frame_goaway goaway = {1, {longest, CW_FRAME_MAX_NAME}};
    struct cw_frame_hello hello = HELLO;

    (void)state;
    assert_int_not_equal(cw_frame_write_goaway(&goaway, NULL, 0), 0);
    goaway.reason.len++;
    assert_int_equal(cw_frame_write_goaway(&goaway, NULL, 0), 0);
    hello.node = (struct cw_bytes){longest, CW_FRAME_MAX_NODE + 1};
    assert_int_equal(cw_frame_write_hello(CW_FRAME_HELLO, &hello, NULL, 0), 0);

    const size_t rest = cw_frame_write_stanza(&stanza, NULL, 0) - stanza.xml.len;

    stanza.xml = (struct cw_bytes){longest, CW_FRAME_MAX_PAYLOAD + CW_FRAME_HEADER_LEN - rest};
    assert_int_equal(cw_frame_write_stanza(&stanza, NULL, 0),
                     CW_FRAME_MAX_PAYLOAD + CW_FRAME_HEADER_LEN);
    stanza.xml.len++;
    assert_int_equal(cw_frame_write_stanza(&stanza, NULL, 0), 0);
}

/* The largest fits the room that is meant for it; one more does not go, nor does nothing. */
static void bounds_knocks(void **state)
{
    static char longest[CW_FRAME_MAX_NAME + 1];
    uint8_t frame[CW_FRAME_MAX_KNOCK];
    struct cw_frame_knocks knocks = {.count = CW_FRAME_MAX_KNOCKS};
    struct cw_frame_knocks got;
    size_t len;

    (void)state;
    memset(longest, 'a', sizeof(longest));
    for (size_t i = 0; i < CW_FRAME_MAX_KNOCKS; i++) {
        knocks.items[i] = (struct cw_frame_knock){.count = 1,
                                                  .domain = {longest, CW_FRAME_MAX_NAME},
                                                  .peer = {longest, CW_FRAME_MAX_PEER}};
    }
    len = cw_frame_write_knocks(&knocks, frame, sizeof(frame));
    assert_in_range(len, 1, sizeof(frame));
    assert_int_equal(cw_frame_read_knocks(payload_of(frame, len), &got), CW_OK);
    knocks.items[3].peer.len++;
    assert_int_equal(cw_frame_write_knocks(&knocks, frame, sizeof(frame)), 0);
    knocks.count++;
    assert_int_equal(cw_frame_write_knocks(&knocks, frame, sizeof(frame)), 0);
    knocks.count = 0;
    len = cw_frame_write_knocks(&knocks, frame, sizeof(frame));
    assert_int_equal(cw_frame_read_knocks(payload_of(frame, len), &got), CW_ERR_MALFORMED);
    knocks.unnamed = 1;
    len = cw_frame_write_knocks(&knocks, frame, sizeof(frame));
    assert_int_equal(cw_frame_read_knocks(payload_of(frame, len), &got), CW_OK);
}

static void numbers_a_stanza_anew(void **state)
{
    uint8_t frame[MAX_FRAME];
    const size_t len = cw_frame_write_stanza(&STANZA, frame, sizeof(frame));
    struct cw_frame_stanza got;

    (void)state;
    cw_frame_number_stanza(frame, 0x0102030405060708);
    assert_int_equal(cw_frame_read_stanza(payload_of(frame, len), &got), CW_OK);
    assert_int_equal(got.seq, 0x0102030405060708);
    cw_assert_bytes(got.xml, STANZA.xml);
}

static size_t add(uint8_t *stream, size_t len, const uint8_t *frame, size_t frame_len)
{
    memcpy(stream + len, frame, frame_len);
    return len + frame_len;
}

/* All types in a row, an unknown optional one and a large one among them, read in pieces. */
static void splits_wherever_reads_end(void **state)
{
    static uint8_t stream[65536];
    static char body[40000];
    static const uint8_t UNKNOWN[] = {1, 99, 0, 1, 0, 0, 0, 2, 'x', 'y'};
    static const size_t PIECES[] = {1, 2, 3, 7, 8, 9, 13, 100, 1000, 16384, 30000, 65536};
    struct cw_frame_stanza large = STANZA;
    uint8_t frame[65536];
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TYPES); i++) {
        len = add(stream, len, frame, TYPES[i].write(frame, sizeof(frame)));
        len = add(stream, len, UNKNOWN, sizeof(UNKNOWN));
    }
    memset(body, 'x', sizeof(body));
    large.xml = (struct cw_bytes){body, sizeof(body)};
    len = add(stream, len, frame, cw_frame_write_stanza(&large, frame, sizeof(frame)));
    len = add(stream, len, frame, write_ping(frame, sizeof(frame)));

    for (size_t i = 0; i < CW_COUNT(PIECES); i++) {
        struct cw_frame_split split = {0};
        size_t frames = 0;

        for (size_t at = 0; at < len; at += PIECES[i]) {
            const size_t rest = len - at;
            struct cw_bytes data = {(const char *)stream + at, rest < PIECES[i] ? rest : PIECES[i]};
            struct cw_frame_header header;
            struct cw_bytes payload;
            enum cw_err err;

            while (cw_frame_split_next(&split, &data, &header, &payload, &err) ==
                   CW_FRAME_CUT_WHOLE) {
                if (frames < CW_COUNT(TYPES)) {
                    assert_int_equal(header.type, TYPES[frames].type);
                    assert_int_equal(TYPES[frames].read(payload), CW_OK);
                } else if (frames == CW_COUNT(TYPES)) {
                    assert_true(payload.len > sizeof(body));
                    assert_memory_equal(payload.base + payload.len - sizeof(body), body,
                                        sizeof(body));
                } else {
                    assert_int_equal(header.type, CW_FRAME_PING);
                }
                frames++;
            }
            assert_int_equal(data.len, 0);
        }
        assert_int_equal(frames, CW_COUNT(TYPES) + 2);
        assert_int_equal(split.len, 0);
        cw_frame_split_clear(&split);
    }
}

static void stops_at_a_broken_header(void **state)
{
    static const char BROKEN[] = "\1\10\0\0\0\0\0\10--------\7\7\7\7\7\7\7\7";

    (void)state;
    for (size_t first = 0; first < sizeof(BROKEN) - 1; first++) {
        struct cw_frame_split split = {0};
        struct cw_bytes data = {BROKEN, first};
        struct cw_frame_header header;
        struct cw_bytes payload;
        enum cw_err err = CW_OK;
        enum cw_frame_cut cut;
        unsigned frames = 0;

        while ((cut = cw_frame_split_next(&split, &data, &header, &payload, &err)) ==
               CW_FRAME_CUT_WHOLE) {
            frames++;
        }
        assert_int_equal(cut, CW_FRAME_CUT_MORE);
        data = (struct cw_bytes){BROKEN + first, sizeof(BROKEN) - 1 - first};
        while ((cut = cw_frame_split_next(&split, &data, &header, &payload, &err)) ==
               CW_FRAME_CUT_WHOLE) {
            frames++;
        }
        assert_int_equal(frames, 1);
        assert_int_equal(cut, CW_FRAME_CUT_BROKEN);
        assert_int_equal(err, CW_ERR_UNSUPPORTED);
        cw_frame_split_clear(&split);
    }
}

static unsigned hex_digit(char digit)
{
    return digit <= '9' ? (unsigned)(digit - '0') : (unsigned)(digit - 'a' + 10);
}

/* Reads the hex block below the heading "### <name>" of the specification. */
static size_t document_example(const char *name, uint8_t *out, size_t room)
{
    FILE *const file = fopen(CAUSEWAY_PROTOCOL, "r");
    char line[LINE_LEN];
    char heading[64];
    bool in_part = false;
    bool in_block = false;
    size_t len = 0;

    assert_non_null(file);
    (void)snprintf(heading, sizeof(heading), "### %s (", name);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "###", 3) == 0) {
            in_part = strncmp(line, heading, strlen(heading)) == 0;
        } else if (strncmp(line, "```", 3) == 0) {
            in_block = in_part && strncmp(line, "```hex", 6) == 0;
        } else if (in_block) {
            for (const char *at = line; *at != '\0' && *at != '#' && *at != '\n'; at++) {
                if (*at != ' ') {
                    assert_in_range(len, 0, room - 1);
                    assert_true(strchr("0123456789abcdef", at[0]) != NULL);
                    assert_true(strchr("0123456789abcdef", at[1]) != NULL);
                    out[len++] = (uint8_t)(hex_digit(at[0]) << 4 | hex_digit(at[1]));
                    at++;
                }
            }
        }
    }
    (void)fclose(file);
    return len;
}

static void print_hex(const char *name, const uint8_t *frame, size_t len)
{
    print_message("  %s:", name);
    for (size_t i = 0; i < len; i++) {
        print_message(" %02x", frame[i]);
    }
    print_message("\n");
}

static void matches_the_specification(void **state)
{
    uint8_t frame[MAX_FRAME];
    uint8_t shown[MAX_FRAME];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TYPES); i++) {
        const size_t len = TYPES[i].write(frame, sizeof(frame));
        const size_t shown_len = document_example(TYPES[i].name, shown, sizeof(shown));

        if (shown_len != len || memcmp(shown, frame, len) != 0) {
            print_hex(TYPES[i].name, frame, len);
        }
        assert_int_equal(shown_len, len);
        assert_memory_equal(shown, frame, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(refuses_every_truncation_and_left_over),
        cmocka_unit_test(reads_headers),
        cmocka_unit_test(refuses_values_out_of_range),
        cmocka_unit_test(refuses_to_write_what_does_not_fit),
        cmocka_unit_test(bounds_knocks),
        cmocka_unit_test(numbers_a_stanza_anew),
        cmocka_unit_test(splits_wherever_reads_end),
        cmocka_unit_test(stops_at_a_broken_header),
        cmocka_unit_test(matches_the_specification),
    };

    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
