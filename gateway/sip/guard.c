/* SPDX-License-Identifier: Apache-2.0 */
#include "guard.h"

#include "header.h"

struct line_name {
    struct cw_bytes name;
    char compact;
    bool single;
};

/* clang-format off */
static const struct line_name line_names[CW_SIP_LINE_OTHER] = {
#define X(id, name, compact, single) [CW_SIP_LINE_##id] = {{name, sizeof(name) - 1}, compact, single},
    CW_SIP_LINE_MAP(X)
#undef X
};
/* clang-format on */

static enum cw_err refuse(struct cw_sip_guarded *out, enum cw_err err, const char *problem)
{
    if (out->problem == NULL) {
        out->problem = problem;
    }
    return err;
}

static enum cw_err malformed(struct cw_sip_guarded *out, const char *problem)
{
    return refuse(out, CW_ERR_MALFORMED, problem);
}

static enum cw_sip_line_id line_id(struct cw_bytes name)
{
    if (name.len == 1) {
        const char letter = (char)(name.base[0] | 0x20);

        for (unsigned id = 0; id < CW_SIP_LINE_OTHER; id++) {
            if (line_names[id].compact == letter) {
                return (enum cw_sip_line_id)id;
            }
        }
        return CW_SIP_LINE_OTHER;
    }
    for (unsigned id = 0; id < CW_SIP_LINE_OTHER; id++) {
        if (cw_sip_same_text(line_names[id].name, name)) {
            return (enum cw_sip_line_id)id;
        }
    }
    return CW_SIP_LINE_OTHER;
}

/* No NUL, no control but HT, and CR LF only as a pair. */
static bool clean_octets(struct cw_bytes head)
{
    for (size_t i = 0; i < head.len; i++) {
        const unsigned char c = (unsigned char)head.base[i];

        if (c >= 0x20 && c != 0x7f) {
            continue;
        }
        if (c == '\r' && i + 1 < head.len && head.base[i + 1] == '\n') {
            i++;
        } else if (c != '\t') {
            return false;
        }
    }
    return true;
}

/* One line up to CR LF, which is left out of it; `*at` moves behind. The head ends with CR LF. */
static struct cw_bytes next_line(struct cw_bytes head, size_t *at, bool folded)
{
    const size_t from = *at;
    size_t end = from;

    do {
        const char *const newline = memchr(head.base + end, '\n', head.len - end);

        end = (size_t)(newline - head.base) + 1;
    } while (folded && end < head.len && (head.base[end] == ' ' || head.base[end] == '\t'));
    *at = end;
    return (struct cw_bytes){head.base + from, end - from - 2};
}

static bool is_version(struct cw_bytes text)
{
    return text.len > 4 && cw_sip_same_text((struct cw_bytes){text.base, 4}, CW_LIT("SIP/"));
}

static enum cw_err read_status_line(struct cw_bytes line, struct cw_sip_guarded *out)
{
    uint64_t status = 0;

    if (line.len < 12 || line.base[7] != ' ' || line.base[11] != ' ' ||
        !cw_sip_same_text((struct cw_bytes){line.base, 7}, CW_LIT("SIP/2.0")) ||
        cw_sip_number_read((struct cw_bytes){line.base + 8, 3}, 699, &status) != CW_OK ||
        status < 100) {
        return malformed(out, "Bad Status-Line");
    }
    out->status = (unsigned)status;
    out->reason = (struct cw_bytes){line.base + 12, line.len - 12};
    return CW_OK;
}

/* Headers in a Request-URI would be taken over into what we send: refused. */
static bool has_uri_headers(struct cw_bytes uri)
{
    const char *question = memchr(uri.base, '?', uri.len);

    while (question != NULL) {
        const size_t left = uri.len - (size_t)(question - uri.base);

        if (memchr(question, '@', left) == NULL) {
            return true;
        }
        question = memchr(question + 1, '?', left - 1);
    }
    return false;
}

