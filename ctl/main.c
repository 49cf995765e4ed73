/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "print.h"

#include <curl/curl.h>
#include <getopt.h>
#include <jansson.h>
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

/* What a command's arguments become. */
enum shape {
    NOTHING, /* there are none */
    BELOW,   /* the last part of the path */
    WHO,     /* {"who"} */
    PAIR,    /* {"local", "remote"} */
};

/* One command: its words, how many arguments it takes, and either what carries it out, or the one
 * call that it is and how the answer is shown. */
struct command {
    const char *words;
    const char *usage; /* of the arguments */
    int least, most;
    unsigned options; /* CTL_BIT(), or-ed */
    ctl_run_fn *run;
    const char *method;
    const char *path;
    enum shape shape;
    print_fn *print;
    const char *help;
};

#define RUN(words, usage, least, most, options, run, help)                                         \
    {                                                                                              \
        words, usage, least, most, options, run, NULL, NULL, NOTHING, NULL, help                   \
    }
#define CALL(words, usage, count, method, path, shape, print, help)                                \
    {                                                                                              \
        words, usage, count, count, 0, NULL, method, path, shape, print, help                      \
    }

/* clang-format off */
static const struct command COMMANDS[] = {
    CALL("status", "", 0, "GET", "/v1/status", NOTHING, ctl_print_status, "one screen: node, links, routes, totals"),
    CALL("partner list", "", 0, "GET", "/v1/partners", NOTHING, ctl_print_partners, "partners and what they will use"),
    CALL("partner show", "DOMAIN", 1, "GET", "/v1/partners/", BELOW, ctl_print_partner, "one partner, whole"),
    RUN("partner add", "DOMAIN", 1, 1, CTL_PARTNER_OPTIONS, ctl_partner_add, "a new partner, in the store"),
    RUN("partner set", "DOMAIN", 1, 1, CTL_PARTNER_OPTIONS, ctl_partner_set, "change what the options name"),
    RUN("partner remove", "DOMAIN", 1, 1, CTL_CHANGE_OPTIONS, ctl_partner_remove, "its streams close, its dialogs end"),
    RUN("partner enable", "DOMAIN", 1, 1, CTL_CHANGE_OPTIONS, ctl_partner_enable, "resume a paused partner"),
    RUN("partner disable", "DOMAIN", 1, 1, CTL_CHANGE_OPTIONS, ctl_partner_disable, "pause it without losing its record"),
    RUN("partner lint", "[DOMAIN]", 0, 1, CTL_BIT(CTL_STRICT), ctl_partner_lint, "matrix row, methods, findings"),
    RUN("partner export", "", 0, 0, CTL_BIT(CTL_ALL), ctl_partner_export, "those of the store as a file of partners.d"),
    RUN("partner import", "FILE", 1, 1, CTL_CHANGE_OPTIONS, ctl_partner_import, "those of such a file into the store"),
    RUN("import lync", "FILE", 1, 1, CTL_CHANGE_OPTIONS, ctl_import_lync, "an export of Get-CsXmppAllowedPartner"),
    RUN("policy history", "", 0, 0, CTL_BIT(CTL_LIMIT), ctl_policy_history, "revisions: who, when, why"),
    RUN("policy show", "[REVISION]", 0, 1, 0, ctl_policy_show, "the document in force, or an old one"),
    RUN("policy diff", "FROM [TO]", 1, 2, 0, ctl_policy_diff, "what differs; TO: what is in force"),
    RUN("policy rollback", "REVISION", 1, 1, CTL_CHANGE_OPTIONS, ctl_policy_rollback, "a new revision equal to an old one"),
    RUN("policy validate", "FILE", 1, 1, CTL_BIT(CTL_STRICT), ctl_policy_validate, "judge a file, change nothing"),
    RUN("federation", "on|off", 1, 1, CTL_CHANGE_OPTIONS, ctl_federation, "the master switch of XMPP federation"),
    RUN("users", "", 0, 0, 0, ctl_users, "which of our users may federate"),
    RUN("explain", "LOCAL REMOTE", 2, 2, CTL_BIT(CTL_KIND) | CTL_BIT(CTL_DIRECTION), ctl_explain, "which rule decides, and what would change it"),
    CALL("knocks", "", 0, "GET", "/v1/knocks", NOTHING, ctl_print_knocks, "who was turned away, and why"),
    CALL("quarantine list", "", 0, "GET", "/v1/quarantine", NOTHING, ctl_print_quarantine, "who gets nothing for a while"),
    CALL("quarantine release", "WHO", 1, "POST", "/v1/quarantine/release", WHO, ctl_print_result, "let a user or a domain out now"),
    CALL("streams", "", 0, "GET", "/v1/streams", NOTHING, ctl_print_streams, "live S2S streams"),
    CALL("subscriptions", "", 0, "GET", "/v1/subscriptions", NOTHING, ctl_print_subscriptions, "who watches whom"),
    CALL("subscription refresh", "LOCAL REMOTE", 2, "POST", "/v1/subscriptions/refresh", PAIR, ctl_print_result, "ask the SIP side again"),
    CALL("subscription remove", "LOCAL REMOTE", 2, "POST", "/v1/subscriptions/remove", PAIR, ctl_print_result, "the local user removes the contact"),
    CALL("block", "LOCAL REMOTE", 2, "POST", "/v1/blocks", PAIR, ctl_print_result, "the local user blocks the contact"),
    CALL("unblock", "LOCAL REMOTE", 2, "POST", "/v1/blocks", PAIR, ctl_print_result, "and lifts the block"),
    CALL("reload", "", 0, "POST", "/v1/reload", NOTHING, ctl_print_result, "read the configuration again, all or nothing"),
    CALL("drain", "", 0, "POST", "/v1/drain", NOTHING, ctl_print_result, "finish what is in flight, then end"),
};
/* clang-format on */

