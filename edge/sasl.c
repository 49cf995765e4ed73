/* SPDX-License-Identifier: Apache-2.0 */
#include "sasl.h"

#include "base64.h"

#define AUTHZID_MAX 1023u /* octets: a domainpart of RFC 7622 */

static const char *const NAMES[] = {"not-authorized",
#define X(name, element) element,
                                    CW_SASL_FAILURE_MAP(X)
#undef X
};

const char *cw_sasl_failure_name(enum cw_sasl_failure failure)
{
    return (unsigned)failure < CW_SASL_FAILURES ? NAMES[failure] : NAMES[0];
}

enum cw_sasl_failure cw_sasl_authzid(struct cw_bytes text, const struct cw_domain *from,
                                     struct cw_domain *out)
{
    char decoded[AUTHZID_MAX + 3];
    struct cw_domain asked;
    size_t len = 0;

    if (text.len == 0 || cw_bytes_equal(text, CW_LIT("="))) { /* STREAM-41 */
        if (from->len == 0) {
            return CW_SASL_INVALID_AUTHZID;
        }
        *out = *from;
        return CW_SASL_NONE;
    }
    if (!cw_base64_decode(text, decoded, sizeof(decoded), &len)) { /* STREAM-42 */
        return CW_SASL_INCORRECT_ENCODING;
    }
    if (!cw_domain_read((struct cw_bytes){decoded, len}, &asked)) {
        return CW_SASL_INVALID_AUTHZID;
    }
    if (from->len != 0 && !cw_bytes_equal(cw_domain_bytes(from), cw_domain_bytes(&asked))) {
        return CW_SASL_INVALID_AUTHZID;
    }
    *out = asked;
    return CW_SASL_NONE;
}
