/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Language tags (BCP 47), which cross as xml:lang on one side and Content-Language on the other.
 */

#include <causeway/bytes.h>

/** The first tag of a comma-separated list, borrowed; absent if it has not the form of one. */
struct cw_bytes cw_language_tag(struct cw_bytes list);
