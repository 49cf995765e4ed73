/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/frame_write.h>

#define SEQ_AT CW_FRAME_HEADER_LEN /* a stanza's payload begins with its number */

/* What a peer of an older release may skip. */
static bool is_optional(enum cw_frame_type type)
{
    return type == CW_FRAME_REPORT || type == CW_FRAME_KNOCK;
}

void cw_frame_write_header(enum cw_frame_type type, uint32_t payload_len,
                           uint8_t out[CW_FRAME_HEADER_LEN])
{
    struct cw_wire_out wire = cw_wire_into(out, CW_FRAME_HEADER_LEN);

    cw_wire_put_number(&wire, CW_FRAME_VERSION, 1);
    cw_wire_put_number(&wire, (uint64_t)type, 1);
    cw_wire_put_number(&wire, is_optional(type) ? CW_FRAME_FLAG_OPTIONAL : 0, 2);
    cw_wire_put_number(&wire, payload_len, 4);
}

/* Leaves room for the header, which finish() writes when the length is known. */
static struct cw_wire_out begin(uint8_t *out, size_t room)
{
    static const uint8_t NONE[CW_FRAME_HEADER_LEN];
    struct cw_wire_out wire = cw_wire_into(out, room);

    cw_wire_put_fixed(&wire, NONE, sizeof(NONE));
    return wire;
}

static size_t finish(const struct cw_wire_out *wire, enum cw_frame_type type)
{
    const size_t payload_len = wire->len - CW_FRAME_HEADER_LEN;

    if (wire->broken || payload_len > CW_FRAME_MAX_PAYLOAD) {
        return 0;
    }
    if (wire->len <= wire->room) {
        cw_frame_write_header(type, (uint32_t)payload_len, wire->base);
    }
    return wire->len;
}

size_t cw_frame_write_hello(enum cw_frame_type type, const struct cw_frame_hello *hello,
                            uint8_t *out, size_t room)
{
    struct cw_wire_out wire = begin(out, room);

    if (hello->node.len > CW_FRAME_MAX_NODE || hello->pool.len > CW_FRAME_MAX_NODE) {
        return 0;
    }
    cw_wire_put_number(&wire, hello->protocol, 2);
    cw_wire_put_run(&wire, hello->node, 1);
    cw_wire_put_run(&wire, hello->pool, 1);
    cw_wire_put_number(&wire, hello->epoch, 8);
    cw_wire_put_number(&wire, hello->peer_epoch, 8);
    cw_wire_put_number(&wire, hello->received, 8);
    cw_wire_put_number(&wire, hello->oldest, 8);
    cw_wire_put_number(&wire, hello->revision, 8);
    cw_wire_put_number(&wire, hello->credit, 4);
    return finish(&wire, type);
}

size_t cw_frame_write_stanza(const struct cw_frame_stanza *stanza, uint8_t *out, size_t room)
{
    struct cw_wire_out wire = begin(out, room);

    cw_wire_put_number(&wire, stanza->seq, 8);
    cw_wire_put_number(&wire, (uint64_t)stanza->class, 1);
    cw_wire_put_number(&wire, (uint64_t)stanza->method, 1);
    cw_wire_put_fixed(&wire, stanza->trace, sizeof(stanza->trace));
    cw_wire_put_run(&wire, stanza->from_domain, 1);
    cw_wire_put_run(&wire, stanza->to_domain, 1);
    cw_wire_put_run(&wire, stanza->partner, 1);
    cw_wire_put_run(&wire, stanza->xml, 4);
    return finish(&wire, CW_FRAME_STANZA);
}

void cw_frame_number_stanza(uint8_t *frame, uint64_t seq)
{
    struct cw_wire_out wire = cw_wire_into(frame + SEQ_AT, 8);

    cw_wire_put_number(&wire, seq, 8);
}

size_t cw_frame_write_ack(const struct cw_frame_ack *ack, uint8_t *out, size_t room)
{
    struct cw_wire_out wire = begin(out, room);

    cw_wire_put_number(&wire, ack->seq, 8);
    cw_wire_put_number(&wire, (uint64_t)ack->fate, 1);
    cw_wire_put_number(&wire, (uint64_t)ack->reason, 1);
    return finish(&wire, CW_FRAME_ACK);
}

size_t cw_frame_write_credit(const struct cw_frame_credit *credit, uint8_t *out, size_t room)
{
    struct cw_wire_out wire = begin(out, room);

    cw_wire_put_run(&wire, credit->partner, 1);
    cw_wire_put_number(&wire, credit->count, 4);
    return finish(&wire, CW_FRAME_CREDIT);
}

size_t cw_frame_write_goaway(const struct cw_frame_goaway *goaway, uint8_t *out, size_t room)
{
    struct cw_wire_out wire = begin(out, room);

    cw_wire_put_number(&wire, goaway->last_seq, 8);
    cw_wire_put_run(&wire, goaway->reason, 1);
    return finish(&wire, CW_FRAME_GOAWAY);
}

size_t cw_frame_write_report(const struct cw_frame_report *report, uint8_t *out, size_t room)
{
    struct cw_wire_out wire = begin(out, room);

    cw_wire_put_number(&wire, report->stream, 8);
    cw_wire_put_number(&wire, (report->up ? 1u : 0u) | (report->outgoing ? 2u : 0u), 1);
    cw_wire_put_number(&wire, (uint64_t)report->method, 1);
    cw_wire_put_run(&wire, report->own_domain, 1);
    cw_wire_put_run(&wire, report->remote_domain, 1);
    cw_wire_put_run(&wire, report->partner, 1);
    cw_wire_put_run(&wire, report->tls_version, 1);
    cw_wire_put_run(&wire, report->peer, 1);
    cw_wire_put_run(&wire, report->detail, 1);
    return finish(&wire, CW_FRAME_REPORT);
}

size_t cw_frame_write_number(enum cw_frame_type type, uint64_t number, uint8_t *out, size_t room)
{
    struct cw_wire_out wire = begin(out, room);

    cw_wire_put_number(&wire, number, 8);
    return finish(&wire, type);
}
