/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What must hold of every translation, whatever comes in: what goes to XMPP can be read, what goes
 * to SIP passes the guard and the parser of a peer, nobody writes headers or elements that we do
 * not, and a text comes back as it went. For random tests and fuzzers.
 */

#include <causeway/bytes.h>

/** How a stanza is sent; bits. */
enum property_form {
    PROPERTY_CPIM = 1,        /**< wrapped, with a Message-ID */
    PROPERTY_ALTERNATIVE = 2, /**< every language a part */
    PROPERTY_MARK = 4,        /**< corrections bear a mark */
    PROPERTY_FORMS = 8
};

/** How far it came; for tests that want to know that they test something. */
struct property_tally {
    unsigned read, translated, carried;
};

/**
 * A stanza as octets: to SIP in this form, over the wire, and back. Presence becomes PIDF and comes
 * back.
 * @return NULL, or what does not hold (static text)
 */
const char *property_of_stanza(struct cw_bytes xml, unsigned form, struct property_tally *tally);

/** A SIP request as octets: through guard and parser to a stanza, which is read back. */
const char *property_of_request(struct cw_bytes octets, struct property_tally *tally);
