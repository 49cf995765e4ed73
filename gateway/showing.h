/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What one XMPP user is shown of one SIP user: the last document, what of it was told, and how.
 * Part of a pair of gateway/watch_pair.h, which knows whether he may see it.
 */

#include "alarm.h"
#include "gateway.h"
#include "iq.h"
#include "roster.h"

#include <causeway/pidf.h>

struct cw_presence_cache;

struct cw_showing {
    struct cw_gateway *gw;
    const struct cw_contact *contact;
    struct cw_alarm answer;          /**< a probe that waits (SUB-36) */
    struct cw_presence_cache *known; /**< the last document */
    struct cw_presence_cache *shown; /**< what the XMPP user was told */
    struct cw_bytes
        probe_id;     /**< owned: of a probe that waits for its answer; absent: none waits */
    int64_t closed_s; /**< wall clock: since when nothing is open; 0: something is, or unknown */
    bool has_document;
    bool has_notes; /**< that document was taken with its notes (PARTNERS section 3) */
    bool answered;  /**< the first document was told, even when nothing in it was open (PRES-37) */
};

/** The owner sets what `answer` rings. */
void cw_showing_init(struct cw_showing *showing, struct cw_gateway *gw,
                     const struct cw_contact *contact);

/** Frees what hangs on it. */
void cw_showing_clear(struct cw_showing *showing);

/** Takes a document over; nothing is told yet. */
void cw_showing_take(struct cw_showing *showing, const struct cw_pidf *doc, enum cw_pidf_view view);

/** Forgets the document; what was shown stays shown until the next one comes. */
void cw_showing_forget(struct cw_showing *showing);

/** A probe came: its answer, now or later, bears what PRES-32 and PRES-46 ask for. `id` may be
 * absent. */
void cw_showing_probed(struct cw_showing *showing, struct cw_bytes id);

/** Tells the differences between what is known and what was shown. `whole`: an answer is due, so
 * silence would be wrong even when nothing is open (PRES-37). */
void cw_showing_tell(struct cw_showing *showing, bool whole);

/** Tells that nothing of him is there (PRES-36, PRES-37). */
void cw_showing_tell_absence(struct cw_showing *showing);

/** What is known means nothing any more: all that was shown is unavailable. */
void cw_showing_end(struct cw_showing *showing);

/** What the XMPP user may be told of `resource`, absent: none, and of the user (IQ-6, IQ-8). */
struct cw_iq_view cw_showing_view(const struct cw_showing *showing, struct cw_bytes resource);
