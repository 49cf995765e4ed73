/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/sip_uri.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The address of record reads as a URI whose address of record it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)1 << 20);
    struct cw_sip_uri uri;
    struct cw_bytes aor;
    struct cw_bytes again;

    if (cw_sip_uri_read((struct cw_bytes){(const char *)data, size}, arena, &uri) == CW_OK &&
        cw_sip_uri_aor(&uri, arena, &aor) == CW_OK) {
        if (cw_sip_uri_read(aor, arena, &uri) != CW_OK || uri.scheme != CW_URI_SIP ||
            cw_sip_uri_aor(&uri, arena, &again) != CW_OK || !cw_bytes_equal(aor, again)) {
            abort();
        }
    }
    cw_arena_free(&arena);
    return 0;
}
