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

static cw_activities activities_of(const struct cw_pidf *doc, const struct cw_pidf_tuple *tuple)
{
    return tuple->rpid.activities != 0 ? tuple->rpid.activities : doc->person.activities;
}

static const struct cw_rpid *input_of(const struct cw_pidf *doc, const struct cw_pidf_tuple *tuple)
{
    return tuple->rpid.has_input ? &tuple->rpid : &doc->person;
}

/* What the tuple says itself wins over what is said of the person (PRES-30). */
static enum cw_show show_of(const struct cw_pidf *doc, const struct cw_pidf_tuple *tuple,
                            const struct cw_show_map *map)
{
    const enum cw_show show = tuple->show != CW_SHOW_NONE
                                  ? tuple->show
                                  : cw_show_map_show(map, activities_of(doc, tuple));

    return show == CW_SHOW_NONE && input_of(doc, tuple)->idle ? CW_SHOW_AWAY : show;
}

static struct cw_text text_of(const struct cw_rpid *rpid, const struct cw_show_map *map)
{
    const struct cw_bytes words = cw_show_map_words(map, rpid->activities);

    if (words.base == NULL && map->words) {
        return rpid->other;
    }
    return (struct cw_text){words, words.base != NULL ? CW_LIT("en") : (struct cw_bytes){0}};
}

/* PRES-29; where nobody wrote a note, what he is doing is said in words. `tuple` may be NULL. */
static enum cw_err status_of(const struct cw_pidf *doc, const struct cw_pidf_tuple *tuple,
                             const struct cw_show_map *map, struct cw_arena *arena,
                             struct cw_text_list *out)
{
    const bool own = tuple != NULL && tuple->rpid.activities != 0;
    const struct cw_text words = text_of(own ? &tuple->rpid : &doc->person, map);
    struct cw_text *item;

    *out = tuple != NULL && tuple->notes.count != 0 ? tuple->notes : doc->notes;
    if (out->count != 0 || words.text.base == NULL) {
        return CW_OK;
    }
    item = cw_arena_alloc(arena, sizeof(*item));
    if (item == NULL) {
        return CW_ERR_LIMIT;
    }
    *item = words;
    *out = (struct cw_text_list){item, 1};
    return CW_OK;
}

/* What only an available presence bears (PRES-45). */
static void set_available(const struct cw_pidf *doc, const struct cw_pidf_tuple *tuple,
                          const struct cw_show_map *map, struct cw_presence *out)
{
    out->show = show_of(doc, tuple, map);
    out->caps = tuple->caps; /* PRES-43 */
    if (input_of(doc, tuple)->idle) {
        out->idle_since = input_of(doc, tuple)->idle_since; /* PRES-33 */
    }
    out->has_priority = tuple->priority_milli != CW_PIDF_NO_PRIORITY;
    if (out->has_priority) { /* PRES-28: rounded up, the inverse of PRES-9 */
        out->priority = (int8_t)((PRIORITY_MAX * tuple->priority_milli + 999) / 1000);
    }
}

enum cw_err cw_pidf_to_presence(const struct cw_pidf *doc, const struct cw_pidf_tuple *tuple,
                                enum cw_pidf_view view, const struct cw_show_map *map,
                                struct cw_arena *arena, struct cw_presence *out)
{
    struct cw_presence presence = {.available = tuple->has_basic && tuple->open}; /* PRES-25 */

    CW_TRY(cw_jid_resource(without_prefix(tuple->id), arena, &presence.resource));
    presence.stamp = tuple->timestamp;
    if (view == CW_PIDF_VIEW_FULL) {
        CW_TRY(status_of(doc, tuple, map, arena, &presence.statuses));
    }
    if (presence.available) {
        set_available(doc, tuple, map, &presence);
    }
    *out = presence;
    return CW_OK;
}

enum cw_err cw_pidf_absence(const struct cw_pidf *doc, enum cw_pidf_view view,
                            const struct cw_show_map *map, struct cw_arena *arena,
                            struct cw_presence *out)
{
    struct cw_presence presence = {.available = false};

    if (view == CW_PIDF_VIEW_FULL) {
        CW_TRY(status_of(doc, NULL, map, arena, &presence.statuses));
    }
    *out = presence;
    return CW_OK;
}
