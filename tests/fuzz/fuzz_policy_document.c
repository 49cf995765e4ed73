/* SPDX-License-Identifier: Apache-2.0 */
#include "negotiation.h"
#include "policy_document.h"

#include <stdlib.h>
#include <string.h>

const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses a token's text with many quotes in a flow mapping: its own, not ours. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the files say: one domain of ours, no partner, the usual limits. */
static const struct cw_gateway_settings *settings(void)
{
    static struct cw_bytes own = {"contoso.example", 15};
    static struct cw_gateway_settings made;

    made.own_domains = &own;
    made.own_domain_count = 1;
    made.limits.partner_connection_limit = 20;
    made.security.floor = CW_FLOOR_TLS;
    made.partner_defaults.type = CW_PARTNER_PUBLIC_UNVERIFIED;
    made.partner_defaults.tls = CW_REQUIRED;
    made.partner_defaults.sasl = CW_OPTIONAL;
    made.partner_defaults.dialback = true;
    return &made;
}

static void check_refusal(const json_t *findings, const struct cw_policy_document *document)
{
    if (document != NULL || json_array_size(findings) == 0) {
        abort();
    }
}

/* What was taken is taken again, and says the same: the store keeps the canonical form. */
static void check_canonical(const struct cw_policy_document *document)
{
    struct cw_policy_document *again = NULL;
    json_t *findings = NULL;

    if (cw_policy_document_read(settings(), document->json, &findings, &again) != CW_OK ||
        !json_equal(document->json, again->json) ||
        document->partner_count != again->partner_count ||
        (document->access == NULL) != (again->access == NULL)) {
        abort();
    }
    json_decref(findings);
    cw_policy_document_free(&again);
}

/* Any text: findings and nothing, or a document. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cw_bytes text = {(const char *)data, size};
    struct cw_policy_document *document = NULL;
    json_t *findings = NULL;

    if (cw_policy_document_read_text(settings(), text, "fuzz", &findings, &document) != CW_OK) {
        check_refusal(findings, document);
    } else {
        check_canonical(document);
    }
    json_decref(findings);
    cw_policy_document_free(&document);
    return 0;
}
