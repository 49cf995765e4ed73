/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Headlines of personal eventing (XEP-0163) that have a meaning in rich presence: mood (XEP-0107)
 * and activity (XEP-0108) of an XMPP user (PRES-40).
 */

#include <causeway/show_map.h>

enum cw_pep_kind { CW_PEP_NONE, CW_PEP_MOOD, CW_PEP_ACTIVITY };

struct cw_pep {
    enum cw_pep_kind kind;
    struct cw_bytes mood; /**< name in XEP-0107, of a constant table; absent: none, or taken back */
    bool mood_is_other;   /**< RFC 4480 has no such mood */
    cw_activities activities; /**< 0: none, taken back, or RFC 4480 has no such activity */
};

/** Takes the news of one kind over. @return true if that changes `held` */
bool cw_pep_merge(struct cw_pep *held, const struct cw_pep *news);

/** A row of the table of activities. */
struct cw_pep_activity {
    const char *general;
    const char *specific; /**< NULL: the general one, whatever is more specific about it */
    enum cw_activity activity;
};

/** XEP-0108 section 4: row `index`, NULL beyond the last. Rows with a specific one come first. */
const struct cw_pep_activity *cw_pep_activity_row(size_t index);
