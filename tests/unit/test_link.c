/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_mint.h"
#include "cw_test.h"
#include "link_state.h"

#include <causeway/clock.h>
#include <causeway/link.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum { PATIENCE_MS = 10000, MAX_SEEN = 4096, ADDRESS_LEN = 64 };

/* What one end has lived through. */
struct side {
    unsigned ups, downs, goaways, credits;
    unsigned stanzas, fates[CW_FATE_AMBIGUOUS + 1];
    uint64_t seqs[MAX_SEEN];   /* handles, as they came */
    unsigned bodies[MAX_SEEN]; /* numbers in the stanzas, as they came */
    uintptr_t cookies[MAX_SEEN];
    unsigned fate_count;
    uint64_t applied;
    unsigned reports;
    unsigned knocks;
    uint64_t permits_revision;
    enum cw_err why;
    char detail[256];
    struct cw_link *link; /* last seen */
    bool hold;            /* settle nothing */
};

struct world {
    uv_loop_t loop;
    uv_timer_t guard;
    struct cw_mint *mint;
    struct cw_metrics *metrics;
    struct cw_log *log; /* of a test that wants one */
    struct cw_tls *gateway_tls, *edge_tls;
    struct cw_link_settings gateway, edge;
    struct cw_link_listener *listener;
    struct cw_link *dialled;
    struct side g, e;
    char address[ADDRESS_LEN];
    uint16_t port;
    uv_tcp_t server; /* not a link's */
    unsigned cuts;
};

static const char *const GATEWAY_NAMES[] = {"gateway1.example"};
static const char *const EDGE_NAMES[] = {"edge1.example"};

static void on_up(struct cw_link *link, const struct cw_frame_hello *peer, void *user)
{
    struct side *const side = user;

    assert_true(peer->node.len > 0);
    side->ups++;
    side->link = link;
}

static void on_down(struct cw_link *link, enum cw_err why, const char *detail, void *user)
{
    struct side *const side = user;

    (void)link;
    side->downs++;
    side->why = why;
    (void)snprintf(side->detail, sizeof(side->detail), "%s", detail);
}

static void on_fate(struct cw_link *link, const struct cw_frame_ack *ack, void *cookie, void *user)
{
    struct side *const side = user;

    (void)link;
    side->fates[ack->fate]++;
    side->cookies[side->fate_count++] = (uintptr_t)cookie;
}

static void note_stanza(struct side *side, const struct cw_frame_stanza *stanza)
{
    char text[64];

    assert_in_range(stanza->xml.len, 1, sizeof(text) - 1);
    memcpy(text, stanza->xml.base, stanza->xml.len);
    text[stanza->xml.len] = '\0';
    assert_int_equal(strncmp(text, "<m n='", 6), 0);
    side->seqs[side->stanzas] = stanza->seq;
    side->bodies[side->stanzas++] = (unsigned)strtoul(text + 6, NULL, 10);
}

static void gateway_stanza(struct cw_link *link, const struct cw_frame_stanza *stanza, void *user)
{
    struct side *const side = user;

    note_stanza(side, stanza);
    if (!side->hold) {
        cw_link_settle(link, stanza->seq, CW_FATE_TAKEN, CW_FAIL_NONE);
    }
}

static void edge_stanza(struct cw_link *link, const struct cw_frame_stanza *stanza, void *user)
{
    struct side *const side = user;

    note_stanza(side, stanza);
    if (!side->hold) {
        cw_link_settle(link, stanza->seq, CW_FATE_HANDED, CW_FAIL_NONE);
    }
}

static void on_permits(struct cw_link *link, struct cw_bytes payload, void *user)
{
    struct side *const side = user;
    struct cw_arena *arena = cw_arena_new(1024 * 1024);
    struct cw_permits permits;

    assert_int_equal(cw_permits_read(payload, arena, &permits), CW_OK);
    side->permits_revision = permits.revision;
    cw_link_applied(link, permits.revision);
    cw_arena_free(&arena);
}

static void on_applied(struct cw_link *link, uint64_t revision, void *user)
{
    (void)link;
    ((struct side *)user)->applied = revision;
}

static void on_report(struct cw_link *link, const struct cw_frame_report *report, void *user)
{
    (void)link;
    assert_true(report->up);
    assert_int_equal(report->detail.len, CW_FRAME_MAX_NAME - 1); /* cut before a character */
    ((struct side *)user)->reports++;
}

static void on_knocks(struct cw_link *link, const struct cw_frame_knocks *knocks, void *user)
{
    (void)link;
    assert_int_equal(knocks->count, 1);
    cw_assert_bytes(knocks->items[0].domain, CW_LIT("stranger.example"));
    ((struct side *)user)->knocks += knocks->items[0].count + knocks->unnamed;
}

