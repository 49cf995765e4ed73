/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_mint.h"
#include "cw_test.h"

#include <causeway/tls_stream.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

enum { TIMEOUT_MS = 3000, PATIENCE_MS = 60000, BULK_LEN = 10 * 1024 * 1024, MAX_TEXT = 4096 };

/** One end of a connection, with all that happened to it. */
struct side {
    struct cw_tls_stream *stream;
    struct fixture *fixture;
    bool opened;
    bool secured;
    bool closed;
    unsigned closed_count;
    unsigned reads;
    unsigned drains;
    size_t received;
    uint32_t sum;
    char text[MAX_TEXT];
    enum cw_err why;
    char detail[256];
    void (*then)(struct side *side, struct cw_bytes data); /**< on each read */
};

struct fixture {
    uv_loop_t loop;
    uv_timer_t patience;
    bool late;
    struct cw_tls_listener *listener;
    struct side server;
    struct side client;
};

static struct cw_mint *mint;

static void on_open(struct cw_tls_stream *stream, void *user)
{
    struct side *side = user;
    assert_ptr_equal(stream, side->stream);
    side->opened = true;
}

static void on_secure(struct cw_tls_stream *stream, void *user)
{
    struct side *side = user;
    assert_ptr_equal(stream, side->stream);
    side->secured = true;
}

static void on_read(struct cw_tls_stream *stream, struct cw_bytes data, void *user)
{
    struct side *side = user;
    assert_ptr_equal(stream, side->stream);
    assert_true(data.len > 0);
    for (size_t i = 0; i < data.len && side->received + i < MAX_TEXT - 1; i++) {
        side->text[side->received + i] = data.base[i];
    }
    for (size_t i = 0; i < data.len; i++) {
        side->sum = side->sum * 31 + (unsigned char)data.base[i];
    }
    side->received += data.len;
    side->reads++;
    if (side->then != NULL) {
        side->then(side, data);
    }
}

static void on_drain(struct cw_tls_stream *stream, void *user)
{
    (void)stream;
    ((struct side *)user)->drains++;
}

static void on_closed(struct cw_tls_stream *stream, enum cw_err why, const char *detail, void *user)
{
    struct side *side = user;
    assert_ptr_equal(stream, side->stream);
    assert_non_null(detail);
    side->closed = true;
    side->closed_count++;
    side->why = why;
    (void)snprintf(side->detail, sizeof(side->detail), "%s", detail);
    side->stream = NULL;
}

static const struct cw_tls_stream_events EVENTS = {on_open, on_secure, on_read, on_drain,
                                                   on_closed};

static void on_accept(struct cw_tls_stream *stream, void *user)
{
    struct fixture *fixture = user;
    fixture->server.stream = stream;
    cw_tls_stream_adopt(stream, &EVENTS, &fixture->server);
}

static void on_late(uv_timer_t *timer)
{
    ((struct fixture *)timer->data)->late = true;
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address;
    assert_int_equal(uv_ip4_addr("127.0.0.1", port, &address), 0);
    return address;
}

static void fixture_init(struct fixture *fixture)
{
    const char *problem = NULL;
    const struct sockaddr_in any = loopback(0);
    memset(fixture, 0, sizeof(*fixture));
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    (void)uv_timer_init(&fixture->loop, &fixture->patience);
    fixture->patience.data = fixture;
    (void)uv_timer_start(&fixture->patience, on_late, PATIENCE_MS, 0);
    uv_unref((uv_handle_t *)&fixture->patience);
    fixture->server.fixture = fixture;
    fixture->client.fixture = fixture;
    assert_int_equal(cw_tls_listen(&fixture->loop, (const struct sockaddr *)&any, on_accept,
                                   fixture, &fixture->listener, &problem),
                     CW_OK);
}

static void connect_client(struct fixture *fixture)
{
    const struct sockaddr_in to = loopback(cw_tls_listener_port(fixture->listener));
    fixture->client.stream = cw_tls_stream_connect(&fixture->loop, (const struct sockaddr *)&to,
                                                   TIMEOUT_MS, &EVENTS, &fixture->client);
    assert_non_null(fixture->client.stream);
    assert_false(fixture->client.opened);
}

#define run_until(fixture, condition)                                                              \
    do {                                                                                           \
        while (!(condition)) {                                                                     \
            (void)uv_run(&(fixture)->loop, UV_RUN_ONCE);                                           \
            assert_false((fixture)->late);                                                         \
        }                                                                                          \
    } while (0)

static void connect_both(struct fixture *fixture)
{
    connect_client(fixture);
    run_until(fixture, fixture->client.opened && fixture->server.opened);
}

