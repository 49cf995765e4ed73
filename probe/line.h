/* SPDX-License-Identifier: Apache-2.0 */
/* Lines from a file descriptor, without blocking and with a bound. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    CW_LINE_MAX = 1 << 20, /* a command with the longest body a test sends is far below */
};

struct cw_lines {
    int fd;
    bool at_end;
    size_t len;  /* bytes held */
    size_t used; /* bytes of the line last given out */
    char buffer[CW_LINE_MAX];
};

/** Reads what is there (call when poll says so). Sets at_end at end of file or on an error. */
void cw_lines_fill(struct cw_lines *lines);

/**
 * The next whole line, NUL-terminated, without its newline, valid until the next call; NULL when
 * none is held. A line over CW_LINE_MAX sets at_end.
 */
const char *cw_lines_next(struct cw_lines *lines);
