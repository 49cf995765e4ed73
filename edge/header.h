/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A peer's stream header: form, names, version (STREAM-10 to STREAM-15).
 */

#include "condition.h"
#include "domain.h"
#include "element.h"

/** What a header says once its form is right. */
struct cw_header {
    struct cw_domain from; /**< empty: none */
    struct cw_domain to;   /**< empty: none */
    bool old;              /**< no version: 0.9, no features (STREAM-12) */
};

/** @return CW_CONDITION_NONE, or the error that the header deserves; `out` is written in both cases
 */
enum cw_condition cw_header_read(const struct cw_stream_header *header, struct cw_header *out);
