/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Event of personal eventing in a message -> struct cw_pep.
 */

#include <causeway/pep.h>
#include <causeway/xml_read.h>

/** What the message `root` tells of its sender's mood or activity (PRES-40). `out->kind` is
 * CW_PEP_NONE if nothing; an item that was taken back is an empty one. */
void cw_pep_read(const struct cw_xml_node *root, struct cw_pep *out);
