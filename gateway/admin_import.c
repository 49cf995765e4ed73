/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_import.h"

#include "admin_answer.h"
#include "change.h"
#include "lync.h"
#include "policy_edit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The document in force with the partners of another one in the place of those of their names. */
static json_t *merge(const struct cw_process *p, const json_t *imported)
{
    const json_t *const users = json_object_get(imported, "users");
    json_t *draft = json_deep_copy(p->document->json);
    json_t *record;
    size_t index;

    json_array_foreach(json_object_get(imported, "partners"), index, record)
    {
        json_t *const next =
            cw_policy_edit_put(draft, json_string_value(json_object_get(record, "domain")), record);

        json_decref(draft);
        draft = next;
    }
    if (users != NULL) {
        json_object_set_new(draft, "users", json_deep_copy(users));
    }
    return draft;
}

/* ---- Lync ---- */

static json_t *text(struct cw_bytes value)
{
    return json_stringn_nocheck(value.base == NULL ? "" : value.base, value.len);
}

static json_t *additional(const struct cw_lync_partner *partner)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < partner->additional_count; i++) {
        json_array_append_new(list, text(partner->additional[i]));
    }
    return list;
}

static json_t *record(const struct cw_lync_partner *partner)
{
    json_t *const out = json_object();

    json_object_set_new(out, "domain", text(partner->domain));
    json_object_set_new(out, "description", text(partner->description));
    json_object_set_new(out, "additional_domains", additional(partner));
    json_object_set_new(out, "type", json_string(cw_policy_type_word(partner->type)));
    json_object_set_new(out, "tls", json_string(cw_policy_negotiation_word(partner->tls)));
    json_object_set_new(out, "sasl", json_string(cw_policy_negotiation_word(partner->sasl)));
    json_object_set_new(out, "dialback", json_boolean(partner->dialback));
    json_object_set_new(out, "keep_alive", json_boolean(partner->keep_alive));
    json_object_set_new(out, "connection_limit", json_integer(partner->connection_limit));
    json_object_set_new(out, "proxy", text(partner->proxy));
    return out;
}

static json_t *notes_of(const struct cw_lync_import *import)
{
    static const char *const SEVERITIES[] = {"none", "note", "warning", "error"};
    json_t *const list = json_array();

    for (size_t i = 0; i < import->finding_count; i++) {
        const struct cw_lync_finding *const finding = &import->findings[i];
        json_t *const out = json_object();

        json_object_set_new(out, "pointer", json_string(""));
        json_object_set_new(out, "record", json_integer((json_int_t)finding->record));
        json_object_set_new(out, "line", json_integer((json_int_t)finding->line));
        json_object_set_new(out, "severity", json_string(SEVERITIES[finding->severity]));
        json_object_set_new(out, "code", json_string(finding->code));
        json_object_set_new(out, "detail", text(finding->text));
        json_object_set_new(out, "help", json_string(finding->remedy));
        json_array_append_new(list, out);
    }
    return list;
}

/* 3 of "/partners/3/sasl". */
static size_t index_of(const char *pointer)
{
    static const char PREFIX[] = "/partners/";
    const size_t len = sizeof(PREFIX) - 1;

    return strncmp(pointer, PREFIX, len) == 0 ? strtoul(pointer + len, NULL, 10) : SIZE_MAX;
}

/* What was judged are records that we made of the file's; its reader wants to know which of his. */
static void name_records(json_t *findings, const struct cw_lync_import *import)
{
    json_t *finding;
    size_t index;

    json_array_foreach(findings, index, finding)
    {
        const char *const pointer = json_string_value(json_object_get(finding, "pointer"));
        const size_t at = index_of(pointer);

        json_object_del(finding, "line");
        if (at < import->partner_count) {
            json_object_set_new(finding, "record",
                                json_integer((json_int_t)import->partners[at].record));
        }
    }
}

/* Judged alone first, so that what is wrong has the line of the file. */
static void import_text(struct cw_process *p, const struct cw_http_request *request,
                        struct cw_http_response *response, struct cw_bytes text,
                        const struct cw_lync_import *lync)
{
    json_t *const notes = lync == NULL ? json_array() : notes_of(lync);
    struct cw_policy_document *imported;
    json_t *findings;

    if (cw_policy_document_read_text(p->gw.settings, text, "import", &findings, &imported) !=
        CW_OK) {
        if (lync != NULL) {
            name_records(findings, lync);
        }
        (void)json_array_extend(findings, notes);
        json_decref(notes);
        cw_answer_findings(response, "The import has errors; nothing was changed", findings);
        return;
    }
    json_decref(findings); /* they come again with the whole document */
    cw_change_begin(
        p, request, response,
        &(struct cw_change){.draft = merge(p, imported->json), .status = 200, .notes = notes});
    cw_policy_document_free(&imported);
}

void cw_admin_import_partners(const struct cw_http_request *request,
                              struct cw_http_response *response, void *user)
{
    import_text(user, request, response, request->body, NULL);
}

static json_t *partners_of(const struct cw_lync_import *import)
{
    json_t *const out = json_object();
    json_t *const list = json_array();

    for (size_t i = 0; i < import->partner_count; i++) {
        json_array_append_new(list, record(&import->partners[i]));
    }
    json_object_set_new(out, "partners", list);
    return out;
}

static void import_read(struct cw_process *p, const struct cw_http_request *request,
                        struct cw_http_response *response, const struct cw_lync_import *import)
{
    json_t *partners;
    char *dump;

    if (import->errors > 0) {
        cw_answer_findings(response, "The export has errors; nothing was changed",
                           notes_of(import));
        return;
    }
    partners = partners_of(import);
    dump = json_dumps(partners, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    import_text(p, request, response, (struct cw_bytes){dump, strlen(dump)}, import);
    free(dump);
    json_decref(partners);
}

void cw_admin_import_lync(const struct cw_http_request *request, struct cw_http_response *response,
                          void *user)
{
    struct cw_arena *arena = cw_arena_new(CW_LYNC_ARENA);
    struct cw_lync_import import;

    if (cw_lync_read(request->body, arena, &import) == CW_OK) {
        import_read(user, request, response, &import);
    } else {
        cw_answer_problem(response, 413, "The export is too large",
                          "split it: an export of 10000 partners fits");
    }
    cw_arena_free(&arena);
}
