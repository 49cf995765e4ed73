/* SPDX-License-Identifier: Apache-2.0 */
#include "script_private.h"
#include "sip_text.h"
#include "xml_meaning.h"

#include <stdio.h>
#include <stdlib.h>

#include "sip/message.h"
#include "sip/message_write.h"

#define WIRE_MAX ((size_t)262144)

/* ---- what leaves ---- */

void script_sip_on_request(const struct cw_sip_message *request, void *user)
{
    struct script *script = user;
    struct cw_arena *arena = cw_arena_new(2 * WIRE_MAX);
    struct sip_text text = {0};
    struct cw_sip_wire wire;

    if (cw_sip_write_request(request, WIRE_MAX, arena, &wire) != CW_OK) {
        vector_fail("a request cannot be written");
    }
    sip_text_put(&text, wire.start);
    sip_text_put(&text, wire.rest);
    script_see(script, &script->requests, (struct cw_bytes){text.base, text.len});
    sip_text_free(&text);
    cw_arena_free(&arena);
}

void script_sip_on_response(const struct cw_sip_message *response, void *user)
{
    struct script *script = user;
    struct cw_arena *arena = cw_arena_new(2 * WIRE_MAX);
    struct cw_bytes wire;

    if (cw_sip_write_response(response, (struct cw_bytes){"", 0}, WIRE_MAX, arena, &wire) !=
        CW_OK) {
        vector_fail("a response cannot be written");
    }
    script_see(script, &script->responses, wire);
    cw_arena_free(&arena);
}

/* ---- dialogs ---- */

static struct script_dialog *dialog_of(struct script *script, const struct script_step *step,
                                       const char *option)
{
    const struct cw_yaml_node *name = script_option(step, option);

    for (size_t i = 0; name != NULL && i < script->dialog_count; i++) {
        if (strcmp(script->dialogs[i].name, name->text) == 0) {
            return &script->dialogs[i];
        }
    }
    if (name != NULL) {
        vector_fail("line %d: no dialog %s", step->line, name->text);
    }
    return NULL;
}

static char *uri_of(struct cw_bytes party)
{
    const char *left = party.len == 0 ? NULL : memchr(party.base, '<', party.len);
    const char *right = party.len == 0 ? NULL : memchr(party.base, '>', party.len);

    if (left == NULL || right == NULL) {
        vector_fail("no name-addr: " CW_FMT, CW_ARG(party));
    }
    return script_copy((struct cw_bytes){left + 1, (size_t)(right - left - 1)});
}

static char *tag_of(struct cw_bytes party)
{
    char *copy = script_copy(party);
    char *tag = strstr(copy, ";tag=");
    char *made = script_copy(tag == NULL ? (struct cw_bytes){"", 0}
                                         : (struct cw_bytes){tag + 5, strlen(tag + 5)});

    free(copy);
    return made;
}

/* `from` and `to` of the first request; who sent it is told by `from_sip`. */
static void name_dialog(struct script *script, const struct script_step *step,
                        struct cw_bytes request, bool from_sip, const char *other_tag)
{
    const struct cw_yaml_node *name = script_option(step, "as");
    const struct cw_bytes from = sip_header(request, "From");
    const struct cw_bytes to = sip_header(request, "To");
    struct script_dialog dialog = {0};

    if (name == NULL) {
        return;
    }
    if (script->dialog_count == DIALOGS_MAX) {
        vector_fail("too many dialogs");
    }
    dialog.name = name->text;
    dialog.call_id = script_copy(sip_header(request, "Call-ID"));
    dialog.near_uri = uri_of(from_sip ? from : to);
    dialog.far_uri = uri_of(from_sip ? to : from);
    dialog.near_tag = from_sip ? tag_of(from) : strdup(other_tag);
    dialog.far_tag = from_sip ? strdup(other_tag) : tag_of(from);
    dialog.far_cseq = (unsigned)strtoul(sip_header(request, "CSeq").base, NULL, 10);
    dialog.cseq = from_sip ? dialog.far_cseq + 1 : 1;
    for (size_t i = 0; i < script->dialog_count; i++) { /* the name moves on */
        if (strcmp(script->dialogs[i].name, dialog.name) == 0) {
            script->dialogs[i].name = "";
        }
    }
    script->dialogs[script->dialog_count++] = dialog;
}

