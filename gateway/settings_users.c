/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The users section, judged: who may federate, by user and by group.
 */

#include "settings_users.h"

#include <causeway/address.h>
#include <causeway/jid.h>
#include <causeway/sip_uri.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    const struct cw_gateway_settings *settings;
    struct cw_settings_file *file;
    struct cw_arena *arena;
    struct cw_access_entry *entries;
    size_t count;
};

static void *take(struct cw_arena *arena, size_t size)
{
    void *const memory = cw_arena_alloc(arena, size > 0 ? size : 1);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static bool is_own(const struct list *list, struct cw_bytes host)
{
    return cw_gateway_settings_is_own(list->settings, host);
}

/* "@contoso.example": all users of one of our domains. */
static bool read_domain(struct list *list, const char *written, struct cw_bytes *who)
{
    const struct cw_bytes name = {written + 1, strlen(written + 1)};
    struct cw_bytes domain;
    char *text;

    if (cw_jid_domain_ascii(name, list->arena, &domain) != CW_OK || !is_own(list, domain)) {
        return false;
    }
    text = take(list->arena, domain.len + 1);
    text[0] = '@';
    memcpy(text + 1, domain.base, domain.len);
    *who = (struct cw_bytes){text, domain.len + 1};
    return true;
}

static bool read_user(struct list *list, const char *written, struct cw_bytes *who)
{
    const size_t room = strlen(written) + sizeof("sip:");
    char *const text = take(list->arena, room);
    struct cw_sip_uri uri;

    (void)snprintf(text, room, "sip:%s", written);
    return cw_sip_uri_read((struct cw_bytes){text, room - 1}, list->arena, &uri) == CW_OK &&
           uri.user.len != 0 && is_own(list, uri.host) &&
           cw_address_key(&uri, list->arena, who) == CW_OK;
}

static void add(struct list *list, const struct cw_texts *names, struct cw_bytes group,
                enum cw_access_verdict verdict)
{
    for (size_t i = 0; i < names->count; i++) {
        struct cw_access_entry *const entry = &list->entries[list->count];
        const char *const written = names->items[i];
        const bool whole = group.base != NULL && written[0] == '@';

        if (whole ? read_domain(list, written, &entry->who)
                  : read_user(list, written, &entry->who)) {
            entry->group = group;
            entry->verdict = verdict;
            list->count++;
        } else {
            cw_settings_finding(list->file, &names->places[i], CW_ERROR, "E133",
                                "this is not a user of a domain of ours",
                                "write user@domain with a domain of node.sip_domains; in a group "
                                "@domain means all its users");
        }
    }
}

static void add_groups(struct list *list, const struct cw_list *groups)
{
    const struct cw_gateway_group *const items = groups->items;

    for (size_t i = 0; i < groups->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (items[i].name != NULL && items[k].name != NULL &&
                strcmp(items[i].name, items[k].name) == 0) {
                cw_settings_finding(list->file, &items[i].place, CW_ERROR, "E135",
                                    "two groups have this name", "name each group once");
                break;
            }
        }
        if (items[i].name != NULL) { /* a missing key is a finding already */
            add(list, &items[i].members, (struct cw_bytes){items[i].name, strlen(items[i].name)},
                (enum cw_access_verdict)items[i].access);
        }
    }
}

static size_t count_names(const struct cw_gateway_users *users)
{
    const struct cw_gateway_group *const items = users->groups.items;
    size_t count = users->allow.count + users->deny.count;

    for (size_t i = 0; i < users->groups.count; i++) {
        count += items[i].members.count;
    }
    return count;
}

const struct cw_access *cw_settings_users(const struct cw_gateway_settings *settings,
                                          const struct cw_gateway_users *users,
                                          struct cw_settings_file *file, struct cw_arena *arena)
{
    struct list list = {.settings = settings, .file = file, .arena = arena};

    list.entries = take(arena, count_names(users) * sizeof(*list.entries));
    add(&list, &users->allow, (struct cw_bytes){0}, CW_ACCESS_ALLOW);
    add(&list, &users->deny, (struct cw_bytes){0}, CW_ACCESS_DENY);
    add_groups(&list, &users->groups);
    return cw_access_new(
        &(struct cw_access_rules){
            .federation = users->federation,
            .usual = (enum cw_access_verdict)users->default_access,
            .entries = list.entries,
            .count = list.count,
        },
        arena);
}
