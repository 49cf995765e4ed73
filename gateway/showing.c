/* SPDX-License-Identifier: Apache-2.0 */
#include "showing.h"

#include "loop.h"
#include "presence_cache.h"
#include "tell.h"

#include <causeway/caps.h>
#include <causeway/clock.h>
#include <stdlib.h>

#define AGAIN_MS 2000u

void cw_showing_init(struct cw_showing *showing, struct cw_gateway *gw,
                     const struct cw_contact *contact)
{
    *showing = (struct cw_showing){.gw = gw,
                                   .contact = contact,
                                   .known = cw_presence_cache_new(),
                                   .shown = cw_presence_cache_new()};
}

/* One document on its way into the pair. */
struct taking {
    struct cw_showing *showing;
    const struct cw_pidf *doc;
    enum cw_pidf_view view;
    int64_t closed_ms; /* newest time stamp of what is closed; 0: none */
};

static bool read_tuple(const struct taking *t, size_t index, struct cw_presence *out)
{
    struct cw_gateway *gw = t->showing->gw;

    return cw_pidf_to_presence(t->doc, &t->doc->tuples[index], t->view,
                               &gw->settings->presence.show_map, gw->arena, out) == CW_OK;
}

static void take_open(const struct taking *t)
{
    const bool headlines = t->showing->gw->settings->presence.pep;

    for (size_t i = 0; i < t->doc->tuple_count; i++) {
        struct cw_presence presence;

        if (read_tuple(t, i, &presence) && presence.available) {
            presence.caps |= headlines ? (unsigned)CW_CAP_HEADLINES : 0u; /* PRES-40 */
            (void)cw_presence_cache_put(t->showing->known, &presence);
        }
    }
}

/* What was shown and is closed now may say why. */
static void take_closed(struct taking *t)
{
    for (size_t i = 0; i < t->doc->tuple_count; i++) {
        struct cw_presence presence;
        int64_t stamp_ms;

        if (!read_tuple(t, i, &presence) || presence.available) {
            continue;
        }
        if (cw_presence_stamp_ms(&presence, &stamp_ms) && stamp_ms > t->closed_ms) {
            t->closed_ms = stamp_ms;
        }
        if (cw_presence_cache_find(t->showing->shown, presence.resource) != NULL) {
            cw_presence_cache_add_closed(t->showing->known, &presence);
        }
    }
}

/* IQ-8: since when nothing is open. */
static void note_closing(const struct taking *t, bool was_open)
{
    struct cw_showing *showing = t->showing;

    if (cw_presence_cache_is_open(showing->known)) {
        showing->closed_s = 0;
    } else if (was_open) {
        showing->closed_s = cw_clock_wall_ms() / 1000;
    } else if (showing->closed_s == 0 && t->closed_ms < cw_clock_wall_ms()) {
        showing->closed_s = t->closed_ms / 1000;
    }
}

void cw_showing_take(struct cw_showing *showing, const struct cw_pidf *doc, enum cw_pidf_view view)
{
    struct cw_gateway *gw = showing->gw;
    const bool was_open = cw_presence_cache_is_open(showing->known);
    struct taking taking = {.showing = showing, .doc = doc, .view = view};
    struct cw_presence absence;

    cw_presence_cache_clear(showing->known);
    take_open(&taking);
    take_closed(&taking);
    if (cw_pidf_absence(doc, view, &gw->settings->presence.show_map, gw->arena, &absence) ==
        CW_OK) { /* PRES-36 */
        cw_presence_cache_set_absence(showing->known, &absence);
    }
    note_closing(&taking, was_open);
    showing->has_document = true;
    showing->has_notes = view == CW_PIDF_VIEW_FULL;
}

void cw_showing_forget(struct cw_showing *showing)
{
    cw_presence_cache_clear(showing->known);
    showing->has_document = false;
    showing->has_notes = false;
}

static void forget_probe(struct cw_showing *showing)
{
    void *id;

    memcpy(&id, &showing->probe_id.base,
           sizeof(id)); /* borrowed runs are const, this one is ours */
    free(id);
    showing->probe_id = (struct cw_bytes){0};
}

/* A copy that is there even if `text` is not: a probe without id is a probe. */
static struct cw_bytes own(struct cw_bytes text)
{
    char *const copy = malloc(text.len + 1);

    if (copy == NULL) {
        abort();
    }
    if (text.len != 0) {
        memcpy(copy, text.base, text.len);
    }
    return (struct cw_bytes){copy, text.len};
}

void cw_showing_probed(struct cw_showing *showing, struct cw_bytes id)
{
    forget_probe(showing);
    showing->probe_id = own(id);
}

void cw_showing_end(struct cw_showing *showing)
{
    if (cw_presence_cache_is_open(showing->known)) {
        showing->closed_s = cw_clock_wall_ms() / 1000;
    }
    cw_presence_cache_clear(showing->known);
    showing->has_document = false;
    (void)cw_tell_presence(showing->gw, showing->contact, showing->known, showing->shown, false);
}

/* Nothing of him is there (PRES-36, PRES-37); to a probe since when, and under its id (PRES-32,
 * PRES-46). */
void cw_showing_tell_absence(struct cw_showing *showing)
{
    struct cw_gateway *gw = showing->gw;
    struct cw_presence absence = cw_presence_cache_absence(showing->known);
    const struct cw_bytes id =
        showing->probe_id.len != 0 ? showing->probe_id : (struct cw_bytes){0};

    if (showing->probe_id.base != NULL && showing->closed_s != 0) {
        absence.stamp = cw_tell_stamp(showing->closed_s, gw->arena);
    }
    cw_tell_one(gw, showing->contact->local, showing->contact->remote, &absence, id);
    forget_probe(showing);
}

void cw_showing_tell(struct cw_showing *showing, bool whole)
{
    struct cw_gateway *gw = showing->gw;
    size_t count;

    if (!showing->has_document) {
        return; /* PRES-38 */
    }
    showing->answered = true;
    if (whole) {
        cw_presence_cache_show_again(showing->shown, showing->known);
    }
    count = cw_tell_presence(gw, showing->contact, showing->known, showing->shown,
                             whole && showing->probe_id.base != NULL);
    cw_loop_clear(gw->timers, &showing->answer);
    if (count == SIZE_MAX) { /* the edge is full: presence is told again, as it is then */
        cw_loop_set(gw->timers, &showing->answer, cw_clock_now_ms() + AGAIN_MS);
    } else if (whole && count == 0) {
        cw_showing_tell_absence(showing);
    } else if (whole) {
        forget_probe(showing);
    }
}

struct cw_iq_view cw_showing_view(const struct cw_showing *showing, struct cw_bytes resource)
{
    const struct cw_presence *const shown = cw_presence_cache_find(showing->shown, resource);
    struct cw_iq_view view = {.granted = true};

    if (resource.len != 0 && shown != NULL && shown->available) {
        view.caps = shown->caps;
    }
    view.knows_last = showing->closed_s != 0 || cw_presence_cache_is_open(showing->known);
    if (showing->closed_s != 0) {
        view.last_s = cw_clock_wall_ms() / 1000 - showing->closed_s;
    }
    return view;
}

void cw_showing_clear(struct cw_showing *showing)
{
    cw_loop_clear(showing->gw->timers, &showing->answer);
    forget_probe(showing);
    cw_presence_cache_free(&showing->known);
    cw_presence_cache_free(&showing->shown);
}