static bool split_request_line(struct cw_bytes line, struct cw_sip_guarded *out,
                               struct cw_bytes *version)
{
    const char *const first = line.len == 0 ? NULL : memchr(line.base, ' ', line.len);
    size_t last = line.len;

    while (last > 0 && line.base[last - 1] != ' ') {
        last--;
    }
    if (first == NULL || last < 2 || first + 1 >= line.base + last - 1) {
        return false;
    }
    out->method = (struct cw_bytes){line.base, (size_t)(first - line.base)};
    out->uri = (struct cw_bytes){first + 1, (size_t)(line.base + last - 1 - (first + 1))};
    *version = (struct cw_bytes){line.base + last, line.len - last};
    return true;
}

/* Single spaces, nothing before or behind (RFC 3261 section 7.1). */
static enum cw_err read_request_line(struct cw_bytes line, struct cw_sip_guarded *out)
{
    struct cw_bytes version = {NULL, 0};

    if (!split_request_line(line, out, &version) || !cw_sip_is_token(out->method) ||
        out->method.len > 64 || !is_version(version)) {
        return malformed(out, "Bad Request-Line");
    }
    out->refuse_status = 400;
    if (!cw_sip_same_text(version, CW_LIT("SIP/2.0"))) {
        out->refuse_status = 505;
        return malformed(out, "Version Not Supported");
    }
    if (!cw_sip_is_uri_text(out->uri) || memchr(out->uri.base, ':', out->uri.len) == NULL ||
        has_uri_headers(out->uri)) {
        return malformed(out, "Bad Request-URI");
    }
    return CW_OK;
}

static enum cw_err read_line(struct cw_bytes line, struct cw_sip_guarded *out)
{
    const char *const colon = line.len == 0 ? NULL : memchr(line.base, ':', line.len);

    if (line.len > CW_SIP_LINE_MAX) {
        return refuse(out, CW_ERR_LIMIT, "Header too long");
    }
    if (out->line_count == CW_SIP_LINES_MAX) {
        return refuse(out, CW_ERR_LIMIT, "Too many headers");
    }
    if (colon == NULL || line.base[0] == ' ' || line.base[0] == '\t') {
        return malformed(out, "Bad header line");
    }
    const struct cw_bytes name =
        cw_sip_trim((struct cw_bytes){line.base, (size_t)(colon - line.base)});
    if (!cw_sip_is_token(name)) {
        return malformed(out, "Bad header name");
    }
    out->lines[out->line_count++] = (struct cw_sip_line){
        line_id(name),
        cw_sip_trim((struct cw_bytes){colon + 1, (size_t)(line.base + line.len - colon - 1)})};
    return CW_OK;
}

/* A second one of these is where two readers of a message come to differ. */
static enum cw_err check_singles(struct cw_sip_guarded *out)
{
    bool seen[CW_SIP_LINE_IDS] = {false};

    for (size_t i = 0; i < out->line_count; i++) {
        const enum cw_sip_line_id id = out->lines[i].id;

        if (id != CW_SIP_LINE_OTHER && line_names[id].single && seen[id]) {
            return malformed(out, "Header stands twice");
        }
        seen[id] = true;
    }
    return CW_OK;
}

static enum cw_err read_vias(struct cw_sip_guarded *out)
{
    for (size_t i = 0; i < out->line_count; i++) {
        struct cw_bytes value = out->lines[i].value;

        if (out->lines[i].id != CW_SIP_LINE_VIA) {
            continue;
        }
        do {
            if (out->via_count == CW_SIP_VIAS_MAX) {
                return refuse(out, CW_ERR_LIMIT, "Too many Via");
            }
            if (cw_sip_via_read(&value, &out->vias[out->via_count]) != CW_OK) {
                return malformed(out, "Bad Via");
            }
            out->via_count++;
        } while (value.len != 0);
    }
    const struct cw_bytes cookie = CW_LIT("z9hG4bK");
    if (out->via_count == 0 || out->vias[0].branch.len <= cookie.len ||
        out->vias[0].branch.len > CW_SIP_NAME_MAX || out->vias[0].host.len > CW_SIP_NAME_MAX ||
        !cw_sip_same_text((struct cw_bytes){out->vias[0].branch.base, cookie.len}, cookie)) {
        return malformed(out, "Bad Via branch");
    }
    return CW_OK;
}

