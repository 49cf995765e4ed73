/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "settings.h"

/** Partner entries that are to be judged together. */
struct cw_partner_entries {
    const struct cw_list *entries;   /**< struct cw_gateway_partner */
    struct cw_settings_file *file;   /**< takes the findings */
    struct cw_arena *arena;          /**< owns what is made */
    const struct cw_partner *others; /**< partners of elsewhere, whose domains are taken */
    size_t other_count;
    bool stored; /**< they are of the store: the partners bear no file */
};

/**
 * Judges each entry against `settings` (own domains, defaults, floor, limits), against one another
 * and against the others.
 * @param list   the partners, in the order of the entries, without those that cannot be made
 * @return number of partners in `*list`
 */
size_t cw_settings_partners(const struct cw_gateway_settings *settings,
                            const struct cw_partner_entries *entries, struct cw_partner **list);