static void on_goaway(struct cw_link *link, struct cw_bytes reason, void *user)
{
    (void)link;
    cw_assert_bytes(reason, CW_LIT("drain"));
    ((struct side *)user)->goaways++;
}

static void on_credit(struct cw_link *link, struct cw_bytes partner, void *user)
{
    (void)link;
    cw_assert_bytes(partner, CW_LIT("partner.example"));
    ((struct side *)user)->credits++;
}

static const struct cw_link_events GATEWAY_EVENTS = {
    .on_up = on_up,
    .on_down = on_down,
    .on_stanza = gateway_stanza,
    .on_fate = on_fate,
    .on_applied = on_applied,
    .on_report = on_report,
    .on_knocks = on_knocks,
    .on_goaway = on_goaway,
    .on_credit = on_credit,
};

static const struct cw_link_events EDGE_EVENTS = {
    .on_up = on_up,
    .on_down = on_down,
    .on_stanza = edge_stanza,
    .on_fate = on_fate,
    .on_permits = on_permits,
    .on_goaway = on_goaway,
    .on_credit = on_credit,
};

static void on_guard(uv_timer_t *timer)
{
    (void)timer; /* wakes the loop, so that run_until() looks at the clock */
}

typedef bool condition(const struct world *world);

static bool ran_until(struct world *world, condition *met, uint64_t patience_ms)
{
    const uint64_t end_ms = cw_clock_now_ms() + patience_ms;

    while (!met(world) && cw_clock_now_ms() < end_ms) {
        uv_run(&world->loop, UV_RUN_ONCE);
    }
    return met(world);
}

#define run_until(world, met) assert_true(ran_until((world), (met), PATIENCE_MS))

static bool never(const struct world *world)
{
    (void)world;
    return false;
}

static struct cw_tls *make_tls(struct world *world, const char *name, const char *ca, bool server)
{
    char files[2][64];
    const char *problem = NULL;
    struct cw_tls *tls = NULL;

    (void)snprintf(files[0], sizeof(files[0]), "%s.crt", name);
    (void)snprintf(files[1], sizeof(files[1]), "%s.key", name);

    const struct cw_tls_settings settings = {
        .certificate = cw_mint_path(world->mint, files[0]),
        .key = cw_mint_path(world->mint, files[1]),
        .ca = cw_mint_path(world->mint, ca),
        .alpn = "causeway-link/1",
        .verify = CW_TLS_VERIFY_REQUIRE,
        .tls13_only = true,
        .server = server,
    };

    if (cw_tls_new(&settings, &tls, &problem) != CW_OK) {
        fail_msg("%s", problem);
    }
    return tls;
}

static void make_certificates(struct cw_mint *mint)
{
    const struct cw_mint_leaf gateway = {.names = "DNS:gateway1.example",
                                         .usage = "serverAuth,clientAuth"};
    const struct cw_mint_leaf edge = {.names = "DNS:edge1.example",
                                      .usage = "serverAuth,clientAuth"};
    const struct cw_mint_leaf expired = {
        .names = "DNS:gateway1.example", .usage = "serverAuth,clientAuth", .expired = true};
    const struct cw_mint_leaf stranger = {
        .names = "DNS:gateway1.example", .usage = "serverAuth,clientAuth", .stranger = true};

    cw_mint_make(mint, "gateway", &gateway);
    cw_mint_make(mint, "edge", &edge);
    cw_mint_make(mint, "expired", &expired);
    cw_mint_make(mint, "stranger", &stranger);
}

static void listen_at(struct world *world, const char *address)
{
    const char *problem = NULL;

    assert_int_equal(cw_link_listen(&world->loop, &world->edge, address, &EDGE_EVENTS, &world->e,
                                    &world->listener, &problem),
                     CW_OK);
    world->port = cw_link_listener_port(world->listener);
    (void)snprintf(world->address, sizeof(world->address), "127.0.0.1:%u", (unsigned)world->port);
}

static void dial(struct world *world)
{
    world->dialled =
        cw_link_dial(&world->loop, &world->gateway, world->address, &GATEWAY_EVENTS, &world->g);
}

static int world_up(void **state)
{
    struct world *const world = calloc(1, sizeof(*world));

    world->mint = cw_mint_new();
    make_certificates(world->mint);
    world->metrics = cw_metrics_new("gateway");
    world->gateway_tls = make_tls(world, "gateway", "ca.crt", false);
    world->edge_tls = make_tls(world, "edge", "ca.crt", true);
    world->gateway = (struct cw_link_settings){.node = "gw1",
                                               .pool = "pool1",
                                               .tls = world->gateway_tls,
                                               .peer_names = EDGE_NAMES,
                                               .peer_name_count = 1,
                                               .metrics = world->metrics};
    world->edge = (struct cw_link_settings){.node = "edge1",
                                            .pool = "pool1",
                                            .tls = world->edge_tls,
                                            .peer_names = GATEWAY_NAMES,
                                            .peer_name_count = 1};
    assert_int_equal(uv_loop_init(&world->loop), 0);
    assert_int_equal(uv_timer_init(&world->loop, &world->guard), 0);
    uv_timer_start(&world->guard, on_guard, 5, 5);
    listen_at(world, "127.0.0.1:0");
    *state = world;
    return 0;
}

