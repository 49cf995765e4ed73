/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One user, two addresses: JID <-> SIP URI (RFC 7247 section 6, XEP-0106, ADDR-10 to ADDR-31).
 */

#include <causeway/jid.h>
#include <causeway/sip_uri.h>

enum cw_address_form {
    CW_ADDRESS_AOR,    /**< "sip:user@host"; the resource is left out */
    CW_ADDRESS_WITH_GR /**< ";gr=" carries the resource, if there is one (ADDR-23) */
};

/**
 * JID to SIP URI (ADDR-20). `jid` must have a localpart and be canonical (ADDR-19).
 * @return CW_OK, CW_ERR_ADDRESS or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_address_to_sip(const struct cw_jid *jid, enum cw_address_form form,
                                          struct cw_arena *arena, struct cw_bytes *out);

/**
 * SIP URI to JID (ADDR-21). The resource comes from `gr` with a value (ADDR-24).
 * @return CW_OK; CW_ERR_MALFORMED (bad percent-encoding: 400), CW_ERR_UNKNOWN_USER (nothing on XMPP
 *         can be named so: 404), CW_ERR_UNSUPPORTED (scheme: 416), CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_address_to_jid(const struct cw_sip_uri *uri, struct cw_arena *arena,
                                          struct cw_jid *out);

/**
 * "xmpp:user@domain", the bare JID as URI (RFC 5122), for `<gone/>` and `<redirect/>` (ADDR-31).
 * @return CW_OK or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_address_xmpp_uri(const struct cw_jid *jid, struct cw_arena *arena,
                                            struct cw_bytes *out);

/**
 * State key of the user that `uri` names (ADDR-7, ADDR-8): "sip:user@host" as it comes back from
 * his JID, so that two spellings of one JID are one key.
 * @return as cw_address_to_jid()
 */
CW_MUST_USE enum cw_err cw_address_key(const struct cw_sip_uri *uri, struct cw_arena *arena,
                                       struct cw_bytes *out);

/**
 * A telephone number as a user of `domain` (ADDR-27): visual separators and parameters go.
 *
 * @param uri  read from a tel: URI
 * @param out  a sip URI, read
 * @return CW_OK; CW_ERR_UNSUPPORTED (no tel URI), CW_ERR_UNKNOWN_USER (no digits) or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_address_of_tel(const struct cw_sip_uri *uri, struct cw_bytes domain,
                                          struct cw_arena *arena, struct cw_sip_uri *out);
