/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Values with parameters: Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 3261
 * section 20.15).
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

#define CW_MEDIA_PARAMETERS_MAX 16u

struct cw_media_parameter {
    struct cw_bytes name;  /**< as printed; compare whatever the case */
    struct cw_bytes value; /**< unquoted; absent for none */
};

struct cw_media_type {
    struct cw_bytes value; /**< "text/plain", "render" ... as printed, without blanks */
    struct cw_media_parameter parameters[CW_MEDIA_PARAMETERS_MAX];
    size_t parameter_count;
};

/** @return CW_OK, CW_ERR_MALFORMED (an open quote, no value, a name twice), CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_media_type_read(struct cw_bytes text, struct cw_arena *arena,
                                           struct cw_media_type *out);

/** Is the value `word`, which is in lower case, whatever the case? */
bool cw_media_type_is(const struct cw_media_type *type, const char *word);

/** Does the value begin with `prefix`, which is in lower case ("multipart/")? */
bool cw_media_type_begins(const struct cw_media_type *type, const char *prefix);

/** Value of the parameter `name`, which is in lower case; absent if there is none. */
struct cw_bytes cw_media_type_parameter(const struct cw_media_type *type, const char *name);
