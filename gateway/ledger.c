/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdbool.h>
#include <stdlib.h>

struct cw_ledger {
    uint64_t begun;
    uint64_t reported;
    void (*on_report)(void *user);
    void *user;
    bool ended;
};

struct entry {
    struct cw_ledger *ledger;
    cw_store_done_fn *done;
    void *user;
};

struct cw_ledger *cw_ledger_new(void)
{
    struct cw_ledger *ledger = calloc(1, sizeof(*ledger));

    if (ledger == NULL) {
        abort();
    }
    return ledger;
}

static void free_when_quiet(struct cw_ledger *ledger)
{
    if (ledger->ended && ledger->reported == ledger->begun) {
        free(ledger);
    }
}

void cw_ledger_free(struct cw_ledger **ledger)
{
    if (*ledger != NULL) {
        (*ledger)->ended = true;
        free_when_quiet(*ledger);
        *ledger = NULL;
    }
}

void cw_ledger_watch(struct cw_ledger *ledger, void (*on_report)(void *user), void *user)
{
    ledger->on_report = on_report;
    ledger->user = user;
}

void *cw_ledger_begin(struct cw_ledger *ledger, cw_store_done_fn *done, void *user)
{
    struct entry *entry = calloc(1, sizeof(*entry));

    if (entry == NULL) {
        abort();
    }
    *entry = (struct entry){ledger, done, user};
    ledger->begun++;
    return entry;
}

void cw_ledger_report(enum cw_err err, void *user)
{
    struct entry *entry = user;
    struct cw_ledger *ledger = entry->ledger;

    if (entry->done != NULL) {
        entry->done(err, entry->user);
    }
    free(entry);
    ledger->reported++;
    if (!ledger->ended && ledger->on_report != NULL) {
        ledger->on_report(ledger->user);
    }
    free_when_quiet(ledger);
}

uint64_t cw_ledger_begun(const struct cw_ledger *ledger)
{
    return ledger->begun;
}

uint64_t cw_ledger_reported(const struct cw_ledger *ledger)
{
    return ledger->reported;
}
