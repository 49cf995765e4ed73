/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What a resource of a SIP user can do, as XMPP entity capabilities (XEP-0115, PRES-43): the answer
 * to disco#info (IQ-6) and the hash of that answer, from one table.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

/** Node of `<c/>`. It names the software and is never looked up. */
#define CW_CAPS_NODE    "urn:causeway:gateway"
#define CW_CAPS_VER_LEN 28u /* SHA-1 in base64 */

/** Bits of a set of capabilities. */
enum cw_cap {
    CW_CAP_CLIENT = 1,    /**< in every set, so that 0 is "nothing known" */
    CW_CAP_PHONE = 2,     /**< identity client/phone, else client/pc */
    CW_CAP_TYPING = 4,    /**< chat states (XEP-0085) */
    CW_CAP_RECEIPTS = 8,  /**< XEP-0184 */
    CW_CAP_MARKERS = 16,  /**< XEP-0333 */
    CW_CAP_HEADLINES = 32 /**< wants mood and activity of its contacts (PRES-40) */
};
#define CW_CAPS_ALL 63u

/** Of a device that says nothing of itself. */
#define CW_CAPS_DEFAULT ((unsigned)(CW_CAP_CLIENT | CW_CAP_TYPING | CW_CAP_RECEIPTS))

/** Children of the `<query/>` of disco#info, in the order of XEP-0115 section 5.1.
 * @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_caps_info(unsigned caps, struct cw_arena *arena, struct cw_bytes *out);

/** Attribute 'ver': CW_CAPS_VER_LEN characters. @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_caps_ver(unsigned caps, struct cw_arena *arena, struct cw_bytes *out);

/** The set whose "node#ver" is `node`. @return CW_OK, CW_ERR_MALFORMED (there is none),
 * CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_caps_by_node(struct cw_bytes node, struct cw_arena *arena,
                                        unsigned *out);
