/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/address.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum cw_err to_jid(struct cw_bytes text, struct cw_arena *arena, struct cw_jid *out)
{
    struct cw_sip_uri uri;

    CW_TRY(cw_sip_uri_read(text, arena, &uri));
    return cw_address_to_jid(&uri, arena, out);
}

/* Every JID that is mapped comes back as itself, wherever it came from. */
static void check_way_back(const struct cw_jid *jid, struct cw_arena *arena)
{
    struct cw_bytes uri;
    struct cw_jid back;

    if (cw_address_to_sip(jid, CW_ADDRESS_WITH_GR, arena, &uri) == CW_OK &&
        (to_jid(uri, arena, &back) != CW_OK || !cw_jid_equal(jid, &back))) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cw_bytes text = {(const char *)data, size};
    struct cw_arena *arena = cw_arena_new((size_t)1 << 20);
    struct cw_bytes uri;
    struct cw_jid jid;

    if (cw_jid_read(text, arena, &jid) == CW_OK) {
        check_way_back(&jid, arena);
    }
    if (to_jid(text, arena, &jid) == CW_OK) {
        if (cw_address_to_sip(&jid, CW_ADDRESS_AOR, arena, &uri) != CW_OK) {
            abort(); /* what came from SIP has a way back */
        }
        check_way_back(&jid, arena);
    }
    cw_arena_free(&arena);
    return 0;
}
