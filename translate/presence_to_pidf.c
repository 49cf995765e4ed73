/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>

#include "tuple_id.h"

/* RFC 8048 section 6.2 note 6: negative is not mapped; 0..127 becomes 0..1 with three decimals,
 * each step distinct. Truncation gives the RFC's own samples: 1 -> .007, 2 -> .015, 126 -> .992. */
static int priority_to_milli(const struct cw_presence *in)
{
    return !in->has_priority || in->priority < 0 ? CW_PIDF_NO_PRIORITY
                                                 : in->priority * 1000 / 127; /* PRES-9 */
}

enum cw_err cw_presence_to_pidf(const struct cw_presence *in, struct cw_bytes contact,
                                enum cw_pidf_view view, struct cw_arena *arena,
                                struct cw_pidf_tuple *out)
{
    const bool notes = view == CW_PIDF_VIEW_FULL;
    struct cw_bytes id;

    CW_TRY(cw_tuple_id(in->resource, arena, &id));
    *out = (struct cw_pidf_tuple){
        .id = id,
        .open = in->available, /* PRES-7, PRES-8 */
        .has_basic = true,
        .show = in->available ? in->show : CW_SHOW_NONE, /* PRES-10 */
        .priority_milli = in->available ? priority_to_milli(in) : CW_PIDF_NO_PRIORITY,
        .contact = in->available ? contact : (struct cw_bytes){0}, /* PRES-14 */
        .note = notes ? in->status : (struct cw_bytes){0},         /* PRES-11, PRES-12 */
        .note_lang = notes ? in->lang : (struct cw_bytes){0},
        .timestamp = in->stamp, /* PRES-15 */
        .resource = in->resource,
    };
    return CW_OK;
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

enum cw_err cw_pidf_unique_ids(struct cw_pidf_tuple *tuples, size_t tuple_count,
                               struct cw_arena *arena)
{
    enum cw_err err = CW_OK;

    for (size_t i = 1; i < tuple_count && err == CW_OK; i++) {
        if (is_taken(tuples, i)) { /* PRES-6 */
            err = cw_tuple_id_digest(tuples[i].resource, arena, &tuples[i].id);
        }
    }
    return err;
}
