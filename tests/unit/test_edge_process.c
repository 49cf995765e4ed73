/* SPDX-License-Identifier: Apache-2.0 */
/* Two edges as processes, each with a gateway played by the test: what goes in at one gateway comes
 * out at the other, or its fate says why not. Partners are found by the permit's proxy, so no DNS
 * is needed; every run has loopback addresses of its own. */
#include "cw_mint.h"
#include "cw_test.h"

#include <causeway/link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

enum { PATIENCE_MS = 20000, PATH_SIZE = 512, MANY = 60 };

static const char *program;

/* One edge with the gateway that the test plays for it. */
struct site {
    struct world *world;
    const char *domain;
    const char *other;
    char address[32];
    char link_address[48];
    char config[PATH_SIZE];
    pid_t pid;
    struct cw_tls *tls;
    struct cw_link_settings settings;
    const char *names[1];
    struct cw_link *link;
    bool up;
    bool deaf;     /* stanzas get no answer */
    bool in_order; /* the n-th stanza says n */
    bool sends_many;
    uint64_t applied;
    unsigned fates[CW_FATE_AMBIGUOUS + 1];
    enum cw_fail why;
    unsigned stanzas;
    enum cw_method method;
    char last[1024];
    unsigned streams_up, streams_down;
    uint64_t revision;
};

struct world {
    uv_loop_t loop;
    uv_timer_t patience;
    bool late;
    struct cw_mint *mint;
    struct site corp, partner;
};

static void on_up(struct cw_link *link, const struct cw_frame_hello *peer, void *user)
{
    (void)link;
    (void)peer;
    ((struct site *)user)->up = true;
}

static void on_down(struct cw_link *link, enum cw_err why, const char *detail, void *user)
{
    (void)link;
    (void)why;
    (void)detail;
    ((struct site *)user)->up = false;
}

static void on_stanza(struct cw_link *link, const struct cw_frame_stanza *stanza, void *user)
{
    struct site *const site = user;

    site->stanzas++;
    site->method = stanza->method;
    (void)snprintf(site->last, sizeof(site->last), CW_FMT, CW_ARG(stanza->xml));
    if (site->in_order) {
        char body[32];

        (void)snprintf(body, sizeof(body), "<body>n%u</body>", site->stanzas - 1);
        assert_non_null(strstr(site->last, body));
    }
    cw_assert_bytes(stanza->to_domain, cw_log_text(site->domain));
    cw_assert_bytes(stanza->from_domain, cw_log_text(site->other));
    if (!site->deaf) {
        cw_link_settle(link, stanza->seq, CW_FATE_TAKEN, CW_FAIL_NONE);
    }
}

static void on_fate(struct cw_link *link, const struct cw_frame_ack *ack, void *cookie, void *user)
{
    struct site *const site = user;

    (void)link;
    (void)cookie;
    site->fates[ack->fate]++;
    site->why = ack->reason;
}

static void on_applied(struct cw_link *link, uint64_t revision, void *user)
{
    (void)link;
    ((struct site *)user)->applied = revision;
}

static void on_report(struct cw_link *link, const struct cw_frame_report *report, void *user)
{
    struct site *const site = user;

    (void)link;
    if (report->up) {
        site->streams_up++;
    } else {
        site->streams_down++;
    }
}

static const struct cw_link_events EVENTS = {
    .on_up = on_up,
    .on_down = on_down,
    .on_stanza = on_stanza,
    .on_fate = on_fate,
    .on_applied = on_applied,
    .on_report = on_report,
};

static void on_late(uv_timer_t *timer)
{
    ((struct world *)timer->data)->late = true;
}

/* Turns the loop until `good` says so; fails the test when it takes too long. */
static void run_until(struct world *world, bool (*good)(const struct site *), struct site *site)
{
    world->late = false;
    (void)uv_timer_start(&world->patience, on_late, PATIENCE_MS, 0);
    while (!good(site) && !world->late) {
        (void)uv_run(&world->loop, UV_RUN_ONCE);
    }
    (void)uv_timer_stop(&world->patience);
    assert_false(world->late);
}

