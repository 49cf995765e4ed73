/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/frame.h>

enum cw_err cw_frame_read_header(const uint8_t octets[CW_FRAME_HEADER_LEN],
                                 struct cw_frame_header *out)
{
    struct cw_wire wire = cw_wire_over(octets, CW_FRAME_HEADER_LEN);
    const uint64_t version = cw_wire_number(&wire, 1);
    const uint64_t type = cw_wire_number(&wire, 1);
    const uint64_t flags = cw_wire_number(&wire, 2);
    const uint64_t payload_len = cw_wire_number(&wire, 4);
    const bool known = type >= CW_FRAME_HELLO && type < CW_FRAME_TYPES;

    if (version != CW_FRAME_VERSION || (flags & ~(uint64_t)CW_FRAME_FLAG_OPTIONAL) != 0) {
        return CW_ERR_UNSUPPORTED;
    }
    if (!known && (flags & CW_FRAME_FLAG_OPTIONAL) == 0) {
        return CW_ERR_UNSUPPORTED;
    }
    if (payload_len > CW_FRAME_MAX_PAYLOAD) {
        return CW_ERR_LIMIT;
    }
    *out = (struct cw_frame_header){(uint8_t)type, (uint32_t)payload_len};
    return CW_OK;
}

/* Names reach logs, metrics and tables: visible ASCII only (domains are A-labels or literals). */
static bool is_name(struct cw_bytes name, size_t min_len, size_t max_len)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.base[i] < 0x21 || name.base[i] > 0x7e) {
            return false;
        }
    }
    return name.len >= min_len && name.len <= max_len;
}

static bool is_domain(struct cw_bytes name)
{
    return is_name(name, 1, CW_FRAME_MAX_NAME);
}

static struct cw_bytes payload_run(struct cw_wire *wire)
{
    return cw_wire_run(wire, 1);
}

static struct cw_wire over(struct cw_bytes payload)
{
    return cw_wire_over((const uint8_t *)payload.base, payload.len);
}

enum cw_err cw_frame_read_hello(struct cw_bytes payload, struct cw_frame_hello *out)
{
    struct cw_wire wire = over(payload);
    struct cw_frame_hello hello;

    hello.protocol = (uint16_t)cw_wire_number(&wire, 2);
    hello.node = payload_run(&wire);
    hello.pool = payload_run(&wire);
    hello.epoch = cw_wire_number(&wire, 8);
    hello.peer_epoch = cw_wire_number(&wire, 8);
    hello.received = cw_wire_number(&wire, 8);
    hello.oldest = cw_wire_number(&wire, 8);
    hello.revision = cw_wire_number(&wire, 8);
    hello.credit = (uint32_t)cw_wire_number(&wire, 4);
    CW_TRY(cw_wire_end(&wire));
    if (hello.protocol == 0 || hello.epoch == 0 || hello.credit == 0 ||
        (hello.peer_epoch == 0 && hello.received != 0) ||
        !is_name(hello.node, 1, CW_FRAME_MAX_NODE) || !is_name(hello.pool, 0, CW_FRAME_MAX_NODE)) {
        return CW_ERR_MALFORMED;
    }
    *out = hello;
    return CW_OK;
}

enum cw_err cw_frame_read_stanza(struct cw_bytes payload, struct cw_frame_stanza *out)
{
    struct cw_wire wire = over(payload);
    struct cw_frame_stanza stanza;

    stanza.seq = cw_wire_number(&wire, 8);

    const uint64_t class = cw_wire_number(&wire, 1);
    const uint64_t method = cw_wire_number(&wire, 1);

    cw_wire_fixed(&wire, stanza.trace, sizeof(stanza.trace));
    stanza.from_domain = payload_run(&wire);
    stanza.to_domain = payload_run(&wire);
    stanza.partner = payload_run(&wire);
    stanza.xml = cw_wire_run(&wire, 4);
    CW_TRY(cw_wire_end(&wire));
    if (stanza.seq == 0 || class >= CW_CLASSES || method >= CW_METHODS || stanza.xml.len == 0 ||
        !is_domain(stanza.from_domain) || !is_domain(stanza.to_domain) ||
        !is_domain(stanza.partner)) {
        return CW_ERR_MALFORMED;
    }
    stanza.class = (enum cw_stanza_class) class;
    stanza.method = (enum cw_method)method;
    *out = stanza;
    return CW_OK;
}

enum cw_err cw_frame_read_ack(struct cw_bytes payload, struct cw_frame_ack *out)
{
    struct cw_wire wire = over(payload);
    const uint64_t seq = cw_wire_number(&wire, 8);
    const uint64_t fate = cw_wire_number(&wire, 1);
    const uint64_t reason = cw_wire_number(&wire, 1);

    CW_TRY(cw_wire_end(&wire));
    if (seq == 0 || fate < CW_FATE_TAKEN || fate > CW_FATE_AMBIGUOUS || reason >= CW_FAILS) {
        return CW_ERR_MALFORMED;
    }
    *out = (struct cw_frame_ack){seq, (enum cw_fate)fate, (enum cw_fail)reason};
    return CW_OK;
}

enum cw_err cw_frame_read_credit(struct cw_bytes payload, struct cw_frame_credit *out)
{
    struct cw_wire wire = over(payload);
    const struct cw_bytes partner = payload_run(&wire);
    const uint32_t count = (uint32_t)cw_wire_number(&wire, 4);

    CW_TRY(cw_wire_end(&wire));
    if (!is_domain(partner) || count == 0) {
        return CW_ERR_MALFORMED;
    }
    *out = (struct cw_frame_credit){partner, count};
    return CW_OK;
}

enum cw_err cw_frame_read_goaway(struct cw_bytes payload, struct cw_frame_goaway *out)
{
    struct cw_wire wire = over(payload);
    const uint64_t last_seq = cw_wire_number(&wire, 8);
    const struct cw_bytes reason = payload_run(&wire);

    CW_TRY(cw_wire_end(&wire));
    *out = (struct cw_frame_goaway){last_seq, reason};
    return CW_OK;
}

enum cw_err cw_frame_read_report(struct cw_bytes payload, struct cw_frame_report *out)
{
    struct cw_wire wire = over(payload);
    struct cw_frame_report report;

    report.stream = cw_wire_number(&wire, 8);

    const uint64_t bits = cw_wire_number(&wire, 1);
    const uint64_t method = cw_wire_number(&wire, 1);

    report.own_domain = payload_run(&wire);
    report.remote_domain = payload_run(&wire);
    report.partner = payload_run(&wire);
    report.tls_version = payload_run(&wire);
    report.peer = payload_run(&wire);
    report.detail = payload_run(&wire);
    CW_TRY(cw_wire_end(&wire));
    if (bits > 3 || method >= CW_METHODS) {
        return CW_ERR_MALFORMED;
    }
    report.up = (bits & 1) != 0;
    report.outgoing = (bits & 2) != 0;
    report.method = (enum cw_method)method;
    *out = report;
    return CW_OK;
}

enum cw_err cw_frame_read_number(struct cw_bytes payload, uint64_t *out)
{
    struct cw_wire wire = over(payload);
    const uint64_t number = cw_wire_number(&wire, 8);

    CW_TRY(cw_wire_end(&wire));
    *out = number;
    return CW_OK;
}