/* Everything must go by itself after an abort: a handle left behind would hang here. */
static void fixture_end(struct fixture *fixture)
{
    struct side *sides[] = {&fixture->client, &fixture->server};
    for (size_t i = 0; i < CW_COUNT(sides); i++) {
        if (sides[i]->stream != NULL) {
            cw_tls_stream_abort(sides[i]->stream, CW_ERR_CLOSED, "end of test");
        }
    }
    cw_tls_listener_close(&fixture->listener);
    uv_close((uv_handle_t *)&fixture->patience, NULL);
    assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
}

static struct cw_tls *context(bool server, enum cw_tls_verify verify, const char *name)
{
    struct cw_tls *tls = NULL;
    const char *problem = NULL;
    char file[64];
    (void)snprintf(file, sizeof(file), "%s.crt", name == NULL ? "" : name);
    const char *certificate = name == NULL ? NULL : cw_mint_path(mint, file);
    (void)snprintf(file, sizeof(file), "%s.key", name == NULL ? "" : name);
    const char *key = name == NULL ? NULL : cw_mint_path(mint, file);
    const struct cw_tls_settings settings = {.certificate = certificate,
                                             .key = key,
                                             .ca = cw_mint_path(mint, "ca.crt"),
                                             .verify = verify,
                                             .server = server};
    if (cw_tls_new(&settings, &tls, &problem) != CW_OK) {
        fail_msg("%s", problem);
    }
    return tls;
}

static void secure_both(struct fixture *fixture, struct cw_tls *server, struct cw_tls *client)
{
    cw_tls_stream_start_tls(fixture->server.stream, server, NULL, TIMEOUT_MS);
    cw_tls_stream_start_tls(fixture->client.stream, client, "wanted.example", TIMEOUT_MS);
    run_until(fixture, fixture->server.secured && fixture->client.secured);
}

/* Both ends with ordinary certificates, up and under TLS. */
static void start_secure(struct fixture *fixture)
{
    struct cw_tls *server = context(true, CW_TLS_VERIFY_ASK, "good");
    struct cw_tls *client = context(false, CW_TLS_VERIFY_ASK, "good");
    fixture_init(fixture);
    connect_both(fixture);
    secure_both(fixture, server, client);
    cw_tls_free(&server);
    cw_tls_free(&client);
}

static void echo(struct side *side, struct cw_bytes data)
{
    cw_tls_stream_write(side->stream, data);
}

static void test_clear_echo(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    connect_both(&f);
    f.server.then = echo;
    cw_tls_stream_write(f.client.stream, CW_LIT("hello"));
    assert_int_equal(cw_tls_stream_queued(f.client.stream), 5);
    run_until(&f, f.client.received == 5);
    assert_string_equal(f.client.text, "hello");
    assert_int_equal(cw_tls_stream_queued(f.client.stream), 0);
    assert_string_equal(cw_tls_stream_version(f.client.stream), "none");
    assert_null(cw_tls_stream_certificate(f.client.stream));
    assert_false(cw_tls_stream_trusted(f.client.stream, NULL));
    assert_non_null(cw_tls_stream_peer_address(f.server.stream));
    assert_int_equal(strncmp(cw_tls_stream_peer(f.server.stream), "127.0.0.1:", 10), 0);
    cw_tls_stream_close(f.client.stream);
    run_until(&f, f.client.closed && f.server.closed);
    assert_int_equal(f.client.why, CW_OK);
    assert_int_equal(f.server.why, CW_OK);
    fixture_end(&f);
}

static struct cw_tls *upgrade_server;
static struct cw_tls *upgrade_client;

/* STREAM-30, STREAM-31: proceed leaves in clear, the next byte is TLS. */
static void answer_starttls(struct side *side, struct cw_bytes data)
{
    if (!side->secured) {
        cw_assert_bytes(data, CW_LIT("<starttls/>"));
        cw_tls_stream_write(side->stream, CW_LIT("<proceed/>"));
        cw_tls_stream_start_tls(side->stream, upgrade_server, NULL, TIMEOUT_MS);
    } else {
        echo(side, data);
    }
}

static void follow_proceed(struct side *side, struct cw_bytes data)
{
    if (!side->secured) {
        cw_assert_bytes(data, CW_LIT("<proceed/>"));
        cw_tls_stream_start_tls(side->stream, upgrade_client, "wanted.example", TIMEOUT_MS);
        cw_tls_stream_write(side->stream, CW_LIT("<stream/>"));
    }
}

