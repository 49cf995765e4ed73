/* SPDX-License-Identifier: Apache-2.0 */
#include "print.h"
#include "request.h"

#include <curl/curl.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct ctl_target target;
    bool json;
    char **words; /* the command */
    int count;
};

typedef void print_fn(json_t *document);

/* One command: its words, the call, and how its answer is shown. An argument is appended to `path`
 * of a GET; with a POST it is sent as "who". */
struct command {
    const char *words;
    const char *method;
    const char *path;
    int arguments;
    bool pair; /* the arguments are LOCAL and REMOTE, sent as a document */
    print_fn *print;
    const char *help;
};

/* clang-format off */
static const struct command COMMANDS[] = {
    {"status", "GET", "/v1/status", 0, false, ctl_print_status, "one screen: node, links, routes, totals"},
    {"partner list", "GET", "/v1/partners", 0, false, ctl_print_partners, "partners and what they will use"},
    {"partner show", "GET", "/v1/partners/", 1, false, ctl_print_partner, "DOMAIN: one partner, whole"},
    {"streams", "GET", "/v1/streams", 0, false, ctl_print_streams, "live S2S streams"},
    {"subscriptions", "GET", "/v1/subscriptions", 0, false, ctl_print_subscriptions, "who watches whom"},
    {"subscription refresh", "POST", "/v1/subscriptions/refresh", 2, true, ctl_print_result, "LOCAL REMOTE: ask the SIP side again"},
    {"subscription remove", "POST", "/v1/subscriptions/remove", 2, true, ctl_print_result, "LOCAL REMOTE: the local user removes the contact"},
    {"block", "POST", "/v1/blocks", 2, true, ctl_print_result, "LOCAL REMOTE: the local user blocks the contact"},
    {"unblock", "POST", "/v1/blocks", 2, true, ctl_print_result, "LOCAL REMOTE: and lifts the block"},
    {"knocks", "GET", "/v1/knocks", 0, false, ctl_print_knocks, "who was turned away, and why"},
    {"quarantine list", "GET", "/v1/quarantine", 0, false, ctl_print_quarantine, "who gets nothing for a while"},
    {"quarantine release", "POST", "/v1/quarantine/release", 1, false, ctl_print_result, "WHO: let a user or a domain out now"},
    {"reload", "POST", "/v1/reload", 0, false, ctl_print_result, "read the configuration again, all or nothing"},
    {"drain", "POST", "/v1/drain", 0, false, ctl_print_result, "finish what is in flight, then end"},
};
/* clang-format on */

#define COMMAND_COUNT (sizeof(COMMANDS) / sizeof(COMMANDS[0]))

static const struct option LONG_OPTIONS[] = {
    {"socket", required_argument, NULL, 's'},  {"json", no_argument, NULL, 'j'},
    {"timeout", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},       {NULL, 0, NULL, 0},
};

static void print_help(void)
{
    (void)printf("causewayctl: asks and steers a Causeway daemon\n\n"
                 "usage: causewayctl [--socket PATH] [--json] [--timeout SECONDS] COMMAND\n\n"
                 "  --socket PATH      admin.socket of the daemon, gateway or edge\n"
                 "                     (default $CAUSEWAY_SOCKET, else "
                 "/run/causeway/gateway.sock)\n"
                 "  --json             the API's document instead of a table\n"
                 "  --timeout SECONDS  give up after (default 10)\n\ncommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        (void)printf("  %-22s %s\n", COMMANDS[i].words, COMMANDS[i].help);
    }
    (void)printf("\nLOCAL is user@own.example, REMOTE user@partner.example.\n"
                 "exit: 0 ok, 1 failed, 2 usage, 3 not found, 4 refused, 5 daemon not "
                 "reachable,\n      6 configuration invalid, 7 conflict, 8 deadline\n");
}

