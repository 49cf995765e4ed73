/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Conversations (README.md, "Scripts") played with the real flow of a gateway, whose SIP side,
 * edge, store and clock are the doubles of flow_world.h. SIP is read and written by the real
 * reader and writer.
 */

#include "vector_file.h"

/** Driver `script`. */
void script_play(const struct vector *vector);
