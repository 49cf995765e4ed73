/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Single-octet character sets whose upper half is not that of ISO-8859-1: facts, checked against
 * iconv by tests/unit/test_charset.c.
 */

#include <stdint.h>

#define CW_CHARSET_TABLE_SIZE 128u

/** Rows of cw_charset_points. */
enum cw_charset_table {
    CW_CHARSET_ISO_8859_15,
    CW_CHARSET_WINDOWS_1250,
    CW_CHARSET_WINDOWS_1251,
    CW_CHARSET_WINDOWS_1252,
    CW_CHARSET_WINDOWS_1253,
    CW_CHARSET_WINDOWS_1254,
    CW_CHARSET_WINDOWS_1255,
    CW_CHARSET_WINDOWS_1256,
    CW_CHARSET_WINDOWS_1257,
    CW_CHARSET_WINDOWS_1258,
    CW_CHARSET_TABLE_COUNT
};

/** Code points of the octets 0x80 to 0xFF; 0xFFFD where the set has none. */
extern const uint16_t cw_charset_points[CW_CHARSET_TABLE_COUNT][CW_CHARSET_TABLE_SIZE];
