/* SPDX-License-Identifier: Apache-2.0 */
/* A gateway's and an edge's session on a network of bytes that is cut at any point, while either
 * process is killed and started again: a seeded model, every invariant checked at every step. */
#include "cw_test.h"
#include "frame_split.h"
#include "session.h"

#include <causeway/frame_write.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    GATEWAY,
    EDGE,
    SIDES,
    SEEDS = 150,
    STEPS = 1500,
    MAX_STANZAS = 4096,
    UNSETTLED_MAX = 64,
    PARTNERS = 3,
    LAST_STEPS = 20000
};

/* What is known of one stanza, over all processes. */
struct record {
    unsigned sender;          /* side */
    unsigned sender_life;     /* which process of that side */
    unsigned seen_by_life;    /* last process that received it; 0: none */
    unsigned written_to_life; /* of the receiver when it was last met; 0: not written */
    enum cw_fate told;        /* what the receiver settled; 0: nothing */
    unsigned fates;
    enum cw_fate fate;
    enum cw_stanza_class class;
};

struct held {
    uint64_t handle;
    unsigned id;
};

struct process {
    struct cw_session *session;
    unsigned life;
    bool up;
    unsigned peer_life; /* met on this connection */
    struct cw_frame_split split;
    uint8_t *wire; /* bytes on their way to this process */
    size_t wire_len, wire_room;
    struct held held[MAX_STANZAS]; /* received, not settled, oldest first */
    size_t held_count;
    struct cw_frame_ack taken;
    uint64_t ping_token;
    unsigned last_id[CW_CLASSES][PARTNERS]; /* received in this life */
};

struct model {
    uint64_t random;
    bool connected;
    struct process side[SIDES];
    struct record records[MAX_STANZAS];
    unsigned count; /* ids are 1..count */
    unsigned busy;
};

static const char *const NAMES[PARTNERS] = {"a.example", "b.example", "c.example"};

/* xorshift64* */
static uint32_t dice(struct model *model, uint32_t sides)
{
    model->random ^= model->random >> 12;
    model->random ^= model->random << 25;
    model->random ^= model->random >> 27;
    return (uint32_t)((model->random * 0x2545f4914f6cdd1du) >> 32) % sides;
}

static void put_on_wire(struct model *model, unsigned to, const uint8_t *octets, size_t len)
{
    struct process *const process = &model->side[to];

    if (process->wire_len + len > process->wire_room) {
        process->wire_room = (process->wire_len + len) * 2;
        process->wire = realloc(process->wire, process->wire_room);
    }
    memcpy(process->wire + process->wire_len, octets, len);
    process->wire_len += len;
}

static void start(struct model *model, unsigned side)
{
    struct process *const process = &model->side[side];
    uint64_t epoch = (uint64_t)dice(model, UINT32_MAX) + 1;

    process->session =
        cw_session_new(side == EDGE, side == EDGE ? "edge1" : "gw1", "pool", epoch, UNSETTLED_MAX);
    process->life++;
    process->held_count = 0;
    memset(process->last_id, 0, sizeof(process->last_id));
}

static void cut(struct model *model)
{
    for (unsigned side = 0; side < SIDES; side++) {
        model->side[side].wire_len = 0;
        model->side[side].up = false;
        cw_frame_split_clear(&model->side[side].split);
    }
    model->connected = false;
}

static void kill_and_start(struct model *model, unsigned side)
{
    cut(model);
    cw_session_free(&model->side[side].session);
    start(model, side);
}

static void greet(struct model *model, unsigned from, enum cw_frame_type type)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];
    struct cw_frame_hello hello;

    cw_session_hello(model->side[from].session, 1, &hello);
    put_on_wire(model, !from, frame, cw_frame_write_hello(type, &hello, frame, sizeof(frame)));
}

