/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A gateway process from start to end.
 */

#include <stdbool.h>

/** Runs until a signal or a drain ends it. @return exit code (enum cw_exit) */
int cw_run(const char *config, bool strict);
