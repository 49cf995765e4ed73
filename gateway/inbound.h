/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The way of one stanza from the link to SIP: read, admit, act.
 */

#include "gateway.h"

/** Takes one stanza that `link` brought, answers it itself when it cannot be delivered, and settles
 * it. */
void cw_inbound_stanza(struct cw_gateway *gw, struct cw_link *link,
                       const struct cw_frame_stanza *frame);
