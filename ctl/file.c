/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1024 * 1024) /* what the daemon takes */

static char *complain(const char *path, const char *what)
{
    (void)fprintf(stderr, "causewayctl: %s: %s\n", path, what);
    return NULL;
}

char *ctl_file_read(const char *path, size_t *len)
{
    const bool standard = strcmp(path, "-") == 0;
    char *const text = malloc(FILE_MAX + 1);
    FILE *in;
    bool failed;

    if (text == NULL) {
        abort();
    }
    in = standard ? stdin : fopen(path, "re");
    if (in == NULL) {
        free(text);
        return complain(path, strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    }
    *len = fread(text, 1, FILE_MAX + 1, in);
    failed = ferror(in) != 0;
    if (!standard) {
        (void)fclose(in);
    }
    if (failed || *len > FILE_MAX) {
        free(text);
        return complain(path, failed ? "cannot be read" : "is larger than 1 MiB");
    }
    text[*len] = '\0';
    return text;
}