static enum cw_err read_cseq(struct cw_sip_guarded *out)
{
    const struct cw_bytes value = cw_sip_line_value(out, CW_SIP_LINE_CSEQ);
    size_t digits = 0;
    uint64_t number = 0;

    if (value.len == 0) {
        return malformed(out, "Bad CSeq");
    }
    while (digits < value.len && value.base[digits] >= '0' && value.base[digits] <= '9') {
        digits++;
    }
    const struct cw_bytes method =
        cw_sip_trim((struct cw_bytes){value.base + digits, value.len - digits});
    if (cw_sip_number_read((struct cw_bytes){value.base, digits}, INT32_MAX, &number) != CW_OK ||
        !cw_sip_is_token(method) || method.base == value.base + digits) {
        return malformed(out, "Bad CSeq");
    }
    if (out->status != 0) {
        out->method = method;
    } else if (!cw_bytes_equal(method, out->method)) {
        return malformed(out, "CSeq does not fit the method");
    }
    out->cseq = (uint32_t)number;
    return CW_OK;
}

static enum cw_err read_number(struct cw_sip_guarded *out, enum cw_sip_line_id id, uint64_t max,
                               int64_t *number)
{
    const struct cw_bytes value = cw_sip_line_value(out, id);
    uint64_t read = 0;

    *number = -1;
    if (value.base == NULL) {
        return CW_OK;
    }
    if (cw_sip_number_read(value, max, &read) != CW_OK) {
        return malformed(out, "Number out of range");
    }
    *number = (int64_t)read;
    return CW_OK;
}

static enum cw_err read_numbers(struct cw_sip_guarded *out)
{
    int64_t expires_s = -1;
    int64_t min_expires_s = -1;

    CW_TRY(read_number(out, CW_SIP_LINE_CONTENT_LENGTH, CW_SIP_MESSAGE_MAX, &out->content_length));
    CW_TRY(read_number(out, CW_SIP_LINE_MAX_FORWARDS, 255, &out->max_forwards));
    CW_TRY(read_number(out, CW_SIP_LINE_EXPIRES, UINT32_MAX, &expires_s));
    return read_number(out, CW_SIP_LINE_MIN_EXPIRES, UINT32_MAX, &min_expires_s);
}

static enum cw_err read_names(struct cw_sip_guarded *out)
{
    out->call_id = cw_sip_line_value(out, CW_SIP_LINE_CALL_ID);
    if (!cw_sip_is_call_id(out->call_id) || out->call_id.len > CW_SIP_NAME_MAX) {
        return malformed(out, "Bad Call-ID");
    }
    if (cw_sip_address_read(cw_sip_line_value(out, CW_SIP_LINE_FROM), &out->from) != CW_OK) {
        return malformed(out, "Bad From");
    }
    if (cw_sip_address_read(cw_sip_line_value(out, CW_SIP_LINE_TO), &out->to) != CW_OK) {
        return malformed(out, "Bad To");
    }
    if (out->from.tag.base == NULL || out->from.tag.len > CW_SIP_NAME_MAX) {
        return malformed(out, "From without tag");
    }
    return CW_OK;
}

static enum cw_err read_body(struct cw_bytes data, bool stream, struct cw_sip_guarded *out)
{
    const size_t left = data.len - (size_t)(out->head.base - data.base) - out->head.len;

