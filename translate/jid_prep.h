/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The slow half of JID enforcement: text beyond plain ASCII. The only module that meets
 * libunistring and libidn2. All functions accept ASCII as well and are idempotent.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

/** UsernameCaseMapped (RFC 8265 section 3.3). @return CW_OK, CW_ERR_ADDRESS or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_jid_prep_local(struct cw_bytes text, struct cw_arena *arena,
                                          struct cw_bytes *out);

/** OpaqueString (RFC 8265 section 4.2). @return as cw_jid_prep_local() */
CW_MUST_USE enum cw_err cw_jid_prep_resource(struct cw_bytes text, struct cw_arena *arena,
                                             struct cw_bytes *out);

/** Domain with U-labels (IDNA2008, UTS 46 mapping). @return as cw_jid_prep_local() */
CW_MUST_USE enum cw_err cw_jid_prep_domain(struct cw_bytes text, struct cw_arena *arena,
                                           struct cw_bytes *out);

/** Domain with A-labels. @return as cw_jid_prep_local() */
CW_MUST_USE enum cw_err cw_jid_prep_domain_ascii(struct cw_bytes text, struct cw_arena *arena,
                                                 struct cw_bytes *out);
