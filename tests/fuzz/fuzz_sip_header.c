/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/header.h"

#include "sip/field.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No kind of text ever comes out with an octet that could end a line. SEC-16 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)1024 * 1024);
    const struct cw_bytes text = {(const char *)data, size};

    for (unsigned kind = 0; kind < CW_SIP_HEADER_KINDS; kind++) {
        struct cw_bytes out = {NULL, 0};

        if (cw_sip_header_safe((enum cw_sip_header_kind)kind, text, arena, &out) != CW_OK) {
            continue;
        }
        for (size_t i = 0; i < out.len; i++) {
            const unsigned char c = (unsigned char)out.base[i];

            if (c < 0x20 || c == 0x7f ||
                (kind == CW_SIP_HEADER_QUOTED && c == '"' && (i == 0 || out.base[i - 1] != '\\'))) {
                abort();
            }
        }
    }
    struct cw_sip_hop_address hop;
    struct cw_sip_address address;
    struct cw_sip_via via;
    struct cw_bytes left = text;
    if (cw_sip_hop_address_read(text, &hop) == CW_OK && hop.host.len > size) {
        abort();
    }
    if (cw_sip_address_read(text, &address) == CW_OK && !cw_sip_is_uri_text(address.uri)) {
        abort();
    }
    while (left.len != 0 && cw_sip_via_read(&left, &via) == CW_OK) {
        if (via.host.len == 0 || via.text.len > size) {
            abort();
        }
    }
    cw_arena_free(&arena);
    return 0;
}