static int world_down(void **state)
{
    struct world *const world = *state;

    cw_link_close(&world->dialled);
    cw_link_listener_close(&world->listener);
    uv_close((uv_handle_t *)&world->guard, NULL);
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world->loop), 0);
    cw_tls_free(&world->gateway_tls);
    cw_tls_free(&world->edge_tls);
    cw_metrics_free(&world->metrics);
    cw_log_free(&world->log);
    cw_mint_free(&world->mint);
    free(world);
    return 0;
}

static bool both_up(const struct world *world)
{
    return world->dialled != NULL && cw_link_is_up(world->dialled) && world->e.link != NULL &&
           cw_link_is_up(world->e.link);
}

static void link_up(struct world *world)
{
    dial(world);
    run_until(world, both_up);
}

static enum cw_err send_one(struct cw_link *link, unsigned number, enum cw_stanza_class class)
{
    char xml[64];
    const int len = snprintf(xml, sizeof(xml), "<m n='%u'/>", number);
    const struct cw_frame_stanza stanza = {
        .class = class,
        .from_domain = CW_LIT("sip.example"),
        .to_domain = CW_LIT("partner.example"),
        .partner = CW_LIT("partner.example"),
        .xml = {xml, (size_t)len},
    };

    return cw_link_send(link, &stanza, (void *)(uintptr_t)number);
}

static bool one_each(const struct world *world)
{
    return world->g.fates[CW_FATE_HANDED] == 1 && world->e.fates[CW_FATE_TAKEN] == 1;
}

static void carries_both_ways(void **state)
{
    struct world *const world = *state;

    link_up(world);
    assert_string_equal(cw_link_peer(world->dialled), "edge1");
    assert_string_equal(cw_link_peer(world->e.link), "gw1");
    assert_int_equal(send_one(world->dialled, 7, CW_CLASS_MESSAGE), CW_OK);
    assert_int_equal(send_one(world->e.link, 8, CW_CLASS_PRESENCE), CW_OK);
    run_until(world, one_each);
    assert_int_equal(world->e.stanzas, 1);
    assert_int_equal(world->e.bodies[0], 7);
    assert_int_equal(world->g.bodies[0], 8);
    assert_int_equal(world->g.cookies[0], 7);
    assert_int_equal(world->e.cookies[0], 8);
    assert_int_equal(cw_link_unsettled(world->dialled), 0);
    assert_int_equal(cw_link_unsettled(world->e.link), 0);
}

static bool is_measured(const struct world *world)
{
    return cw_link_round_trip_us(world->dialled) > 0 && cw_link_round_trip_us(world->e.link) > 0 &&
           world->g.applied == 12 && world->g.reports == 1 && world->g.knocks == 7;
}

static void pushes_policy_and_reports(void **state)
{
    struct world *const world = *state;
    struct cw_arena *arena = cw_arena_new(1024 * 1024);
    const struct cw_permits permits = {.revision = 12};
    struct cw_bytes payload;
    char long_text[CW_FRAME_MAX_NAME + 10];
    struct cw_frame_report report = {.stream = 1, .up = true};
    const struct cw_frame_knocks knocks = {
        .unnamed = 2, .count = 1, .items = {{.count = 5, .domain = CW_LIT("stranger.example")}}};
    const char *const labels[] = {world->address};

    memset(long_text, 'a', sizeof(long_text));
    memcpy(long_text + CW_FRAME_MAX_NAME - 1, "\xc3\xa9", 2);
    report.detail = (struct cw_bytes){long_text, sizeof(long_text)};
    assert_int_equal(cw_permits_write(&permits, arena, &payload), CW_OK);
    dial(world);
    cw_link_set_permits(world->dialled, 12, payload); /* before there is a connection */
    cw_arena_free(&arena);
    run_until(world, both_up);
    cw_link_report(world->e.link, &report);
    cw_link_knocks(world->e.link, &knocks);
    run_until(world, is_measured);
    assert_int_equal(world->e.permits_revision, 12);
    assert_float_equal(cw_metrics_value(world->metrics, CW_METRIC_LINK_UP, labels), 1.0, 0.0);
    assert_float_equal(
        cw_metrics_value(world->metrics, CW_METRIC_LINK_PEER_CONFIG_REVISION, labels), 12.0, 0.0);
}

static bool all_settled(const struct world *world)
{
    return cw_link_unsettled(world->dialled) == 0 && cw_link_unsettled(world->e.link) == 0 &&
           both_up(world);
}

