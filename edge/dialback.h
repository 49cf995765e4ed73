/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Server dialback (XEP-0220, XEP-0185): the key, what to do with a request, and the verifications
 * that we asked for and await (STREAM-60 to STREAM-73).
 */

#include "domain.h"
#include "limits.h"
#include "stream_features.h"

#define CW_DIALBACK_KEY_LEN 64u  /* hex digits */
#define CW_DIALBACK_ID_MAX  256u /* octets of a stream id */

/** Key for the stream `id` that `receiving` gave to `originating` (STREAM-61). */
void cw_dialback_key(struct cw_bytes secret, struct cw_bytes receiving, struct cw_bytes originating,
                     struct cw_bytes id, char out[CW_DIALBACK_KEY_LEN]);

/** Is `key` the one that cw_dialback_key() makes? In constant time. */
bool cw_dialback_key_valid(struct cw_bytes secret, struct cw_bytes receiving,
                           struct cw_bytes originating, struct cw_bytes id, struct cw_bytes key);

/** What a receiver does with <db:result/> or <db:verify/>. */
enum cw_dialback_verdict {
    CW_DIALBACK_ASK,            /**< result: find out at the authoritative server */
    CW_DIALBACK_VALID,          /**< result: proven by certificate at once; verify: compare keys */
    CW_DIALBACK_ITEM_NOT_FOUND, /**< answers of type error, STREAM-66 */
    CW_DIALBACK_POLICY_VIOLATION,
    CW_DIALBACK_NOT_AUTHORIZED,
    CW_DIALBACK_RESOURCE_CONSTRAINT,
    CW_DIALBACK_FORBIDDEN,
    CW_DIALBACK_CLOSE /**< stream error policy-violation */
};

struct cw_dialback_request {
    const struct cw_permit *permit; /**< of the domain in 'from' */
    bool own;                       /**< 'to' is served by us */
    bool secure;                    /**< the stream is under TLS */
    bool certificate;               /**< the peer's is trusted and valid for 'from' */
    bool pinned;    /**< the permit has no pins, or the certificate has one of them */
    size_t proven;  /**< pairs that are proven on the stream */
    size_t pending; /**< verifications under way */
};

/** Judges a <db:result/> request. */
enum cw_dialback_verdict cw_dialback_judge_result(const struct cw_dialback_request *request);

/** Judges a <db:verify/> request: VALID means that the key may be compared. */
enum cw_dialback_verdict cw_dialback_judge_verify(const struct cw_dialback_request *request);

/** How a pair is recorded that a certificate proved at once (STREAM-72, STREAM-142). */
enum cw_method cw_dialback_certificate_method(const struct cw_permit *permit);

/** Stanza error condition of a verdict, or NULL. */
const char *cw_dialback_error(enum cw_dialback_verdict verdict);

/** A verification that we asked for. */
struct cw_verification {
    struct cw_domain own;
    struct cw_domain remote;
    char id[CW_DIALBACK_ID_MAX];
    size_t id_len;
    uint64_t deadline_ms;
};

/** The verifications that one outgoing stream awaits; each is answered once (STREAM-65). */
struct cw_verifications {
    struct cw_verification *entries; /**< owned */
    size_t count;
};

#define CW_VERIFICATIONS_MAX 256u /* on one stream; a partner's streams ask through few */

/** Notes one. False: full, already there, or the id is too long. */
bool cw_verifications_add(struct cw_verifications *set, struct cw_bytes own, struct cw_bytes remote,
                          struct cw_bytes id, uint64_t deadline_ms);

/** Takes the entry out. False: nobody asked. */
bool cw_verifications_take(struct cw_verifications *set, struct cw_bytes own,
                           struct cw_bytes remote, struct cw_bytes id);

/** The entry with the earliest deadline, or NULL. */
const struct cw_verification *cw_verifications_first(const struct cw_verifications *set);

/** Empties the set. */
void cw_verifications_clear(struct cw_verifications *set);
