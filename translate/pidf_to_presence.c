/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>

#include <causeway/jid.h>

#define PRIORITY_MAX 127

/* "ID-" is what RFC 8048 puts before a resource (PRES-27). */
static struct cw_bytes without_prefix(struct cw_bytes id)
{
    const struct cw_bytes prefix = CW_LIT("ID-");

    if (id.len > prefix.len && memcmp(id.base, prefix.base, prefix.len) == 0) {
        return (struct cw_bytes){id.base + prefix.len, id.len - prefix.len};
    }
    return id;
}

/* What the tuple says itself wins over what is said of the person (PRES-30). */
static enum cw_show show_of(const struct cw_pidf *doc, const struct cw_pidf_tuple *tuple)
{
    if (tuple->show != CW_SHOW_NONE) {
        return tuple->show;
    }
    if (doc->person_has_show) {
        return doc->person_show;
    }
    return tuple->idle ? CW_SHOW_AWAY : CW_SHOW_NONE;
}

static void set_status(const struct cw_pidf *doc, const struct cw_pidf_tuple *tuple,
                       struct cw_presence *out)
{
    const bool own = tuple->note.base != NULL; /* PRES-29 */

    out->status = own ? tuple->note : doc->note;
    out->lang = own ? tuple->note_lang : doc->note_lang;
}

enum cw_err cw_pidf_to_presence(const struct cw_pidf *doc, const struct cw_pidf_tuple *tuple,
                                enum cw_pidf_view view, struct cw_arena *arena,
                                struct cw_presence *out)
{
    struct cw_presence presence = {.available = tuple->has_basic && tuple->open}; /* PRES-25 */

    CW_TRY(cw_jid_resource(without_prefix(tuple->id), arena, &presence.resource));
    presence.stamp = tuple->timestamp;
    if (view == CW_PIDF_VIEW_FULL) {
        set_status(doc, tuple, &presence);
    }
    if (presence.available) { /* PRES-45 */
        presence.show = show_of(doc, tuple);
        presence.has_priority = tuple->priority_milli != CW_PIDF_NO_PRIORITY;
    }
    if (presence.has_priority) { /* PRES-28: rounded up, the inverse of PRES-9 */
        presence.priority = (int8_t)((PRIORITY_MAX * tuple->priority_milli + 999) / 1000);
    }
    *out = presence;
    return CW_OK;
}
