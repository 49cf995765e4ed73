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

static bool lists(const struct cw_bytes *users, size_t count, struct cw_bytes aor)
{
    for (size_t i = 0; i < count; i++) {
        if (cw_bytes_equal(users[i], aor)) {
            return true;
        }
    }
    return false;
}

bool cw_gateway_settings_entitled(const struct cw_gateway_settings *settings, struct cw_bytes aor)
{
    if (lists(settings->denied_users, settings->users.deny.count, aor)) {
        return false;
    }
    return settings->users.default_access == 0 ||
           lists(settings->allowed_users, settings->users.allow.count, aor);
}

bool cw_gateway_settings_is_own(const struct cw_gateway_settings *settings, struct cw_bytes domain)
{
    return lists(settings->own_domains, settings->own_domain_count, domain);
}
