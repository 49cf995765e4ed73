/* SPDX-License-Identifier: Apache-2.0 */
#include "srv.h"

#include <causeway/wire.h>

#define LABEL_MAX 63u

uint64_t cw_srv_chance(uint64_t *seed, uint64_t below)
{
    uint64_t mix = (*seed += UINT64_C(0x9e3779b97f4a7c15));

    mix = (mix ^ (mix >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mix = (mix ^ (mix >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (mix ^ (mix >> 31)) % below;
}

/* The octet in lower case, or 0 when no host name has it. */
static char name_octet(char octet)
{
    if (octet >= 'A' && octet <= 'Z') {
        return (char)(octet - 'A' + 'a');
    }
    if ((octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' ||
        octet == '_') {
        return octet;
    }
    return 0;
}

/* Appends one label, with a dot before it unless it is the first. */
static bool add_label(char *target, size_t *len, struct cw_bytes label)
{
    if (label.len > LABEL_MAX || *len + label.len + 2 > CW_SRV_NAME_SIZE) {
        return false;
    }
    if (*len > 0) {
        target[(*len)++] = '.';
    }
    for (size_t i = 0; i < label.len; i++) {
        const char octet = name_octet(label.base[i]);

        if (octet == 0) {
            return false;
        }
        target[(*len)++] = octet;
    }
    return true;
}

static bool read_name(struct cw_wire *wire, char *target)
{
    size_t len = 0;
    struct cw_bytes label = cw_wire_run(wire, 1);

    while (!wire->broken && label.len > 0) {
        if (!add_label(target, &len, label)) {
            return false;
        }
        label = cw_wire_run(wire, 1);
    }
    target[len] = '\0';
    return true;
}

enum cw_err cw_srv_read(struct cw_bytes data, struct cw_srv_record *out)
{
    struct cw_wire wire = cw_wire_over((const uint8_t *)data.base, data.len);
    struct cw_srv_record record = {.direct_tls = out->direct_tls};

    record.priority = (uint16_t)cw_wire_number(&wire, 2);
    record.weight = (uint16_t)cw_wire_number(&wire, 2);
    record.port = (uint16_t)cw_wire_number(&wire, 2);
    if (!read_name(&wire, record.target)) {
        return CW_ERR_MALFORMED;
    }
    CW_TRY(cw_wire_end(&wire));
    *out = record;
    return CW_OK;
}

static void swap(struct cw_srv_record *a, struct cw_srv_record *b)
{
    const struct cw_srv_record kept = *a;

    *a = *b;
    *b = kept;
}

/* Lowest priority first; inside one, weight 0 before the others, as RFC 2782 wants it for its draw.
 */
static bool before(const struct cw_srv_record *a, const struct cw_srv_record *b)
{
    if (a->priority != b->priority) {
        return a->priority < b->priority;
    }
    return a->weight == 0 && b->weight != 0;
}

static void sort(struct cw_srv_record *records, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && before(&records[k], &records[k - 1]); k--) {
            swap(&records[k], &records[k - 1]);
        }
    }
}

/* One draw of RFC 2782: the first record whose running sum of weights reaches a number from 0 to
 * the sum of all. */
static size_t draw(const struct cw_srv_record *records, size_t count, uint64_t *seed)
{
    uint64_t sum = 0;
    uint64_t running = 0;

    for (size_t i = 0; i < count; i++) {
        sum += records[i].weight;
    }

    const uint64_t chosen = cw_srv_chance(seed, sum + 1);

    for (size_t i = 0; i < count; i++) {
        running += records[i].weight;
        if (running >= chosen) {
            return i;
        }
    }
    return count - 1;
}

/* Moves records[at] to the front and keeps the order of the others. */
static void bring_forward(struct cw_srv_record *records, size_t at)
{
    for (; at > 0; at--) {
        swap(&records[at], &records[at - 1]);
    }
}

void cw_srv_order(struct cw_srv_record *records, size_t count, uint64_t *seed)
{
    sort(records, count);
    for (size_t at = 0; at < count; at++) { /* STREAM-1 */
        size_t same = 1;

        while (at + same < count && records[at + same].priority == records[at].priority) {
            same++;
        }
        bring_forward(records + at, draw(records + at, same, seed));
    }
}

/* Takes the targets of one answer; the root as target is none (STREAM-2). */
static void take_targets(const struct cw_srv_answer *answer, bool direct_tls,
                         struct cw_srv_plan *plan)
{
    if (answer->status != CW_DNS_FOUND) {
        return;
    }
    for (size_t i = 0; i < answer->count && i < CW_SRV_MAX_RECORDS; i++) {
        if (answer->records[i].target[0] != '\0') {
            plan->targets[plan->count] = answer->records[i];
            plan->targets[plan->count].direct_tls = direct_tls;
            plan->count++;
        }
    }
}

enum cw_srv_verdict cw_srv_decide(const struct cw_srv_answer *xmpp,
                                  const struct cw_srv_answer *xmpps, uint64_t *seed,
                                  struct cw_srv_plan *plan)
{
    if (xmpp->status == CW_DNS_BOGUS || xmpps->status == CW_DNS_BOGUS) { /* STREAM-7 */
        return CW_SRV_ABORT;
    }

    plan->count = 0;
    take_targets(xmpp, false, plan);
    take_targets(xmpps, true, plan); /* STREAM-5 */
    if (plan->count > 0) {
        cw_srv_order(plan->targets, plan->count, seed);
        return CW_SRV_USE;
    }
    if (xmpp->status == CW_DNS_FOUND) { /* STREAM-2 */
        return CW_SRV_NO_SERVICE;
    }
    if (xmpp->status == CW_DNS_UNKNOWN || xmpps->status == CW_DNS_UNKNOWN) { /* STREAM-3 */
        return CW_SRV_RETRY;
    }
    /* STREAM-3, STREAM-5: a _xmpps-server record that says "none" is an answer, too */
    return xmpps->status == CW_DNS_FOUND ? CW_SRV_NO_SERVICE : CW_SRV_FALLBACK;
}