/* ---- S> ---- */

static bool is_said(struct cw_bytes lines, const char *name)
{
    return sip_header(lines, name).base != NULL;
}

/* What belongs to every request and is of no interest to the case. */
static void put_dialog_lines(struct script *script, struct sip_text *text, struct cw_bytes lines,
                             struct script_dialog *dialog, struct cw_bytes target)
{
    const unsigned fresh = ++script->branches;

    if (!is_said(lines, "From")) {
        sip_text_print(text, "From: <%s>;tag=%s\r\n",
                       dialog == NULL ? "sip:tomasz@corp.example" : dialog->near_uri,
                       dialog == NULL ? "phone" : dialog->near_tag);
    }
    if (!is_said(lines, "To") && dialog == NULL) {
        sip_text_print(text, "To: <" CW_FMT ">\r\n", CW_ARG(target));
    } else if (!is_said(lines, "To")) {
        sip_text_print(text, "To: <%s>;tag=%s\r\n", dialog->far_uri, dialog->far_tag);
    }
    if (!is_said(lines, "Call-ID") && dialog == NULL) {
        sip_text_print(text, "Call-ID: call-%u\r\n", fresh);
    } else if (!is_said(lines, "Call-ID")) {
        sip_text_print(text, "Call-ID: %s\r\n", dialog->call_id);
    }
    if (!is_said(lines, "Via")) {
        sip_text_print(text, "Via: SIP/2.0/TCP 127.0.0.3;branch=z9hG4bK%u\r\n", fresh);
    }
}

static void put_other_lines(struct sip_text *text, struct cw_bytes lines,
                            struct script_dialog *dialog, struct cw_bytes method, size_t body_len)
{
    if (!is_said(lines, "CSeq")) {
        sip_text_print(text, "CSeq: %u " CW_FMT "\r\n", dialog == NULL ? 1 : dialog->cseq,
                       CW_ARG(method));
    }
    if (dialog != NULL) {
        dialog->cseq++;
    }
    if (!is_said(lines, "Max-Forwards")) {
        sip_text_print(text, "Max-Forwards: 70\r\n");
    }
    if (!is_said(lines, "Contact") && !cw_bytes_equal(method, CW_LIT("MESSAGE"))) {
        sip_text_print(text, "Contact: <sip:tomasz@127.0.0.3>\r\n");
    }
    sip_text_print(text, "Content-Length: %zu\r\n\r\n", body_len);
}

static void put_said_lines(struct sip_text *text, struct cw_bytes lines)
{
    struct cw_bytes rest = sip_behind_first_line(lines);
    struct cw_bytes name;
    struct cw_bytes value;

    while (sip_next_header(&rest, &name, &value)) {
        sip_text_print(text, CW_FMT ": " CW_FMT "\r\n", CW_ARG(name), CW_ARG(value));
    }
}

static struct cw_bytes body_of(const struct script_step *step)
{
    const struct cw_yaml_node *octets = script_option(step, "body_hex");
    const struct cw_yaml_node *body = script_option(step, "body");
    struct cw_bytes text;

    if (octets != NULL) {
        return vector_octets(octets);
    }
    if (body == NULL) {
        return (struct cw_bytes){script_copy((struct cw_bytes){"", 0}), 0};
    }
    text = script_scalar(step, body);
    return (struct cw_bytes){script_copy(text), text.len};
}

static void split_first_line(struct cw_bytes lines, struct cw_bytes *method,
                             struct cw_bytes *target)
{
    const struct cw_bytes line = sip_first_line(lines);
    const char *space = line.len == 0 ? NULL : memchr(line.base, ' ', line.len);