static bool up_again(const struct world *world)
{
    return both_up(world) && world->g.ups == world->cuts + 1 && world->e.ups == world->cuts + 1;
}

static void assert_in_order(const struct side *receiver, unsigned count)
{
    assert_int_equal(receiver->stanzas, count);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(receiver->bodies[i], i);
    }
}

/* Cuts at ever other points of the traffic; nothing is lost, doubled or reordered. */
static void goes_on_after_cuts(void **state)
{
    struct world *const world = *state;
    const unsigned count = 400;

    link_up(world);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(send_one(world->dialled, i, CW_CLASS_MESSAGE), CW_OK);
        assert_int_equal(send_one(world->e.link, i, CW_CLASS_MESSAGE), CW_OK);
        if (i % 100 == 50) {
            struct cw_link *const victim = i % 200 == 50 ? world->dialled : world->e.link;

            for (unsigned turn = 0; turn < i / 100; turn++) {
                uv_run(&world->loop, UV_RUN_NOWAIT);
            }
            cw_tls_stream_abort(victim->connection->stream, CW_ERR_IO, "cut by the test");
            world->cuts++;
            run_until(world, up_again);
        }
        uv_run(&world->loop, UV_RUN_NOWAIT);
    }
    run_until(world, all_settled);
    assert_int_equal(world->cuts, 4);
    assert_in_order(&world->e, count);
    assert_in_order(&world->g, count);
    assert_int_equal(world->g.fates[CW_FATE_HANDED], count);
    assert_int_equal(world->e.fates[CW_FATE_TAKEN], count);
    assert_int_equal(world->g.downs, 4);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(world->e.cookies[i], i);
    }
}

static bool edge_has_two(const struct world *world)
{
    return world->e.stanzas == 2;
}

static bool two_more(const struct world *world)
{
    return world->g.fates[CW_FATE_AMBIGUOUS] == 2 && world->g.fates[CW_FATE_HANDED] == 1;
}

static bool is_down(const struct world *world)
{
    return !cw_link_is_up(world->dialled);
}

static void tells_ambiguous_when_the_edge_restarts(void **state)
{
    struct world *const world = *state;

    link_up(world);
    world->e.hold = true;
    assert_int_equal(send_one(world->dialled, 0, CW_CLASS_MESSAGE), CW_OK);
    assert_int_equal(send_one(world->dialled, 1, CW_CLASS_MESSAGE), CW_OK);
    run_until(world, edge_has_two);
    cw_link_listener_close(&world->listener);
    world->e.link = NULL;
    run_until(world, is_down);
    assert_int_equal(send_one(world->dialled, 2, CW_CLASS_MESSAGE), CW_OK);
    world->e.hold = false;
    listen_at(world, world->address);
    run_until(world, two_more);
    assert_int_equal(world->e.stanzas, 3);
    assert_int_equal(world->e.bodies[2], 2);
    assert_int_equal(cw_link_unsettled(world->dialled), 0);
}

static bool gateway_has_three(const struct world *world)
{
    return world->g.stanzas == 3;
}

static bool edge_is_settled(const struct world *world)
{
    return both_up(world) && cw_link_unsettled(world->e.link) == 0;
}

static void sends_again_to_a_new_gateway(void **state)
{
    struct world *const world = *state;

    link_up(world);
    world->g.hold = true;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(send_one(world->e.link, i, CW_CLASS_MESSAGE), CW_OK);
    }
    run_until(world, gateway_has_three);
    cw_link_settle(world->dialled, world->g.seqs[0], CW_FATE_TAKEN, CW_FAIL_NONE);
    for (unsigned i = 0; i < 20; i++) {
        uv_run(&world->loop, UV_RUN_NOWAIT);
    }
    cw_link_close(&world->dialled); /* no word about the other two */
    world->g.hold = false;
    dial(world);
    run_until(world, edge_is_settled);
    assert_int_equal(world->g.stanzas, 5);
    assert_int_equal(world->g.bodies[3], 1);
    assert_int_equal(world->g.bodies[4], 2);
    assert_int_equal(world->e.fates[CW_FATE_TAKEN], 3);
    assert_int_equal(world->e.fates[CW_FATE_AMBIGUOUS], 0);
}