static void note_fate(struct model *model, unsigned side, struct cw_sent *sent, enum cw_fate fate)
{
    const unsigned id = (unsigned)(uintptr_t)sent->cookie;
    struct record *const record = &model->records[id];

    assert_int_equal(record->sender, side);
    assert_int_equal(record->sender_life, model->side[side].life); /* no fate of a former life */
    record->fates++;
    assert_int_equal(record->fates, 1);
    record->fate = fate;
    if (fate == CW_FATE_AMBIGUOUS && record->told != CW_FATE_AMBIGUOUS) {
        /* Only when the process that it was written to is gone. */
        assert_int_equal(side, GATEWAY);
        assert_int_not_equal(record->written_to_life, 0);
        assert_true(record->written_to_life < model->side[EDGE].life);
    } else {
        assert_int_equal(fate, record->told);
    }
    free(sent);
}

static void write_ack(struct model *model, unsigned side, const struct cw_frame_ack *ack)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];

    put_on_wire(model, !side, frame, cw_frame_write_ack(ack, frame, sizeof(frame)));
}

static void come_up(struct model *model, unsigned side)
{
    struct process *const process = &model->side[side];
    struct cw_frame_ack ack;
    struct cw_sent *sent;
    size_t index = 0;

    process->up = true;
    process->peer_life = model->side[!side].life;
    process->ping_token = 0;
    process->taken.seq = 0;
    while (cw_ack_in_retell(process->session->in, &index, &ack)) {
        write_ack(model, side, &ack);
    }
    while ((sent = cw_session_pop_lost(process->session)) != NULL) {
        note_fate(model, side, sent, CW_FATE_AMBIGUOUS);
    }
}

static void take_hello(struct model *model, unsigned side, struct cw_bytes payload)
{
    struct process *const process = &model->side[side];
    struct cw_frame_hello hello;

    assert_int_equal(cw_frame_read_hello(payload, &hello), CW_OK);
    assert_null(cw_session_objection(process->session, &hello));
    assert_int_equal(cw_session_meet(process->session, &hello), CW_OK);
    if (side == EDGE) {
        greet(model, EDGE, CW_FRAME_WELCOME);
    }
    come_up(model, side);
}

static unsigned partner_index(struct cw_bytes partner)
{
    return (unsigned)(partner.base[0] - 'a');
}

static void take_stanza(struct model *model, unsigned side, struct cw_bytes payload)
{
    struct process *const process = &model->side[side];
    struct cw_frame_stanza stanza;
    uint64_t handle;
    unsigned id;

    assert_int_equal(cw_frame_read_stanza(payload, &stanza), CW_OK);
    assert_int_equal(cw_session_receive(process->session, &stanza, &handle), CW_OK);
    if (handle == 0) {
        return;
    }
    memcpy(&id, stanza.trace, sizeof(id));

    struct record *const record = &model->records[id];

    assert_int_equal(record->sender, !side);
    assert_true(record->seen_by_life < process->life); /* never twice to one process */
    if (record->sender == GATEWAY) {
        assert_int_equal(record->seen_by_life, 0); /* nor to the next: that is for its owner */
    }
    record->seen_by_life = process->life;

    unsigned *const last = &process->last_id[stanza.class][partner_index(stanza.partner)];

    assert_true(id > *last); /* order */
    *last = id;
    process->held[process->held_count++] = (struct held){handle, id};
}

static void take_ack(struct model *model, unsigned side, struct cw_bytes payload)
{
    struct process *const process = &model->side[side];
    struct cw_frame_ack ack;
    struct cw_sent *sent;

    assert_int_equal(cw_frame_read_ack(payload, &ack), CW_OK);
    assert_true(cw_session_may_ack(process->session, &ack));
    while ((sent = cw_session_settled(process->session, &ack)) != NULL) {
        note_fate(model, side, sent, ack.fate);
    }
}

