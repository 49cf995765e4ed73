/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What both daemons do alike before and around their loop: the command line, the signals, the words
 * to the service manager.
 */

#include <causeway/error.h>
#include <stdbool.h>

/** Exit codes of the daemons (OPERATOR.md 2.2; 78 is EX_CONFIG of sysexits). */
enum cw_exit {
    CW_EXIT_OK = 0,
    CW_EXIT_FAILED = 1,
    CW_EXIT_USAGE = 2,
    CW_EXIT_CONFIG = 6,
    CW_EXIT_CREDENTIALS = 78
};

struct cw_daemon_program {
    const char *name;           /**< "causeway-gateway" */
    const char *summary;        /**< one line of --help */
    const char *default_config; /**< "/etc/causeway/gateway.yaml" */
    /** Every key with its default; malloc'ed (--print-default-config). */
    char *(*defaults)(void);
    /** Reads and checks; `*report` is malloc'ed. (--check-config) */
    enum cw_err (*check)(const char *config, bool strict, char **report);
    /** Runs until told to stop. @return exit code */
    int (*run)(const char *config, bool strict);
};

/** Carries out the command line. @return exit code of the process */
int cw_daemon_main(const struct cw_daemon_program *program, int argc, char *const *argv);

struct cw_daemon;
struct uv_loop_s;

struct cw_daemon_events {
    void (*on_reload)(void *user); /**< SIGHUP */
    void (*on_stop)(void *user);   /**< SIGTERM, SIGINT: first time drain, second time end now */
};

/** Takes SIGHUP, SIGTERM and SIGINT, feeds the watchdog; keeps no loop alive. Never NULL. */
struct cw_daemon *cw_daemon_start(struct uv_loop_s *loop, const struct cw_daemon_events *events,
                                  void *user);

/** Gives the signals back; sets NULL. Memory goes with the next turn of the loop. */
void cw_daemon_stop(struct cw_daemon **daemon);
