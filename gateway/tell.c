/* SPDX-License-Identifier: Apache-2.0 */
#include "tell.h"

#include "edge_pool.h"
#include "presence_cache.h"

#include <causeway/address.h>
#include <causeway/clock.h>
#include <causeway/stanza_write.h>
#include <time.h>

#define OLD_MS 60000 /* younger presence needs no stamp (MAPPING 18) */

enum cw_err cw_tell_local_jid(struct cw_gateway *gw, struct cw_bytes local, struct cw_jid *out)
{
    struct cw_sip_uri uri;

    CW_TRY(cw_sip_uri_read(local, gw->arena, &uri));
    return cw_address_to_jid(&uri, gw->arena, out);
}

/* Both ends of a pair; the remote one is always bare (SUB-2, PRES-26). */
static enum cw_err ends(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                        struct cw_edge_stanza *out)
{
    CW_TRY(cw_tell_local_jid(gw, local, &out->from));
    return cw_jid_read(remote, gw->arena, &out->to);
}

static void dropped(struct cw_gateway *gw, enum cw_err err)
{
    CW_LOG(gw->log, QUEUE_FULL, "a presence stanza could not be sent",
           {"reason", cw_log_text(cw_err_text(err))});
}

static enum cw_err send_subscription(struct cw_gateway *gw, struct cw_bytes local,
                                     struct cw_bytes remote, enum cw_stanza_type type,
                                     struct cw_bytes id, struct cw_edge_stanza *out)
{
    out->class = CW_CLASS_SUBSCRIPTION;
    CW_TRY(ends(gw, local, remote, out));
    CW_TRY(cw_stanza_write_subscription(&out->from, &out->to, type, id, gw->arena, &out->xml));
    return cw_edge_pool_send(gw->edges, out);
}

void cw_tell_subscription(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                          enum cw_stanza_type type, struct cw_bytes id)
{
    struct cw_edge_stanza out = {0};
    const enum cw_err err = send_subscription(gw, local, remote, type, id, &out);

    if (err != CW_OK) {
        dropped(gw, err);
    }
}

enum cw_err cw_tell_ask(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                        struct cw_bytes id, void (*on_fate)(enum cw_fate, enum cw_fail, void *),
                        void *user)
{
    struct cw_edge_stanza out = {.on_fate = on_fate, .user = user};

    return send_subscription(gw, local, remote, CW_TYPE_SUBSCRIBE, id, &out);
}

struct cw_bytes cw_tell_stamp(int64_t wall_s, struct cw_arena *arena)
{
    const time_t then = (time_t)wall_s;
    char *text = cw_arena_alloc(arena, 32);
    struct tm parts;

    if (text == NULL || gmtime_r(&then, &parts) == NULL) {
        return (struct cw_bytes){0};
    }
    return (struct cw_bytes){text, strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

static enum cw_err send_presence(struct cw_gateway *gw, const struct cw_edge_stanza *pair,
                                 const struct cw_presence *presence, struct cw_bytes id)
{
    struct cw_edge_stanza out = *pair;

    out.from.resource = presence->resource;
    CW_TRY(cw_stanza_write_presence(&out.from, &out.to, presence, id, gw->arena, &out.xml));
    return cw_edge_pool_send(gw->edges, &out);
}

/* Of all resources: nothing else tells that state again, so it is not dropped like presence. */
void cw_tell_one(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                 const struct cw_presence *presence, struct cw_bytes id)
{
    struct cw_edge_stanza pair = {.class = presence->resource.base == NULL ? CW_CLASS_SUBSCRIPTION
                                                                           : CW_CLASS_PRESENCE};
    enum cw_err err = ends(gw, local, remote, &pair);

    if (err == CW_OK) {
        err = send_presence(gw, &pair, presence, id);
    }
    if (err != CW_OK) {
        dropped(gw, err);
    }
}

/* PRES-32 */
static bool is_old(const struct cw_presence *presence)
{
    int64_t stamp_ms;

    return cw_presence_stamp_ms(presence, &stamp_ms) && cw_clock_wall_ms() - stamp_ms > OLD_MS;
}

size_t cw_tell_presence(struct cw_gateway *gw, const struct cw_contact *contact,
                        const struct cw_presence_cache *known, struct cw_presence_cache *shown,
                        bool probed)
{
    struct cw_edge_stanza pair = {.class = CW_CLASS_PRESENCE};
    struct cw_presence next;
    size_t count = 0;
    enum cw_err err = ends(gw, contact->local, contact->remote, &pair);

    while (err == CW_OK && cw_presence_cache_differs(known, shown, &next)) {
        if (!probed || !is_old(&next)) {
            next.stamp = (struct cw_bytes){0};
        }
        err = send_presence(gw, &pair, &next, (struct cw_bytes){0});
        if (err != CW_OK) {
            cw_presence_cache_unshow(shown, &next);
        }
        count++;
    }
    if (err == CW_OK) {
        return count;
    }
    dropped(gw, err);
    return SIZE_MAX;
}
