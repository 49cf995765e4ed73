/* SPDX-License-Identifier: Apache-2.0 */
#include "dialback.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define DIGEST_LEN   32u
#define KEY_DATA_MAX (2 * (CW_DOMAIN_MAX + 1) + CW_DIALBACK_ID_MAX)

static void hex(const unsigned char digest[DIGEST_LEN], char out[2 * DIGEST_LEN])
{
    static const char DIGITS[] = "0123456789abcdef";

    for (size_t i = 0; i < DIGEST_LEN; i++) {
        out[2 * i] = DIGITS[digest[i] >> 4];
        out[2 * i + 1] = DIGITS[digest[i] & 15];
    }
}

static size_t append(char *out, size_t used, size_t room, struct cw_bytes text)
{
    const size_t len = text.len < room - used ? text.len : room - used;

    if (len > 0) {
        memcpy(out + used, text.base, len);
    }
    return used + len;
}

void cw_dialback_key(struct cw_bytes secret, struct cw_bytes receiving, struct cw_bytes originating,
                     struct cw_bytes id, char out[CW_DIALBACK_KEY_LEN])
{
    unsigned char digest[DIGEST_LEN];
    char key[2 * DIGEST_LEN];
    char data[KEY_DATA_MAX];
    unsigned len = 0;
    size_t used = 0;

    if (EVP_Digest(secret.base, secret.len, digest, NULL, EVP_sha256(), NULL) != 1) {
        abort();
    }
    hex(digest, key); /* STREAM-61: the hex text is the key */
    used = append(data, used, sizeof(data), receiving);
    used = append(data, used, sizeof(data), CW_LIT(" "));
    used = append(data, used, sizeof(data), originating);
    used = append(data, used, sizeof(data), CW_LIT(" "));
    used = append(data, used, sizeof(data), id);
    if (HMAC(EVP_sha256(), key, (int)sizeof(key), (const unsigned char *)data, used, digest,
             &len) == NULL ||
        len != DIGEST_LEN) {
        abort();
    }
    hex(digest, out);
}

bool cw_dialback_key_valid(struct cw_bytes secret, struct cw_bytes receiving,
                           struct cw_bytes originating, struct cw_bytes id, struct cw_bytes key)
{
    char want[CW_DIALBACK_KEY_LEN];

    if (id.len == 0 || id.len > CW_DIALBACK_ID_MAX) {
        return false;
    }
    cw_dialback_key(secret, receiving, originating, id, want);
    return key.len == CW_DIALBACK_KEY_LEN &&
           CRYPTO_memcmp(want, key.base, CW_DIALBACK_KEY_LEN) == 0; /* STREAM-68 */
}

/** What both requests have in common; VALID: nothing speaks against it. */
static enum cw_dialback_verdict judge(const struct cw_dialback_request *r)
{
    const struct cw_permit *permit = r->permit;

    if (permit == NULL) { /* before 'to': a stranger learns nothing, STREAM-140 */
        return r->proven > 0 ? CW_DIALBACK_FORBIDDEN : CW_DIALBACK_CLOSE;
    }
    if (!r->own) {
        return CW_DIALBACK_ITEM_NOT_FOUND;
    }
    if (!cw_features_permits(permit, CW_METHOD_TLS_DIALBACK) &&
        !cw_features_permits(permit, CW_METHOD_TCP_DIALBACK)) {
        return CW_DIALBACK_NOT_AUTHORIZED; /* STREAM-143 */
    }
    if (!cw_features_permits(permit, cw_features_dialback_method(r->secure))) {
        return CW_DIALBACK_POLICY_VIOLATION; /* STREAM-66, STREAM-67 */
    }
    return CW_DIALBACK_VALID;
}

enum cw_dialback_verdict cw_dialback_judge_result(const struct cw_dialback_request *r)
{
    const enum cw_dialback_verdict verdict = judge(r);