    if (space == NULL) {
        vector_fail("not a request line: " CW_FMT, CW_ARG(line));
    }
    *method = (struct cw_bytes){line.base, (size_t)(space - line.base)};
    *target = (struct cw_bytes){space + 1, line.len - method->len - 1};
}

static void fill_request(struct script *script, const struct script_step *step,
                         struct sip_text *text)
{
    const struct cw_bytes lines = script_scalar(step, step->value);
    struct script_dialog *dialog = dialog_of(script, step, "in");
    const struct cw_bytes body = body_of(step);
    struct cw_bytes method;
    struct cw_bytes target;

    split_first_line(lines, &method, &target);
    sip_text_print(text, CW_FMT " " CW_FMT " SIP/2.0\r\n", CW_ARG(method), CW_ARG(target));
    put_said_lines(text, lines);
    put_dialog_lines(script, text, lines, dialog, target);
    put_other_lines(text, lines, dialog, method, body.len);
    sip_text_put(text, body);
    free((void *)(uintptr_t)body.base);
}

void script_sip_request(struct script *script, const struct script_step *step)
{
    struct cw_arena *arena = cw_arena_new(4 * WIRE_MAX);
    struct cw_sip_guarded guarded;
    struct cw_sip_message request;
    struct sip_text text = {0};
    struct cw_bytes wire;
    const char *problem = NULL;
    char tag[16];

    vector_allow(step->options, (const char *const[]){"S>", "body", "body_hex", "as", "in", NULL});
    fill_request(script, step, &text);
    wire = (struct cw_bytes){text.base, text.len};
    if (cw_sip_guard(wire, true, &guarded) != CW_OK ||
        cw_sip_message_read(&guarded, arena, &request, &problem) != CW_OK) {
        struct cw_sip_message refusal; /* as the transaction layer has it */

        cw_sip_message_init(&refusal);
        refusal.status = guarded.refuse_status == 0 ? 400 : guarded.refuse_status;
        script_sip_on_response(&refusal, script);
    } else {
        (void)snprintf(tag, sizeof(tag), "gw%u", world_request(script->world, &request));
        name_dialog(script, step, wire, true, tag);
    }
    sip_text_free(&text);
    cw_arena_free(&arena);
}

/* ---- S<, R< ---- */

static void check_headers(const struct script_step *step, struct cw_bytes got)
{
    struct cw_bytes rest = sip_behind_first_line(script_scalar(step, step->value));
    const struct cw_yaml_node *absent = script_option(step, "absent");
    struct cw_bytes name;
    struct cw_bytes pattern;

    while (sip_next_header(&rest, &name, &pattern)) {
        char *key = script_copy(name);
        const struct cw_bytes value = sip_header(got, key);

        if (value.base == NULL || !vector_fits(pattern, value)) {
            vector_fail("line %d: %s is '" CW_FMT "', not '" CW_FMT "'; got: " CW_FMT, step->line,
                        key, CW_ARG(value), CW_ARG(pattern), CW_ARG(got));
        }
        free(key);
    }
    for (absent = absent == NULL ? NULL : absent->first; absent != NULL; absent = absent->next) {
        if (sip_header(got, absent->text).base != NULL) {
            vector_fail("line %d: there is a header %s: " CW_FMT, step->line, absent->text,
                        CW_ARG(got));
        }
    }
}

static void check_parts(const struct script_step *step, struct cw_bytes body)
{
    const struct cw_yaml_node *has = script_option(step, "body_has");

    for (has = has == NULL ? NULL : has->first; has != NULL; has = has->next) {
        struct sip_text pattern = {0};

        sip_text_print(&pattern, "*%s*", script_scalar(step, has).base);
        if (!vector_fits((struct cw_bytes){pattern.base, pattern.len}, body)) {
            vector_fail("line %d: no '%s' in the body: " CW_FMT, step->line, has->text,
                        CW_ARG(body));
        }
        sip_text_free(&pattern);
    }
}

