/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

void cw_gateway_settings_free(struct cw_gateway_settings **settings)
{
    if (*settings != NULL) {
        struct cw_arena *arena = (*settings)->arena; /* owns the settings themselves, too */

        cw_arena_free(&arena);
        *settings = NULL;
    }
}

bool cw_gateway_settings_is_own(const struct cw_gateway_settings *settings, struct cw_bytes domain)
{
    for (size_t i = 0; i < settings->own_domain_count; i++) {
        if (cw_bytes_equal(settings->own_domains[i], domain)) {
            return true;
        }
    }
    return false;
}
