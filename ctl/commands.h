/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Commands that are more than one call and a table.
 */

#include "call.h"

/** Options of a partner's settings, and of every change. */
#define CTL_CHANGE_OPTIONS (CTL_BIT(CTL_COMMENT) | CTL_BIT(CTL_DRY_RUN) | CTL_BIT(CTL_IF_MATCH))
#define CTL_PARTNER_OPTIONS                                                                        \
    (CTL_BIT(CTL_TYPE) | CTL_BIT(CTL_TLS) | CTL_BIT(CTL_SASL) | CTL_BIT(CTL_DIALBACK) |            \
     CTL_BIT(CTL_ENABLED) | CTL_BIT(CTL_KEEP_ALIVE) | CTL_BIT(CTL_ACCEPT) |                        \
     CTL_BIT(CTL_DESCRIPTION) | CTL_BIT(CTL_ADDITIONAL) | CTL_BIT(CTL_PROXY) | CTL_BIT(CTL_PINS) | \
     CTL_BIT(CTL_CONNECTION_LIMIT) | CTL_BIT(CTL_MAX_STANZA) | CTL_BIT(CTL_INVITES) |              \
     CTL_BIT(CTL_MESSAGES) | CTL_BIT(CTL_PRESENCE) | CTL_CHANGE_OPTIONS)

ctl_run_fn ctl_partner_add;
ctl_run_fn ctl_partner_set;
ctl_run_fn ctl_partner_remove;
ctl_run_fn ctl_partner_enable;
ctl_run_fn ctl_partner_disable;
ctl_run_fn ctl_partner_lint;
ctl_run_fn ctl_partner_export;
ctl_run_fn ctl_partner_import;
ctl_run_fn ctl_import_lync;

ctl_run_fn ctl_policy_history;
ctl_run_fn ctl_policy_show;
ctl_run_fn ctl_policy_diff;
ctl_run_fn ctl_policy_rollback;
ctl_run_fn ctl_policy_validate;
ctl_run_fn ctl_federation;
ctl_run_fn ctl_users;

ctl_run_fn ctl_explain;
