/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/** A file whole, "-" for standard input; at most 1 MiB. @return malloc'ed text, NULL: told what is
 * wrong */
char *ctl_file_read(const char *path, size_t *len);
