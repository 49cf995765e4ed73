/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/daemon.h>

#include <causeway/notify.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <uv.h>

struct cw_daemon {
    uv_signal_t hangup, terminate, interrupt;
    uv_timer_t watchdog;
    const struct cw_daemon_events *events;
    void *user;
    unsigned open; /* handles that are not closed yet */
};

struct options {
    const char *config;
    bool check, strict, print_defaults, help, version;
};

static const struct option LONG_OPTIONS[] = {
    {"config", required_argument, NULL, 'c'}, {"check-config", no_argument, NULL, 'k'},
    {"strict", no_argument, NULL, 's'},       {"print-default-config", no_argument, NULL, 'd'},
    {"foreground", no_argument, NULL, 'f'},   {"version", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

static void print_help(const struct cw_daemon_program *program)
{
    (void)printf(
        "%s: %s\n\n"
        "usage: %s [--config FILE] [--check-config [--strict]] [--foreground]\n"
        "       %s --print-default-config | --version | --help\n\n"
        "  --config FILE           configuration (default %s)\n"
        "  --check-config          print all findings and end; 0 clean, 6 with errors\n"
        "  --strict                warnings count as errors\n"
        "  --print-default-config  every key with its default, as YAML\n"
        "  --foreground            stay in the foreground (always so; for scripts)\n"
        "  --version               print the version\n\n"
        "SIGHUP reloads the configuration: all or nothing. SIGTERM drains, then ends;\n"
        "a second one ends at once.\n"
        "exit: 0 ok, 1 failed, 2 usage, 6 configuration invalid, 78 keys or certificates\n",
        program->name, program->summary, program->name, program->name, program->default_config);
}

static bool parse(int argc, char *const *argv, struct options *options)
{
    int option;

    while ((option = getopt_long(argc, argv, "c:h", LONG_OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'c':
            options->config = optarg;
            break;
        case 'k':
            options->check = true;
            break;
        case 's':
            options->strict = true;
            break;
        case 'd':
            options->print_defaults = true;
            break;
        case 'f':
            break;
        case 'v':
            options->version = true;
            break;
        case 'h':
            options->help = true;
            break;
        default:
            return false;
        }
    }
    return optind == argc;
}

static int check_config(const struct cw_daemon_program *program, const struct options *options)
{
    char *report = NULL;
    const enum cw_err err = program->check(options->config, options->strict, &report);

    if (report != NULL && report[0] != '\0') {
        (void)fputs(report, err == CW_OK ? stdout : stderr);
    } else if (err == CW_OK) {
        (void)printf("%s: no findings\n", options->config);
    }
    free(report);
    return err == CW_OK ? CW_EXIT_OK : CW_EXIT_CONFIG;
}

static int print_defaults(const struct cw_daemon_program *program)
{
    char *const text = program->defaults();

    (void)fputs(text, stdout);
    free(text);
    return CW_EXIT_OK;
}

int cw_daemon_main(const struct cw_daemon_program *program, int argc, char *const *argv)
{
    struct options options = {.config = program->default_config};

    if (!parse(argc, argv, &options)) {
        (void)fprintf(stderr, "%s: see --help\n", program->name);
        return CW_EXIT_USAGE;
    }
    if (options.help) {
        print_help(program);
        return CW_EXIT_OK;
    }
    if (options.version) {
        (void)printf("%s %s\n", program->name, CAUSEWAY_VERSION);
        return CW_EXIT_OK;
    }
    if (options.print_defaults) {
        return print_defaults(program);
    }
    if (options.check) {
        return check_config(program, &options);
    }
    (void)umask(
        S_IRWXG |
        S_IRWXO); /* what we make is ours alone; the admin socket is opened wider on purpose */
    (void)signal(SIGPIPE, SIG_IGN);
    return program->run(options.config, options.strict);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct cw_daemon *const daemon = handle->data;

    if (number == SIGHUP) {
        daemon->events->on_reload(daemon->user);
    } else {
        daemon->events->on_stop(daemon->user);
    }
}

static void on_watchdog(uv_timer_t *timer)
{
    (void)timer;
    (void)cw_notify_watchdog();
}

static void take_signal(struct cw_daemon *daemon, struct uv_loop_s *loop, uv_signal_t *handle,
                        int number)
{
    handle->data = daemon;
    if (uv_signal_init(loop, handle) != 0 || uv_signal_start(handle, on_signal, number) != 0) {
        abort(); /* a daemon that cannot be stopped must not start */
    }
    uv_unref((uv_handle_t *)handle);
    daemon->open++;
}

struct cw_daemon *cw_daemon_start(struct uv_loop_s *loop, const struct cw_daemon_events *events,
                                  void *user)
{
    struct cw_daemon *const daemon = calloc(1, sizeof(*daemon));
    const uint32_t interval_ms = cw_notify_watchdog_interval_ms();

    if (daemon == NULL) {
        abort();
    }
    daemon->events = events;
    daemon->user = user;
    take_signal(daemon, loop, &daemon->hangup, SIGHUP);
    take_signal(daemon, loop, &daemon->terminate, SIGTERM);
    take_signal(daemon, loop, &daemon->interrupt, SIGINT);
    daemon->watchdog.data = daemon;
    (void)uv_timer_init(loop, &daemon->watchdog);
    daemon->open++;
    uv_unref((uv_handle_t *)&daemon->watchdog);
    if (interval_ms > 0) {
        (void)uv_timer_start(&daemon->watchdog, on_watchdog, 0, interval_ms);
    }
    return daemon;
}

static void on_closed(uv_handle_t *handle)
{
    struct cw_daemon *const daemon = handle->data;

    if (--daemon->open == 0) {
        free(daemon);
    }
}

void cw_daemon_stop(struct cw_daemon **daemon)
{
    struct cw_daemon *const stopping = *daemon;

    if (stopping == NULL) {
        return;
    }
    *daemon = NULL;
    uv_close((uv_handle_t *)&stopping->hangup, on_closed);
    uv_close((uv_handle_t *)&stopping->terminate, on_closed);
    uv_close((uv_handle_t *)&stopping->interrupt, on_closed);
    uv_close((uv_handle_t *)&stopping->watchdog, on_closed);
}
