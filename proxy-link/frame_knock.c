/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/frame_knock.h>

#include <causeway/frame_write.h>

/* What comes from an edge reaches tables and logs: visible ASCII only. */
static bool is_name(struct cw_bytes name, size_t min_len, size_t max_len)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.base[i] < 0x21 || name.base[i] > 0x7e) {
            return false;
        }
    }
    return name.len >= min_len && name.len <= max_len;
}

static enum cw_err read_one(struct cw_wire *wire, struct cw_frame_knock *out)
{
    const uint64_t bits = cw_wire_number(wire, 1);

    out->outgoing = (bits & 1) != 0;
    out->count = (uint32_t)cw_wire_number(wire, 4);
    out->domain = cw_wire_run(wire, 1);
    out->peer = cw_wire_run(wire, 1);
    if (bits > 1 || out->count == 0 || !is_name(out->domain, 1, CW_FRAME_MAX_NAME) ||
        !is_name(out->peer, 0, CW_FRAME_MAX_PEER)) {
        return CW_ERR_MALFORMED;
    }
    return CW_OK;
}

enum cw_err cw_frame_read_knocks(struct cw_bytes payload, struct cw_frame_knocks *out)
{
    struct cw_wire wire = cw_wire_over((const uint8_t *)payload.base, payload.len);
    struct cw_frame_knocks knocks = {.unnamed = (uint32_t)cw_wire_number(&wire, 4)};

    knocks.count = (size_t)cw_wire_number(&wire, 1);
    if (knocks.count > CW_FRAME_MAX_KNOCKS || (knocks.count == 0 && knocks.unnamed == 0)) {
        return CW_ERR_MALFORMED;
    }
    for (size_t i = 0; i < knocks.count; i++) {
        CW_TRY(read_one(&wire, &knocks.items[i]));
    }
    CW_TRY(cw_wire_end(&wire));
    *out = knocks;
    return CW_OK;
}

static void write_all(const struct cw_frame_knocks *knocks, struct cw_wire_out *wire)
{
    static const uint8_t NO_HEADER[CW_FRAME_HEADER_LEN];

    cw_wire_put_fixed(wire, NO_HEADER, sizeof(NO_HEADER));
    cw_wire_put_number(wire, knocks->unnamed, 4);
    cw_wire_put_number(wire, knocks->count, 1);
    for (size_t i = 0; i < knocks->count; i++) {
        const struct cw_frame_knock *const one = &knocks->items[i];

        cw_wire_put_number(wire, one->outgoing ? 1u : 0u, 1);
        cw_wire_put_number(wire, one->count, 4);
        cw_wire_put_run(wire, one->domain, 1);
        cw_wire_put_run(wire, one->peer, 1);
    }
}

static bool fits(const struct cw_frame_knocks *knocks)
{
    for (size_t i = 0; i < knocks->count && knocks->count <= CW_FRAME_MAX_KNOCKS; i++) {
        if (knocks->items[i].peer.len > CW_FRAME_MAX_PEER) {
            return false;
        }
    }
    return knocks->count <= CW_FRAME_MAX_KNOCKS;
}

size_t cw_frame_write_knocks(const struct cw_frame_knocks *knocks, uint8_t *out, size_t room)
{
    struct cw_wire_out wire = cw_wire_into(out, room);

    if (!fits(knocks)) {
        return 0;
    }
    write_all(knocks, &wire);
    if (wire.broken) {
        return 0;
    }
    if (wire.len <= wire.room) {
        cw_frame_write_header(CW_FRAME_KNOCK, (uint32_t)(wire.len - CW_FRAME_HEADER_LEN),
                              wire.base);
    }
    return wire.len;
}
