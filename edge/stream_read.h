/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What came on the connection, piece by piece, to the part that judges it. The one place that makes
 * a struct cw_authenticated_stanza.
 */

#include "stream_private.h"

/** Bytes of the peer. */
void cw_stream_take_bytes(struct cw_stream *stream, struct cw_bytes data);
