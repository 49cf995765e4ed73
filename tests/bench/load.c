/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP_NS   ((uint64_t)1500000000)
#define SETTLE_NS    ((uint64_t)3000000000)
#define SETUP_NS     ((uint64_t)30000000000)
#define SAMPLES      4000000u
#define LANES_A_TURN 64u

_Noreturn void load_fail(const char *what)
{
    (void)fprintf(stderr, "bench_load: %s\n", what);
    exit(1);
}

void load_send(struct load *load, unsigned lane)
{
    char body[160];

    load->number++;
    load->lanes[lane].sent++;
    load->lanes[lane].busy = true;
    load->sent += load->measuring ? 1u : 0u;
    (void)snprintf(body, sizeof(body),
                   "T=%llu L=%u N=%llu M=%d and some text of the length that people type",
                   (unsigned long long)uv_hrtime(), lane,
                   (unsigned long long)load->lanes[lane].sent, load->measuring ? 1 : 0);
    if (load->options.to_xmpp) {
        server_send(load, lane, body);
    } else {
        partner_send(load, lane, body);
    }
}

void load_free_lane(struct load *load, unsigned lane)
{
    load->lanes[lane].busy = false;
    if (load->sending && load->rate == 0) {
        load_send(load, lane);
    }
}

void load_arrived(struct load *load, const char *text, size_t len)
{
    unsigned long long stamp;
    unsigned long long number;
    unsigned lane;
    int measured;
    char copy[200];

    (void)snprintf(copy, sizeof(copy), "%.*s", (int)(len < 199 ? len : 199), text);
    if (sscanf(copy, "T=%llu L=%u N=%llu M=%d", &stamp, &lane, &number, &measured) != 4 ||
        lane >= load->options.lanes) {
        return;
    }
    if (number <= load->lanes[lane].arrived) {
        load->duplicates++;
        return;
    }
    load->lanes[lane].arrived = number;
    if (measured != 0) {
        load->arrived++;
        samples_add(&load->samples, uv_hrtime() - stamp);
    }
    if (!load->options.to_xmpp) {
        load_free_lane(load, lane);
    }
}

/* Open loop: what the rate owes since the last tick, on the next free lanes. */
static void send_owed(struct load *load, uint64_t elapsed_ns)
{
    load->owed_micro += load->rate * elapsed_ns / 1000;
    for (unsigned tried = 0; load->owed_micro >= 1000000 && tried < load->options.lanes; tried++) {
        const unsigned lane = load->next_lane++ % load->options.lanes;

        if (!load->lanes[lane].busy) {
            load->owed_micro -= 1000000;
            load_send(load, lane);
        }
    }
}

static void begin_measuring(struct load *load, uint64_t now_ns)
{
    load->measuring = true;
    load->begun_ns = now_ns;
    load->edge_cpu_us = cpu_us(load->options.edge_pid);
    load->gateway_cpu_us = cpu_us(load->options.gateway_pid);
}

static void end_measuring(struct load *load, uint64_t now_ns)
{
    load->measuring = false;
    load->sending = false;
    load->ended_ns = now_ns;
    load->edge_cpu_us = cpu_us(load->options.edge_pid) - load->edge_cpu_us;
    load->gateway_cpu_us = cpu_us(load->options.gateway_pid) - load->gateway_cpu_us;
}

static void start_sending(struct load *load)
{
    load->sending = true;
    for (unsigned lane = 0; load->rate == 0 && lane < load->options.lanes; lane++) {
        load_send(load, lane);
    }
}

/* Load of each phase in percent of what the first one reached; 0: as fast as answers come. */
static const unsigned LOAD_PERCENT[] = {0, 25, 75};

#define PHASES (sizeof(LOAD_PERCENT) / sizeof(LOAD_PERCENT[0]))

static void report(struct load *load)
{
    const double seconds = (double)(load->ended_ns - load->begun_ns) / 1e9;
    const double count = load->arrived > 0 ? (double)load->arrived : 1.0;

    (void)printf("{\"direction\": \"%s\", \"transport\": \"%s\", \"percent\": %u, "
                 "\"seconds\": %.2f, \"sent\": %llu, \"arrived\": %llu, \"refused\": %llu, "
                 "\"duplicates\": %llu, \"rate\": %.0f, \"p50_us\": %u, \"p99_us\": %u, "
                 "\"edge_cpu_us\": %.1f, \"gateway_cpu_us\": %.1f, \"edge_rss_kib\": %llu, "
                 "\"gateway_rss_kib\": %llu}\n",
                 load->options.to_xmpp ? "sip_to_xmpp" : "xmpp_to_sip", load->options.transport,
                 load->phase == 0 ? 100 : LOAD_PERCENT[load->phase], seconds,
                 (unsigned long long)load->sent, (unsigned long long)load->arrived,
                 (unsigned long long)load->refused, (unsigned long long)load->duplicates,
                 (double)load->arrived / seconds, samples_at(&load->samples, 500),
                 samples_at(&load->samples, 990), (double)load->edge_cpu_us / count,
                 (double)load->gateway_cpu_us / count,
                 (unsigned long long)rss_kib(load->options.edge_pid),
                 (unsigned long long)rss_kib(load->options.gateway_pid));
    load->failed = load->failed || load->arrived != load->sent || load->duplicates > 0;
    load->full_rate = load->phase == 0 ? (double)load->arrived / seconds : load->full_rate;
}

