/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/frame_knock.h>
#include <causeway/frame_write.h>
#include <stdlib.h>

enum { ROOM = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read and is written again must be the same octets: nothing is lost or invented. */
static void same(const uint8_t *payload, size_t len, const uint8_t *frame, size_t frame_len)
{
    if (frame_len != len + CW_FRAME_HEADER_LEN ||
        memcmp(frame + CW_FRAME_HEADER_LEN, payload, len) != 0) {
        abort();
    }
}

static void try_stanza(struct cw_bytes payload, uint8_t *room)
{
    struct cw_frame_stanza stanza;

    if (cw_frame_read_stanza(payload, &stanza) == CW_OK) {
        same((const uint8_t *)payload.base, payload.len, room,
             cw_frame_write_stanza(&stanza, room, ROOM));
    }
}

static void try_hello(struct cw_bytes payload, uint8_t *room)
{
    struct cw_frame_hello hello;

    if (cw_frame_read_hello(payload, &hello) == CW_OK) {
        same((const uint8_t *)payload.base, payload.len, room,
             cw_frame_write_hello(CW_FRAME_HELLO, &hello, room, ROOM));
    }
}

static void try_report(struct cw_bytes payload, uint8_t *room)
{
    struct cw_frame_report report;

    if (cw_frame_read_report(payload, &report) == CW_OK) {
        same((const uint8_t *)payload.base, payload.len, room,
             cw_frame_write_report(&report, room, ROOM));
    }
}

static void try_knocks(struct cw_bytes payload, uint8_t *room)
{
    struct cw_frame_knocks knocks;

    if (cw_frame_read_knocks(payload, &knocks) == CW_OK) {
        const size_t len = cw_frame_write_knocks(&knocks, room, ROOM);

        if (len > CW_FRAME_MAX_KNOCK) {
            abort();
        }
        same((const uint8_t *)payload.base, payload.len, room, len);
    }
}

static void try_small(struct cw_bytes payload, uint8_t *room)
{
    const uint8_t *const octets = (const uint8_t *)payload.base;
    struct cw_frame_ack ack;
    struct cw_frame_credit credit;
    struct cw_frame_goaway goaway;
    uint64_t number;

    if (cw_frame_read_ack(payload, &ack) == CW_OK) {
        same(octets, payload.len, room, cw_frame_write_ack(&ack, room, ROOM));
    }
    if (cw_frame_read_credit(payload, &credit) == CW_OK) {
        same(octets, payload.len, room, cw_frame_write_credit(&credit, room, ROOM));
    }
    if (cw_frame_read_goaway(payload, &goaway) == CW_OK) {
        same(octets, payload.len, room, cw_frame_write_goaway(&goaway, room, ROOM));
    }
    if (cw_frame_read_number(payload, &number) == CW_OK) {
        same(octets, payload.len, room, cw_frame_write_number(CW_FRAME_PING, number, room, ROOM));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[ROOM];
    const struct cw_bytes payload = {(const char *)data, size};

    if (size > CW_FRAME_MAX_PAYLOAD) {
        return 0;
    }
    try_stanza(payload, room);
    try_hello(payload, room);
    try_report(payload, room);
    try_knocks(payload, room);
    try_small(payload, room);
    return 0;
}
