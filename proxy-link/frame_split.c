/* SPDX-License-Identifier: Apache-2.0 */
#include "frame_split.h"

#include <stdlib.h>

#define KEEP_LEN ((size_t)16 * 1024) /* a larger buffer is given back when its frame is through */

static void drop(struct cw_bytes *data, size_t len)
{
    if (len > 0) {
        data->base += len;
        data->len -= len;
    }
}

/* Moves bytes of `data` over until `want` are held. */
static bool hold(struct cw_frame_split *split, struct cw_bytes *data, size_t want)
{
    if (want > split->room) {
        split->room = want < KEEP_LEN ? KEEP_LEN : want;
        split->held = realloc(split->held, split->room);
        if (split->held == NULL) {
            abort();
        }
    }

    const size_t missing = want > split->len ? want - split->len : 0;
    const size_t len = missing < data->len ? missing : data->len;

    if (len > 0) {
        memcpy(split->held + split->len, data->base, len);
        split->len += len;
        drop(data, len);
    }
    return split->len >= want;
}

static void let_go(struct cw_frame_split *split)
{
    split->len = 0;
    split->whole = false;
    if (split->room > KEEP_LEN) {
        cw_frame_split_clear(split);
    }
}

static bool is_known(const struct cw_frame_header *header)
{
    return header->type >= CW_FRAME_HELLO && header->type < CW_FRAME_TYPES;
}

/* The frame lies whole in `data`: no copy. */
static enum cw_frame_cut cut_in_place(struct cw_frame_split *split, struct cw_bytes *data,
                                      struct cw_frame_header *header, struct cw_bytes *payload,
                                      enum cw_err *err)
{
    if (data->len >= CW_FRAME_HEADER_LEN) {
        *err = cw_frame_read_header((const uint8_t *)data->base, header);
        if (*err != CW_OK) {
            return CW_FRAME_CUT_BROKEN;
        }
        if (data->len - CW_FRAME_HEADER_LEN >= header->payload_len) {
            *payload =
                (struct cw_bytes){data->base + CW_FRAME_HEADER_LEN, (size_t)header->payload_len};
            drop(data, CW_FRAME_HEADER_LEN + (size_t)header->payload_len);
            return CW_FRAME_CUT_WHOLE;
        }
    }
    if (data->len > 0) {
        (void)hold(split, data, data->len);
    }
    return CW_FRAME_CUT_MORE;
}

static enum cw_frame_cut cut_held(struct cw_frame_split *split, struct cw_bytes *data,
                                  struct cw_frame_header *header, struct cw_bytes *payload,
                                  enum cw_err *err)
{
    if (!hold(split, data, CW_FRAME_HEADER_LEN)) {
        return CW_FRAME_CUT_MORE;
    }
    *err = cw_frame_read_header(split->held, header);
    if (*err != CW_OK) {
        return CW_FRAME_CUT_BROKEN;
    }
    if (!hold(split, data, CW_FRAME_HEADER_LEN + (size_t)header->payload_len)) {
        return CW_FRAME_CUT_MORE;
    }
    *payload = (struct cw_bytes){(const char *)split->held + CW_FRAME_HEADER_LEN,
                                 (size_t)header->payload_len};
    return CW_FRAME_CUT_WHOLE;
}

enum cw_frame_cut cw_frame_split_next(struct cw_frame_split *split, struct cw_bytes *data,
                                      struct cw_frame_header *header, struct cw_bytes *payload,
                                      enum cw_err *err)
{
    enum cw_frame_cut cut;

    do {
        if (split->whole) {
            let_go(split);
        }
        if (split->len == 0) {
            cut = cut_in_place(split, data, header, payload, err);
        } else {
            cut = cut_held(split, data, header, payload, err);
            split->whole = cut == CW_FRAME_CUT_WHOLE;
        }
    } while (cut == CW_FRAME_CUT_WHOLE && !is_known(header));
    return cut;
}

void cw_frame_split_clear(struct cw_frame_split *split)
{
    free(split->held);
    *split = (struct cw_frame_split){0};
}