    if (out->content_length < 0) {
        if (stream) {
            return malformed(out, "Content-Length missing");
        }
        out->content_length = (int64_t)left;
    }
    const size_t len = (size_t)out->content_length;
    if (len > left || (stream && len < left)) {
        return malformed(out, "Content-Length does not fit");
    }
    out->body = (struct cw_bytes){out->head.base + out->head.len, len};
    return CW_OK;
}

/* The lines that an answer repeats must be there and hold something. */
static void judge_answerable(struct cw_sip_guarded *out)
{
    static const enum cw_sip_line_id needed[] = {CW_SIP_LINE_FROM, CW_SIP_LINE_TO,
                                                 CW_SIP_LINE_CALL_ID, CW_SIP_LINE_CSEQ};

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (cw_sip_line_value(out, needed[i]).len == 0) {
            out->refuse_status = 0;
        }
    }
    if (out->via_count == 0) {
        out->refuse_status = 0;
    }
}

static enum cw_err read_lines(struct cw_sip_guarded *out, size_t at)
{
    while (at < out->head.len - 2) {
        CW_TRY(read_line(next_line(out->head, &at, true), out));
    }
    return CW_OK;
}

static enum cw_err check(struct cw_bytes data, bool stream, struct cw_sip_guarded *out)
{
    size_t at = 0;
    const struct cw_bytes start = next_line(out->head, &at, false);
    const bool response = is_version(start);
    const enum cw_err lines = read_lines(out, at);
    const enum cw_err vias = read_vias(out); /* first: an answer needs it */

    CW_TRY(response ? read_status_line(start, out) : read_request_line(start, out));
    CW_TRY(lines);
    CW_TRY(vias);
    CW_TRY(check_singles(out));
    CW_TRY(read_numbers(out));
    CW_TRY(read_names(out));
    CW_TRY(read_cseq(out));
    return read_body(data, stream, out);
}

size_t cw_sip_head_end(struct cw_bytes data, size_t *scanned)
{
    size_t at = *scanned < 3 ? 0 : *scanned - 3; /* the mark may straddle what was seen before */

    while (at < data.len) {
        const char *const cr = memchr(data.base + at, '\r', data.len - at);

        if (cr == NULL) {
            break;
        }
        at = (size_t)(cr - data.base);
        if (data.len - at < 4) {
            break;
        }
        if (memcmp(cr, "\r\n\r\n", 4) == 0) {
            return at + 4;
        }
        at++;
    }
    *scanned = data.len;
    return 0;
}

enum cw_err cw_sip_guard(struct cw_bytes data, bool stream, struct cw_sip_guarded *out)
{
    size_t scanned = 0;

    memset(out, 0, offsetof(struct cw_sip_guarded, lines));
    out->line_count = 0;
    memset(&out->via_count, 0, sizeof(*out) - offsetof(struct cw_sip_guarded, via_count));
    out->max_forwards = -1;
    out->content_length = -1;
    while (!stream && data.len >= 2 && memcmp(data.base, "\r\n", 2) == 0) {
        data.base += 2;
        data.len -= 2;
    }
    if (data.len > CW_SIP_MESSAGE_MAX) {
        return refuse(out, CW_ERR_LIMIT, "Message too long");
    }
    out->head = (struct cw_bytes){data.base, cw_sip_head_end(data, &scanned)};
    if (out->head.len < 4 || !clean_octets(out->head)) {
        return malformed(out, "Bad octets or no end of headers");
    }
    const enum cw_err verdict = check(data, stream, out);
    if (verdict != CW_OK) {
        judge_answerable(out);
    }
    return verdict;
}

struct cw_bytes cw_sip_line_value(const struct cw_sip_guarded *guarded, enum cw_sip_line_id id)
{
    for (size_t i = 0; i < guarded->line_count; i++) {
        if (guarded->lines[i].id == id) {
            return guarded->lines[i].value;
        }
    }
    return (struct cw_bytes){NULL, 0};
}