static void on_moment(uv_timer_t *timer)
{
    (void)timer;
}

static void run_for(struct world *world, uint64_t ms)
{
    uv_timer_t timer;

    (void)uv_timer_init(&world->loop, &timer);
    (void)uv_timer_start(&timer, on_moment, ms, 0);
    while (uv_is_active((uv_handle_t *)&timer)) {
        (void)uv_run(&world->loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&timer, NULL);
    (void)uv_run(&world->loop, UV_RUN_NOWAIT);
}

static bool is_up(const struct site *site)
{
    return site->up;
}

static bool has_applied(const struct site *site)
{
    return site->applied == site->revision;
}

static bool was_handed(const struct site *site)
{
    return site->fates[CW_FATE_HANDED] > 0;
}

static bool has_failed(const struct site *site)
{
    return site->fates[CW_FATE_FAILED] > 0;
}

static bool has_stanza(const struct site *site)
{
    return site->stanzas > 0;
}

static bool lost_stream(const struct site *site)
{
    return site->streams_down > 0;
}

/* The partner in force at `site`; a port that nobody listens on when `reachable` is false. */
static void permit(struct site *site, uint8_t methods, bool reachable)
{
    const struct site *const there =
        site == &site->world->corp ? &site->world->partner : &site->world->corp;
    struct cw_arena *arena = cw_arena_new(1024 * 1024);
    const struct cw_bytes own = cw_log_text(site->domain);
    char proxy[64];
    struct cw_permit one = {
        .domain = cw_log_text(site->other),
        .partner = cw_log_text(site->other),
        .methods = methods,
        .tls_required = true,
        .tls_offered = true,
        .connection_limit = 20,
    };
    struct cw_permits permits = {
        .revision = ++site->revision,
        .own_domains = &own,
        .own_count = 1,
        .permits = &one,
        .count = methods != 0 ? 1 : 0,
        .connection_limit = 1000,
        .stream_establishment_timeout_s = 60,
        .stream_inactivity_timeout_s = 600,
        .keep_alive_interval_s = 300,
        .lease_s = 600,
    };
    struct cw_bytes payload;

    (void)snprintf(proxy, sizeof(proxy), "%s:%u", there->address, reachable ? 5269u : 5270u);
    one.proxy = cw_log_text(proxy);
    assert_int_equal(cw_permits_write(&permits, arena, &payload), CW_OK);
    cw_link_set_permits(site->link, permits.revision, payload);
    cw_arena_free(&arena);
    run_until(site->world, has_applied, site);
}

static void send_message(struct site *site, const char *text)
{
    char xml[512];
    struct cw_frame_stanza stanza = {
        .class = CW_CLASS_MESSAGE,
        .from_domain = cw_log_text(site->domain),
        .to_domain = cw_log_text(site->other),
        .partner = cw_log_text(site->other),
    };

    (void)snprintf(xml, sizeof(xml),
                   "<message from='romeo@%s' to='juliet@%s' id='m1' type='chat'>"
                   "<body>%s</body></message>",
                   site->domain, site->other, text);
    stanza.xml = cw_log_text(xml);
    if (!site->sends_many) {
        memset(site->fates, 0, sizeof(site->fates));
    }
    assert_int_equal(cw_link_send(site->link, &stanza, NULL), CW_OK);
}

static void write_config(struct site *site, const char *name)
{
    FILE *const file = fopen(site->config, "w");
    struct cw_mint *const mint = site->world->mint;
    char certificate[64];

    assert_non_null(file);
    (void)snprintf(certificate, sizeof(certificate), "%s.crt", name);
    (void)fprintf(file, "version: 1\nnode: {name: %s, state_dir: /tmp}\n", name);
    (void)fprintf(file, "s2s:\n  listen: [\"%s:5269\"]\n  ca: %s\n", site->address,
                  cw_mint_path(mint, "ca.crt"));
    (void)fprintf(file, "  certificates: [{domain: %s, certificate: %s, ", site->domain,
                  cw_mint_path(mint, certificate));
    (void)snprintf(certificate, sizeof(certificate), "%s.key", name);
    (void)fprintf(file, "key: \"file:%s\"}]\n", cw_mint_path(mint, certificate));
    (void)fprintf(file, "link:\n  listen: \"%s\"\n  tls: {certificate: %s, ", site->link_address,
                  cw_mint_path(mint, "link.crt"));
    (void)fprintf(file, "key: \"file:%s\", ca: %s}\n  peer_names: [gateway.example]\n",
                  cw_mint_path(mint, "link.key"), cw_mint_path(mint, "ca.crt"));
    (void)fprintf(file, "dns: {servers: [\"%s:5399\"]}\n", site->address);
    (void)fprintf(file, "dialback: {secret: \"file:%s\"}\n", cw_mint_path(mint, "link.key"));
    (void)fprintf(file, "admin: {socket: \"%s.sock\", listen: \"\"}\n", site->config);
    (void)fprintf(file, "log: {format: logfmt, level: debug}\ndrain: {timeout: 2s}\n");
    assert_int_equal(fclose(file), 0);
}

static void start(struct site *site)
{
    site->pid = fork();
    assert_true(site->pid >= 0);
    if (site->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
        (void)execl(program, program, "--config", site->config, "--foreground", (char *)NULL);
        _exit(127);
    }
}

/* @return exit code of the edge */
static int stop(struct site *site)
{
    int status = 0;

    if (site->pid == 0) {
        return 0;
    }
    (void)kill(site->pid, SIGTERM);
    for (unsigned i = 0; i < 200 && waitpid(site->pid, &status, WNOHANG) == 0; i++) {
        run_for(site->world, 50); /* the edge wants its gateway's word while it drains */
    }
    site->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void open_site(struct world *world, struct site *site, const char *name, unsigned number)
{
    const struct cw_tls_settings tls = {
        .certificate = cw_mint_path(world->mint, "gateway.crt"),
        .key = cw_mint_path(world->mint, "gateway.key"),
        .ca = cw_mint_path(world->mint, "ca.crt"),
        .alpn = "causeway-link/1",
        .verify = CW_TLS_VERIFY_REQUIRE,
        .tls13_only = true,
    };
    const char *problem;
    const unsigned pid = (unsigned)getpid();

    site->world = world;
    (void)snprintf(site->address, sizeof(site->address), "127.%u.%u.%u", 64 + pid / 250 % 60,
                   pid % 250 + 1, number);
    (void)snprintf(site->link_address, sizeof(site->link_address), "%s:23456", site->address);
    (void)snprintf(site->config, sizeof(site->config), "%s",
                   cw_mint_path(world->mint, number == 1 ? "one.yaml" : "two.yaml"));
    write_config(site, name);
    start(site);
    assert_int_equal(cw_tls_new(&tls, &site->tls, &problem), CW_OK);
    site->names[0] = "edge.example";
    site->settings = (struct cw_link_settings){.node = "gateway1",
                                               .pool = "default",
                                               .tls = site->tls,
                                               .peer_names = site->names,
                                               .peer_name_count = 1,
                                               .heartbeat_ms = 2000,
                                               .fail_after_ms = 6000,
                                               .unsettled_max = 100};
    site->link = cw_link_dial(&world->loop, &site->settings, site->link_address, &EVENTS, site);
    run_until(world, is_up, site);
}

static void make_leaf(struct cw_mint *mint, const char *name, const char *names)
{
    const struct cw_mint_leaf leaf = {.names = names, .usage = "serverAuth,clientAuth"};

    cw_mint_make(mint, name, &leaf);
}

static int open_world(void **state)
{
    struct world *const world = calloc(1, sizeof(*world));

    assert_non_null(world);
    (void)uv_loop_init(&world->loop);
    (void)uv_timer_init(&world->loop, &world->patience);
    world->patience.data = world;
    world->mint = cw_mint_new();
    make_leaf(world->mint, "corp", "DNS:corp.example");
    make_leaf(world->mint, "partner", "DNS:partner.example");
    make_leaf(world->mint, "link", "DNS:edge.example");
    make_leaf(world->mint, "gateway", "DNS:gateway.example");
    world->corp = (struct site){.domain = "corp.example", .other = "partner.example"};
    world->partner = (struct site){.domain = "partner.example", .other = "corp.example"};
    open_site(world, &world->corp, "corp", 1);
    open_site(world, &world->partner, "partner", 2);
    *state = world;
    return 0;
}

static void close_site(struct site *site)
{
    (void)unlink(site->config);
    cw_link_close(&site->link);
    cw_tls_free(&site->tls);
}

static int close_world(void **state)
{
    struct world *world = *state;
    const int corp = stop(&world->corp);
    const int partner = stop(&world->partner);

    close_site(&world->corp);
    close_site(&world->partner);
    uv_close((uv_handle_t *)&world->patience, NULL);
    while (uv_run(&world->loop, UV_RUN_DEFAULT) != 0) {
    }
    (void)uv_loop_close(&world->loop);
    cw_mint_free(&world->mint);
    free(world);
    return corp == 0 && partner == 0 ? 0 : -1;
}

#define SASL     (1u << CW_METHOD_SASL_TLS)
#define DIALBACK (1u << CW_METHOD_TLS_DIALBACK)

static void a_message_goes_through(void **state)
{
    struct world *const world = *state;

    permit(&world->corp, SASL, true); /* STREAM-4: the proxy in place of SRV */
    permit(&world->partner, SASL, true);
    send_message(&world->corp, "Good morrow");
    run_until(world, has_stanza, &world->partner);
    run_until(world, was_handed, &world->corp);
    assert_int_equal(world->partner.method, CW_METHOD_SASL_TLS);
    assert_non_null(strstr(world->partner.last, "<body>Good morrow</body>"));
    assert_int_equal(world->corp.fates[CW_FATE_FAILED], 0);
    assert_int_equal(world->corp.streams_up, 1);
}

static void a_message_goes_through_by_dialback(void **state)
{
    struct world *const world = *state;

    permit(&world->corp, DIALBACK, true); /* STREAM-67: the key is verified over a third stream */
    permit(&world->partner, DIALBACK, true);
    send_message(&world->partner, "Good even");
    run_until(world, has_stanza, &world->corp);
    run_until(world, was_handed, &world->partner);
    assert_int_equal(world->corp.stanzas, 1);
}

static void without_a_permit_nothing_goes(void **state)
{
    struct world *const world = *state;

    permit(&world->corp, 0, true);
    send_message(&world->corp, "hello");
    run_until(world, has_failed, &world->corp);
    assert_int_equal(world->corp.why, CW_FAIL_NO_PERMIT);
    assert_int_equal(world->partner.stanzas, 0);
}

static void nobody_there_fails_soon(void **state)
{
    struct world *const world = *state;

    permit(&world->corp, SASL, false); /* STREAM-129, ERR-34 */
    send_message(&world->corp, "hello");
    run_until(world, has_failed, &world->corp);
    assert_int_equal(world->corp.why, CW_FAIL_CONNECT);
}

static void a_partner_that_does_not_know_us_refuses(void **state)
{
    struct world *const world = *state;

    permit(&world->corp, SASL, true);
    permit(&world->partner, 0, true);
    send_message(&world->corp, "hello");
    run_until(world, has_failed, &world->corp);
    assert_int_equal(world->partner.stanzas, 0);
    assert_int_equal(world->partner.streams_up, 0);
}

static void a_lost_permit_ends_its_streams(void **state)
{
    struct world *const world = *state;

    permit(&world->corp, SASL, true);
    permit(&world->partner, SASL, true);
    send_message(&world->corp, "before");
    run_until(world, has_stanza, &world->partner);
    run_until(world, was_handed, &world->corp);
    permit(&world->partner, 0, true);
    run_until(world, lost_stream, &world->partner);
    run_until(world, lost_stream, &world->corp);
    permit(&world->corp, 0, true);
    send_message(&world->corp, "after");
    run_until(world, has_failed, &world->corp);
    assert_int_equal(world->corp.why, CW_FAIL_NO_PERMIT);

    world->partner.stanzas = 0; /* given back, it works again at once */
    permit(&world->partner, SASL, true);
    permit(&world->corp, SASL, true);
    send_message(&world->corp, "again");
    run_until(world, was_handed, &world->corp);
    run_until(world, has_stanza, &world->partner);
}

static bool has_all(const struct site *site)
{
    return site->stanzas >= MANY;
}

static bool all_handed(const struct site *site)
{
    return site->fates[CW_FATE_HANDED] >= MANY;
}

/* Each once, in order, whether it waited for the stream or not. */
static void many_messages_keep_their_order(void **state)
{
    struct world *const world = *state;

    permit(&world->corp, SASL, true);
    permit(&world->partner, SASL, true);
    world->partner.in_order = true;
    world->corp.sends_many = true;
    for (unsigned i = 0; i < MANY; i++) {
        char text[16];

        (void)snprintf(text, sizeof(text), "n%u", i);
        send_message(&world->corp, text);
        if (i == MANY / 2) {
            run_for(world, 300); /* the stream is up for the second half */
        }
    }
    run_until(world, has_all, &world->partner);
    run_until(world, all_handed, &world->corp);
    run_for(world, 100);
    assert_int_equal(world->partner.stanzas, MANY);
    assert_int_equal(world->corp.streams_up, 1); /* STREAM-84 */
}

static void spoil_config(const struct site *site)
{
    FILE *const file = fopen(site->config, "w");

    assert_non_null(file);
    assert_true(fputs("version: 1\nnode: {nam: x}\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* OPERATOR.md 2.7: all or nothing, and streams stay. */
static void a_reload_keeps_the_streams(void **state)
{
    struct world *const world = *state;

    permit(&world->corp, SASL, true);
    permit(&world->partner, SASL, true);
    send_message(&world->corp, "before");
    run_until(world, was_handed, &world->corp);
    spoil_config(&world->corp);
    assert_int_equal(kill(world->corp.pid, SIGHUP), 0);
    run_for(world, 300);
    write_config(&world->corp, "corp");
    assert_int_equal(kill(world->corp.pid, SIGHUP), 0);
    run_for(world, 300);
    send_message(&world->corp, "after");
    run_until(world, was_handed, &world->corp);
    assert_int_equal(world->corp.streams_up, 1);
    assert_int_equal(world->corp.streams_down, 0);
}

/* DESIGN section 7: the gateway took the stanza and went away for more than 10 s. */
static void a_lost_gateway_is_told_to_the_sender(void **state)
{
    struct world *const world = *state;

    permit(&world->corp, SASL, true);
    permit(&world->partner, SASL, true);
    world->partner.deaf = true;
    send_message(&world->corp, "anybody home?");
    run_until(world, has_stanza, &world->partner);
    cw_link_close(&world->partner.link);
    run_until(world, has_stanza, &world->corp);
    assert_non_null(strstr(world->corp.last, "type='error'"));
    assert_non_null(strstr(world->corp.last, "<error type='wait'><remote-server-timeout"));
    assert_non_null(strstr(world->corp.last, "id='m1'"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_goes_through, open_world, close_world),
        cmocka_unit_test_setup_teardown(a_message_goes_through_by_dialback, open_world,
                                        close_world),
        cmocka_unit_test_setup_teardown(without_a_permit_nothing_goes, open_world, close_world),
        cmocka_unit_test_setup_teardown(nobody_there_fails_soon, open_world, close_world),
        cmocka_unit_test_setup_teardown(a_partner_that_does_not_know_us_refuses, open_world,
                                        close_world),
        cmocka_unit_test_setup_teardown(a_lost_permit_ends_its_streams, open_world, close_world),
        cmocka_unit_test_setup_teardown(many_messages_keep_their_order, open_world, close_world),
        cmocka_unit_test_setup_teardown(a_reload_keeps_the_streams, open_world, close_world),
        cmocka_unit_test_setup_teardown(a_lost_gateway_is_told_to_the_sender, open_world,
                                        close_world),
    };

    if (argc < 2) {
        (void)fprintf(stderr, "usage: test_edge_process CAUSEWAY_EDGE\n");
        return 2;
    }
    program = argv[1];
    return cmocka_run_group_tests_name("edge_process", tests, NULL, NULL);
}
