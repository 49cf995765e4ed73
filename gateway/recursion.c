/* SPDX-License-Identifier: Apache-2.0 */
#include "recursion.h"

#include <stdlib.h>

struct cw_recursion {
    char *targets[CW_RECURSION_MAX];
    size_t lens[CW_RECURSION_MAX];
    size_t count; /* named so far */
    size_t tried;
};

static struct cw_bytes at(const struct cw_recursion *recursion, size_t index)
{
    return (struct cw_bytes){recursion->targets[index], recursion->lens[index]};
}

static bool is_known(const struct cw_recursion *recursion, struct cw_bytes uri)
{
    for (size_t i = 0; i < recursion->count; i++) {
        if (cw_bytes_equal(at(recursion, i), uri)) {
            return true;
        }
    }
    return false;
}

static struct cw_recursion *made(struct cw_recursion **recursion)
{
    if (*recursion == NULL) {
        *recursion = calloc(1, sizeof(**recursion));
        if (*recursion == NULL) {
            abort();
        }
    }
    return *recursion;
}

void cw_recursion_add(struct cw_recursion **recursion, struct cw_bytes uri)
{
    struct cw_recursion *const r = made(recursion);
    char *copy;

    if (uri.len == 0 || r->count == CW_RECURSION_MAX || is_known(r, uri)) {
        return;
    }
    copy = malloc(uri.len);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, uri.base, uri.len);
    r->targets[r->count] = copy;
    r->lens[r->count++] = uri.len;
}

struct cw_bytes cw_recursion_next(struct cw_recursion *recursion)
{
    if (recursion == NULL || recursion->tried == recursion->count) {
        return (struct cw_bytes){0};
    }
    return at(recursion, recursion->tried++);
}

struct cw_bytes cw_recursion_first(const struct cw_recursion *recursion)
{
    return recursion == NULL || recursion->count == 0 ? (struct cw_bytes){0} : at(recursion, 0);
}

void cw_recursion_free(struct cw_recursion **recursion)
{
    if (*recursion == NULL) {
        return;
    }
    for (size_t i = 0; i < (*recursion)->count; i++) {
        free((*recursion)->targets[i]);
    }
    free(*recursion);
    *recursion = NULL;
}
