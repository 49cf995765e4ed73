/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Text for people, in one language or in several.
 */

#include <causeway/bytes.h>

/** One text. UTF-8, legal in XML 1.0, lines end with LF. */
struct cw_text {
    struct cw_bytes text;
    struct cw_bytes lang; /**< BCP 47; absent if unknown */
};

/** Most texts of one kind that a message or a presence carries; what comes beyond is left out. */
#define CW_TEXTS_MAX 16u

/** Texts of one kind; the first one is the one for who can show only one. */
struct cw_text_list {
    const struct cw_text *items; /**< `count` of them; NULL if 0 */
    size_t count;
};