static void test_starttls(void **state)
{
    (void)state;
    struct fixture f;
    const char *problem = NULL;
    fixture_init(&f);
    connect_both(&f);
    upgrade_server = context(true, CW_TLS_VERIFY_ASK, "good");
    upgrade_client = context(false, CW_TLS_VERIFY_ASK, "good");
    f.server.then = answer_starttls;
    f.client.then = follow_proceed;
    cw_tls_stream_write(f.client.stream, CW_LIT("<starttls/>"));
    run_until(&f, f.client.received == strlen("<proceed/><stream/>"));
    cw_tls_free(&upgrade_server); /* the connections keep their shares */
    cw_tls_free(&upgrade_client);
    assert_string_equal(f.client.text, "<proceed/><stream/>");
    assert_string_equal(f.server.text, "<starttls/><stream/>");
    assert_string_equal(cw_tls_stream_version(f.client.stream), "TLSv1.3");
    /* STREAM-35 */
    assert_string_equal(cw_tls_stream_server_name(f.server.stream), "wanted.example");
    assert_true(cw_tls_stream_trusted(f.client.stream, &problem));
    assert_true(cw_tls_stream_trusted(f.server.stream, &problem));
    assert_non_null(cw_tls_stream_certificate(f.server.stream));
    cw_tls_stream_close(f.server.stream);
    run_until(&f, f.client.closed && f.server.closed);
    assert_int_equal(f.client.why, CW_OK);
    assert_int_equal(f.server.why, CW_OK);
    fixture_end(&f);
}

static unsigned pauses;

static void on_resume(uv_timer_t *timer)
{
    struct side *side = timer->data;
    if (side->stream != NULL) {
        cw_tls_stream_pause(side->stream, false);
    }
    uv_close((uv_handle_t *)timer, (uv_close_cb)free);
}

/* Every so often the reader stops for a moment; nothing may arrive in between. */
static void read_slowly(struct side *side, struct cw_bytes data)
{
    (void)data;
    if (side->reads % 64 == 0) {
        uv_timer_t *timer = malloc(sizeof(*timer));
        assert_non_null(timer);
        (void)uv_timer_init(&side->fixture->loop, timer);
        timer->data = side;
        cw_tls_stream_pause(side->stream, true);
        (void)uv_timer_start(timer, on_resume, 1, 0);
        pauses++;
    }
}

static uint32_t write_bulk(struct cw_tls_stream *stream)
{
    char piece[1000];
    uint32_t sum = 0;
    for (unsigned at = 0; at < BULK_LEN; at += sizeof(piece)) {
        const size_t len = BULK_LEN - at < sizeof(piece) ? BULK_LEN - at : sizeof(piece);
        for (size_t i = 0; i < len; i++) {
            piece[i] = (char)((at / 1000 + i * 7) & 0xFF);
            sum = sum * 31 + (unsigned char)piece[i];
        }
        cw_tls_stream_write(stream, (struct cw_bytes){piece, len});
    }
    return sum;
}

static void check_bulk(struct fixture *f)
{
    pauses = 0;
    f->server.then = read_slowly;
    f->client.then = read_slowly;
    const uint32_t to_server = write_bulk(f->client.stream);
    const uint32_t to_client = write_bulk(f->server.stream);
    assert_true(cw_tls_stream_queued(f->client.stream) >= BULK_LEN);
    run_until(f, f->client.received == BULK_LEN && f->server.received == BULK_LEN &&
                     f->client.drains == 1 && f->server.drains == 1);
    assert_int_equal(f->server.sum, to_server);
    assert_int_equal(f->client.sum, to_client);
    assert_true(pauses > 0);
    assert_int_equal(cw_tls_stream_queued(f->client.stream), 0);
}

static void test_bulk_clear(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    connect_both(&f);
    check_bulk(&f);
    fixture_end(&f);
}

static void test_bulk_tls(void **state)
{
    (void)state;
    struct fixture f;
    start_secure(&f);
    check_bulk(&f);
    fixture_end(&f);
}

/* A paused reader stops the writer: its queue stays, and goes on when the reader does. */
static void test_pause_holds_back(void **state)
{
    (void)state;
    struct fixture f;
    start_secure(&f);
    cw_tls_stream_pause(f.server.stream, true);
    (void)write_bulk(f.client.stream);
    for (unsigned i = 0; i < 50; i++) {
        (void)uv_run(&f.loop, UV_RUN_NOWAIT);
    }
    assert_int_equal(f.server.received, 0);
    assert_true(cw_tls_stream_queued(f.client.stream) > CW_TLS_STREAM_HIGH);
    cw_tls_stream_pause(f.server.stream, false);
    run_until(&f, f.server.received == BULK_LEN);
    fixture_end(&f);
}

/* The design's point: what one turn writes leaves as few records in one system call. */
static void test_writes_are_batched(void **state)
{
    (void)state;
    enum { COUNT = 1000, LEN = 100, RECORDS = COUNT * LEN / (16 * 1024) + 1 };
    char stanza[LEN];
    struct fixture f;
    start_secure(&f);
    memset(stanza, 'x', sizeof(stanza));
    for (unsigned i = 0; i < COUNT; i++) {
        cw_tls_stream_write(f.client.stream, (struct cw_bytes){stanza, sizeof(stanza)});
    }
    run_until(&f, f.server.received == (size_t)COUNT * LEN);
    assert_in_range(f.server.reads, 1, RECORDS + 4); /* TCP may cut in between a few times */
    fixture_end(&f);
}