static void take_number(struct model *model, unsigned side, uint8_t type, struct cw_bytes payload)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];
    uint64_t token;

    assert_int_equal(cw_frame_read_number(payload, &token), CW_OK);
    if (type == CW_FRAME_PING) {
        put_on_wire(model, !side, frame,
                    cw_frame_write_number(CW_FRAME_PONG, token, frame, sizeof(frame)));
    } else {
        cw_ack_in_confirm(model->side[side].session->in, (uint32_t)token);
    }
}

static void take_frame(struct model *model, unsigned side, uint8_t type, struct cw_bytes payload)
{
    struct cw_frame_credit credit;

    switch ((unsigned)type) {
    case CW_FRAME_HELLO:
    case CW_FRAME_WELCOME:
        take_hello(model, side, payload);
        break;
    case CW_FRAME_STANZA:
        take_stanza(model, side, payload);
        break;
    case CW_FRAME_ACK:
        take_ack(model, side, payload);
        break;
    case CW_FRAME_CREDIT:
        assert_int_equal(cw_frame_read_credit(payload, &credit), CW_OK);
        cw_session_credited(model->side[side].session, &credit);
        break;
    default:
        take_number(model, side, type, payload);
        break;
    }
}

/* Some of the bytes on the wire arrive. */
static void arrive(struct model *model, unsigned side)
{
    struct process *const process = &model->side[side];
    const size_t len = process->wire_len == 0 ? 0 : 1 + dice(model, (uint32_t)process->wire_len);
    uint8_t *const copy = malloc(len + 1);
    struct cw_bytes data = {(const char *)copy, len};
    struct cw_frame_header header;
    struct cw_bytes payload;
    enum cw_err err;

    if (len > 0) {
        memcpy(copy, process->wire, len);
        memmove(process->wire, process->wire + len, process->wire_len - len);
        process->wire_len -= len;
    }
    while (cw_frame_split_next(&process->split, &data, &header, &payload, &err) ==
           CW_FRAME_CUT_WHOLE) {
        take_frame(model, side, header.type, payload);
    }
    free(copy);
}

static void send_one(struct model *model, unsigned side)
{
    struct process *const process = &model->side[side];
    const unsigned id = model->count + 1;
    const char *const partner = NAMES[dice(model, PARTNERS)];
    struct cw_frame_stanza stanza = {
        .class = (enum cw_stanza_class)dice(model, CW_CLASSES),
        .from_domain = CW_LIT("x.example"),
        .to_domain = CW_LIT("y.example"),
        .partner = {partner, strlen(partner)},
        .xml = CW_LIT("<m/>"),
    };

    if (id == MAX_STANZAS) {
        return;
    }
    memcpy(stanza.trace, &id, sizeof(id));

    const enum cw_err err = cw_session_send(process->session, &stanza, (void *)(uintptr_t)id);

    if (err == CW_OK) {
        model->count = id;
        model->records[id] =
            (struct record){.sender = side, .sender_life = process->life, .class = stanza.class};
    } else {
        assert_int_equal(err, CW_ERR_BUSY);
        model->busy++;
    }
}

static void pump(struct model *model, unsigned side, unsigned most)
{
    struct process *const process = &model->side[side];
    const struct cw_sent *sent;

    while (process->up && most-- > 0 && (sent = cw_ack_out_next(process->session->out)) != NULL) {
        model->records[(uintptr_t)sent->cookie].written_to_life = process->peer_life;
        put_on_wire(model, !side, sent->frame, sent->len);
    }
}

static void flush(struct model *model, unsigned side)
{
    struct process *const process = &model->side[side];
    uint8_t frame[CW_FRAME_MAX_SMALL];
    struct cw_frame_credit credit;

    if (!process->up) {
        return;
    }
    if (process->taken.seq != 0) {
        write_ack(model, side, &process->taken);
        process->taken.seq = 0;
    }
    while (cw_credit_pay(process->session->credit_in, &credit)) {
        put_on_wire(model, !side, frame, cw_frame_write_credit(&credit, frame, sizeof(frame)));
    }
}

