/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The process causeway-edge: makes its parts, ties them together, runs the loop, takes them down.
 */

#include <stdbool.h>

/** Runs until told to stop. @return exit code, enum cw_exit */
int cw_edge_run(const char *config, bool strict);
