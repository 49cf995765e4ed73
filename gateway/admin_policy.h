/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * /v1/policy: the document as a whole, its revisions, and who of ours may federate.
 */

#include <causeway/http.h>

/** GET /v1/policy[?revision=n] */
cw_http_fn cw_admin_get_policy;
/** PUT /v1/policy */
cw_http_fn cw_admin_put_policy;
/** GET /v1/policy/revisions[?before=n&limit=n] */
cw_http_fn cw_admin_get_revisions;
/** GET /v1/policy/diff?from=a[&to=b] */
cw_http_fn cw_admin_get_diff;
/** POST /v1/policy/validate */
cw_http_fn cw_admin_validate_policy;
/** POST /v1/policy/rollback {"revision": n} */
cw_http_fn cw_admin_roll_back;
/** GET /v1/users */
cw_http_fn cw_admin_get_users;
/** PATCH /v1/users: RFC 7396; what was of the files becomes the document's */
cw_http_fn cw_admin_patch_users;
/** DELETE /v1/users: the files decide again */
cw_http_fn cw_admin_delete_users;
