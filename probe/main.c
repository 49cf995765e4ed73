/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "event.h"
#include "exit_code.h"
#include "line.h"
#include "options.h"
#include "ping_path.h"

enum { STEP_MS = 1000 };

struct session {
    struct cw_client *client;
    bool was_online;
    bool stopped; /* nobody reads our output any more */
};

static void on_event(void *user, const json_t *event)
{
    struct session *session = user;
    const char *name = json_string_value(json_object_get(event, "event"));
    if (name != NULL && strcmp(name, "online") == 0) {
        session->was_online = true;
    }
    if (!cw_event_print(event)) {
        session->stopped = true;
    }
}

static void report(struct session *session, const char *wrong)
{
    json_t *event = cw_event_new("error");
    json_object_set_new(event, "text", json_string(wrong));
    on_event(session, event);
    json_decref(event);
}

static void run_lines(struct session *session, struct cw_lines *lines)
{
    for (const char *line = cw_lines_next(lines); line != NULL; line = cw_lines_next(lines)) {
        const char *wrong = cw_command_run(session->client, line);
        if (wrong != NULL) {
            report(session, wrong);
        }
    }
}

static void serve(struct session *session, struct cw_lines *lines)
{
    bool closing = false;
    while (!cw_client_is_closed(session->client) && !session->stopped) {
        bool online = cw_client_is_online(session->client);
        int fd = online && !lines->at_end ? lines->fd : -1;
        if (cw_client_step(session->client, fd, STEP_MS)) {
            cw_lines_fill(lines);
            run_lines(session, lines);
        }
        if (lines->at_end && !closing) {
            closing = true;
            cw_client_close(session->client);
        }
    }
}

static int exit_code(const struct session *session)
{
    if (session->was_online) {
        return CW_EXIT_OK;
    }
    return cw_client_was_reached(session->client) ? CW_EXIT_REFUSED : CW_EXIT_UNREACHABLE;
}

static int run_session(const struct cw_options *options)
{
    struct session session = {0};
    struct cw_lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL) {
        abort();
    }
    session.client = cw_client_new(&options->client, on_event, &session);
    if (session.client == NULL) {
        (void)fputs("causeway-probe: cannot start to connect\n", stderr);
        free(lines);
        return CW_EXIT_UNREACHABLE;
    }
    serve(&session, lines);
    int code = exit_code(&session);
    cw_client_free(&session.client);
    free(lines);
    return code;
}

int main(int argc, char *argv[])
{
    struct cw_options options;
    if (!cw_options_read(argc, argv, &options)) {
        return CW_EXIT_USAGE;
    }
    if (options.help) {
        cw_options_help(stdout);
        return CW_EXIT_OK;
    }
    if (options.version) {
        puts("causeway-probe " CAUSEWAY_VERSION);
        return CW_EXIT_OK;
    }
    return options.mode == CW_PROBE_PING_PATH ? cw_ping_path_run(&options) : run_session(&options);
}
