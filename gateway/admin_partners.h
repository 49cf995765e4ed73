/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * /v1/partners: the partners in force, and changes of those that the store holds.
 */

#include <causeway/http.h>

/** GET /v1/partners */
cw_http_fn cw_admin_get_partners;
/** GET /v1/partners/{domain} */
cw_http_fn cw_admin_get_partner;
/** POST /v1/partners: a new one */
cw_http_fn cw_admin_post_partner;
/** PUT /v1/partners/{domain}: replaces it, or makes it */
cw_http_fn cw_admin_put_partner;
/** PATCH /v1/partners/{domain}: RFC 7396 */
cw_http_fn cw_admin_patch_partner;
/** DELETE /v1/partners/{domain} */
cw_http_fn cw_admin_delete_partner;
