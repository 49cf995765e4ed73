/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * All that the guard and the parser of a stream say to an input, as a digest: it must not depend on
 * how the input is cut.
 */

#include "stream_parser.h"

#include <stdint.h>

struct stream_digest {
    uint64_t sum; /**< of every name, text and octet that came out */
    size_t count; /**< of them */
    enum cw_condition refused;
};

/** The input in parts that end at `cuts` (ascending); what is behind the last one is a part, too.
 * Each part is copied, so that a sanitizer sees what is read past its end. */
struct stream_digest stream_digest_cut(struct cw_bytes input, const size_t *cuts, size_t count,
                                       bool authenticated);

bool stream_digest_equal(const struct stream_digest *a, const struct stream_digest *b);
