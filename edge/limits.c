/* SPDX-License-Identifier: Apache-2.0 */
#include "limits.h"

struct cw_limits cw_limits_for(bool authenticated, uint32_t max_stanza_size)
{
    /* STREAM-132; whatever is reached first ends the stream. */
    const struct cw_limits before = {
        .element_bytes = 8192,
        .total_bytes = 8192,
        .elements = 32,
        .total_elements = 32,
        .depth = 8,
        .attributes = 32,
        .name_bytes = 256,
    };
    const struct cw_limits after = {
        .element_bytes =
            max_stanza_size > CW_LIMIT_STANZA_MIN ? max_stanza_size : CW_LIMIT_STANZA_MIN,
        .elements = 1000,
        .depth = 32,
        .attributes = 64,
        .name_bytes = 256,
    };

    return authenticated ? after : before;
}
