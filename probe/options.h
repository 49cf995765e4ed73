/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of causeway-probe. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "client.h"

enum {
    CW_OPTIONS_TEXT_SIZE = 1024, /* a password of 1023 octets is the longest SASL allows */
    CW_OPTIONS_JID_SIZE = 3072,
    CW_OPTIONS_HOST_SIZE = 256,
};

enum cw_probe_mode {
    CW_PROBE_LINES,
    CW_PROBE_PING_PATH,
};

struct cw_options {
    enum cw_probe_mode mode;
    bool help;
    bool version;
    const char *account; /* bare JID */
    const char *resource;
    const char *to;
    const char *password_file;
    int deadline_ms;
    char jid[CW_OPTIONS_JID_SIZE];
    char password[CW_OPTIONS_TEXT_SIZE];
    char host[CW_OPTIONS_HOST_SIZE];
    struct cw_client_options client;
};

/** Reads the command line into `options`; on failure says why on standard error. */
bool cw_options_read(int argc, char *const argv[], struct cw_options *options);

/** Writes the help text. */
void cw_options_help(FILE *out);
