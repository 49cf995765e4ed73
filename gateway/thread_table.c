/* SPDX-License-Identifier: Apache-2.0 */
#include "thread_table.h"

#include "shelf.h"
#include "table.h"

#include <stdlib.h>

#define CALL_ID_MAX 128u /* octets, MSG-16 */

/* What a Call-ID stands for. */
struct meaning {
    size_t thread_len; /* 0: it came from SIP and stands for itself */
    char thread[];
};

struct cw_thread_table {
    uint64_t secret[2];
    struct cw_shelf *call_ids;
};

struct cw_thread_table *cw_thread_table_new(const uint64_t secret[2])
{
    struct cw_thread_table *threads = calloc(1, sizeof(*threads));

    if (threads == NULL) {
        abort();
    }
    threads->secret[0] = secret[0];
    threads->secret[1] = secret[1];
    threads->call_ids = cw_shelf_new(secret, CW_THREADS_MAX, CW_THREADS_TTL_MS, NULL, NULL);
    return threads;
}

void cw_thread_table_free(struct cw_thread_table **threads)
{
    if (*threads == NULL) {
        return;
    }
    cw_shelf_free(&(*threads)->call_ids);
    free(*threads);
    *threads = NULL;
}

/* Each hash keys the next one, so that the borders between the texts count. */
static uint64_t hash(const struct cw_thread_table *threads, uint64_t turn, struct cw_bytes thread,
                     struct cw_bytes from, struct cw_bytes to)
{
    const uint64_t first[2] = {threads->secret[0] ^ turn, threads->secret[1]};
    const uint64_t second[2] = {cw_table_hash(first, thread), threads->secret[1]};
    const uint64_t third[2] = {cw_table_hash(second, from), threads->secret[1]};

    return cw_table_hash(third, to);
}

static void put_hex(char *to, uint64_t number)
{
    static const char HEX[] = "0123456789abcdef";

    for (size_t i = 0; i < CW_THREAD_DIGEST_LEN / 2; i++) {
        to[i] = HEX[number >> (60 - 4 * i) & 15];
    }
}

static void remember(struct cw_thread_table *threads, struct cw_bytes call_id,
                     struct cw_bytes thread, uint64_t now_ms)
{
    struct meaning *meaning =
        cw_shelf_put(threads->call_ids, call_id, sizeof(*meaning) + thread.len, now_ms);

    meaning->thread_len = thread.len;
    if (thread.len != 0) {
        memcpy(meaning->thread, thread.base, thread.len);
    }
}

void cw_thread_note(struct cw_thread_table *threads, struct cw_bytes call_id, uint64_t now_ms)
{
    if (call_id.len != 0 && call_id.len <= CALL_ID_MAX &&
        cw_shelf_find(threads->call_ids, call_id, now_ms) == NULL) {
        remember(threads, call_id, (struct cw_bytes){0}, now_ms);
    }
}

struct cw_bytes cw_thread_call_id(struct cw_thread_table *threads, struct cw_bytes thread,
                                  struct cw_bytes from, struct cw_bytes to, uint64_t now_ms,
                                  char digest[CW_THREAD_DIGEST_LEN])
{
    const struct meaning *known = cw_shelf_find(threads->call_ids, thread, now_ms);
    const struct cw_bytes call_id = {digest, CW_THREAD_DIGEST_LEN};

    if (known != NULL && known->thread_len == 0) {
        return thread;
    }
    put_hex(digest, hash(threads, 1, thread, from, to));
    put_hex(digest + CW_THREAD_DIGEST_LEN / 2, hash(threads, 2, thread, from, to));
    remember(threads, call_id, thread, now_ms);
    return call_id;
}

struct cw_bytes cw_thread_of(struct cw_thread_table *threads, struct cw_bytes call_id,
                             uint64_t now_ms)
{
    const struct meaning *known = cw_shelf_find(threads->call_ids, call_id, now_ms);

    return known != NULL && known->thread_len != 0
               ? (struct cw_bytes){known->thread, known->thread_len}
               : call_id;
}
