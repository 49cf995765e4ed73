/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What a server sends on a stream, piece by piece: XML declaration, stream header, element, closing
 * tag. It is our own server, so its XML is taken as it comes.
 */

#include <causeway/bytes.h>

/** Length of the piece that `text` begins with, white space before it included; 0: more is to
 * come. */
size_t xml_piece_len(const char *text);