struct verify_case {
    const char *name;
    enum cw_tls_verify server_mode;
    enum cw_tls_verify client_mode;
    const char *server_certificate;
    const char *client_certificate;
    bool server_trusts; /**< the client's certificate */
    bool client_trusts; /**< the server's certificate */
    bool fails;
};

/* STREAM-34 asked, none sent: goes on. STREAM-37 bad chain: noted. STREAM-95 usage. STREAM-32 */
static const struct verify_case VERIFY_CASES[] = {
    {"both good", CW_TLS_VERIFY_ASK, CW_TLS_VERIFY_ASK, "good", "good", true, true, false},
    {"no client certificate", CW_TLS_VERIFY_ASK, CW_TLS_VERIFY_ASK, "good", NULL, false, true,
     false},
    {"strange client", CW_TLS_VERIFY_ASK, CW_TLS_VERIFY_ASK, "good", "strange", false, true, false},
    {"strange server", CW_TLS_VERIFY_ASK, CW_TLS_VERIFY_ASK, "strange", "good", true, false, false},
    {"expired both", CW_TLS_VERIFY_ASK, CW_TLS_VERIFY_ASK, "expired", "expired", false, false,
     false},
    {"serverAuth only as client", CW_TLS_VERIFY_ASK, CW_TLS_VERIFY_ASK, "good", "server-only", true,
     true, false},
    {"clientAuth only is no server", CW_TLS_VERIFY_ASK, CW_TLS_VERIFY_ASK, "client-only",
     "client-only", false, false, false},
    {"no usage at all", CW_TLS_VERIFY_ASK, CW_TLS_VERIFY_ASK, "no-usage", "no-usage", true, true,
     false},
    {"any usage", CW_TLS_VERIFY_ASK, CW_TLS_VERIFY_ASK, "any-usage", "any-usage", true, true,
     false},
    {"required and good", CW_TLS_VERIFY_REQUIRE, CW_TLS_VERIFY_REQUIRE, "good", "good", true, true,
     false},
    {"required, serverAuth only as client", CW_TLS_VERIFY_REQUIRE, CW_TLS_VERIFY_REQUIRE, "good",
     "server-only", true, true, false},
    {"required, clientAuth only as client", CW_TLS_VERIFY_REQUIRE, CW_TLS_VERIFY_REQUIRE, "good",
     "client-only", true, true, false},
    {"required, clientAuth only as server", CW_TLS_VERIFY_REQUIRE, CW_TLS_VERIFY_REQUIRE,
     "client-only", "good", false, false, true},
    {"required, no client certificate", CW_TLS_VERIFY_REQUIRE, CW_TLS_VERIFY_REQUIRE, "good", NULL,
     false, false, true},
    {"required, strange client", CW_TLS_VERIFY_REQUIRE, CW_TLS_VERIFY_REQUIRE, "good", "strange",
     false, false, true},
    {"required, expired client", CW_TLS_VERIFY_REQUIRE, CW_TLS_VERIFY_REQUIRE, "good", "expired",
     false, false, true},
    {"required, strange server", CW_TLS_VERIFY_REQUIRE, CW_TLS_VERIFY_REQUIRE, "strange", "good",
     false, false, true},
    {"required, expired server", CW_TLS_VERIFY_REQUIRE, CW_TLS_VERIFY_REQUIRE, "expired", "good",
     false, false, true},
};

static void check_verify(const struct verify_case *row)
{
    struct fixture f;
    const char *problem = NULL;
    struct cw_tls *server = context(true, row->server_mode, row->server_certificate);
    struct cw_tls *client = context(false, row->client_mode, row->client_certificate);
    cw_case(row->name);
    fixture_init(&f);
    connect_both(&f);
    cw_tls_stream_start_tls(f.server.stream, server, NULL, TIMEOUT_MS);
    cw_tls_stream_start_tls(f.client.stream, client, "wanted.example", TIMEOUT_MS);
    if (row->fails) {
        run_until(&f, f.server.closed && f.client.closed);
        assert_false(f.server.secured);
        assert_true(f.server.why == CW_ERR_TLS || f.client.why == CW_ERR_TLS);
        assert_true(strlen(f.server.detail) > 0);
    } else {
        run_until(&f, f.server.secured && f.client.secured);
        assert_int_equal(cw_tls_stream_trusted(f.server.stream, &problem), row->server_trusts);
        assert_non_null(problem);
        assert_int_equal(cw_tls_stream_trusted(f.client.stream, &problem), row->client_trusts);
        assert_int_equal(cw_tls_stream_certificate(f.server.stream) != NULL,
                         row->client_certificate != NULL);
    }
    cw_tls_free(&server);
    cw_tls_free(&client);
    fixture_end(&f);
}