/* A fate that comes for a gateway process that is gone must not hit a stanza of the new one. */
static void ignores_fates_for_a_dead_gateway(void **state)
{
    struct world *const world = *state;
    uint64_t old;

    link_up(world);
    world->e.hold = true;
    assert_int_equal(send_one(world->dialled, 0, CW_CLASS_MESSAGE), CW_OK);
    while (world->e.stanzas < 1) {
        uv_run(&world->loop, UV_RUN_ONCE);
    }
    old = world->e.seqs[0];
    cw_link_close(&world->dialled);
    assert_int_equal(world->g.fates[CW_FATE_AMBIGUOUS], 1);
    dial(world);
    run_until(world, both_up);
    assert_int_equal(send_one(world->dialled, 1, CW_CLASS_MESSAGE), CW_OK);
    run_until(world, edge_has_two);
    cw_link_settle(world->e.link, old, CW_FATE_FAILED, CW_FAIL_DNS);
    assert_false(ran_until(world, never, 50));
    assert_int_equal(world->g.fates[CW_FATE_FAILED], 0);
    cw_link_settle(world->e.link, world->e.seqs[1], CW_FATE_HANDED, CW_FAIL_NONE);
    while (world->g.fates[CW_FATE_HANDED] == 0) {
        uv_run(&world->loop, UV_RUN_ONCE);
    }
}

static bool has_problem(const struct world *world)
{
    return cw_link_problem(world->dialled)[0] != '\0';
}

/* Case 87: a wrong peer is refused before any frame. */
static void refuses_wrong_peers(void **state)
{
    static const struct {
        const char *name, *gateway, *ca;
        const char *edge_name, *gateway_name; /* as listed at the other end */
    } ROWS[] = {
        {"gateway signed by another CA", "stranger", "ca.crt", "edge1.example", "gateway1.example"},
        {"gateway expired", "expired", "ca.crt", "edge1.example", "gateway1.example"},
        {"gateway's name not listed", "gateway", "ca.crt", "edge1.example", "gateway2.example"},
        {"edge's certificate used by a gateway", "edge", "ca.crt", "edge1.example",
         "gateway1.example"},
        {"edge's name not listed", "gateway", "ca.crt", "edge2.example", "gateway1.example"},
        {"edge signed by another CA", "gateway", "stranger.crt", "edge1.example",
         "gateway1.example"},
    };
    struct world *const world = *state;

    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const char *const gateway_names[] = {ROWS[i].gateway_name};
        const char *const edge_names[] = {ROWS[i].edge_name};

        cw_case(ROWS[i].name);
        cw_link_listener_close(&world->listener);
        cw_tls_free(&world->gateway_tls);
        world->gateway_tls = make_tls(world, ROWS[i].gateway, ROWS[i].ca, false);
        world->gateway.tls = world->gateway_tls;
        world->edge.peer_names = gateway_names;
        world->gateway.peer_names = edge_names;
        listen_at(world, "127.0.0.1:0");
        dial(world);
        run_until(world, has_problem);
        assert_int_equal(world->g.ups, 0);
        assert_int_equal(world->e.ups, 0);
        cw_link_close(&world->dialled);
    }
}

enum tls_fault { NO_CERTIFICATE, TLS_1_2, OTHER_ALPN, NO_ALPN };

static struct cw_tls *faulty_tls(struct world *world, enum tls_fault fault)
{
    const bool bare = fault == NO_CERTIFICATE;
    struct cw_tls_settings settings = {
        .certificate = bare ? NULL : cw_mint_path(world->mint, "gateway.crt"),
        .key = bare ? NULL : cw_mint_path(world->mint, "gateway.key"),
        .ca = cw_mint_path(world->mint, "ca.crt"),
        .alpn = "causeway-link/1",
        .verify = CW_TLS_VERIFY_REQUIRE,
    };
    const char *problem = NULL;
    struct cw_tls *tls = NULL;

    if (fault == OTHER_ALPN || fault == NO_ALPN) {
        settings.alpn = fault == NO_ALPN ? NULL : "xmpp-server";
    }
    assert_int_equal(cw_tls_new(&settings, &tls, &problem), CW_OK);
    if (fault == TLS_1_2) {
        assert_int_equal(SSL_CTX_set_max_proto_version(cw_tls_context(tls), TLS1_2_VERSION), 1);
    }
    return tls;
}

/* Case 87, the rest: no client certificate, TLS 1.2, another protocol by ALPN. */
static void refuses_wrong_tls(void **state)
{
    static const struct {
        const char *name;
        enum tls_fault fault;
    } ROWS[] = {
        {"no client certificate", NO_CERTIFICATE},
        {"TLS 1.2", TLS_1_2},
        {"another protocol by ALPN", OTHER_ALPN},
        {"no ALPN", NO_ALPN},
    };
    struct world *const world = *state;

    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        cw_case(ROWS[i].name);
        cw_tls_free(&world->gateway_tls);
        world->gateway_tls = faulty_tls(world, ROWS[i].fault);
        world->gateway.tls = world->gateway_tls;
        dial(world);
        run_until(world, has_problem);
        print_message("    %s\n", cw_link_problem(world->dialled));
        assert_int_equal(world->g.ups, 0);
        assert_int_equal(world->e.ups, 0);
        cw_link_close(&world->dialled);
    }
}

