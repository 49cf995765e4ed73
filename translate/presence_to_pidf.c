/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>

#include "datetime.h"
#include "tuple_id.h"

/* RFC 8048 section 6.2 note 6: negative is not mapped; 0..127 becomes 0..1 with three decimals,
 * each step distinct. Truncation gives the RFC's own samples: 1 -> .007, 2 -> .015, 126 -> .992. */
static int priority_to_milli(const struct cw_presence *in)
{
    return !in->has_priority || in->priority < 0 ? CW_PIDF_NO_PRIORITY
                                                 : in->priority * 1000 / 127; /* PRES-9 */
}

/* PRES-15: RFC 3339 allows more than its profile in PIDF does, so it is printed anew. */
static enum cw_err write_timestamp(const struct cw_presence *in, struct cw_arena *arena,
                                   struct cw_bytes *out)
{
    int64_t ms;

    return cw_presence_stamp_ms(in, &ms) ? cw_datetime_write_3339(ms, arena, out) : CW_OK;
}

/* An extended absence is one of the keyboard, too (PRES-30, PRES-33). */
static struct cw_rpid rpid_of(const struct cw_presence *in)
{
    const bool idle = in->available && (in->show == CW_SHOW_XA || in->idle_since.base != NULL);

    return (struct cw_rpid){.has_input = idle,
                            .idle = idle,
                            .idle_since = idle ? in->idle_since : (struct cw_bytes){0}};
}

enum cw_err cw_presence_to_pidf(const struct cw_presence *in, struct cw_bytes contact,
                                enum cw_pidf_view view, struct cw_arena *arena,
                                struct cw_pidf_tuple *out)
{
    struct cw_pidf_tuple tuple = {
        .open = in->available, /* PRES-7, PRES-8 */
        .has_basic = true,
        .show = in->available ? in->show : CW_SHOW_NONE, /* PRES-10 */
        .priority_milli = in->available ? priority_to_milli(in) : CW_PIDF_NO_PRIORITY,
        .contact = in->available ? contact : (struct cw_bytes){0}, /* PRES-14 */
        .resource = in->resource,
        .rpid = rpid_of(in),
    };

    if (view == CW_PIDF_VIEW_FULL) {
        tuple.notes = in->statuses; /* PRES-11, PRES-12 */
    }
    CW_TRY(cw_tuple_id(in->resource, arena, &tuple.id));
    CW_TRY(write_timestamp(in, arena, &tuple.timestamp));
    *out = tuple;
    return CW_OK;
}

void cw_pidf_add_person(struct cw_pidf *doc, const struct cw_show_map *map)
{
    const struct cw_pidf_tuple *first = NULL;

    for (size_t i = 0; i < doc->tuple_count; i++) {
        const struct cw_pidf_tuple *const at = &doc->tuples[i];

        if (at->open && (first == NULL || at->priority_milli > first->priority_milli)) {
            first = at;
        }
    }
    if (first != NULL) {
        doc->person.activities |= cw_show_map_activities(map, first->show);
    }
}

static bool is_taken(const struct cw_pidf_tuple *tuples, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (cw_bytes_equal(tuples[i].id, tuples[at].id)) {
            return true;
        }
    }
    return false;
}

/* PRES-6. A digest is itself a name that a resource may have: then that of the digest. */
static enum cw_err make_unique(struct cw_pidf_tuple *tuples, size_t at, struct cw_arena *arena)
{
    struct cw_bytes of = tuples[at].resource;
    enum cw_err err = CW_OK;

    while (err == CW_OK && is_taken(tuples, at)) {
        err = cw_tuple_id_digest(of, arena, &tuples[at].id);
        of = tuples[at].id;
    }
    return err;
}

enum cw_err cw_pidf_unique_ids(struct cw_pidf_tuple *tuples, size_t tuple_count,
                               struct cw_arena *arena)
{
    enum cw_err err = CW_OK;

    for (size_t i = 1; i < tuple_count && err == CW_OK; i++) {
        err = make_unique(tuples, i, arena);
    }
    return err;
}
