/* SPDX-License-Identifier: Apache-2.0 */
#include "lync.h"

#include "lync_format.h"

static void found(struct cw_lync_reading *reading, enum cw_lync_finding_kind kind)
{
    const struct cw_lync_spot spot = {0};

    cw_lync_found(&reading->findings, kind, &spot);
}

static char first_of(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] != ' ' && text.base[i] != '\t' && text.base[i] != '\r' &&
            text.base[i] != '\n') {
            return text.base[i];
        }
    }
    return '\0';
}

static void read_text(struct cw_lync_reading *reading, struct cw_bytes text)
{
    switch (first_of(text)) {
    case '<':
        cw_lync_xml(reading, text);
        break;
    case '{':
    case '[':
        cw_lync_json(reading, text);
        break;
    case '\0':
        found(reading, CW_LYNC_FINDING_FORMAT);
        break;
    default:
        cw_lync_csv(reading, text);
        break;
    }
    if (reading->record == 0 && reading->findings.errors == 0) {
        found(reading, CW_LYNC_FINDING_EMPTY);
    }
}

static void read_file(struct cw_lync_reading *reading, struct cw_bytes file)
{
    struct cw_bytes text;
    enum cw_err err;

    if (file.len > CW_LYNC_MAX_INPUT) {
        found(reading, CW_LYNC_FINDING_SIZE);
        return;
    }
    err = cw_lync_decode(file, reading->arena, &text);
    if (err == CW_OK) {
        read_text(reading, text);
    } else if (err == CW_ERR_LIMIT) {
        reading->findings.out_of_room = true;
    } else {
        found(reading, CW_LYNC_FINDING_ENCODING);
    }
}

enum cw_err cw_lync_read(struct cw_bytes file, struct cw_arena *arena, struct cw_lync_import *out)
{
    struct cw_lync_reading reading = {.arena = arena};
    struct cw_lync_findings *const findings = &reading.findings;

    findings->arena = arena;
    findings->list = cw_lync_take(&reading, CW_LYNC_MAX_FINDINGS * sizeof(*findings->list));
    if (findings->list == NULL) {
        return CW_ERR_LIMIT;
    }
    read_file(&reading, file);
    if (findings->out_of_room) {
        return CW_ERR_LIMIT;
    }
    *out = (struct cw_lync_import){
        .partners = reading.partners,
        .partner_count = reading.partner_count,
        .findings = findings->list,
        .finding_count = findings->count,
        .dropped = findings->dropped,
        .errors = findings->errors,
    };
    return CW_OK;
}