/* New certificates serve new connections; the one that is up goes on. */
static void takes_new_certificates(void **state)
{
    struct world *const world = *state;
    struct cw_tls *expired;

    link_up(world);
    expired = make_tls(world, "expired", "ca.crt", false);
    cw_link_set_tls(world->dialled, expired);
    cw_tls_free(&expired);
    assert_int_equal(send_one(world->dialled, 0, CW_CLASS_MESSAGE), CW_OK);
    run_until(world, all_settled);
    cw_tls_stream_abort(world->dialled->connection->stream, CW_ERR_IO, "cut by the test");
    run_until(world, is_down);
    assert_false(ran_until(world, both_up, 500));
    cw_link_set_tls(world->dialled, world->gateway_tls);
    cw_link_listener_set_tls(world->listener, world->edge_tls);
    run_until(world, both_up);
    assert_int_equal(world->g.ups, 2);
}

static void refuses_another_pool(void **state)
{
    struct world *const world = *state;

    world->gateway.pool = "pool2";
    dial(world);
    run_until(world, has_problem);
    assert_non_null(strstr(cw_link_problem(world->dialled), "another pool"));
    assert_int_equal(world->e.ups, 0);
}

static bool gateway_saw_death(const struct world *world)
{
    return world->g.downs == 1;
}

/* Case 85: the peer's process hangs; its socket stays open and says nothing. */
static void finds_a_silent_peer(void **state)
{
    struct world *const world = *state;
    uint64_t begin_ms;

    world->gateway.heartbeat_ms = 100;
    world->gateway.fail_after_ms = 300;
    link_up(world);
    assert_false(ran_until(world, gateway_saw_death, 600)); /* while it answers, it lives */
    cw_tls_stream_pause(world->e.link->connection->stream, true);
    (void)uv_timer_stop(&world->e.link->connection->tick);
    begin_ms = cw_clock_now_ms();
    run_until(world, gateway_saw_death);
    assert_in_range(cw_clock_now_ms() - begin_ms, 150, 1500);
    assert_int_equal(world->g.why, CW_ERR_TIMEOUT);
    run_until(world, both_up); /* the edge lets the old connection go for the new one */
    assert_int_equal(world->g.ups, 2);
}

static void a_paused_side_is_not_dead(void **state)
{
    struct world *const world = *state;

    world->gateway.heartbeat_ms = 50;
    world->gateway.fail_after_ms = 150;
    world->edge.heartbeat_ms = 50;
    world->edge.fail_after_ms = 150;
    cw_link_listener_close(&world->listener);
    listen_at(world, "127.0.0.1:0");
    link_up(world);
    cw_link_pause(world->e.link, true);
    assert_int_equal(send_one(world->dialled, 0, CW_CLASS_MESSAGE), CW_OK);
    assert_false(ran_until(world, never, 600));
    assert_int_equal(world->g.downs + world->e.downs, 0);
    assert_int_equal(world->e.stanzas, 0);
    cw_link_pause(world->e.link, false);
    run_until(world, all_settled);
    assert_int_equal(world->e.stanzas, 1);
}

/* A peer that accepts and hangs up at once. */
static void on_visitor(uv_stream_t *server, int status)
{
    uv_tcp_t *const visitor = malloc(sizeof(*visitor));

    assert_int_equal(status, 0);
    assert_int_equal(uv_tcp_init(server->loop, visitor), 0);
    assert_int_equal(uv_accept(server, (uv_stream_t *)visitor), 0);
    (*(unsigned *)server->data)++;
    uv_close((uv_handle_t *)visitor, (uv_close_cb)free);
}

static void backs_off(void **state)
{
    struct world *const world = *state;
    struct sockaddr_in address;
    int len = sizeof(address);
    unsigned visits = 0;

    assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &address), 0);
    assert_int_equal(uv_tcp_init(&world->loop, &world->server), 0);
    assert_int_equal(uv_tcp_bind(&world->server, (const struct sockaddr *)&address, 0), 0);
    world->server.data = &visits;
    assert_int_equal(uv_listen((uv_stream_t *)&world->server, 8, on_visitor), 0);
    assert_int_equal(uv_tcp_getsockname(&world->server, (struct sockaddr *)&address, &len), 0);
    (void)snprintf(world->address, sizeof(world->address), "127.0.0.1:%u",
                   (unsigned)ntohs(address.sin_port));
    dial(world);
    assert_false(ran_until(world, never, 1300));
    assert_in_range(visits, 2, 3); /* at 0, 0.2..0.25, 0.6..0.75 s; the fourth at 1.4 s or later */
    uv_close((uv_handle_t *)&world->server, NULL);
}

static bool edge_heard_goaway(const struct world *world)
{
    return world->e.goaways == 1;
}

