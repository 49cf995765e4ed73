/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * SIP messages as text: how a case writes them, and what stands in one that was sent.
 */

#include "vector_file.h"

/** A growing run of octets. */
struct sip_text {
    char *base;
    size_t len;
};

/** Appends. */
void sip_text_put(struct sip_text *text, struct cw_bytes more);
void sip_text_print(struct sip_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void sip_text_free(struct sip_text *text);

/** First line of `lines`, without its end. */
struct cw_bytes sip_first_line(struct cw_bytes lines);

/** Value of the header `name` among the lines behind the first one, up to an empty line; base NULL
 * if there is none. */
struct cw_bytes sip_header(struct cw_bytes message, const char *name);

/** What follows the empty line. */
struct cw_bytes sip_body(struct cw_bytes message);

/** Takes the next header line from `*rest`, which begins with one. @return false: no more */
bool sip_next_header(struct cw_bytes *rest, struct cw_bytes *name, struct cw_bytes *value);

/** What follows the first line. */
struct cw_bytes sip_behind_first_line(struct cw_bytes lines);
