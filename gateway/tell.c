/* SPDX-License-Identifier: Apache-2.0 */
#include "tell.h"

#include "edge_pool.h"
#include "presence_cache.h"

#include <causeway/address.h>
#include <causeway/stanza_write.h>

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

static enum cw_err send_presence(struct cw_gateway *gw, const struct cw_edge_stanza *pair,
                                 const struct cw_presence *presence)
{
    struct cw_edge_stanza out = *pair;

    out.from.resource = presence->resource;
    CW_TRY(cw_stanza_write_presence(&out.from, &out.to, presence, (struct cw_bytes){0}, gw->arena,
                                    &out.xml));
    return cw_edge_pool_send(gw->edges, &out);
}

void cw_tell_one(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                 const struct cw_presence *presence)
{
    struct cw_edge_stanza pair = {.class = CW_CLASS_PRESENCE};
    enum cw_err err = ends(gw, local, remote, &pair);

    if (err == CW_OK) {
        err = send_presence(gw, &pair, presence);
    }
    if (err != CW_OK) {
        dropped(gw, err);
    }
}

size_t cw_tell_presence(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                        const struct cw_presence_cache *known, struct cw_presence_cache *shown)
{
    struct cw_edge_stanza pair = {.class = CW_CLASS_PRESENCE};
    struct cw_presence next;
    size_t count = 0;
    enum cw_err err = ends(gw, local, remote, &pair);

    while (err == CW_OK && cw_presence_cache_differs(known, shown, &next)) {
        err = send_presence(gw, &pair, &next);
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