#define COMMAND_COUNT (sizeof(COMMANDS) / sizeof(COMMANDS[0]))

static const struct option LONG_OPTIONS[] = {
    {"socket", required_argument, NULL, 's'},  {"json", no_argument, NULL, 'j'},
    {"timeout", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},       {NULL, 0, NULL, 0},
};

static void print_command(const struct command *command)
{
    char line[64];

    (void)snprintf(line, sizeof(line), "%s %s", command->words, command->usage);
    (void)printf("  %-34s %s\n", line, command->help);
}

static void print_options(unsigned options)
{
    for (enum ctl_option i = 0; i < CTL_OPTION_COUNT; i++) {
        if ((options & CTL_BIT(i)) != 0) {
            (void)printf("  --%-22s %s\n", ctl_option_name(i), ctl_option_help(i));
        }
    }
}

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
        print_command(&COMMANDS[i]);
    }
    (void)printf("\nLOCAL is user@own.example, REMOTE user@partner.example; FILE - is standard "
                 "input.\ncausewayctl COMMAND --help names its options.\n"
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

/* What the arguments become in the body; NULL: nothing, or a name is not UTF-8. */
static json_t *body_of(const struct command *command, const struct ctl_call *call)
{
    if (command->shape == WHO) {
        return json_pack("{s:s}", "who", call->arguments[0]);
    }
    if (command->shape == PAIR) {
        return pair_body(call->arguments[0], call->arguments[1],
                         strcmp(command->words, "unblock") != 0);
    }
    return NULL;
}

static enum ctl_exit call_once(const struct command *command, const struct ctl_call *call)
{
    struct ctl_request request = {
        .method = command->method,
        .path = command->path,
        .below = command->shape == BELOW ? call->arguments[0] : NULL,
        .json = body_of(command, call),
    };
    json_t *document = NULL;
    enum ctl_exit code;

    if ((command->shape == WHO || command->shape == PAIR) && request.json == NULL) {
        (void)fputs("causewayctl: a name is not UTF-8\n", stderr);
        return CTL_USAGE;
    }
    code = ctl_request(call->target, &request, &document);
    if (code == CTL_OK && call->json) {
        code = ctl_show_json(document);
    } else if (code == CTL_OK) {
        command->print(document);
        code = fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
    }
    json_decref(document);
    return code;
}

static bool asks_for_help(char **words, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], "--help") == 0) {
            return true;
        }
    }
    return false;
}

static enum ctl_exit help_with(const struct command *command)
{
    (void)printf("usage: causewayctl %s %s\n%s\n", command->words, command->usage, command->help);
    print_options(command->options);
    return CTL_OK;
}

static enum ctl_exit carry_out(const struct command *command, const struct options *options,
                               char **words, int count)
{
    struct ctl_call call = {
        .target = &options->target, .json = options->json, .words = command->words};
    enum ctl_exit code;

    if (asks_for_help(words, count)) {
        return help_with(command);
    }
    code = ctl_call_read(&call, words, count, command->options);
    if (code != CTL_OK) {
        return code;
    }
    if (call.count < command->least || call.count > command->most) {
        (void)fprintf(stderr, "usage: causewayctl %s %s\n", command->words, command->usage);
        return CTL_USAGE;
    }
    return command->run != NULL ? command->run(&call) : call_once(command, &call);
}

static enum ctl_exit dispatch(const struct options *options)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const int words = match(&COMMANDS[i], options);

        if (words > 0) {
            return carry_out(&COMMANDS[i], options, options->words + words, options->count - words);
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
    code = (int)dispatch(&options);
    curl_global_cleanup();
    return code;
}
