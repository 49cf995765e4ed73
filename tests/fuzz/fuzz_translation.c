/* SPDX-License-Identifier: Apache-2.0 */
/* Whole translations: a stanza to SIP and back, a SIP request to XMPP and back; what must hold is
 * in translation_property.h. The first octet says which way, and in which form a stanza goes. */
#include "translation_property.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define REQUEST 0x80u /* bit of the first octet: SIP follows, not XML */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct property_tally tally = {0};
    const char *wrong;

    if (size == 0) {
        return 0;
    }
    const struct cw_bytes octets = {(const char *)data + 1, size - 1};

    wrong = (data[0] & REQUEST) != 0 ? property_of_request(octets, &tally)
                                     : property_of_stanza(octets, data[0] % PROPERTY_FORMS, &tally);
    if (wrong != NULL) {
        (void)fprintf(stderr, "%s\n", wrong);
        abort();
    }
    return 0;
}
