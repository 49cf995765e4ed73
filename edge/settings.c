/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include <string.h>

void cw_edge_settings_free(struct cw_edge_settings **settings)
{
    if (*settings != NULL) {
        struct cw_arena *arena = (*settings)->arena; /* owns the settings themselves, too */

        cw_arena_free(&arena);
        *settings = NULL;
    }
}

char *cw_edge_settings_defaults(void)
{
    return cw_settings_defaults(CW_EDGE_KEYS);
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool same_texts(const struct cw_texts *a, const struct cw_texts *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!same_text(a->items[i], b->items[i])) {
            return false;
        }
    }
    return true;
}

const char *cw_edge_settings_needs_restart(const struct cw_edge_settings *a,
                                           const struct cw_edge_settings *b)
{
    const struct {
        const char *key;
        bool same;
    } keys[] = {
        {"node", same_text(a->node.name, b->node.name) && same_text(a->node.pool, b->node.pool) &&
                     same_text(a->node.state_dir, b->node.state_dir)},
        {"s2s.listen", same_texts(&a->s2s.listen, &b->s2s.listen)},
        {"link", same_text(a->link.listen, b->link.listen) &&
                     same_text(a->link.certificate, b->link.certificate) &&
                     same_text(a->link.key, b->link.key) && same_text(a->link.ca, b->link.ca) &&
                     same_texts(&a->link.peer_names, &b->link.peer_names)},
        {"dns", same_texts(&a->dns.servers, &b->dns.servers) && a->dns.dnssec == b->dns.dnssec},
        {"dialback", same_text(a->dialback.secret, b->dialback.secret)},
        {"admin", same_text(a->admin.socket, b->admin.socket) &&
                      same_text(a->admin.listen, b->admin.listen)},
        {"log.format", a->log.format == b->log.format},
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!keys[i].same) {
            return keys[i].key;
        }
    }
    return NULL;
}
