/* SPDX-License-Identifier: Apache-2.0 */
#include "framing.h"

/* Is this line a Content-Length, in either form, with white space before the colon or not? */
static bool is_content_length(struct cw_bytes line, struct cw_bytes *value)
{
    const char *const colon = line.len == 0 ? NULL : memchr(line.base, ':', line.len);

    if (colon == NULL) {
        return false;
    }
    const struct cw_bytes name =
        cw_sip_trim((struct cw_bytes){line.base, (size_t)(colon - line.base)});
    *value = cw_sip_trim((struct cw_bytes){colon + 1, (size_t)(line.base + line.len - colon - 1)});
    return cw_sip_same_text(name, CW_LIT("l")) || cw_sip_same_text(name, CW_LIT("Content-Length"));
}

/* Length of the header line at `from`, its folds and line breaks included; 0 at the end. */
static size_t line_len(struct cw_bytes head, size_t from)
{
    size_t at = from;

    while (at < head.len) {
        const char *const newline = memchr(head.base + at, '\n', head.len - at);

        if (newline == NULL) {
            return head.len - from;
        }
        at = (size_t)(newline - head.base) + 1;
        if (at >= head.len || (head.base[at] != ' ' && head.base[at] != '\t')) {
            return at - from;
        }
    }
    return at - from;
}

static enum cw_err content_length(struct cw_bytes head, size_t *len)
{
    uint64_t number = 0;
    unsigned found = 0;
    size_t step = 0;

    for (size_t at = 0; at < head.len; at += step) {
        struct cw_bytes value;

        step = line_len(head, at);
        if (!is_content_length((struct cw_bytes){head.base + at, step}, &value)) {
            continue;
        }
        CW_TRY(cw_sip_number_read(value, CW_SIP_MESSAGE_MAX, &number));
        found++;
    }
    *len = (size_t)number;
    return found == 1 ? CW_OK : CW_ERR_MALFORMED;
}

static enum cw_sip_framing_result line_breaks(struct cw_bytes data, size_t *len)
{
    if (data.len >= 4 && memcmp(data.base, "\r\n\r\n", 4) == 0) {
        *len = 4;
        return CW_SIP_FRAMING_PING;
    }
    if (data.len >= 2 && data.base[1] != '\n') {
        return CW_SIP_FRAMING_BROKEN;
    }
    if (data.len < 3 || (data.len == 3 && data.base[2] == '\r')) {
        return CW_SIP_FRAMING_MORE; /* may still become a keep-alive */
    }
    *len = 2;
    return CW_SIP_FRAMING_BREAK;
}

enum cw_sip_framing_result cw_sip_framing_step(struct cw_sip_framing *framing, struct cw_bytes data,
                                               size_t *len)
{
    size_t body = 0;

    if (data.len == 0) {
        return CW_SIP_FRAMING_MORE;
    }
    if (framing->total == 0 && data.base[0] == '\r') {
        return line_breaks(data, len);
    }
    if (framing->total == 0) {
        const size_t head = cw_sip_head_end(data, &framing->scanned);

        if (head == 0) {
            return data.len < CW_SIP_MESSAGE_MAX ? CW_SIP_FRAMING_MORE : CW_SIP_FRAMING_BROKEN;
        }
        if (content_length((struct cw_bytes){data.base, head}, &body) != CW_OK ||
            head + body > CW_SIP_MESSAGE_MAX) {
            return CW_SIP_FRAMING_BROKEN;
        }
        framing->total = head + body;
    }
    if (data.len < framing->total) {
        return CW_SIP_FRAMING_MORE;
    }
    *len = framing->total;
    *framing = (struct cw_sip_framing){0, 0};
    return CW_SIP_FRAMING_MESSAGE;
}