static void test_verify(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(VERIFY_CASES); i++) {
        check_verify(&VERIFY_CASES[i]);
    }
}

static void test_refusal_says_why(void **state)
{
    (void)state;
    struct fixture f;
    struct cw_tls *server = context(true, CW_TLS_VERIFY_REQUIRE, "good");
    struct cw_tls *client = context(false, CW_TLS_VERIFY_REQUIRE, "expired");
    fixture_init(&f);
    connect_both(&f);
    cw_tls_stream_start_tls(f.server.stream, server, NULL, TIMEOUT_MS);
    cw_tls_stream_start_tls(f.client.stream, client, NULL, TIMEOUT_MS);
    run_until(&f, f.server.closed);
    assert_int_equal(f.server.why, CW_ERR_TLS);
    assert_string_equal(f.server.detail,
                        "TLS handshake: certificate refused: certificate has expired");
    cw_tls_free(&server);
    cw_tls_free(&client);
    fixture_end(&f);
}

static void test_handshake_timeout(void **state)
{
    (void)state;
    struct fixture f;
    struct cw_tls *server = context(true, CW_TLS_VERIFY_ASK, "good");
    fixture_init(&f);
    connect_both(&f);
    cw_tls_stream_start_tls(f.server.stream, server, NULL, 50);
    run_until(&f, f.server.closed);
    assert_int_equal(f.server.why, CW_ERR_TIMEOUT);
    assert_string_equal(f.server.detail, "TLS handshake timed out");
    cw_tls_free(&server);
    fixture_end(&f);
}

/* Clear bytes where a ClientHello should be: the handshake fails at once. */
static void test_garbage_is_no_handshake(void **state)
{
    (void)state;
    struct fixture f;
    struct cw_tls *server = context(true, CW_TLS_VERIFY_ASK, "good");
    fixture_init(&f);
    connect_both(&f);
    cw_tls_stream_start_tls(f.server.stream, server, NULL, TIMEOUT_MS);
    cw_tls_stream_write(f.client.stream, CW_LIT("<iq type='set'/><presence/>"));
    run_until(&f, f.server.closed);
    assert_int_equal(f.server.why, CW_ERR_TLS);
    assert_int_equal(f.server.received, 0);
    cw_tls_free(&server);
    fixture_end(&f);
}

static void test_cut_without_notify(void **state)
{
    (void)state;
    struct fixture f;
    start_secure(&f);
    cw_tls_stream_abort(f.client.stream, CW_ERR_CLOSED, "cut");
    assert_false(f.client.closed); /* told from the loop only */
    run_until(&f, f.client.closed && f.server.closed);
    assert_int_equal(f.client.why, CW_ERR_CLOSED);
    assert_string_equal(f.client.detail, "cut");
    assert_int_equal(f.server.why, CW_ERR_IO);
    fixture_end(&f);
}

/* close: what is queued leaves first; a peer that ends gets what we still had for it. */
static void test_close_flushes(void **state)
{
    (void)state;
    struct fixture f;
    start_secure(&f);
    (void)write_bulk(f.client.stream);
    cw_tls_stream_close(f.client.stream);
    cw_tls_stream_write(f.client.stream, CW_LIT("too late"));
    run_until(&f, f.client.closed && f.server.closed);
    assert_int_equal(f.server.received, BULK_LEN);
    assert_int_equal(f.server.why, CW_OK);
    assert_int_equal(f.client.why, CW_OK);
    fixture_end(&f);
}

static void test_half_close(void **state)
{
    (void)state;
    struct fixture f;
    start_secure(&f);
    cw_tls_stream_write(f.client.stream, CW_LIT("bye"));
    cw_tls_stream_close(f.client.stream);
    (void)write_bulk(f.server.stream);
    run_until(&f, f.client.closed && f.server.closed);
    assert_string_equal(f.server.text, "bye");
    assert_int_equal(f.server.why, CW_OK);
    assert_int_equal(f.client.received, 0); /* its owner wanted no more */
    fixture_end(&f);
}

