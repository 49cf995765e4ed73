/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void cw_lines_fill(struct cw_lines *lines)
{
    if (lines->len == sizeof lines->buffer) {
        lines->at_end = true;
        return;
    }
    ssize_t got = read(lines->fd, lines->buffer + lines->len, sizeof lines->buffer - lines->len);
    if (got > 0) {
        lines->len += (size_t)got;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        lines->at_end = true;
    }
}

const char *cw_lines_next(struct cw_lines *lines)
{
    memmove(lines->buffer, lines->buffer + lines->used, lines->len - lines->used);
    lines->len -= lines->used;
    lines->used = 0;
    char *end = memchr(lines->buffer, '\n', lines->len);
    if (end == NULL) {
        return NULL;
    }
    *end = '\0';
    lines->used = (size_t)(end - lines->buffer) + 1;
    return lines->buffer;
}
