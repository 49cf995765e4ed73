/* SPDX-License-Identifier: Apache-2.0 */
/* The synthetic end-to-end test: one message out, its echo back, with the time it took. */
#pragma once

#include "options.h"

/** Runs the test, prints one JSON line with the result, returns the exit code. */
int cw_ping_path_run(const struct cw_options *options);
