/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Cuts a byte stream into frames, wherever reads end. Holds less than one whole frame.
 */

#include <causeway/frame.h>

struct cw_frame_split {
    uint8_t *held; /**< begin of a frame that is not whole yet */
    size_t len;
    size_t room;
    bool whole; /**< `held` is the frame that was handed out last */
};

enum cw_frame_cut {
    CW_FRAME_CUT_WHOLE, /**< `*header` and `*payload` are one frame */
    CW_FRAME_CUT_MORE,  /**< `*data` is used up */
    CW_FRAME_CUT_BROKEN /**< the header cannot be believed: the stream is lost */
};

/**
 * Takes the next frame off `*data`, which shrinks. Frames of unknown optional types are left out.
 * `payload` is borrowed from `data` or from `split`, until the next call.
 *
 * @param err  on BROKEN: CW_ERR_UNSUPPORTED or CW_ERR_LIMIT
 */
enum cw_frame_cut cw_frame_split_next(struct cw_frame_split *split, struct cw_bytes *data,
                                      struct cw_frame_header *header, struct cw_bytes *payload,
                                      enum cw_err *err);

/** Frees what is held. */
void cw_frame_split_clear(struct cw_frame_split *split);