static void goes_away(void **state)
{
    struct world *const world = *state;

    link_up(world);
    world->g.hold = true;
    assert_int_equal(send_one(world->e.link, 0, CW_CLASS_MESSAGE), CW_OK);
    while (world->g.stanzas < 1) {
        uv_run(&world->loop, UV_RUN_ONCE);
    }
    cw_link_goaway(world->dialled, "drain");
    assert_int_equal(send_one(world->e.link, 1, CW_CLASS_MESSAGE), CW_OK); /* crosses it */
    run_until(world, edge_heard_goaway);
    assert_int_equal(world->e.fates[CW_FATE_FAILED], 1);
    assert_int_equal(world->e.cookies[0], 1);
    assert_int_equal(send_one(world->e.link, 2, CW_CLASS_MESSAGE), CW_ERR_BUSY);
    cw_link_settle(world->dialled, world->g.seqs[0], CW_FATE_TAKEN, CW_FAIL_NONE);
    run_until(world, edge_is_settled);
    assert_int_equal(world->e.fates[CW_FATE_TAKEN], 1);
    assert_int_equal(world->g.stanzas, 1);
}

static bool gateway_heard_goaway(const struct world *world)
{
    return world->g.goaways == 1;
}

static bool gateway_is_down(const struct world *world)
{
    return !cw_link_is_up(world->dialled);
}

static void tells_an_end_from_a_loss(void **state)
{
    struct world *const world = *state;

    world->log = cw_log_new(CW_LOG_LOGFMT, CW_LOG_NOTICE, NULL);
    world->gateway.log = world->log;
    link_up(world);
    assert_int_equal(cw_log_count(world->log, CW_LOG_NOTICE), 1); /* link.up, once */
    cw_link_goaway(world->e.link, "drain");
    run_until(world, gateway_heard_goaway);
    cw_link_listener_close(&world->listener);
    run_until(world, gateway_is_down);
    assert_int_equal(cw_log_count(world->log, CW_LOG_NOTICE), 2); /* link.closed */
    assert_int_equal(cw_log_count(world->log, CW_LOG_ERROR), 0);
    memset(&world->e, 0, sizeof(world->e));
    listen_at(world, world->address);
    run_until(world, both_up);
    assert_int_equal(cw_log_count(world->log, CW_LOG_NOTICE), 3);
    cw_link_listener_close(&world->listener);
    run_until(world, gateway_is_down);
    assert_int_equal(cw_log_count(world->log, CW_LOG_NOTICE), 3);
    assert_int_equal(cw_log_count(world->log, CW_LOG_ERROR), 1); /* link.down */
}

static bool has_credit(const struct world *world)
{
    return world->g.credits > 0;
}

static void waits_for_credit(void **state)
{
    struct world *const world = *state;
    unsigned sent = 0;

    link_up(world);
    world->e.hold = true;
    while (send_one(world->dialled, sent, CW_CLASS_PRESENCE) == CW_OK) {
        sent++;
    }
    assert_int_equal(sent, 768); /* three quarters: the rest is for messages */
    while (send_one(world->dialled, sent, CW_CLASS_MESSAGE) == CW_OK) {
        sent++;
    }
    assert_int_equal(sent, 1024);
    while (world->e.stanzas < sent) {
        uv_run(&world->loop, UV_RUN_ONCE);
    }
    assert_in_order(&world->e, sent);
    for (unsigned i = 0; i < sent; i++) {
        cw_link_settle(world->e.link, world->e.seqs[i], CW_FATE_HANDED, CW_FAIL_NONE);
    }
    run_until(world, has_credit);
    run_until(world, all_settled);
    assert_int_equal(send_one(world->dialled, sent, CW_CLASS_PRESENCE), CW_OK);
}

static bool edge_has_three(const struct world *world)
{
    return world->e.stanzas == 3;
}

static void messages_go_before_presence(void **state)
{
    struct world *const world = *state;

    dial(world);
    assert_int_equal(send_one(world->dialled, 2, CW_CLASS_PRESENCE), CW_OK);
    assert_int_equal(send_one(world->dialled, 0, CW_CLASS_MESSAGE), CW_OK);
    assert_int_equal(send_one(world->dialled, 1, CW_CLASS_SUBSCRIPTION), CW_OK);
    run_until(world, edge_has_three);
    assert_in_order(&world->e, 3);
}

/* What was given up does not come later, and what follows does. */
static void gives_up_while_down(void **state)
{
    struct world *const world = *state;

    link_up(world);
    world->g.hold = true;
    assert_int_equal(send_one(world->e.link, 0, CW_CLASS_MESSAGE), CW_OK);
    while (world->g.stanzas < 1) {
        uv_run(&world->loop, UV_RUN_ONCE);
    }
    cw_tls_stream_abort(world->e.link->connection->stream, CW_ERR_IO, "cut by the test");
    while (cw_link_is_up(world->e.link)) {
        uv_run(&world->loop, UV_RUN_ONCE);
    }
    assert_int_equal(send_one(world->e.link, 1, CW_CLASS_MESSAGE), CW_OK);
    cw_link_abandon(world->e.link);
    assert_int_equal(world->e.fates[CW_FATE_AMBIGUOUS], 1);
    assert_int_equal(world->e.fates[CW_FATE_FAILED], 1);
    run_until(world, both_up);
    world->g.hold = false;
    assert_int_equal(send_one(world->e.link, 2, CW_CLASS_MESSAGE), CW_OK);
    run_until(world, all_settled);
    assert_int_equal(world->g.stanzas, 2);
    assert_int_equal(world->g.bodies[1], 2);
}

