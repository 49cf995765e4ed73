/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum {
    DEFAULT_PORT = 5222,
    DEFAULT_DEADLINE_MS = 10000,
    MAX_DEADLINE_S = 3600,
    MAX_PORT = 65535,
};

static bool complain(const char *what, const char *detail)
{
    (void)fprintf(stderr, "causeway-probe: %s%s\ntry: causeway-probe --help\n", what, detail);
    return false;
}

static bool copy_text(char *out, size_t size, const char *text, size_t len)
{
    if (len >= size) {
        return false;
    }
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

static bool read_port(const char *text, unsigned short *port)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > MAX_PORT) {
        return false;
    }
    *port = (unsigned short)value;
    return true;
}

static bool read_address(struct cw_options *options, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
    if (colon != NULL && !read_port(colon + 1, &options->client.port)) {
        return complain("not a port: ", colon + 1);
    }
    if (len == 0 || !copy_text(options->host, sizeof options->host, text, len)) {
        return complain("not HOST:PORT: ", text);
    }
    options->client.host = options->host;
    return true;
}

static bool read_deadline(struct cw_options *options, const char *text)
{
    char *end = NULL;
    double seconds = strtod(text, &end);
    if (end == text || (*end != '\0' && strcmp(end, "s") != 0) || !(seconds > 0) ||
        seconds > MAX_DEADLINE_S) {
        return complain("not a number of seconds: ", text);
    }
    options->deadline_ms = (int)(seconds * 1000);
    return true;
}

static bool read_password(struct cw_options *options)
{
    FILE *file = fopen(options->password_file, "re");
    if (file == NULL) {
        return complain("cannot read the password file ", options->password_file);
    }
    char *line = fgets(options->password, sizeof options->password, file);
    (void)fclose(file);
    if (line == NULL) {
        return complain("no password in ", options->password_file);
    }
    options->password[strcspn(options->password, "\r\n")] = '\0';
    options->client.password = options->password;
    return true;
}

static bool is_loopback(const char *host)
{
    return host != NULL && (strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
                            strcmp(host, "localhost") == 0);
}

static bool set_jid(struct cw_options *options)
{
    const char *jid = options->account;
    const char *resource = options->resource;
    int len = resource == NULL
                  ? snprintf(options->jid, sizeof options->jid, "%s", jid)
                  : snprintf(options->jid, sizeof options->jid, "%s/%s", jid, resource);
    if (len < 0 || (size_t)len >= sizeof options->jid) {
        return complain("JID too long", "");
    }
    options->client.jid = options->jid;
    return true;
}

static bool check(struct cw_options *options)
{
    if (options->account == NULL || strchr(options->account, '@') == NULL) {
        return complain("--jid USER@DOMAIN is needed", "");
    }
    if (options->password_file == NULL) {
        return complain("--password-file FILE is needed", "");
    }
    if (options->client.plain && !is_loopback(options->client.host)) {
        return complain("--plain is for loopback addresses (--connect 127.0.0.1:PORT)", "");
    }
    if (options->mode == CW_PROBE_PING_PATH && options->to == NULL) {
        return complain("ping-path needs --to ADDRESS", "");
    }
    return set_jid(options) && read_password(options);
}

static bool read_mode(struct cw_options *options, int count, char *const words[])
{
    if (count == 0) {
        return true;
    }
    if (count == 1 && strcmp(words[0], "ping-path") == 0) {
        options->mode = CW_PROBE_PING_PATH;
        return true;
    }
    return complain("unknown command: ", words[0]);
}

void cw_options_help(FILE *out)
{
    (void)fprintf(
        out,
        "usage: causeway-probe [OPTIONS]            line-driven client: JSON in, JSON out\n"
        "       causeway-probe ping-path [OPTIONS]  one message through the whole path\n"
        "\n"
        "  --jid USER@DOMAIN      account to log in to\n"
        "  --resource NAME        resource to ask for\n"
        "  --password-file FILE   its first line is the password\n"
        "  --connect HOST:PORT    server (default: SRV records of the domain)\n"
        "  --ca FILE              trust only these certificates (default: the system's)\n"
        "  --plain                no TLS; loopback only\n"
        "  --to ADDRESS           ping-path: who echoes\n"
        "  --deadline SECONDS     ping-path: whole time allowed (default 10)\n"
        "  --version, --help\n"
        "\n"
        "commands on standard input, one a line:\n%s"
        "events on standard output, one a line: online message presence iq roster_push error\n"
        "closed; at_ns is the monotonic clock.\n"
        "\n"
        "exit: 0 ok, 1 ping-path got an error, 2 usage, 4 log-in refused, 5 server not "
        "reachable,\n"
        "      8 deadline\n",
        cw_command_help);
}

static const struct option k_long_options[] = {
    {"jid", required_argument, NULL, 'j'},
    {"resource", required_argument, NULL, 'r'},
    {"password-file", required_argument, NULL, 'p'},
    {"connect", required_argument, NULL, 'c'},
    {"ca", required_argument, NULL, 'a'},
    {"plain", no_argument, NULL, 'n'},
    {"to", required_argument, NULL, 't'},
    {"deadline", required_argument, NULL, 'd'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static bool apply_flag(struct cw_options *options, int flag)
{
    switch (flag) {
    case 'n':
        options->client.plain = true;
        return true;
    case 'h':
        options->help = true;
        return true;
    case 'v':
        options->version = true;
        return true;
    default:
        return complain("bad option", "");
    }
}

static bool apply_option(struct cw_options *options, int option, const char *value)
{
    switch (option) {
    case 'j':
        options->account = value;
        return true;
    case 'r':
        options->resource = value;
        return true;
    case 'p':
        options->password_file = value;
        return true;
    case 'c':
        return read_address(options, value);
    case 'a':
        options->client.ca_file = value;
        return true;
    case 't':
        options->to = value;
        return true;
    case 'd':
        return read_deadline(options, value);
    default:
        return apply_flag(options, option);
    }
}

bool cw_options_read(int argc, char *const argv[], struct cw_options *options)
{
    *options = (struct cw_options){.deadline_ms = DEFAULT_DEADLINE_MS};
    options->client.port = DEFAULT_PORT;
    /* NOLINTBEGIN(concurrency-mt-unsafe): nothing runs beside it */
    int option = getopt_long(argc, argv, "h", k_long_options, NULL);
    while (option != -1) {
        if (!apply_option(options, option, optarg)) {
            return false;
        }
        option = getopt_long(argc, argv, "h", k_long_options, NULL);
    }
    /* NOLINTEND(concurrency-mt-unsafe) */
    if (options->help || options->version) {
        return true;
    }
    return read_mode(options, argc - optind, argv + optind) && check(options);
}