/* Ends the process after the last phase. */
static void next_phase(struct load *load, uint64_t now_ns)
{
    report(load);
    if (++load->phase == PHASES) {
        exit(load->failed ? 1 : 0);
    }
    load->rate = (unsigned)(load->full_rate * LOAD_PERCENT[load->phase] / 100.0) + 1;
    load->sent = load->arrived = load->refused = load->duplicates = 0;
    load->samples.count = 0;
    load->ended_ns = 0;
    load->owed_micro = 0;
    load->phase_ns = now_ns;
    start_sending(load);
}

/* Warm up, measure, wait for the last ones. */
static void advance(struct load *load, uint64_t now_ns)
{
    const uint64_t length_ns = load->options.seconds * (uint64_t)1000000000;

    if (load->ended_ns != 0) {
        if (now_ns - load->ended_ns > SETTLE_NS) {
            next_phase(load, now_ns);
        }
    } else if (!load->measuring && now_ns - load->phase_ns > WARM_UP_NS) {
        begin_measuring(load, now_ns);
    } else if (load->measuring && now_ns - load->begun_ns > length_ns) {
        end_measuring(load, now_ns);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct load *const load = timer->data;
    const uint64_t now_ns = uv_hrtime();

    if (load->ready && load->phase_ns == 0) {
        load->phase_ns = now_ns;
        start_sending(load);
    } else if (load->ready) {
        if (load->sending && load->rate > 0) {
            send_owed(load, now_ns - load->last_ns);
        }
        advance(load, now_ns);
    } else if (now_ns - load->begun_ns > SETUP_NS) {
        load_fail("no authenticated stream to the edge");
    }
    load->last_ns = now_ns;
}

static const struct option LONG_OPTIONS[] = {
    {"partner", required_argument, NULL, 'p'},
    {"own", required_argument, NULL, 'o'},
    {"edge", required_argument, NULL, 'e'},
    {"listen", required_argument, NULL, 'l'},
    {"sip-listen", required_argument, NULL, 's'},
    {"gateway", required_argument, NULL, 'g'},
    {"transport", required_argument, NULL, 't'},
    {"certificate", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    {"ca", required_argument, NULL, 'a'},
    {"to-xmpp", no_argument, NULL, 'x'},
    {"lanes", required_argument, NULL, 'n'},
    {"rate", required_argument, NULL, 'r'},
    {"seconds", required_argument, NULL, 'd'},
    {"edge-pid", required_argument, NULL, 'E'},
    {"gateway-pid", required_argument, NULL, 'G'},
    {NULL, 0, NULL, 0},
};

static bool set_text(struct load_options *o, int option, const char *value)
{
    const char **const places[] = {
        ['p'] = &o->partner,    ['o'] = &o->own,     ['e'] = &o->edge,      ['l'] = &o->listen,
        ['s'] = &o->sip_listen, ['g'] = &o->gateway, ['t'] = &o->transport, ['c'] = &o->certificate,
        ['k'] = &o->key,        ['a'] = &o->ca};

    if (option < 0 || (size_t)option >= sizeof(places) / sizeof(places[0]) ||
        places[option] == NULL) {
        return false;
    }
    *places[option] = value;
    return true;
}

static void parse(int argc, char **argv, struct load_options *o)
{
    int option;

    while ((option = getopt_long(argc, argv, "", LONG_OPTIONS, NULL)) != -1) {
        if (option == 'x') {
            o->to_xmpp = true;
        } else if (option == 'n') {
            o->lanes = (unsigned)strtoul(optarg, NULL, 10);
        } else if (option == 'd') {
            o->seconds = (unsigned)strtoul(optarg, NULL, 10);
        } else if (option == 'E') {
            o->edge_pid = strtol(optarg, NULL, 10);
        } else if (option == 'G') {
            o->gateway_pid = strtol(optarg, NULL, 10);
        } else if (option == '?' || !set_text(o, option, optarg)) {
            load_fail("unknown option; see tests/bench/run.py for all of them");
        }
    }
}

int main(int argc, char **argv)
{
    static struct load load = {
        .options = {.transport = "tcp", .lanes = LANES_A_TURN, .seconds = 5}};

    parse(argc, argv, &load.options);
    if (load.options.partner == NULL || load.options.own == NULL || load.options.edge == NULL ||
        load.options.listen == NULL || load.options.sip_listen == NULL ||
        load.options.gateway == NULL || load.options.certificate == NULL ||
        load.options.key == NULL || load.options.ca == NULL || load.options.lanes == 0) {
        load_fail("an option is missing; see tests/bench/run.py for all of them");
    }
    (void)signal(SIGPIPE, SIG_IGN);
    load.lanes = calloc(load.options.lanes, sizeof(*load.lanes));
    if (load.lanes == NULL || uv_loop_init(&load.loop) != 0) {
        abort();
    }
    samples_init(&load.samples, SAMPLES);
    load.begun_ns = uv_hrtime();
    server_start(&load);
    partner_start(&load);
    (void)uv_timer_init(&load.loop, &load.tick);
    load.tick.data = &load;
    (void)uv_timer_start(&load.tick, on_tick, 1, 1);
    return uv_run(&load.loop, UV_RUN_DEFAULT);
}
