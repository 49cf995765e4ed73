/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery.h"

#include "table.h"

#include <stdlib.h>

struct cw_lane {
    struct cw_bytes key;
    struct cw_parcel *head; /* waiting, oldest first */
    struct cw_parcel *tail;
    struct cw_parcel *moving; /* on its way */
    size_t count;             /* waiting and moving */
    struct cw_lane *next_ready;
    bool is_ready; /* in the list of lanes whose head may go */
};

struct cw_delivery {
    struct cw_table *lanes;
    struct cw_lane *first_ready;
    struct cw_lane *last_ready;
    struct cw_parcel *oldest;
    struct cw_parcel *newest;
    size_t per_lane;
    size_t count;
};

struct cw_delivery *cw_delivery_new(const uint64_t hash_key[2], size_t per_lane)
{
    struct cw_delivery *delivery = calloc(1, sizeof(*delivery));

    if (delivery == NULL) {
        abort();
    }
    delivery->lanes = cw_table_new(hash_key);
    delivery->per_lane = per_lane;
    return delivery;
}

void cw_delivery_free(struct cw_delivery **delivery)
{
    size_t cursor = 0;
    struct cw_lane *lane;

    if (*delivery == NULL) {
        return;
    }
    while ((lane = cw_table_next((*delivery)->lanes, &cursor)) != NULL) {
        free(lane);
    }
    cw_table_free(&(*delivery)->lanes);
    free(*delivery);
    *delivery = NULL;
}

static struct cw_lane *make_lane(struct cw_bytes from, struct cw_bytes to)
{
    const size_t len = from.len + 1 + to.len;
    struct cw_lane *made = calloc(1, sizeof(*made) + len);
    char *text;

    if (made == NULL) {
        abort();
    }
    text = (char *)(made + 1);
    memcpy(text, from.base, from.len);
    memcpy(text + from.len + 1, to.base, to.len);
    made->key = (struct cw_bytes){text, len};
    return made;
}

static struct cw_lane *lane_of(struct cw_delivery *delivery, struct cw_bytes from,
                               struct cw_bytes to)
{
    struct cw_lane *made = make_lane(from, to);
    struct cw_lane *lane = cw_table_find(delivery->lanes, made->key);

    if (lane != NULL) {
        free(made);
        return lane;
    }
    cw_table_add(delivery->lanes, made->key, made);
    return made;
}

static void make_ready(struct cw_delivery *delivery, struct cw_lane *lane)
{
    if (lane->is_ready || lane->moving != NULL || lane->head == NULL) {
        return;
    }
    lane->is_ready = true;
    lane->next_ready = NULL;
    if (delivery->last_ready != NULL) {
        delivery->last_ready->next_ready = lane;
    } else {
        delivery->first_ready = lane;
    }
    delivery->last_ready = lane;
}

static void leave_age_list(struct cw_delivery *delivery, struct cw_parcel *parcel)
{
    if (parcel->older != NULL) {
        parcel->older->newer = parcel->newer;
    } else {
        delivery->oldest = parcel->newer;
    }
    if (parcel->newer != NULL) {
        parcel->newer->older = parcel->older;
    } else {
        delivery->newest = parcel->older;
    }
    parcel->older = parcel->newer = NULL;
}

/* A lane in the ready list stays: cw_delivery_ready() drops it when it finds it empty. */
static void drop_if_empty(struct cw_delivery *delivery, struct cw_lane *lane)
{
    if (lane->count == 0 && !lane->is_ready) {
        (void)cw_table_remove(delivery->lanes, lane->key);
        free(lane);
    }
}

static void unlink_waiting(struct cw_delivery *delivery, struct cw_parcel *parcel)
{
    struct cw_lane *lane = parcel->lane;
    struct cw_parcel *before = NULL;

    for (struct cw_parcel *at = lane->head; at != parcel; at = at->next) {
        before = at;
    }
    if (before != NULL) {
        before->next = parcel->next;
    } else {
        lane->head = parcel->next;
    }
    if (lane->tail == parcel) {
        lane->tail = before;
    }
    leave_age_list(delivery, parcel);
    parcel->next = NULL;
}

static void forget(struct cw_delivery *delivery, struct cw_parcel *parcel)
{
    struct cw_lane *lane = parcel->lane;

    parcel->lane = NULL;
    lane->count--;
    delivery->count--;
    drop_if_empty(delivery, lane);
}

enum cw_err cw_delivery_put(struct cw_delivery *delivery, struct cw_bytes from, struct cw_bytes to,
                            struct cw_parcel *parcel, uint64_t expires_ms)
{
    struct cw_lane *lane = lane_of(delivery, from, to);

    if (lane->count >= delivery->per_lane) {
        return CW_ERR_BUSY;
    }
    *parcel = (struct cw_parcel){.lane = lane, .expires_ms = expires_ms, .older = delivery->newest};
    if (delivery->newest != NULL) {
        delivery->newest->newer = parcel;
    } else {
        delivery->oldest = parcel;
    }
    delivery->newest = parcel;
    if (lane->tail != NULL) {
        lane->tail->next = parcel;
    } else {
        lane->head = parcel;
    }
    lane->tail = parcel;
    lane->count++;
    delivery->count++;
    make_ready(delivery, lane);
    return CW_OK;
}

bool cw_delivery_waits(const struct cw_delivery *delivery, struct cw_bytes from, struct cw_bytes to)
{
    struct cw_lane *made = make_lane(from, to);
    const struct cw_lane *lane = cw_table_find(delivery->lanes, made->key);

    free(made);
    return lane != NULL && lane->head != NULL;
}

struct cw_parcel *cw_delivery_ready(struct cw_delivery *delivery)
{
    struct cw_lane *lane;

    while ((lane = delivery->first_ready) != NULL) {
        struct cw_parcel *parcel = lane->head;

        delivery->first_ready = lane->next_ready;
        if (delivery->first_ready == NULL) {
            delivery->last_ready = NULL;
        }
        lane->is_ready = false;
        if (parcel != NULL) {
            unlink_waiting(delivery, parcel);
            lane->moving = parcel;
            return parcel;
        }
        drop_if_empty(delivery, lane);
    }
    return NULL;
}

void cw_delivery_done(struct cw_delivery *delivery, struct cw_parcel *parcel)
{
    struct cw_lane *lane = parcel->lane;

    lane->moving = NULL;
    make_ready(delivery, lane);
    forget(delivery, parcel);
}

struct cw_parcel *cw_delivery_expired(struct cw_delivery *delivery, uint64_t now_ms)
{
    struct cw_parcel *parcel = delivery->oldest;

    if (parcel == NULL || parcel->expires_ms > now_ms) {
        return NULL;
    }
    unlink_waiting(delivery, parcel);
    forget(delivery, parcel);
    return parcel;
}

uint64_t cw_delivery_next_ms(const struct cw_delivery *delivery)
{
    return delivery->oldest == NULL ? UINT64_MAX : delivery->oldest->expires_ms;
}

struct cw_parcel *cw_delivery_drop(struct cw_delivery *delivery)
{
    struct cw_parcel *parcel = cw_delivery_expired(delivery, UINT64_MAX);
    struct cw_lane *lane;
    size_t cursor = 0;

    while (parcel == NULL && (lane = cw_table_next(delivery->lanes, &cursor)) != NULL) {
        if (lane->moving != NULL) {
            parcel = lane->moving;
            cw_delivery_done(delivery, parcel);
        }
    }
    return parcel;
}

size_t cw_delivery_count(const struct cw_delivery *delivery)
{
    return delivery->count;
}
