/* SPDX-License-Identifier: Apache-2.0 */
/* Guard and parser: the verdict must not depend on how the input is cut, and a stanza that comes
 * out must hold the bytes that went in. The first octet: size of the parts, and which limits. */
#include "stream_digest.h"

#include <stdlib.h>

#define CUTS_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cuts[CUTS_MAX];
    size_t count = 0;

    if (size < 2) {
        return 0;
    }
    const struct cw_bytes input = {(const char *)data + 1, size - 1};
    const size_t part = 1 + data[0] / 2;
    const bool authenticated = (data[0] & 1) != 0;

    while (count < CUTS_MAX && (count + 1) * part < input.len) {
        cuts[count] = (count + 1) * part;
        count++;
    }
    const struct stream_digest whole = stream_digest_cut(input, NULL, 0, authenticated);
    const struct stream_digest parts = stream_digest_cut(input, cuts, count, authenticated);

    if (!stream_digest_equal(&whole, &parts)) {
        abort();
    }
    return 0;
}