static void ping(struct model *model, unsigned side)
{
    struct process *const process = &model->side[side];
    uint8_t frame[CW_FRAME_MAX_SMALL];

    flush(model, side);
    if (process->up) {
        put_on_wire(model, !side, frame,
                    cw_frame_write_number(CW_FRAME_PING, cw_ack_in_mark(process->session->in),
                                          frame, sizeof(frame)));
    }
}

/* The gateway answers for all up to one stanza. */
static void settle_taken(struct model *model)
{
    struct process *const process = &model->side[GATEWAY];
    const size_t count = 1 + dice(model, (uint32_t)process->held_count);
    struct cw_frame_ack ack;

    for (size_t i = 0; i < count; i++) {
        model->records[process->held[i].id].told = CW_FATE_TAKEN;
    }
    if (cw_ack_in_taken(process->session->in, process->held[count - 1].handle, &ack)) {
        process->taken = ack;
    }
    process->held_count -= count;
    memmove(process->held, process->held + count, process->held_count * sizeof(*process->held));
}

static void settle_one(struct model *model, unsigned side, enum cw_fate fate)
{
    struct process *const process = &model->side[side];
    const size_t at = dice(model, (uint32_t)process->held_count);
    const struct held held = process->held[at];
    struct cw_frame_ack ack;

    process->held_count--;
    memmove(process->held + at, process->held + at + 1,
            (process->held_count - at) * sizeof(*process->held));

    const bool open = cw_ack_in_settle(process->session->in, held.handle, fate, CW_FAIL_NONE, &ack);

    if (open) {
        model->records[held.id].told = fate;
        if (process->up) {
            write_ack(model, side, &ack);
        }
    } else {
        /* Only a stanza of a process that is gone is not open any more. */
        assert_true(model->records[held.id].sender_life < model->side[!side].life);
    }
}

static void settle(struct model *model, unsigned side)
{
    static const enum cw_fate FATES[] = {CW_FATE_HANDED, CW_FATE_FAILED, CW_FATE_AMBIGUOUS};

    if (model->side[side].held_count == 0) {
        return;
    }
    if (side == GATEWAY && dice(model, 4) != 0) {
        settle_taken(model);
    } else {
        settle_one(model, side, side == GATEWAY ? CW_FATE_FAILED : FATES[dice(model, 3)]);
    }
}

static void connect_up(struct model *model)
{
    if (!model->connected) {
        model->connected = true;
        greet(model, GATEWAY, CW_FRAME_HELLO);
    }
}

static void step(struct model *model, bool calm)
{
    const unsigned side = dice(model, SIDES);
    const unsigned act = dice(model, 100);

    if (act < 25) {
        arrive(model, side);
    } else if (act < 50) {
        pump(model, side, 1 + dice(model, 8));
    } else if (act < 65) {
        settle(model, side);
    } else if (act < 72) {
        flush(model, side);
    } else if (act < 75) {
        ping(model, side);
    } else if (act < 80) {
        connect_up(model);
    } else if (!calm && act < 97) {
        send_one(model, side);
    } else if (!calm && act < 99) {
        cut(model);
    } else if (!calm && dice(model, 4) == 0) {
        kill_and_start(model, side);
    }
}

static bool is_done(const struct model *model)
{
    for (unsigned side = 0; side < SIDES; side++) {
        const struct process *const process = &model->side[side];

        if (!process->up || process->wire_len > 0 || process->held_count > 0 ||
            cw_ack_out_count(process->session->out) > 0) {
            return false;
        }
    }
    return true;
}

static void assert_all_told(const struct model *model)
{
    for (unsigned id = 1; id <= model->count; id++) {
        const struct record *const record = &model->records[id];

        if (record->sender_life == model->side[record->sender].life) {
            assert_int_equal(record->fates, 1);
        }
    }
}