static bool edge_saw_death(const struct world *world)
{
    return world->e.downs == 1;
}

/* A gateway that asks for ever and never reads an answer cannot fill the edge's memory. */
static void bounds_answers_to_a_peer_that_does_not_read(void **state)
{
    static char pings[16384];
    struct world *const world = *state;
    unsigned most = 4096; /* times 1,024 PINGs: 64 MiB of PONG */

    for (size_t at = 0; at < sizeof(pings); at += 16) {
        memcpy(pings + at, "\1\10\0\0\0\0\0\10\0\0\0\0\0\0\0\1", 16);
    }
    world->gateway.fail_after_ms = 60000; /* the limit is to end it, on a slow machine, too */
    world->edge.fail_after_ms = 60000;
    link_up(world);
    cw_tls_stream_pause(world->dialled->connection->stream, true);
    while (!edge_saw_death(world) && most > 0) {
        if (cw_link_is_up(world->dialled) &&
            cw_tls_stream_queued(world->dialled->connection->stream) < sizeof(pings)) {
            cw_tls_stream_write(world->dialled->connection->stream,
                                (struct cw_bytes){pings, sizeof(pings)});
            most--;
        }
        uv_run(&world->loop, UV_RUN_NOWAIT);
    }
    run_until(world, edge_saw_death);
    assert_int_equal(world->e.why, CW_ERR_LIMIT);
}

/* A gateway process that knows nothing of frames: what it writes must end its connection. */
static void ends_on_a_broken_stream(void **state)
{
    static const struct {
        const char *name;
        struct cw_bytes octets;
    } ROWS[] = {
        {"another version", {"\2\10\0\0\0\0\0\0", 8}},
        {"unknown type, not optional", {"\1\143\0\0\0\0\0\0", 8}},
        {"too long", {"\1\10\0\0\0\4\0\1", 8}},
        {"APPLIED from a gateway", {"\1\4\0\0\0\0\0\10\0\0\0\0\0\0\0\1", 16}},
        {"HELLO again", {"\1\1\0\0\0\0\0\0", 8}},
        {"PING of seven octets", {"\1\10\0\0\0\0\0\7\0\0\0\0\0\0\0", 15}},
        {"ACK of nothing sent", {"\1\6\0\0\0\0\0\12\0\0\0\0\0\0\0\1\1\0", 18}},
        {"PONG of nothing asked", {"\1\11\0\0\0\0\0\10\1\0\0\0\0\0\0\0", 16}},
    };
    struct world *const world = *state;

    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        cw_case(ROWS[i].name);
        memset(&world->e, 0, sizeof(world->e));
        link_up(world);
        /* An unknown optional frame before does no harm. */
        cw_tls_stream_write(world->dialled->connection->stream,
                            (struct cw_bytes){"\1\143\0\1\0\0\0\2xy", 10});
        cw_tls_stream_write(world->dialled->connection->stream, ROWS[i].octets);
        run_until(world, edge_saw_death);
        assert_int_equal(world->e.why, CW_ERR_PROTOCOL);
        cw_link_close(&world->dialled);
        cw_link_listener_close(&world->listener);
        listen_at(world, "127.0.0.1:0");
    }
}

#define on_world(function) cmocka_unit_test_setup_teardown(function, world_up, world_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_world(carries_both_ways),
        on_world(pushes_policy_and_reports),
        on_world(goes_on_after_cuts),
        on_world(tells_ambiguous_when_the_edge_restarts),
        on_world(sends_again_to_a_new_gateway),
        on_world(ignores_fates_for_a_dead_gateway),
        on_world(refuses_wrong_peers),
        on_world(refuses_wrong_tls),
        on_world(takes_new_certificates),
        on_world(refuses_another_pool),
        on_world(finds_a_silent_peer),
        on_world(a_paused_side_is_not_dead),
        on_world(backs_off),
        on_world(goes_away),
        on_world(tells_an_end_from_a_loss),
        on_world(waits_for_credit),
        on_world(messages_go_before_presence),
        on_world(gives_up_while_down),
        on_world(ends_on_a_broken_stream),
        on_world(bounds_answers_to_a_peer_that_does_not_read),
    };

    (void)signal(SIGPIPE, SIG_IGN); /* as daemon.c does: connections are cut here */
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
