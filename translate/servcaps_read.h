/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Capabilities of a SIP device in its presence document (RFC 5196) -> set of enum cw_cap (PRES-43).
 */

#include <causeway/xml_read.h>

/**
 * @param tuple   of the document
 * @param device  its `<dm:device>`; NULL if it has none
 * @return CW_CAPS_DEFAULT where the device does not name the types that it takes
 */
unsigned cw_servcaps_read(const struct cw_xml_node *tuple, const struct cw_xml_node *device);
