/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Named characters of HTML.
 */

#include <causeway/bytes.h>
#include <stdint.h>

#define CW_HTML_ENTITY_MAX 8u /* letters of the longest name */

/** Code point of "amp", "eacute" ...; 0 if there is no such name. */
uint32_t cw_html_entity(struct cw_bytes name);