    if (verdict != CW_DIALBACK_VALID) {
        return verdict;
    }
    if (!r->pinned) {
        return CW_DIALBACK_NOT_AUTHORIZED; /* STREAM-97 */
    }
    if (r->secure && r->certificate) {
        return CW_DIALBACK_VALID; /* STREAM-72 */
    }
    if (r->pending >= CW_LIMIT_PENDING_DIALBACK || r->proven >= CW_LIMIT_PAIRS) {
        return CW_DIALBACK_RESOURCE_CONSTRAINT;
    }
    return CW_DIALBACK_ASK; /* never by comparing certificates of two servers, STREAM-73 */
}

enum cw_dialback_verdict cw_dialback_judge_verify(const struct cw_dialback_request *r)
{
    return judge(r);
}

enum cw_method cw_dialback_certificate_method(const struct cw_permit *permit)
{
    return cw_features_permits(permit, CW_METHOD_SASL_TLS) ? CW_METHOD_SASL_TLS
                                                           : CW_METHOD_TLS_DIALBACK;
}

const char *cw_dialback_error(enum cw_dialback_verdict verdict)
{
    static const char *const NAMES[] = {
        [CW_DIALBACK_ASK] = NULL,
        [CW_DIALBACK_VALID] = NULL,
        [CW_DIALBACK_ITEM_NOT_FOUND] = "item-not-found",
        [CW_DIALBACK_POLICY_VIOLATION] = "policy-violation",
        [CW_DIALBACK_NOT_AUTHORIZED] = "not-authorized",
        [CW_DIALBACK_RESOURCE_CONSTRAINT] = "resource-constraint",
        [CW_DIALBACK_FORBIDDEN] = "forbidden",
        [CW_DIALBACK_CLOSE] = NULL,
    };

    return NAMES[verdict];
}

static struct cw_verification *find(const struct cw_verifications *set, struct cw_bytes own,
                                    struct cw_bytes remote, struct cw_bytes id)
{
    for (size_t i = 0; i < set->count; i++) {
        struct cw_verification *v = &set->entries[i];

        if (cw_bytes_equal((struct cw_bytes){v->id, v->id_len}, id) &&
            cw_bytes_equal(cw_domain_bytes(&v->remote), remote) &&
            cw_bytes_equal(cw_domain_bytes(&v->own), own)) {
            return v;
        }
    }
    return NULL;
}

bool cw_verifications_add(struct cw_verifications *set, struct cw_bytes own, struct cw_bytes remote,
                          struct cw_bytes id, uint64_t deadline_ms)
{
    struct cw_verification made = {.deadline_ms = deadline_ms, .id_len = id.len};
    struct cw_verification *grown;

    if (set->count >= CW_VERIFICATIONS_MAX || id.len == 0 || id.len > sizeof(made.id) ||
        find(set, own, remote, id) != NULL || !cw_domain_read(own, &made.own) ||
        !cw_domain_read(remote, &made.remote)) {
        return false;
    }
    memcpy(made.id, id.base, id.len);
    grown = realloc(set->entries, (set->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        abort();
    }
    set->entries = grown;
    set->entries[set->count++] = made;
    return true;
}

bool cw_verifications_take(struct cw_verifications *set, struct cw_bytes own,
                           struct cw_bytes remote, struct cw_bytes id)
{
    struct cw_verification *v = find(set, own, remote, id);

    if (v == NULL) {
        return false;
    }
    *v = set->entries[set->count - 1];
    set->count--;
    return true;
}

const struct cw_verification *cw_verifications_first(const struct cw_verifications *set)
{
    const struct cw_verification *first = NULL;

    for (size_t i = 0; i < set->count; i++) {
        if (first == NULL || set->entries[i].deadline_ms < first->deadline_ms) {
            first = &set->entries[i];
        }
    }
    return first;
}

void cw_verifications_clear(struct cw_verifications *set)
{
    free(set->entries);
    *set = (struct cw_verifications){NULL, 0};
}
