/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/jid.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Enforcement is idempotent: the canonical form is its own canonical form, within the limits. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)1 << 20);
    struct cw_jid jid;
    struct cw_jid again;
    struct cw_bytes text;

    if (cw_jid_read((struct cw_bytes){(const char *)data, size}, arena, &jid) == CW_OK) {
        if (jid.local.len > CW_JID_PART_MAX || jid.domain.len > CW_JID_PART_MAX ||
            jid.resource.len > CW_JID_PART_MAX || jid.domain.len == 0 ||
            cw_jid_write(&jid, arena, &text) != CW_OK ||
            cw_jid_read(text, arena, &again) != CW_OK || !cw_jid_equal(&jid, &again)) {
            abort();
        }
        if (cw_jid_domain_ascii(jid.domain, arena, &text) != CW_OK ||
            cw_jid_domain(text, arena, &text) != CW_OK || !cw_bytes_equal(text, jid.domain)) {
            abort();
        }
    }
    cw_arena_free(&arena);
    return 0;
}
