/* SPDX-License-Identifier: Apache-2.0 */
#include "log_format.h"

#include <causeway/log.h>
#include <causeway/utf8.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever a peer puts into a field: one line, printable, valid UTF-8, and quotes that close. */
static void check_line(bool json, struct cw_bytes value)
{
    struct cw_byte_queue out = {NULL, 0, 0, 0};
    const struct cw_log_field field = {"reason", value};
    const struct cw_log_record record = {.wall_ms = 1795359600118,
                                         .level = "notice",
                                         .priority = "5",
                                         .event = "xml.rejected",
                                         .fields = &field,
                                         .count = 1};
    if (json) {
        cw_log_write_json(&out, &record);
    } else {
        cw_log_write_logfmt(&out, &record);
    }
    const struct cw_bytes line = cw_byte_queue_bytes(&out);
    bool quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        const unsigned char octet = (unsigned char)line.base[i];
        if (octet == 0x7F || (octet < ' ' && (octet != '\n' || i + 1 != line.len))) {
            abort();
        }
        if (octet == '\\') {
            i++;
        } else if (octet == '"') {
            quoted = !quoted;
        }
    }
    if (quoted || !cw_utf8_valid(line)) {
        abort();
    }
    cw_byte_queue_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cw_bytes value = {(const char *)data, size};
    check_line(false, value);
    check_line(true, value);
    return 0;
}