static void test_version_floor(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool tls13_only;
        int client_max;
        bool works;
    } ROWS[] = {
        /* STREAM-36 */
        {"1.2 is enough for S2S", false, TLS1_2_VERSION, true},
        {"1.3 only, as on the link", true, TLS1_2_VERSION, false},
        {"1.3 only with 1.3", true, TLS1_3_VERSION, true},
    };
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct fixture f;
        struct cw_tls *server = NULL;
        const char *problem = NULL;
        const struct cw_tls_settings settings = {.certificate = cw_mint_path(mint, "good.crt"),
                                                 .key = cw_mint_path(mint, "good.key"),
                                                 .ca = cw_mint_path(mint, "ca.crt"),
                                                 .tls13_only = ROWS[i].tls13_only,
                                                 .server = true};
        struct cw_tls *client = context(false, CW_TLS_VERIFY_ASK, "good");
        cw_case(ROWS[i].name);
        assert_int_equal(cw_tls_new(&settings, &server, &problem), CW_OK);
        (void)SSL_CTX_set_max_proto_version(cw_tls_context(client), ROWS[i].client_max);
        fixture_init(&f);
        connect_both(&f);
        cw_tls_stream_start_tls(f.server.stream, server, NULL, TIMEOUT_MS);
        cw_tls_stream_start_tls(f.client.stream, client, NULL, TIMEOUT_MS);
        run_until(&f, (f.server.secured && f.client.secured) || f.server.closed);
        assert_int_equal(f.server.secured, ROWS[i].works);
        if (ROWS[i].works && ROWS[i].client_max == TLS1_2_VERSION) {
            assert_string_equal(cw_tls_stream_version(f.server.stream), "TLSv1.2");
        }
        cw_tls_free(&server);
        cw_tls_free(&client);
        fixture_end(&f);
    }
}

/* How far the connection gets before it is ended. */
enum point { AT_START, AT_OPEN, AT_HANDSHAKE, MID_HANDSHAKE, AT_SECURE, AT_ENDING, POINTS };

static void reach(struct fixture *f, enum point point, struct cw_tls *server, struct cw_tls *client)
{
    fixture_init(f);
    connect_client(f);
    if (point == AT_START) {
        return;
    }
    run_until(f, f->client.opened && f->server.opened);
    if (point == AT_OPEN) {
        cw_tls_stream_write(f->client.stream, CW_LIT("queued"));
        return;
    }
    cw_tls_stream_start_tls(f->server.stream, server, NULL, TIMEOUT_MS);
    cw_tls_stream_start_tls(f->client.stream, client, NULL, TIMEOUT_MS);
    cw_tls_stream_write(f->client.stream, CW_LIT("queued"));
    if (point == AT_HANDSHAKE) {
        return;
    }
    if (point == MID_HANDSHAKE) {
        (void)uv_run(&f->loop, UV_RUN_NOWAIT);
        (void)uv_run(&f->loop, UV_RUN_NOWAIT);
        return;
    }
    run_until(f, f->server.secured && f->client.secured);
    if (point == AT_ENDING) {
        cw_tls_stream_close(f->client.stream);
    }
}

/* how: bit 0 the server's end, bit 1 close instead of abort */
static void end_at(enum point point, int how, struct cw_tls *server, struct cw_tls *client)
{
    struct fixture f;
    reach(&f, point, server, client);
    struct side *side = (how & 1) != 0 && f.server.stream != NULL ? &f.server : &f.client;
    if ((how & 2) != 0) {
        cw_tls_stream_close(side->stream);
    } else {
        cw_tls_stream_abort(side->stream, CW_ERR_BUSY, "abort");
    }
    cw_tls_stream_write(side->stream, CW_LIT("after the end"));
    cw_tls_stream_pause(side->stream, true);
    cw_tls_stream_pause(side->stream, false);
    cw_tls_stream_close(side->stream);
    cw_tls_stream_abort(side->stream, CW_ERR_IO, "again");
    assert_int_equal(side->closed_count, 0);
    run_until(&f, side->closed);
    fixture_end(&f);
    assert_int_equal(f.client.closed_count, 1);
    assert_in_range(f.server.closed_count, 0, 1);
}

static void test_end_in_every_state(void **state)
{
    (void)state;
    struct cw_tls *server = context(true, CW_TLS_VERIFY_ASK, "good");
    struct cw_tls *client = context(false, CW_TLS_VERIFY_ASK, "good");
    for (int point = AT_START; point < POINTS; point++) {
        for (int how = 0; how < 4; how++) {
            end_at((enum point)point, how, server, client);
        }
    }
    cw_tls_free(&server);
    cw_tls_free(&client);
}

static void test_tls_in_the_wrong_state(void **state)
{
    (void)state;
    struct fixture f;
    struct cw_tls *client = context(false, CW_TLS_VERIFY_ASK, NULL);
    start_secure(&f);
    cw_tls_stream_start_tls(f.client.stream, client, NULL, TIMEOUT_MS);
    run_until(&f, f.client.closed);
    assert_int_equal(f.client.why, CW_ERR_PROTOCOL);
    cw_tls_free(&client);
    fixture_end(&f);
}