static void check_values(const struct script_step *step, struct cw_bytes body)
{
    const struct cw_yaml_node *values = script_option(step, "xpath");

    for (const struct cw_yaml_node *key = values == NULL ? NULL : values->first; key != NULL;
         key = key->next->next) {
        char *value = xml_value(body, key->text, script_option(step, "ns"));

        if (!vector_fits(vector_scalar(key->next), (struct cw_bytes){value, strlen(value)})) {
            vector_fail("line %d: %s is '%s', not '%s'; got: " CW_FMT, step->line, key->text, value,
                        key->next->text, CW_ARG(body));
        }
        free(value);
    }
}

static void check_body(const struct script_step *step, struct cw_bytes body)
{
    const struct cw_yaml_node *octets = script_option(step, "body_hex");
    const struct cw_yaml_node *text = script_option(step, "body");

    if (octets != NULL) {
        const struct cw_bytes want = vector_octets(octets);

        if (!cw_bytes_equal(want, body)) {
            vector_fail("line %d: other octets: " CW_FMT, step->line, CW_ARG(body));
        }
        free((void *)(uintptr_t)want.base);
    }
    if (text != NULL && !vector_fits(script_scalar(step, text), body)) {
        vector_fail("line %d: the body is '" CW_FMT "', not '%s'", step->line, CW_ARG(body),
                    text->text);
    }
    check_parts(step, body);
    check_values(step, body);
}

/* `remember: {name: header}`: a line like a header, anywhere in the body. */
static void remember_lines(const struct script_step *step, struct cw_bytes body)
{
    const struct cw_yaml_node *wanted = script_option(step, "remember");
    char *copy = script_copy(body);

    for (const struct cw_yaml_node *key = wanted == NULL ? NULL : wanted->first; key != NULL;
         key = key->next->next) {
        const char *at = strstr(copy, key->next->text);
        struct cw_bytes line;

        if (at == NULL) {
            vector_fail("line %d: no %s in the body: %s", step->line, key->next->text, copy);
        }
        at += strlen(key->next->text) + strlen(": ");
        line = sip_first_line((struct cw_bytes){at, strlen(at)});
        line.base = script_copy(line);
        script_remember(step->script, key->text, line);
    }
    free(copy);
}

static bool is_tag(struct cw_bytes party, const char *tag)
{
    char *got = tag_of(party);
    const bool same = strcmp(got, tag) == 0;

    free(got);
    return same;
}

/* In the dialog `in`: its identifiers. Fresh, as `not_in`: another Call-ID, and no To tag. */
static void check_dialog(struct script *script, const struct script_step *step,
                         struct cw_bytes request)
{
    const struct script_dialog *in = dialog_of(script, step, "in");
    const struct script_dialog *other = dialog_of(script, step, "not_in");
    const struct script_dialog *earlier = dialog_of(script, step, "later_than");
    const struct cw_bytes call_id = sip_header(request, "Call-ID");
    const struct cw_bytes to = sip_header(request, "To");

    if (in != NULL &&
        (!vector_fits((struct cw_bytes){in->call_id, strlen(in->call_id)}, call_id) ||
         !is_tag(sip_header(request, "From"), in->far_tag) || !is_tag(to, in->near_tag))) {
        vector_fail("line %d: not in the dialog %s: " CW_FMT, step->line, in->name,
                    CW_ARG(request));
    }
    if (earlier != NULL &&
        (strtoul(sip_header(request, "CSeq").base, NULL, 10) <= (unsigned long)earlier->far_cseq)) {
        vector_fail("line %d: the CSeq is not higher: " CW_FMT, step->line, CW_ARG(request));
    }
    if (other != NULL &&
        (vector_fits((struct cw_bytes){other->call_id, strlen(other->call_id)}, call_id) ||
         !is_tag(to, ""))) {
        vector_fail("line %d: no fresh dialog: " CW_FMT, step->line, CW_ARG(request));
    }
}

