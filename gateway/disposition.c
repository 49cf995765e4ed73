/* SPDX-License-Identifier: Apache-2.0 */
#include "disposition.h"

#include "shelf.h"
#include "table.h"

#include <stdlib.h>

struct issued {
    struct cw_issued message;
    unsigned told; /* bits, 1 << enum cw_imdn_status */
    char text[];
};

/* Awaited messages of one conversation hang together, newest first. */
struct awaited {
    struct cw_awaited message;
    struct conversation *conversation;
    struct awaited *earlier, *later;
    struct awaited *next_owed;
    unsigned told;
    char text[];
};

struct conversation {
    struct cw_bytes key;
    struct awaited *newest;
    char text[];
};

struct cw_disposition {
    struct cw_shelf *issued;
    struct cw_shelf *awaited;
    struct cw_table *conversations;
    struct awaited *owed; /* what cw_disposition_next() gives */
};

static void leave(void *record, void *user)
{
    struct cw_disposition *disposition = user;
    struct awaited *at = record;
    struct conversation *conversation = at->conversation;

    if (at->later != NULL) {
        at->later->earlier = at->earlier;
    } else {
        conversation->newest = at->earlier;
    }
    if (at->earlier != NULL) {
        at->earlier->later = at->later;
    }
    if (conversation->newest == NULL) {
        (void)cw_table_remove(disposition->conversations, conversation->key);
        free(conversation);
    }
}

struct cw_disposition *cw_disposition_new(const uint64_t hash_key[2])
{
    struct cw_disposition *disposition = calloc(1, sizeof(*disposition));

    if (disposition == NULL) {
        abort();
    }
    disposition->issued =
        cw_shelf_new(hash_key, CW_DISPOSITION_MAX, CW_DISPOSITION_TTL_MS, NULL, NULL);
    disposition->awaited =
        cw_shelf_new(hash_key, CW_DISPOSITION_MAX, CW_DISPOSITION_TTL_MS, leave, disposition);
    disposition->conversations = cw_table_new(hash_key);
    return disposition;
}

void cw_disposition_free(struct cw_disposition **disposition)
{
    if (*disposition == NULL) {
        return;
    }
    cw_shelf_free(&(*disposition)->issued);
    cw_shelf_free(&(*disposition)->awaited);
    cw_table_free(&(*disposition)->conversations);
    free(*disposition);
    *disposition = NULL;
}

/* Copies `from` to `*at` and moves that on; absent stays absent. */
static struct cw_bytes keep(char **at, struct cw_bytes from)
{
    const struct cw_bytes kept = {from.base == NULL ? NULL : *at, from.len};

    if (from.base != NULL && from.len != 0) {
        memcpy(*at, from.base, from.len);
    }
    *at += from.len;
    return kept;
}

static struct cw_bytes joined(char *to, struct cw_bytes a, struct cw_bytes b)
{
    memcpy(to, a.base, a.len);
    to[a.len] = '\n';
    memcpy(to + a.len + 1, b.base, b.len);
    return (struct cw_bytes){to, a.len + 1 + b.len};
}

/* ---- from XMPP ---- */

void cw_disposition_issue(struct cw_disposition *disposition, struct cw_bytes message_id,
                          const struct cw_issued *message, uint64_t now_ms)
{
    const size_t len =
        message->local.len + message->remote.len + message->stanza_id.len + message->thread.len;
    struct issued *made =
        cw_shelf_put(disposition->issued, message_id, sizeof(*made) + len, now_ms);
    char *at = made->text;

    made->message = (struct cw_issued){
        .local = keep(&at, message->local),
        .remote = keep(&at, message->remote),
        .stanza_id = keep(&at, message->stanza_id),
        .thread = keep(&at, message->thread),
        .chat = message->chat,
    };
}

const struct cw_issued *cw_disposition_told(struct cw_disposition *disposition,
                                            struct cw_bytes message_id, struct cw_bytes local,
                                            enum cw_imdn_status status, uint64_t now_ms)
{
    struct issued *at = cw_shelf_find(disposition->issued, message_id, now_ms);
    const unsigned bit = 1u << status;

    if (at == NULL || (at->told & bit) != 0 || !cw_bytes_equal(at->message.local, local)) {
        return NULL; /* RCPT-4, SEC-10 */
    }
    at->told |= bit;
    return &at->message;
}

/* ---- from SIP ---- */

/* The id is the sender's own choice: one that another user chose, too, is another message. To be
 * freed. */
static char *awaited_key(struct cw_bytes local, struct cw_bytes remote, struct cw_bytes stanza_id,
                         struct cw_bytes *key)
{
    char *const text = malloc(local.len + remote.len + stanza_id.len + 2);
    struct cw_bytes pair;

    if (text == NULL) {
        abort();
    }
    pair = joined(text, local, remote);
    text[pair.len] = '\n';
    if (stanza_id.len != 0) {
        memcpy(text + pair.len + 1, stanza_id.base, stanza_id.len);
    }
    *key = (struct cw_bytes){text, pair.len + 1 + stanza_id.len};
    return text;
}

