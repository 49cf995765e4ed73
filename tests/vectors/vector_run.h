/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The main part of a program that plays conformance cases: each case, or each row of its table, is
 * played by the driver that it names under `run`, in a process of its own.
 *
 *   PASS ADDR-V01
 *   FAIL ADDR-V02 (addresses.yaml:14): uri: expected "sip:..." but got "sip:..."
 *   NOT RUN PUB-V01: needs an event state compositor
 *
 *   program [--not-run ID]... FILE...
 *
 * Exit status: 0 if every case passed and exactly the named ones were not run, 1 if not, 2 if a
 * file cannot be used.
 */

#include "vector_file.h"

struct vector_driver {
    const char *name;
    /** Plays one case; returns if it passes, else calls vector_fail(). */
    void (*play)(const struct vector *vector);
};

/** The program. `drivers` ends with an entry without name. */
int vector_main(int argc, char **argv, const struct vector_driver *drivers);
