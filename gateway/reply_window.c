/* SPDX-License-Identifier: Apache-2.0 */
#include "reply_window.h"

#include "shelf.h"

#include <stdlib.h>

#define KEY_MAX 8192u /* two addresses of at most 3071 octets each, and the border between them */

struct cw_reply_window {
    struct cw_shelf *written; /* when, by local, NUL, remote */
};

struct cw_reply_window *cw_reply_window_new(const uint64_t hash_key[2])
{
    struct cw_reply_window *window = calloc(1, sizeof(*window));

    if (window == NULL) {
        abort();
    }
    window->written =
        cw_shelf_new(hash_key, CW_REPLY_WINDOW_MAX, CW_REPLY_WINDOW_MAX_MS, NULL, NULL);
    return window;
}

void cw_reply_window_free(struct cw_reply_window **window)
{
    if (*window != NULL) {
        cw_shelf_free(&(*window)->written);
    }
    free(*window);
    *window = NULL;
}

/* Absent where an address is, or where both are too long for any pair. */
static struct cw_bytes key_of(struct cw_bytes local, struct cw_bytes remote, char buffer[KEY_MAX])
{
    if (local.base == NULL || remote.base == NULL || local.len + remote.len + 1 > KEY_MAX) {
        return (struct cw_bytes){0};
    }
    memcpy(buffer, local.base, local.len);
    buffer[local.len] = '\0';
    memcpy(buffer + local.len + 1, remote.base, remote.len);
    return (struct cw_bytes){buffer, local.len + 1 + remote.len};
}

void cw_reply_window_open(struct cw_reply_window *window, struct cw_bytes local,
                          struct cw_bytes remote, uint64_t now_ms)
{
    char buffer[KEY_MAX];
    const struct cw_bytes key = key_of(local, remote, buffer);

    if (key.base != NULL) {
        *(uint64_t *)cw_shelf_put(window->written, key, sizeof(now_ms), now_ms) = now_ms;
    }
}

bool cw_reply_window_is_open(struct cw_reply_window *window, struct cw_bytes local,
                             struct cw_bytes remote, uint64_t length_ms, uint64_t at_ms)
{
    char buffer[KEY_MAX];
    const struct cw_bytes key = key_of(local, remote, buffer);
    const uint64_t *written_ms;

    if (length_ms == 0 || key.base == NULL) {
        return false;
    }
    written_ms = cw_shelf_find(window->written, key, at_ms);
    return written_ms != NULL && (at_ms < *written_ms || at_ms - *written_ms < length_ms);
}

void cw_reply_window_close(struct cw_reply_window *window, struct cw_bytes local,
                           struct cw_bytes remote)
{
    char buffer[KEY_MAX];
    const struct cw_bytes key = key_of(local, remote, buffer);

    if (key.base != NULL) {
        cw_shelf_remove(window->written, key);
    }
}

size_t cw_reply_window_count(const struct cw_reply_window *window)
{
    return cw_shelf_count(window->written);
}