static struct conversation *conversation_of(struct cw_disposition *disposition,
                                            struct cw_bytes local, struct cw_bytes remote)
{
    const size_t len = local.len + 1 + remote.len;
    struct conversation *made = calloc(1, sizeof(*made) + len);
    struct conversation *found;

    if (made == NULL) {
        abort();
    }
    made->key = joined(made->text, local, remote);
    found = cw_table_find(disposition->conversations, made->key);
    if (found != NULL) {
        free(made);
        return found;
    }
    cw_table_add(disposition->conversations, made->key, made);
    return made;
}

static size_t length_of(const struct cw_cpim_routes *routes)
{
    size_t len = 0;

    for (size_t i = 0; i < routes->count; i++) {
        len += routes->items[i].len;
    }
    return len;
}

static void keep_routes(char **at, const struct cw_cpim_routes *from, struct cw_cpim_routes *to)
{
    for (size_t i = 0; i < from->count; i++) {
        to->items[i] = keep(at, from->items[i]);
    }
    to->count = from->count;
}

void cw_disposition_await(struct cw_disposition *disposition, struct cw_bytes stanza_id,
                          const struct cw_awaited *message, uint64_t now_ms)
{
    const size_t len = message->local.len + message->remote.len + message->message_id.len +
                       message->datetime.len + message->cpim_from.len + message->cpim_to.len +
                       length_of(&message->routes);
    struct cw_bytes key;
    char *const owned = awaited_key(message->local, message->remote, stanza_id, &key);
    struct awaited *made = cw_shelf_put(disposition->awaited, key, sizeof(*made) + len, now_ms);
    char *at = made->text;

    free(owned);

    made->message = (struct cw_awaited){
        .local = keep(&at, message->local),
        .remote = keep(&at, message->remote),
        .message_id = keep(&at, message->message_id),
        .datetime = keep(&at, message->datetime),
        .cpim_from = keep(&at, message->cpim_from),
        .cpim_to = keep(&at, message->cpim_to),
        .wants = message->wants,
    };
    keep_routes(&at, &message->routes, &made->message.routes);
    made->conversation = conversation_of(disposition, message->local, message->remote);
    made->earlier = made->conversation->newest;
    if (made->earlier != NULL) {
        made->earlier->later = made;
    }
    made->conversation->newest = made;
}

void cw_disposition_forget(struct cw_disposition *disposition, struct cw_bytes local,
                           struct cw_bytes remote, struct cw_bytes stanza_id)
{
    struct cw_bytes key;
    char *const owned = awaited_key(local, remote, stanza_id, &key);

    disposition->owed = NULL;
    cw_shelf_remove(disposition->awaited, key);
    free(owned);
}

static unsigned want_of(enum cw_imdn_status status)
{
    switch (status) {
    case CW_IMDN_DELIVERED:
        return CW_IMDN_WANT_POSITIVE;
    case CW_IMDN_DISPLAYED:
        return CW_IMDN_WANT_DISPLAY;
    case CW_IMDN_PROCESSED:
    case CW_IMDN_STORED:
        return CW_IMDN_WANT_PROCESSING; /* RCPT-13 */
    case CW_IMDN_FAILED:
    case CW_IMDN_FORBIDDEN:
    case CW_IMDN_ERROR:
    case CW_IMDN_STATUSES:
        break;
    }
    return CW_IMDN_WANT_NEGATIVE; /* RCPT-12 */
}

/* RCPT-9, RCPT-12: one notice of each kind; no failure of what was delivered. */
static bool is_owed(const struct awaited *at, enum cw_imdn_status status)
{
    const unsigned delivered = 1u << CW_IMDN_DELIVERED | 1u << CW_IMDN_DISPLAYED;

    return (at->message.wants & want_of(status)) != 0 && (at->told & 1u << status) == 0 &&
           (status != CW_IMDN_FAILED || (at->told & delivered) == 0);
}

void cw_disposition_tell(struct cw_disposition *disposition, struct cw_bytes local,
                         struct cw_bytes remote, struct cw_bytes stanza_id,
                         enum cw_imdn_status status, uint64_t now_ms)
{
    struct cw_bytes key;
    char *const owned = awaited_key(local, remote, stanza_id, &key);
    struct awaited *at = cw_shelf_find(disposition->awaited, key, now_ms);
    const unsigned bit = 1u << status;

    free(owned);
    disposition->owed = NULL;
    /* Markers never move backwards: whoever told of one has told of all before it (RCPT-10). */
    for (; at != NULL && (at->told & bit) == 0; at = at->earlier) {
        if (is_owed(at, status)) {
            at->next_owed = disposition->owed;
            disposition->owed = at;
        }
        at->told |= bit;
        if (status != CW_IMDN_DISPLAYED) {
            return;
        }
    }
}

const struct cw_awaited *cw_disposition_next(struct cw_disposition *disposition)
{
    struct awaited *at = disposition->owed;

    if (at == NULL) {
        return NULL;
    }
    disposition->owed = at->next_owed;
    return &at->message;
}

size_t cw_disposition_count(const struct cw_disposition *disposition)
{
    return cw_shelf_count(disposition->issued) + cw_shelf_count(disposition->awaited);
}