static void assert_credit_is_back(struct model *model)
{
    for (unsigned side = 0; side < SIDES; side++) {
        flush(model, side);
    }
    for (unsigned round = 0; round < 1000; round++) {
        arrive(model, round % SIDES);
    }
    for (unsigned side = 0; side < SIDES; side++) {
        for (unsigned i = 0; i < PARTNERS; i++) {
            const struct cw_bytes partner = {NAMES[i], strlen(NAMES[i])};

            assert_int_equal(cw_credit_used(model->side[side].session->credit_out, partner), 0);
        }
        ping(model, side);
    }
    for (unsigned round = 0; round < 1000; round++) {
        arrive(model, round % SIDES);
    }
    for (unsigned side = 0; side < SIDES; side++) {
        assert_int_equal(cw_ack_in_count(model->side[side].session->in), 0); /* all is confirmed */
    }
}

static unsigned play(uint64_t seed)
{
    struct model *const model = calloc(1, sizeof(*model));
    unsigned steps = 0;

    model->random = seed * 0x9e3779b97f4a7c15u + 1;
    start(model, GATEWAY);
    start(model, EDGE);
    for (unsigned i = 0; i < STEPS; i++) {
        step(model, false);
    }
    while (!is_done(model) && steps++ < LAST_STEPS) {
        step(model, true);
    }
    assert_true(is_done(model));
    assert_all_told(model);
    assert_credit_is_back(model);

    const unsigned count = model->count;

    for (unsigned side = 0; side < SIDES; side++) {
        cw_session_free(&model->side[side].session);
        cw_frame_split_clear(&model->side[side].split);
        free(model->side[side].wire);
    }
    free(model);
    return count;
}

static void settles_each_stanza_once(void **state)
{
    unsigned total = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "seed %u", (unsigned)seed);
        cw_case(name);
        total += play(seed);
    }
    print_message("  %u stanzas\n", total);
    assert_true(total > SEEDS * 50);
}

static void meets_only_whom_it_may(void **state)
{
    static const struct {
        const char *name;
        bool is_edge;
        const char *node, *pool;
        uint16_t protocol;
        bool good;
    } ROWS[] = {
        {"edge, same pool", true, "gw1", "pool", 1, true},
        {"edge, peer without pool", true, "gw1", "", 1, true},
        {"edge, other pool", true, "gw1", "other", 1, false},
        {"edge, a later gateway", true, "gw1", "pool", 2, true},
        {"gateway, a later protocol chosen", false, "edge1", "pool", 2, false},
        {"own name", false, "self", "pool", 1, false},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_session *session = cw_session_new(ROWS[i].is_edge, "self", "pool", 1, 100);
        const struct cw_frame_hello peer = {.protocol = ROWS[i].protocol,
                                            .node = {ROWS[i].node, strlen(ROWS[i].node)},
                                            .pool = {ROWS[i].pool, strlen(ROWS[i].pool)},
                                            .epoch = 2,
                                            .credit = 1};

        cw_case(ROWS[i].name);
        assert_int_equal(cw_session_objection(session, &peer) == NULL, ROWS[i].good);
        cw_session_free(&session);
    }
}

static struct cw_frame_hello hello_of(uint64_t epoch, uint64_t peer_epoch, uint64_t received)
{
    return (struct cw_frame_hello){.protocol = 1,
                                   .node = CW_LIT("peer"),
                                   .epoch = epoch,
                                   .peer_epoch = peer_epoch,
                                   .received = received,
                                   .credit = 8};
}

/* The lower of both ends' highest: n and n-1 interoperate. */
static void chooses_the_protocol(void **state)
{
    struct cw_session *session = cw_session_new(true, "edge1", "", 5, 100);
    struct cw_frame_hello later = hello_of(9, 0, 0);
    struct cw_frame_hello answer;

    (void)state;
    later.protocol = CW_FRAME_PROTOCOL + 1;
    assert_int_equal(cw_session_meet(session, &later), CW_OK);
    cw_session_hello(session, 0, &answer);
    assert_int_equal(answer.protocol, CW_FRAME_PROTOCOL);
    cw_session_free(&session);
}