static void test_connect_from(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    const struct sockaddr_in to = loopback(cw_tls_listener_port(f.listener));
    struct sockaddr_in from = loopback(0);
    assert_int_equal(uv_ip4_addr("127.0.0.9", 0, &from), 0);
    f.client.stream =
        cw_tls_stream_connect_from(&f.loop, (const struct sockaddr *)&from,
                                   (const struct sockaddr *)&to, TIMEOUT_MS, &EVENTS, &f.client);
    run_until(&f, f.client.opened && f.server.opened);
    assert_memory_equal(cw_tls_stream_peer(f.server.stream), "127.0.0.9:", 10);
    fixture_end(&f);
}

static void test_connect_from_a_foreign_address(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    const struct sockaddr_in to = loopback(cw_tls_listener_port(f.listener));
    struct sockaddr_in from;
    assert_int_equal(uv_ip4_addr("192.0.2.1", 0, &from), 0); /* RFC 5737: nobody's, nor ours */
    f.client.stream =
        cw_tls_stream_connect_from(&f.loop, (const struct sockaddr *)&from,
                                   (const struct sockaddr *)&to, TIMEOUT_MS, &EVENTS, &f.client);
    run_until(&f, f.client.closed);
    assert_int_equal(f.client.why, CW_ERR_IO);
    fixture_end(&f);
}

static void test_connect_refused(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    const uint16_t port = cw_tls_listener_port(f.listener);
    cw_tls_listener_close(&f.listener);
    (void)uv_run(&f.loop, UV_RUN_NOWAIT);
    const struct sockaddr_in to = loopback(port);
    f.client.stream = cw_tls_stream_connect(&f.loop, (const struct sockaddr *)&to, TIMEOUT_MS,
                                            &EVENTS, &f.client);
    run_until(&f, f.client.closed);
    assert_int_equal(f.client.why, CW_ERR_IO);
    assert_string_equal(f.client.detail, "connect: connection refused");
    fixture_end(&f);
}

/* A listener whose queue is full answers no SYN. */
static void test_connect_timeout(void **state)
{
    (void)state;
    struct fixture f;
    int fds[8];
    struct sockaddr_in full = loopback(0);
    socklen_t len = sizeof(full);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&full, sizeof(full)), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&full, &len), 0);
    for (size_t i = 0; i < CW_COUNT(fds); i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fds[i], (const struct sockaddr *)&full, sizeof(full));
    }
    fixture_init(&f);
    f.client.stream =
        cw_tls_stream_connect(&f.loop, (const struct sockaddr *)&full, 50, &EVENTS, &f.client);
    run_until(&f, f.client.closed);
    assert_int_equal(f.client.why, CW_ERR_TIMEOUT);
    assert_string_equal(f.client.detail, "connect timed out");
    fixture_end(&f);
    for (size_t i = 0; i < CW_COUNT(fds); i++) {
        (void)close(fds[i]);
    }
    (void)close(listener);
}

/** A client that asks for new keys again and again and never reads the answers. */
struct asker {
    uv_work_t work;
    uint16_t port;
    uv_sem_t go;
    bool done;
};

static void ask_for_keys(uv_work_t *work)
{
    enum { MOST = 200000 };
    struct asker *asker = work->data;
    const struct sockaddr_in to = loopback(asker->port);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    SSL_CTX *settings = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(settings);
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 && SSL_set_fd(ssl, fd) == 1) {
        uv_sem_wait(&asker->go); /* a hello before the server listens for it would be clear text */
        int good = SSL_connect(ssl);
        for (unsigned i = 0; good == 1 && i < MOST; i++) {
            (void)SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
            good = SSL_do_handshake(ssl);
        }
    }
    SSL_free(ssl);
    SSL_CTX_free(settings);
    (void)close(fd);
}

static void on_asked(uv_work_t *work, int status)
{
    (void)status;
    ((struct asker *)work->data)->done = true;
}

/* Answers that nobody takes must not fill our memory. */
static void test_key_update_flood(void **state)
{
    (void)state;
    struct fixture f;
    struct asker asker = {.done = false};
    struct cw_tls *server = context(true, CW_TLS_VERIFY_ASK, "good");
    fixture_init(&f);
    (void)signal(SIGPIPE, SIG_IGN); // NOLINT(cert-err33-c)
    asker.port = cw_tls_listener_port(f.listener);
    asker.work.data = &asker;
    assert_int_equal(uv_sem_init(&asker.go, 0), 0);
    assert_int_equal(uv_queue_work(&f.loop, &asker.work, ask_for_keys, on_asked), 0);
    run_until(&f, f.server.opened);
    cw_tls_stream_start_tls(f.server.stream, server, NULL, TIMEOUT_MS);
    uv_sem_post(&asker.go);
    run_until(&f, f.server.secured);
    (void)write_bulk(f.server.stream); /* fills the kernel's buffers */
    run_until(&f, f.server.closed);
    assert_int_equal(f.server.why, CW_ERR_TLS);
    assert_string_equal(f.server.detail, "TLS: the peer does not take what it asks for");
    run_until(&f, asker.done);
    uv_sem_destroy(&asker.go);
    cw_tls_free(&server);
    fixture_end(&f);
}

