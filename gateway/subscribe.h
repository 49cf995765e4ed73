/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * SUBSCRIBE towards the SIP side on behalf of an XMPP user (SUB-20).
 */

#include "gateway.h"
#include "leg.h"

/** Begins a dialog: fresh Call-ID and tag (STATE-13), From the remote user, To the local one.
 * @return CW_OK, CW_ERR_ADDRESS, CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_subscribe_begin(struct cw_gateway *gw, struct cw_bytes local,
                                           struct cw_bytes remote, struct cw_leg *leg);

/** Sends SUBSCRIBE with `expires_s` on `leg`. @return as cw_sip_send(), CW_ERR_CLOSED without SIP
 */
CW_MUST_USE enum cw_err cw_subscribe_send(struct cw_gateway *gw, struct cw_leg *leg,
                                          uint32_t expires_s, cw_sip_done_fn *done, void *user);

/** Adds the header that names the partner that serves `domain` and its type, if there is to be one
 * (sip.partner_header) and one serves it; the value is in the arena. */
void cw_subscribe_mark(struct cw_gateway *gw, struct cw_bytes domain, struct cw_sip_message *out);
