/* SPDX-License-Identifier: Apache-2.0 */
#include "negotiation.h"
#include "table_vectors.h"

#include <string.h>

static enum cw_negotiation negotiation_of(const char *word)
{
    static const char *const WORDS[CW_NEGOTIATIONS] = {"required", "optional", "not_supported"};

    for (unsigned i = 0; i < CW_NEGOTIATIONS; i++) {
        if (strcmp(word, WORDS[i]) == 0) {
            return (enum cw_negotiation)i;
        }
    }
    vector_fail("no such word: %s", word);
}

/* The only method, or NULL. */
static const char *only_method(uint8_t methods)
{
    for (unsigned i = 0; i < CW_METHODS; i++) {
        if (methods == 1u << i) {
            return cw_method_name((enum cw_method)i);
        }
    }
    return NULL;
}

void play_negotiation(const struct vector *vector)
{
    const enum cw_negotiation tls = negotiation_of(vector_need(vector, "tls"));
    const enum cw_negotiation sasl = negotiation_of(vector_need(vector, "sasl"));
    const bool dialback = vector_flag(vector, "dialback", true);
    const bool refused = vector_flag(vector, "refused", false);
    const char *methods = vector_text(vector, "methods");
    const struct cw_negotiated got = cw_negotiation_judge(tls, sasl, dialback, CW_FLOOR_NONE);

    if ((got.severity == CW_FINDING_ERROR) != refused) {
        vector_fail("row %u of the matrix is%s refused: %s %s", got.row, refused ? " not" : "",
                    got.code, got.text);
    }
    if (methods != NULL) {
        const char *only = only_method(got.effective);

        if (only == NULL || strcmp(only, methods) != 0) {
            vector_fail("other methods: set %u", got.effective);
        }
    }
}