static struct cw_tls *by_name(const char *server_name, void *user)
{
    return strcmp(server_name, "wanted.example") == 0 ? user : NULL;
}

/* STREAM-35: direct TLS, the certificate follows the SNI. */
static void test_choose_by_name(void **state)
{
    (void)state;
    struct fixture f;
    const struct cw_bytes other = CW_LIT("other.example");
    struct cw_tls *server = context(true, CW_TLS_VERIFY_ASK, "good");
    struct cw_tls *chosen = context(true, CW_TLS_VERIFY_ASK, "other");
    struct cw_tls *client = context(false, CW_TLS_VERIFY_ASK, "good");
    cw_tls_choose_by_name(server, by_name, chosen);
    fixture_init(&f);
    connect_both(&f);
    cw_tls_stream_start_tls(f.server.stream, server, NULL, TIMEOUT_MS);
    cw_tls_stream_start_tls(f.client.stream, client, "wanted.example", TIMEOUT_MS);
    run_until(&f, f.client.secured);
    assert_true(cw_tls_names_match(cw_tls_stream_certificate(f.client.stream), &other, 1));
    run_until(&f, f.server.secured);
    assert_true(cw_tls_stream_trusted(f.server.stream, NULL));
    cw_tls_free(&server);
    cw_tls_free(&chosen);
    cw_tls_free(&client);
    fixture_end(&f);
}

static void ignore_accept(struct cw_tls_stream *stream, void *user)
{
    (void)stream;
    (*(unsigned *)user)++;
}

/* Turned away before anything is read: a full house. */
static void test_not_adopted_is_closed(void **state)
{
    (void)state;
    struct fixture f;
    unsigned count = 0;
    const char *problem = NULL;
    const struct sockaddr_in any = loopback(0);
    fixture_init(&f);
    cw_tls_listener_close(&f.listener);
    assert_int_equal(cw_tls_listen(&f.loop, (const struct sockaddr *)&any, ignore_accept, &count,
                                   &f.listener, &problem),
                     CW_OK);
    connect_client(&f);
    run_until(&f, f.client.closed);
    assert_int_equal(count, 1);
    fixture_end(&f);
}

static void test_address_in_use(void **state)
{
    (void)state;
    struct fixture f;
    struct cw_tls_listener *second = NULL;
    const char *problem = NULL;
    fixture_init(&f);
    const struct sockaddr_in taken = loopback(cw_tls_listener_port(f.listener));
    assert_int_equal(
        cw_tls_listen(&f.loop, (const struct sockaddr *)&taken, on_accept, &f, &second, &problem),
        CW_ERR_IO);
    assert_string_equal(problem, "cannot listen: address already in use");
    fixture_end(&f);
}

static int make_certificates(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct cw_mint_leaf leaf;
    } ROWS[] = {
        {"good", {.names = "DNS:peer.example", .usage = "serverAuth,clientAuth"}},
        {"other", {.names = "DNS:other.example"}},
        {"strange", {.stranger = true}},
        {"expired", {.expired = true}},
        {"server-only", {.usage = "serverAuth"}},
        {"client-only", {.usage = "clientAuth"}},
        {"no-usage", {.usage = ""}},
        {"any-usage", {.usage = "anyExtendedKeyUsage"}},
    };
    mint = cw_mint_new();
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        cw_mint_make(mint, ROWS[i].name, &ROWS[i].leaf);
    }
    return 0;
}

static int remove_certificates(void **state)
{
    (void)state;
    cw_mint_free(&mint);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clear_echo),
        cmocka_unit_test(test_starttls),
        cmocka_unit_test(test_bulk_clear),
        cmocka_unit_test(test_bulk_tls),
        cmocka_unit_test(test_pause_holds_back),
        cmocka_unit_test(test_writes_are_batched),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_refusal_says_why),
        cmocka_unit_test(test_handshake_timeout),
        cmocka_unit_test(test_garbage_is_no_handshake),
        cmocka_unit_test(test_cut_without_notify),
        cmocka_unit_test(test_close_flushes),
        cmocka_unit_test(test_half_close),
        cmocka_unit_test(test_version_floor),
        cmocka_unit_test(test_end_in_every_state),
        cmocka_unit_test(test_tls_in_the_wrong_state),
        cmocka_unit_test(test_connect_from),
        cmocka_unit_test(test_connect_from_a_foreign_address),
        cmocka_unit_test(test_connect_refused),
        cmocka_unit_test(test_connect_timeout),
        cmocka_unit_test(test_key_update_flood),
        cmocka_unit_test(test_choose_by_name),
        cmocka_unit_test(test_not_adopted_is_closed),
        cmocka_unit_test(test_address_in_use),
    };
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
