/* SPDX-License-Identifier: Apache-2.0 */
#include "lync_finding.h"

#include <causeway/utf8.h>

#define EXCERPT_MAX 64u /* octets: enough to find the place again */

static const struct {
    const char *code;
    enum cw_finding_severity severity;
    const char *text, *remedy;
} KINDS[CW_LYNC_FINDING_COUNT] = {
#define X(name, code, severity, text, remedy) {code, CW_FINDING_##severity, text, remedy},
    CW_LYNC_FINDINGS(X)
#undef X
};

struct text {
    char *base;
    size_t len;
};

static void add(struct text *text, struct cw_bytes part)
{
    if (part.len > 0) {
        memcpy(text->base + text->len, part.base, part.len);
        text->len += part.len;
    }
}

static struct cw_bytes literal(const char *word)
{
    return (struct cw_bytes){word, word == NULL ? 0 : strlen(word)};
}

/* Bytes that are not UTF-8 are not shown. */
static struct cw_bytes excerpt_of(const struct cw_lync_spot *spot, struct cw_arena *arena)
{
    struct cw_bytes shown = {0};

    if (spot->excerpt.base == NULL ||
        cw_utf8_one_line(spot->excerpt, EXCERPT_MAX, arena, &shown) != CW_OK) {
        return (struct cw_bytes){0};
    }
    return shown;
}

/* `property "excerpt": words`, in memory of the arena; absent if that is full. */
static struct cw_bytes compose(const struct cw_lync_spot *spot, const char *words,
                               struct cw_arena *arena)
{
    const struct cw_bytes property = literal(spot->property);
    const struct cw_bytes shown = excerpt_of(spot, arena);
    struct text text = {.base = cw_arena_alloc(arena, property.len + shown.len + strlen(words) +
                                                          sizeof(" \"\": "))};

    if (text.base == NULL) {
        return (struct cw_bytes){0};
    }
    add(&text, property);
    if (shown.base != NULL) {
        add(&text, property.len > 0 ? CW_LIT(" \"") : CW_LIT("\""));
        add(&text, shown);
        add(&text, CW_LIT("\""));
    }
    if (text.len > 0) {
        add(&text, CW_LIT(": "));
    }
    add(&text, literal(words));
    return (struct cw_bytes){text.base, text.len};
}

void cw_lync_found(struct cw_lync_findings *findings, enum cw_lync_finding_kind kind,
                   const struct cw_lync_spot *spot)
{
    findings->errors += KINDS[kind].severity == CW_FINDING_ERROR;
    if (findings->count == CW_LYNC_MAX_FINDINGS) {
        findings->dropped++;
        return;
    }

    const struct cw_bytes text = compose(spot, KINDS[kind].text, findings->arena);

    findings->out_of_room = findings->out_of_room || text.base == NULL;
    findings->list[findings->count++] = (struct cw_lync_finding){
        .code = KINDS[kind].code,
        .severity = KINDS[kind].severity,
        .record = spot->record,
        .line = spot->line,
        .text = text,
        .remedy = KINDS[kind].remedy,
    };
}
