/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What a new permit means for a stream that is there: it stays, or ends and how (PARTNERS.md
 * section 2). A pair ends when the new permit would not have let it in as it is; nothing else does
 * it any harm.
 *
 * XMPP knows no way to take one pair of a stream back. So a stream lives on while it still serves
 * the partner that it is counted for, and the pairs that ended are merely not proven any more: a
 * peer that keeps to the rules has lost nothing, and one that goes on sending for such a pair is
 * met as anybody who sends for a domain that he has not proven (STREAM-110). A stream of which only
 * pairs of other partners are left ends, too: its labels, its limit and its keep-alive are those
 * of the partner that has gone.
 *
 * Pure.
 */

#include <causeway/permit.h>

/** Do both say the same in every respect? */
bool cw_permit_equal(const struct cw_permit *a, const struct cw_permit *b);

/** Mildest first: several pairs end their stream by the last one that applies. */
enum cw_permit_end {
    CW_PERMIT_STAYS,
    CW_PERMIT_ENDS_IN_ORDER,  /**< closing tag: we are to go another way, the peer did no wrong */
    CW_PERMIT_ENDS_RESET,     /**< "reset": come back, and prove it by what is permitted now */
    CW_PERMIT_ENDS_HOST_GONE, /**< "host-gone": our domain is not served here any more */
    CW_PERMIT_ENDS_POLICY,    /**< "policy-violation": the domain is no partner's any more */
    CW_PERMIT_ENDS
};

/** One pair of a stream as it was proven; of a stream without pairs, what its header says. */
struct cw_permit_facts {
    bool outgoing;
    bool own_served;       /**< our domain is served here now, or has not been named yet */
    enum cw_method method; /**< of the proof; CW_METHOD_NONE: there is none yet */
    bool secure;           /**< under TLS */
    const uint8_t *key;    /**< SPKI SHA-256 of the peer's certificate; NULL: it showed none */
};

/** @param before  permit of the remote domain until now; NULL: none, so there is nothing to lose
 *  @param now     the one in force from here on; NULL: none */
enum cw_permit_end cw_permit_change(const struct cw_permit *before, const struct cw_permit *now,
                                    const struct cw_permit_facts *facts);

/** The verdict on one of several pairs. */
struct cw_permit_verdict {
    enum cw_permit_end end;
    bool counted; /**< the pair is of the partner that the stream is counted for */
};

/** The stream's own end; CW_PERMIT_STAYS also when some of its pairs end. */
enum cw_permit_end cw_permit_change_of_stream(const struct cw_permit_verdict *pairs, size_t count);

/** Stream error condition; NULL: a closing tag alone. */
const char *cw_permit_end_condition(enum cw_permit_end end);
