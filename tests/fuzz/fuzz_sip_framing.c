/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/framing.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends of messages do not depend on how the octets were cut, and the guard agrees about them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cw_sip_guarded guarded;
    const char *const text = (const char *)data;
    struct cw_sip_framing whole = {0, 0};
    struct cw_sip_framing pieces = {0, 0};
    size_t len = 0;
    size_t pieces_len = 0;
    size_t at = 0;
    enum cw_sip_framing_result other = CW_SIP_FRAMING_MORE;
    const enum cw_sip_framing_result result =
        cw_sip_framing_step(&whole, (struct cw_bytes){text, size}, &len);

    while (other == CW_SIP_FRAMING_MORE && at < size) {
        at += 1 + at % 7;
        at = at < size ? at : size;
        other = cw_sip_framing_step(&pieces, (struct cw_bytes){text, at}, &pieces_len);
    }
    if (len > size || other != result || (result != CW_SIP_FRAMING_BROKEN && len != pieces_len)) {
        abort();
    }
    if (result == CW_SIP_FRAMING_MESSAGE &&
        cw_sip_guard((struct cw_bytes){text, len}, true, &guarded) == CW_OK &&
        guarded.head.len + guarded.body.len != len) {
        abort();
    }
    return 0;
}