static void ends_on_impossible_numbers(void **state)
{
    struct cw_session *session = cw_session_new(true, "edge1", "", 5, 100);
    const struct cw_frame_hello more = hello_of(9, 5, 1);
    const struct cw_frame_hello fine = hello_of(9, 5, 0);
    struct cw_frame_stanza stanza = {.seq = 1, .partner = CW_LIT("a.example")};
    uint64_t handle;

    (void)state;
    assert_int_equal(cw_session_meet(session, &fine), CW_OK);
    assert_int_equal(cw_session_meet(session, &more), CW_ERR_PROTOCOL); /* nothing was sent */
    assert_int_equal(cw_session_receive(session, &stanza, &handle), CW_OK);
    assert_int_not_equal(handle, 0);
    stanza.seq = 3;
    assert_int_equal(cw_session_receive(session, &stanza, &handle), CW_ERR_PROTOCOL); /* a gap */
    stanza.seq = 1;
    assert_int_equal(cw_session_receive(session, &stanza, &handle), CW_OK); /* seen */
    assert_int_equal(handle, 0);
    cw_session_free(&session);
}

/* A peer that is never told of its stanzas' fates cannot fill our memory. */
static void bounds_what_is_open(void **state)
{
    struct cw_session *session = cw_session_new(true, "edge1", "", 5, 100);
    const struct cw_frame_hello peer = hello_of(9, 0, 0);
    struct cw_frame_stanza stanza = {.partner = CW_LIT("a.example")};
    enum cw_err err = CW_OK;
    uint64_t handle;

    (void)state;
    assert_int_equal(cw_session_meet(session, &peer), CW_OK);
    while (err == CW_OK && stanza.seq <= CW_ACK_IN_MAX) {
        stanza.seq++;
        err = cw_session_receive(session, &stanza, &handle);
    }
    assert_int_equal(err, CW_ERR_LIMIT);
    assert_int_equal(stanza.seq, CW_ACK_IN_MAX + 1);
    cw_session_free(&session);
}

static void bounds_what_is_sent(void **state)
{
    static char body[200000];
    struct cw_session *session = cw_session_new(false, "gw1", "", 5, 10000);
    struct cw_frame_stanza stanza = {.class = CW_CLASS_MESSAGE,
                                     .from_domain = CW_LIT("x.example"),
                                     .to_domain = CW_LIT("y.example"),
                                     .partner = CW_LIT("a.example"),
                                     .xml = {body, sizeof(body)}};
    enum cw_err err = CW_OK;
    struct cw_bytes woken;
    struct cw_sent *sent;
    size_t index = 0;
    bool was_sent;

    (void)state;
    while (err == CW_OK) {
        err = cw_session_send(session, &stanza, NULL);
    }
    assert_int_equal(err, CW_ERR_BUSY);
    assert_in_range(cw_ack_out_octets(session->out), CW_SESSION_MAX_OCTETS,
                    CW_SESSION_MAX_OCTETS + sizeof(body) + 1024);
    while (!cw_session_has_room(session)) { /* a quarter below the limit, so that it is worth it */
        sent = cw_session_abandoned(session, &was_sent);
        assert_false(was_sent);
        free(sent);
    }
    assert_true(cw_credit_wake(session->credit_out, true, &index, &woken));
    cw_assert_bytes(woken, CW_LIT("a.example"));
    assert_int_equal(cw_session_send(session, &stanza, NULL), CW_OK);
    stanza.partner = (struct cw_bytes){body, 0};
    assert_int_equal(cw_session_send(session, &stanza, NULL), CW_ERR_LIMIT);
    cw_session_free(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settles_each_stanza_once), cmocka_unit_test(meets_only_whom_it_may),
        cmocka_unit_test(chooses_the_protocol),     cmocka_unit_test(ends_on_impossible_numbers),
        cmocka_unit_test(bounds_what_is_open),      cmocka_unit_test(bounds_what_is_sent),
    };

    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
