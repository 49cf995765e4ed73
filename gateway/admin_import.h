/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Many partners at once: those of a file take the place of those of their names.
 */

#include <causeway/http.h>

/** POST /v1/partners/import: as in partners.d, or the policy document, YAML or JSON */
cw_http_fn cw_admin_import_partners;
/** POST /v1/partners/import/lync: an export of Lync, see lync.h */
cw_http_fn cw_admin_import_lync;
