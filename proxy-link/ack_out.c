/* SPDX-License-Identifier: Apache-2.0 */
#include "ack_out.h"

#include <causeway/frame_write.h>
#include <stdlib.h>

#define FIRST_LOT   64u
#define COMPACT_MIN 64u /* holes that are not worth moving for */

struct item {
    uint64_t seq;
    struct cw_sent *sent; /* NULL: settled */
};

struct cw_ack_out {
    struct cw_sent *first[CW_CLASSES];
    struct cw_sent **last[CW_CLASSES];
    struct item *items; /* by seq; items[head] is not a hole, unless there are none */
    size_t head;
    size_t end;
    size_t room;
    size_t unwritten; /* items from here are to be written again */
    size_t sent_count;
    size_t count;
    size_t octets;
    uint64_t last_seq;
};

struct cw_ack_out *cw_ack_out_new(void)
{
    struct cw_ack_out *const out = calloc(1, sizeof(*out));

    if (out == NULL) {
        abort();
    }
    for (size_t i = 0; i < CW_CLASSES; i++) {
        out->last[i] = &out->first[i];
    }
    return out;
}

void cw_ack_out_free(struct cw_ack_out **out)
{
    if (*out == NULL) {
        return;
    }

    struct cw_sent *sent;

    while ((sent = cw_ack_out_pop_unsent(*out)) != NULL) {
        free(sent);
    }
    while ((sent = cw_ack_out_pop(*out, 0, UINT64_MAX)) != NULL) {
        free(sent);
    }
    free((*out)->items);
    free(*out);
    *out = NULL;
}

void cw_ack_out_push(struct cw_ack_out *out, struct cw_sent *sent)
{
    sent->next = NULL;
    sent->seq = 0;
    *out->last[sent->class] = sent;
    out->last[sent->class] = &sent->next;
    out->count++;
    out->octets += sent->len;
}

/* Takes the first of the class that goes first off its list. */
static struct cw_sent *shift_unsent(struct cw_ack_out *out)
{
    for (size_t i = 0; i < CW_CLASSES; i++) {
        struct cw_sent *const sent = out->first[i];

        if (sent != NULL) {
            out->first[i] = sent->next;
            if (sent->next == NULL) {
                out->last[i] = &out->first[i];
            }
            sent->next = NULL;
            return sent;
        }
    }
    return NULL;
}

static void forget(struct cw_ack_out *out, const struct cw_sent *sent)
{
    out->count--;
    out->octets -= sent->len;
}

struct cw_sent *cw_ack_out_pop_unsent(struct cw_ack_out *out)
{
    struct cw_sent *const sent = shift_unsent(out);

    if (sent != NULL) {
        forget(out, sent);
    }
    return sent;
}

/* Closes the holes. */
static void compact(struct cw_ack_out *out)
{
    size_t to = 0;
    size_t unwritten = 0;

    for (size_t from = out->head; from < out->end; from++) {
        if (from == out->unwritten) {
            unwritten = to;
        }
        if (out->items[from].sent != NULL) {
            out->items[to++] = out->items[from];
        }
    }
    out->unwritten = out->unwritten >= out->end ? to : unwritten;
    out->head = 0;
    out->end = to;
}

static void make_room(struct cw_ack_out *out)
{
    compact(out);
    if (out->end * 2 >= out->room) {
        out->room = out->room == 0 ? FIRST_LOT : out->room * 2;
        out->items = realloc(out->items, out->room * sizeof(*out->items));
        if (out->items == NULL) {
            abort();
        }
    }
}

static void append(struct cw_ack_out *out, struct cw_sent *sent)
{
    if (out->end == out->room) {
        make_room(out);
    }
    out->items[out->end++] = (struct item){sent->seq, sent};
    out->unwritten = out->end;
    out->sent_count++;
}

const struct cw_sent *cw_ack_out_next(struct cw_ack_out *out)
{
    while (out->unwritten < out->end) {
        const struct cw_sent *const again = out->items[out->unwritten++].sent;

        if (again != NULL) {
            return again;
        }
    }

    struct cw_sent *const sent = shift_unsent(out);

    if (sent != NULL) {
        sent->seq = ++out->last_seq;
        cw_frame_number_stanza(sent->frame, sent->seq);
        append(out, sent);
    }
    return sent;
}

/* Index of the first item with a number of at least `seq`. */
static size_t lower_bound(const struct cw_ack_out *out, uint64_t seq)
{
    size_t low = out->head;
    size_t high = out->end;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (out->items[middle].seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct cw_sent *remove_at(struct cw_ack_out *out, size_t at)
{
    struct cw_sent *const sent = out->items[at].sent;

    out->items[at].sent = NULL;
    out->sent_count--;
    forget(out, sent);
    while (out->head < out->end && out->items[out->head].sent == NULL) {
        out->head++;
    }
    if (out->head == out->end) {
        out->head = 0;
        out->end = 0;
        out->unwritten = 0;
    } else {
        if (out->unwritten < out->head) {
            out->unwritten = out->head;
        }
        if (out->end - out->head > COMPACT_MIN + 2 * out->sent_count) {
            compact(out);
        }
    }
    return sent;
}

struct cw_sent *cw_ack_out_pop(struct cw_ack_out *out, uint64_t first, uint64_t last)
{
    size_t at = lower_bound(out, first);

    while (at < out->end && out->items[at].sent == NULL) {
        at++;
    }
    if (at == out->end || out->items[at].seq > last) {
        return NULL;
    }
    return remove_at(out, at);
}

struct cw_sent *cw_ack_out_settle(struct cw_ack_out *out, uint64_t seq)
{
    return cw_ack_out_pop(out, seq, seq);
}

enum cw_err cw_ack_out_resume(struct cw_ack_out *out, uint64_t received)
{
    if (received > out->last_seq) {
        return CW_ERR_PROTOCOL;
    }
    out->unwritten = received == UINT64_MAX ? out->end : lower_bound(out, received + 1);
    return CW_OK;
}

void cw_ack_out_renumber(struct cw_ack_out *out)
{
    compact(out);
    for (size_t i = 0; i < out->end; i++) {
        struct cw_sent *const sent = out->items[i].sent;

        sent->seq = ++out->last_seq;
        out->items[i].seq = sent->seq;
        cw_frame_number_stanza(sent->frame, sent->seq);
    }
    out->unwritten = 0;
}

uint64_t cw_ack_out_oldest(const struct cw_ack_out *out)
{
    return out->head < out->end ? out->items[out->head].seq : 0;
}

uint64_t cw_ack_out_last(const struct cw_ack_out *out)
{
    return out->last_seq;
}

size_t cw_ack_out_count(const struct cw_ack_out *out)
{
    return out->count;
}

size_t cw_ack_out_octets(const struct cw_ack_out *out)
{
    return out->octets;
}