/* How many of the words on the command line `command` takes for its name; 0: it is another one. */
static int match(const struct command *command, const struct options *options)
{
    char joined[64] = "";
    const int words = strchr(command->words, ' ') == NULL ? 1 : 2;

    if (options->count < words) {
        return 0;
    }
    (void)snprintf(joined, sizeof(joined), words == 1 ? "%s%.0s" : "%s %s", options->words[0],
                   options->words[words - 1]);
    return strcmp(joined, command->words) == 0 ? words : 0;
}

static json_t *pair_body(const char *local, const char *remote, bool block)
{
    char aor[1100];

    (void)snprintf(aor, sizeof(aor), "%s%s", strncmp(local, "sip:", 4) == 0 ? "" : "sip:", local);
    return json_pack("{s:s, s:s, s:b}", "local", aor, "remote", remote, "block", block ? 1 : 0);
}

static int show(const struct options *options, const struct command *command, json_t *document)
{
    if (options->json) {
        (void)json_dumpf(document, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        (void)printf("\n");
    } else {
        command->print(document);
    }
    json_decref(document);
    return fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

static int carry_out(const struct options *options, const struct command *command, char **arguments)
{
    json_t *document = NULL;
    json_t *body = NULL;
    char path[512];
    enum ctl_exit code;

    const bool posts_one = command->arguments == 1 && strcmp(command->method, "POST") == 0;

    (void)snprintf(path, sizeof(path), "%s%s", command->path,
                   command->arguments == 1 && !posts_one ? arguments[0] : "");
    if (command->pair || posts_one) {
        body = posts_one
                   ? json_pack("{s:s}", "who", arguments[0])
                   : pair_body(arguments[0], arguments[1], strcmp(command->words, "unblock") != 0);
        if (body == NULL) {
            (void)fputs("causewayctl: a name is not UTF-8\n", stderr);
            return CTL_USAGE;
        }
    }
    code = ctl_request(&options->target, command->method, path, body, &document);
    return code == CTL_OK ? show(options, command, document) : (int)code;
}

static int dispatch(const struct options *options)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const int words = match(&COMMANDS[i], options);

        if (words > 0 && options->count - words == COMMANDS[i].arguments) {
            return carry_out(options, &COMMANDS[i], options->words + words);
        }
        if (words > 0) {
            (void)fprintf(stderr, "causewayctl: %s takes %d argument(s): %s\n", COMMANDS[i].words,
                          COMMANDS[i].arguments, COMMANDS[i].help);
            return CTL_USAGE;
        }
    }
    (void)fprintf(stderr, "causewayctl: no such command; see --help\n");
    return CTL_USAGE;
}

static bool parse(int argc, char **argv, struct options *options, int *code)
{
    int option;

    while ((option = getopt_long(argc, argv, "+h", LONG_OPTIONS, NULL)) != -1) {
        if (option == 's') {
            options->target.socket = optarg;
        } else if (option == 'j') {
            options->json = true;
        } else if (option == 't') {
            options->target.timeout_ms = strtol(optarg, NULL, 10) * 1000;
        } else if (option == 'h') {
            print_help();
            *code = CTL_OK;
            return false;
        } else if (option == 'v') {
            (void)printf("causewayctl %s\n", CAUSEWAY_VERSION);
            *code = CTL_OK;
            return false;
        } else {
            *code = CTL_USAGE;
            return false;
        }
    }
    options->words = argv + optind;
    options->count = argc - optind;
    if (options->count == 0 || options->target.timeout_ms <= 0) {
        (void)fputs("causewayctl: see --help\n", stderr);
        *code = CTL_USAGE;
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    const char *const socket = getenv("CAUSEWAY_SOCKET");
    struct options options = {
        .target = {socket == NULL ? "/run/causeway/gateway.sock" : socket, 10000},
    };
    int code;

    if (!parse(argc, argv, &options, &code)) {
        return code;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return CTL_FAILED;
    }
    code = dispatch(&options);
    curl_global_cleanup();
    return code;
}
