/* SPDX-License-Identifier: Apache-2.0 */
#include "lync.h"

#include <causeway/utf8.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
    if (!what) {
        abort();
    }
}

static void check_partner(const struct cw_lync_partner *partner)
{
    require(partner->domain.len > 0 && cw_utf8_valid(partner->domain));
    require(partner->description.base != NULL && cw_utf8_valid(partner->description));
    require(partner->proxy.base == NULL || partner->proxy.len > 0);
    require(partner->type < CW_PARTNER_TYPES && partner->tls < CW_NEGOTIATIONS &&
            partner->sasl < CW_NEGOTIATIONS);
    require(partner->present >> CW_LYNC_PROPERTY_COUNT == 0 && partner->record > 0);
    require(partner->additional_count <= CW_LYNC_MAX_ADDITIONAL);
    for (size_t i = 0; i < partner->additional_count; i++) {
        require(partner->additional[i].len > 0 && cw_utf8_valid(partner->additional[i]));
    }
}

static void check_finding(const struct cw_lync_finding *finding)
{
    require(finding->severity != CW_FINDING_NONE && finding->text.len > 0);
    require(cw_utf8_valid(finding->text) &&
            memchr(finding->text.base, '\n', finding->text.len) == NULL);
    require(finding->remedy[0] != '\0' &&
            (finding->code[0] == 'E') == (finding->severity == CW_FINDING_ERROR));
}

/* Whatever the file is: what comes out is in its bounds, and nothing comes out without a reason. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);
    struct cw_lync_import import;

    if (cw_lync_read((struct cw_bytes){(const char *)data, size}, arena, &import) != CW_OK) {
        cw_arena_free(&arena);
        return 0;
    }
    require(import.partner_count <= CW_LYNC_MAX_PARTNERS);
    require(import.finding_count <= CW_LYNC_MAX_FINDINGS);
    require(import.partner_count > 0 || import.finding_count > 0);
    for (size_t i = 0; i < import.partner_count; i++) {
        check_partner(&import.partners[i]);
    }
    for (size_t i = 0; i < import.finding_count; i++) {
        check_finding(&import.findings[i]);
    }
    cw_arena_free(&arena);
    return 0;
}
