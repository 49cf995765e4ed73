/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world_private.h"

void cw_store_put(struct cw_store *store, const struct cw_relation *relation,
                  cw_store_done_fn *done, void *user)
{
    struct write *write = &the_world->writes[the_world->write_count++];

    (void)store;
    assert_true(the_world->write_count < WAITING);
    *write = (struct write){.relation = *relation, .done = done, .user = user};
    write->relation.local = world_keep(relation->local);
    write->relation.remote = world_keep(relation->remote);
}

enum cw_err cw_store_load(struct cw_store *store, cw_store_visit_fn *visit, void *user)
{
    (void)store;
    if (the_world->has_stored) {
        visit(&the_world->stored, user);
    }
    return CW_OK;
}

void world_commit(struct world *world)
{
    for (size_t i = 0; i < world->write_count; i++) {
        const struct write write = world->writes[i];

        world->stored = write.relation;
        world->has_stored = true;
        if (write.done != NULL) {
            write.done(CW_OK, write.user);
        }
    }
    world->write_count = 0;
}

bool world_stored(const struct world *world, struct cw_relation *out)
{
    *out = world->stored;
    return world->has_stored;
}
