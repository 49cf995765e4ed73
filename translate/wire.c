/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/wire.h>

struct cw_wire cw_wire_over(const uint8_t *data, size_t len)
{
    return (struct cw_wire){.at = data, .end = len == 0 ? data : data + len};
}

/* Moves past `len` bytes and returns where they were; NULL and broken if there are fewer. */
static const uint8_t *take(struct cw_wire *wire, uint64_t len)
{
    if (wire->broken || len > (uint64_t)(wire->end - wire->at)) {
        wire->broken = true;
        return NULL;
    }

    const uint8_t *const taken = wire->at;

    if (len > 0) {
        wire->at += len;
    }
    return taken;
}

uint64_t cw_wire_number(struct cw_wire *wire, size_t size)
{
    const uint8_t *const octets = take(wire, size);
    uint64_t number = 0;

    for (size_t i = 0; octets != NULL && i < size; i++) {
        number = number << 8 | octets[i];
    }
    return number;
}

struct cw_bytes cw_wire_run(struct cw_wire *wire, size_t len_size)
{
    const uint64_t len = cw_wire_number(wire, len_size);
    const uint8_t *const run = take(wire, len);

    return (struct cw_bytes){(const char *)run, run == NULL ? 0 : (size_t)len};
}

void cw_wire_fixed(struct cw_wire *wire, uint8_t *out, size_t size)
{
    const uint8_t *const octets = take(wire, size);

    if (octets != NULL) {
        memcpy(out, octets, size);
    } else {
        memset(out, 0, size);
    }
}

enum cw_err cw_wire_end(const struct cw_wire *wire)
{
    return wire->broken || wire->at != wire->end ? CW_ERR_MALFORMED : CW_OK;
}

struct cw_wire_out cw_wire_into(uint8_t *base, size_t room)
{
    return (struct cw_wire_out){.base = base, .room = room};
}

void cw_wire_put_fixed(struct cw_wire_out *wire, const uint8_t *octets, size_t size)
{
    if (size > 0 && wire->len <= wire->room && size <= wire->room - wire->len) {
        memcpy(wire->base + wire->len, octets, size);
    }
    wire->len += size;
}

void cw_wire_put_number(struct cw_wire_out *wire, uint64_t value, size_t size)
{
    uint8_t octets[8];

    if (size < sizeof(octets) && value >> (8 * size) != 0) {
        wire->broken = true;
    }
    for (size_t i = size; i > 0; i--) {
        octets[i - 1] = (uint8_t)(value & 0xff);
        value >>= 8;
    }
    cw_wire_put_fixed(wire, octets, size);
}

void cw_wire_put_run(struct cw_wire_out *wire, struct cw_bytes run, size_t len_size)
{
    cw_wire_put_number(wire, run.len, len_size);
    cw_wire_put_fixed(wire, (const uint8_t *)run.base, run.len);
}
