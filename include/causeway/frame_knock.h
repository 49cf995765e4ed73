/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The frame KNOCK: whom the edge turned away for want of a permit (docs/PROTOCOL.md).
 */

#include <causeway/frame.h>

#define CW_FRAME_MAX_PEER   64u   /* octets of a network address with its port */
#define CW_FRAME_MAX_KNOCKS 16u   /* domains in one KNOCK */
#define CW_FRAME_MAX_KNOCK  5300u /* octets: the largest KNOCK, header included */

/** A domain that was turned away since the last KNOCK. */
struct cw_frame_knock {
    bool outgoing;          /**< we were to open a stream to it; false: it came */
    uint32_t count;         /**< how often, at least 1 */
    struct cw_bytes domain; /**< as the peer names itself: A-labels, nobody has proven it */
    struct cw_bytes peer;   /**< "ip:port" of the last one; absent if outgoing */
};

/** Payload of CW_FRAME_KNOCK. */
struct cw_frame_knocks {
    uint32_t unnamed; /**< further ones, whose domains there was no room for */
    size_t count;     /**< 0 to CW_FRAME_MAX_KNOCKS; not 0 if `unnamed` is 0 */
    struct cw_frame_knock items[CW_FRAME_MAX_KNOCKS];
};

/** Reads the payload; runs are borrowed from it. @return CW_OK or CW_ERR_MALFORMED; `out` is
 * written only on CW_OK */
CW_MUST_USE enum cw_err cw_frame_read_knocks(struct cw_bytes payload, struct cw_frame_knocks *out);

/**
 * Writes the whole frame, marked optional, as those of frame_write.h.
 * @return octets; 0 also for more than CW_FRAME_MAX_KNOCKS
 */
CW_MUST_USE size_t cw_frame_write_knocks(const struct cw_frame_knocks *knocks, uint8_t *out,
                                         size_t room);