void script_sip_expect(struct script *script, const struct script_step *step)
{
    static const char *const OPTIONS[] = {"S<",         "absent",   "body", "body_hex", "body_has",
                                          "xpath",      "ns",       "as",   "in",       "not_in",
                                          "later_than", "remember", NULL};
    const struct cw_bytes got = script_take(script, &script->requests, step);
    struct sip_text pattern = {0};

    vector_allow(step->options, OPTIONS);
    sip_text_print(&pattern, CW_FMT " SIP/2.0",
                   CW_ARG(sip_first_line(script_scalar(step, step->value))));
    if (!vector_fits((struct cw_bytes){pattern.base, pattern.len}, sip_first_line(got))) {
        vector_fail("line %d: other request: " CW_FMT, step->line, CW_ARG(got));
    }
    sip_text_free(&pattern);
    check_headers(step, got);
    check_dialog(script, step, got);
    check_body(step, sip_body(got));
    remember_lines(step, sip_body(got));
    name_dialog(script, step, got, false, "peer");
}

/* "200" or one of "200|202". */
static bool is_one_of(struct cw_bytes wanted, struct cw_bytes status)
{
    for (size_t at = 0; at + 3 <= wanted.len; at += 4) {
        if (memcmp(wanted.base + at, status.base, 3) == 0) {
            return true;
        }
    }
    return false;
}

void script_sip_expect_response(struct script *script, const struct script_step *step)
{
    const struct cw_bytes got = script_take(script, &script->responses, step);
    const struct cw_bytes status = {got.base + strlen("SIP/2.0 "), 3};

    vector_allow(step->options, (const char *const[]){"R<", "absent", NULL});
    if (!is_one_of(sip_first_line(script_scalar(step, step->value)), status)) {
        vector_fail("line %d: other response: " CW_FMT, step->line, CW_ARG(got));
    }
    check_headers(step, got);
}

/* ---- answer ---- */

static void put_status_line(struct sip_text *text, struct cw_bytes line)
{
    sip_text_print(text, "SIP/2.0 " CW_FMT "%s\r\n", CW_ARG(line), line.len == 3 ? " Answer" : "");
}

static void fill_answer(const struct cw_sip_message *request, struct cw_bytes lines,
                        struct sip_text *text)
{
    put_status_line(text, sip_first_line(lines));
    put_said_lines(text, lines);
    sip_text_print(text,
                   "Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKx\r\nFrom: <" CW_FMT ">;tag=" CW_FMT
                   "\r\nTo: <" CW_FMT ">;tag=peer\r\nCall-ID: " CW_FMT "\r\nCSeq: %u %s\r\n",
                   CW_ARG(request->from.uri), CW_ARG(request->from.tag), CW_ARG(request->to.uri),
                   CW_ARG(request->call_id), request->cseq, cw_sip_method_name(request->method));
    if (request->method == CW_SIP_SUBSCRIBE && lines.base[0] == '2' && !is_said(lines, "Expires")) {
        sip_text_print(text, "Expires: %lld\r\n", (long long)request->expires_s);
    }
    sip_text_print(text, "Content-Length: 0\r\n\r\n");
}

void script_sip_answer(struct script *script, const struct script_step *step)
{
    const struct cw_sip_message *request = world_unanswered(script->world);
    const struct cw_bytes lines = script_scalar(step, step->value);
    struct cw_arena *arena = cw_arena_new(WIRE_MAX);
    struct cw_sip_guarded guarded;
    struct cw_sip_message response;
    struct sip_text text = {0};
    const char *problem = "";

    vector_allow(step->options, (const char *const[]){"answer", NULL});
    cw_sip_message_init(&response);
    if (request == NULL) {
        vector_fail("line %d: no request waits for an answer", step->line);
    }
    if (!cw_bytes_equal(lines, CW_LIT("0"))) {
        fill_answer(request, lines, &text);
        if (cw_sip_guard((struct cw_bytes){text.base, text.len}, true, &guarded) != CW_OK ||
            cw_sip_message_read(&guarded, arena, &response, &problem) != CW_OK) {
            vector_fail("line %d: no response: %s", step->line, text.base);
        }
    }
    world_answer_with(script->world, &response);
    sip_text_free(&text);
    cw_arena_free(&arena);
}
