/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the line-driven mode: one JSON object a line, its "do" names the act. */
#pragma once

#include <stdbool.h>

#include "client.h"

/** One line a command, for --help. */
extern const char cw_command_help[];

/**
 * Carries out the command in `line`. NULL if done, else what is wrong with it (static text; nothing
 * was sent).
 */
const char *cw_command_run(struct cw_client *client, const char *line);
