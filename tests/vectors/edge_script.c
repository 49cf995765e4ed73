/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_vectors.h"

#include "edge_world.h"
#include "words.h"
#include "xml_meaning.h"
#include "xml_piece.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX   131072
#define NS_STREAMS "urn:ietf:params:xml:ns:xmpp-streams"
#define OPEN                                                                                       \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                   \
    "xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' "
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define AUTH     "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"

struct talk {
    const struct vector *vector;
    struct world world;
    struct cw_mint *mint;
    struct cw_tls *context; /* of the script */
    struct raw *raw;
    bool opens; /* corp opened the connection */
    size_t seen;
    size_t told; /* of corp's log, by steps that look at stanzas */
    char *made;
    char header[512];
};

/* One step: its word, the value, and the whole mapping (NULL for a mere word). */
struct edge_step {
    const char *word;
    const struct cw_yaml_node *value;
    const struct cw_yaml_node *options;
    int line;
};

static struct cw_bytes bytes(const char *text)
{
    return (struct cw_bytes){text, text == NULL ? 0 : strlen(text)};
}

static const char *or_default(const char *text, const char *otherwise)
{
    return text == NULL ? otherwise : text;
}

/* ---- what is sent ---- */

static size_t put(char *to, size_t at, struct cw_bytes text)
{
    if (at + text.len >= TEXT_MAX) {
        vector_fail("the text is too long");
    }
    memcpy(to + at, text.base, text.len);
    return at + text.len;
}

static struct cw_bytes value_of(const struct talk *talk, const char *name)
{
    return bytes(strcmp(name, "header") == 0 ? talk->header : vector_need(talk->vector, name));
}

/* `${name}` is what the case says under it, `${fill}` is left to be filled. */
static const char *expand(struct talk *talk, const struct cw_yaml_node *node, size_t octets)
{
    struct cw_bytes left = vector_scalar(node);
    size_t fill = 0;
    size_t len = 0;
    const char *at;

    while (left.len > 0 && (at = strstr(left.base, "${")) != NULL) {
        char name[32] = "";

        (void)sscanf(at, "${%31[a-z_]}", name);
        len = put(talk->made, len, (struct cw_bytes){left.base, (size_t)(at - left.base)});
        if (strcmp(name, "fill") == 0) {
            fill = len;
        } else {
            len = put(talk->made, len, value_of(talk, name));
        }
        left = bytes(at + strlen("${}") + strlen(name));
    }
    len = put(talk->made, len, left);
    if (octets > len) {
        if (fill == 0 || octets >= TEXT_MAX) {
            vector_fail("line %d: nothing to fill", node->line);
        }
        memmove(talk->made + fill + octets - len, talk->made + fill, len - fill);
        memset(talk->made + fill, 'a', octets - len);
        len = octets;
    }
    talk->made[len] = '\0';
    return talk->made;
}

static void say(struct talk *talk, const char *text)
{
    raw_send(talk->raw, bytes(text));
}

static void say_step(struct talk *talk, const struct edge_step *step)
{
    const struct cw_yaml_node *octets = cw_yaml_lookup(step->options, "octets");
    const size_t len = octets == NULL ? 0 : strtoul(expand(talk, octets, 0), NULL, 10);

    say(talk, expand(talk, step->value, len));
}

static void say_header(struct talk *talk)
{
    say(talk, talk->header);
}

/* ---- what comes ---- */

static const char *rest(const struct talk *talk)
{
    return raw_got(talk->raw) + talk->seen;
}

/* The next piece; absent when the connection ends before. The declaration is part of the header. */
static struct cw_bytes next_piece(struct talk *talk)
{
    size_t len;

    while ((len = xml_piece_len(rest(talk))) == 0 && !raw_is_closed(talk->raw) &&
           world_turn(&talk->world)) {
    }
    world_calm(&talk->world);
    const char *at = rest(talk) + strspn(rest(talk), " \r\n\t");
    const struct cw_bytes piece = {len == 0 ? NULL : at,
                                   len - (len == 0 ? 0 : (size_t)(at - rest(talk)))};

    talk->seen += len;
    return piece.len > 2 && at[1] == '?' ? next_piece(talk) : piece;
}

static struct cw_bytes take(struct talk *talk, const struct edge_step *step)
{
    const struct cw_bytes piece = next_piece(talk);

    if (piece.base == NULL) {
        vector_fail("line %d: nothing comes%s; corp:\n%s", step->line,
                    raw_is_closed(talk->raw) ? ", and the connection is closed" : "",
                    talk->world.corp.log);
    }
    return piece;
}

static bool is_header(struct cw_bytes piece)
{
    static const char HEADER[] = "<stream:stream";

    return piece.len > sizeof(HEADER) && memcmp(piece.base, HEADER, sizeof(HEADER) - 1) == 0;
}

static bool is_end(struct cw_bytes piece)
{
    return cw_bytes_equal(piece, CW_LIT("</stream:stream>"));
}

static void check_attribute(struct cw_bytes header, const char *name, const char *wanted)
{
    char xml[2048];
    char path[64];
    char *got;

    (void)snprintf(xml, sizeof(xml), CW_FMT "</stream:stream>", CW_ARG(header));
    (void)snprintf(path, sizeof(path), "string(/*/@%s)", name);
    got = xml_value(bytes(xml), path, NULL);
    if (!vector_fits(bytes(wanted), bytes(got)) || (strcmp(wanted, "*") == 0 && got[0] == '\0')) {
        vector_fail("header: %s is '%s', not '%s'", name, got, wanted);
    }
    free(got);
}

static void expect_header(struct talk *talk, const struct edge_step *step, const char *from,
                          const char *to)
{
    const struct cw_bytes header = take(talk, step);

    if (!is_header(header)) {
        vector_fail("line %d: no header: " CW_FMT, step->line, CW_ARG(header));
    }
    if (from != NULL) {
        check_attribute(header, "from", from);
    }
    check_attribute(header, "to", to);
    check_attribute(header, "version", "1.0");
    check_attribute(header, "xml:lang", "*");
    check_attribute(header, "id", talk->opens ? "" : "*");
}

static void answered(struct talk *talk, const struct edge_step *step)
{
    const struct cw_yaml_node *from = cw_yaml_lookup(step->value, "from");
    const struct cw_yaml_node *to = cw_yaml_lookup(step->value, "to");

    if (to == NULL) {
        vector_fail("line %d: `to` is needed", step->line);
    }
    expect_header(talk, step, from == NULL ? NULL : from->text, to->text);
}

static void expect_element(struct talk *talk, const struct edge_step *step)
{
    const struct cw_bytes piece = take(talk, step);
    const char *difference;

    if (is_end(piece)) {
        vector_fail("line %d: the stream was closed", step->line);
    }
    difference = xml_differs(bytes(expand(talk, step->value, 0)), piece);
    if (difference != NULL) {
        vector_fail("line %d: %s: " CW_FMT, step->line, difference, CW_ARG(piece));
    }
}

static void expect_closed(struct talk *talk, const struct edge_step *step)
{
    const struct cw_bytes piece = next_piece(talk);

    if (piece.base != NULL) {
        vector_fail("line %d: " CW_FMT, step->line, CW_ARG(piece));
    }
    if (!raw_is_closed(talk->raw)) {
        vector_fail("line %d: the connection stays open", step->line);
    }
}

/* Stream error and end, before which a header may be due (STREAM-121). */
static void expect_refusal(struct talk *talk, const struct edge_step *step, const char *condition)
{
    struct cw_bytes piece = take(talk, step);
    char wanted[256];
    const char *difference;

    if (is_header(piece)) {
        piece = take(talk, step);
    }
    (void)snprintf(wanted, sizeof(wanted),
                   "<stream:error><%s xmlns='" NS_STREAMS "'/></stream:error>", condition);
    difference = is_end(piece) ? "the end" : xml_differs(bytes(wanted), piece);
    if (difference != NULL) {
        vector_fail("line %d: %s: " CW_FMT, step->line, difference, CW_ARG(piece));
    }
    if (!is_end(take(talk, step))) {
        vector_fail("line %d: the stream is not closed", step->line);
    }
    say(talk, "</stream:stream>");
    expect_closed(talk, step);
}

static void ended(struct talk *talk, const struct edge_step *step)
{
    const struct cw_bytes piece = take(talk, step);

    if (!is_end(piece)) {
        vector_fail("line %d: " CW_FMT, step->line, CW_ARG(piece));
    }
    say(talk, "</stream:stream>");
    expect_closed(talk, step);
}

static void refused(struct talk *talk, const struct edge_step *step)
{
    expect_refusal(talk, step, expand(talk, step->value, 0));
}

/* ---- corp's log of events ---- */

/* A line of the log that begins so, from `from` on. */
static const char *find_line(const char *log, const char *text)
{
    const size_t len = strlen(text);

    for (const char *at = log; at != NULL && *at != '\0';
         at = strchr(at, '\n') == NULL ? NULL : strchr(at, '\n') + 1) {
        if (strncmp(at, text, len) == 0) {
            return at;
        }
    }
    return NULL;
}

static const char *await_line(struct talk *talk, const char *text, const struct edge_step *step)
{
    const char *line;

    while ((line = find_line(talk->world.corp.log + talk->told, text)) == NULL &&
           world_turn(&talk->world)) {
    }
    world_calm(&talk->world);
    if (line == NULL) {
        vector_fail("line %d: no event `%s`; corp:\n%s", step->line, text, talk->world.corp.log);
    }
    return line;
}

static void event(struct talk *talk, const struct edge_step *step)
{
    (void)await_line(talk, expand(talk, step->value, 0), step);
}

/* The stanza that was sent is taken, or ends the stream. */
static void outcome(struct talk *talk, const struct edge_step *step)
{
    char wanted[64];
    const char *line;

    (void)snprintf(wanted, sizeof(wanted), "%s", expand(talk, step->value, 0));
    if (strcmp(wanted, "accepted") != 0) {
        expect_refusal(talk, step, wanted);
        return;
    }
    line = await_line(talk, "stanza ", step);
    talk->told = (size_t)(strchr(line, '\n') + 1 - talk->world.corp.log);
}

static void check_reason(struct talk *talk, const struct cw_yaml_node *why, const char *number)
{
    const char *word = cw_word_fail((enum cw_fail)strtoul(number, NULL, 10));

    if (strcmp(word, expand(talk, why, 0)) != 0) {
        vector_fail("line %d: %s", why->line, word);
    }
}

static void failed(struct talk *talk, const struct edge_step *step)
{
    const struct cw_yaml_node *remote = cw_yaml_lookup(step->value, "remote");
    const struct cw_yaml_node *why = cw_yaml_lookup(step->value, "why");
    char text[256];
    const char *line;

    if (remote == NULL || why == NULL) {
        vector_fail("line %d: `remote` and `why` are needed", step->line);
    }
    (void)snprintf(text, sizeof(text), "pair-failed corp.example %s ", remote->text);
    line = await_line(talk, text, step);
    check_reason(talk, why, line + strlen(text));
}

/* The stream that corp opened ended without having been good for anything. */
static void expect_why(struct talk *talk, const struct edge_step *step)
{
    static const char TEXT[] = "closed ";

    check_reason(talk, step->value, await_line(talk, TEXT, step) + strlen(TEXT));
}

static void counted(struct talk *talk, const struct edge_step *step)
{
    const struct cw_yaml_node *role = cw_yaml_lookup(step->value, "role");
    const struct cw_yaml_node *what = cw_yaml_lookup(step->value, "outcome");

    if (role == NULL || what == NULL ||
        cw_metrics_value(talk->world.corp.env.metrics, CW_METRIC_DIALBACK_VERIFICATIONS_TOTAL,
                         (const char *const[]){"partner.example", role->text, what->text}) < 1.0) {
        vector_fail("line %d: not counted", step->line);
    }
}

/* ---- steps of several ---- */

static void tls(struct talk *talk, const struct edge_step *step)
{
    if (raw_is_closed(talk->raw) || !raw_secure_now(&talk->world, talk->raw, talk->context)) {
        vector_fail("line %d: no TLS", step->line);
    }
}

static void open_stream(struct talk *talk, const struct edge_step *step)
{
    say_header(talk);
    expect_header(talk, step, or_default(vector_text(talk->vector, "to"), "corp.example"),
                  or_default(vector_text(talk->vector, "from"), "partner.example"));
}

static void secure(struct talk *talk, const struct edge_step *step)
{
    open_stream(talk, step);
    (void)take(talk, step);
    say(talk, STARTTLS);
    if (xml_differs(CW_LIT("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                    take(talk, step)) != NULL) {
        vector_fail("line %d: no <proceed/>", step->line);
    }
    tls(talk, step);
    open_stream(talk, step);
}

static void external(struct talk *talk, const struct edge_step *step)
{
    secure(talk, step);
    (void)take(talk, step);
    say(talk, AUTH);
    if (xml_differs(CW_LIT("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
                    take(talk, step)) != NULL) {
        vector_fail("line %d: no <success/>", step->line);
    }
    open_stream(talk, step);
    (void)take(talk, step);
}

static void prove(struct talk *talk, const struct edge_step *step)
{
    if (talk->world.corp.opened == NULL) {
        vector_fail("line %d: corp has no stream", step->line);
    }
    cw_stream_prove(talk->world.corp.opened, CW_LIT("corp.example"), vector_scalar(step->value));
}

static void sends(struct talk *talk, const struct edge_step *step)
{
    const struct cw_bytes stanza =
        CW_LIT("<message from='tomasz@corp.example' to='mira@partner.example'><body>hi</body>"
               "</message>");
    const bool may = talk->world.corp.opened != NULL &&
                     cw_stream_send(talk->world.corp.opened, CW_LIT("corp.example"),
                                    CW_LIT("partner.example"), stanza) == CW_OK;

    if (may != (strcmp(step->value->text, "true") == 0)) {
        vector_fail("line %d: it %s", step->line, may ? "may" : "may not");
    }
    if (may && xml_differs(stanza, take(talk, step)) != NULL) {
        vector_fail("line %d: another stanza", step->line);
    }
}

static void play_steps(struct talk *talk, const struct cw_yaml_node *steps);

static void use(struct talk *talk, const struct edge_step *step)
{
    const char *name = expand(talk, step->value, 0);
    const struct cw_yaml_node *steps = vector_definition(talk->vector, name);

    if (steps == NULL) {
        vector_fail("line %d: no definition of %s", step->line, name);
    }
    play_steps(talk, steps);
}

static const struct {
    const char *word;
    void (*play)(struct talk *talk, const struct edge_step *step);
} STEPS[] = {
    {"X>", say_step},       {"X<", expect_element},
    {"open", open_stream},  {"secure", secure},
    {"external", external}, {"tls", tls},
    {"answered", answered}, {"refused", refused},
    {"outcome", outcome},   {"closed", expect_closed},
    {"event", event},       {"failed", failed},
    {"prove", prove},       {"sends", sends},
    {"counted", counted},   {"use", use},
    {"ended", ended},       {"why", expect_why},
};

static void play_step(struct talk *talk, const struct cw_yaml_node *node)
{
    const bool mapping = node->kind == CW_YAML_MAPPING;
    const struct edge_step step = {.word = mapping ? node->first->text : node->text,
                                   .value = mapping ? node->first->next : NULL,
                                   .options = mapping ? node : NULL,
                                   .line = node->line};

    for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
        if (strcmp(STEPS[i].word, step.word) == 0) {
            STEPS[i].play(talk, &step);
            return;
        }
    }
    vector_fail("line %d: no such step: %s", step.line, step.word);
}

static void play_steps(struct talk *talk, const struct cw_yaml_node *steps)
{
    for (const struct cw_yaml_node *step = steps->first; step != NULL; step = step->next) {
        play_step(talk, step);
    }
}

/* ---- the world ---- */

static unsigned methods_of(const struct vector *vector)
{
    const char *words = or_default(vector_text(vector, "methods"), "sasl_tls tls_dialback");
    unsigned methods = 0;

    for (unsigned i = 1; i < CW_METHODS; i++) {
        if (strstr(words, cw_method_name((enum cw_method)i)) != NULL) {
            methods |= 1u << i;
        }
    }
    return methods;
}

static void mint_all(struct talk *talk)
{
    const struct cw_yaml_node *certificate = vector_get(talk->vector, "certificate");
    const struct cw_yaml_node *san = cw_yaml_lookup(certificate, "san");
    const struct cw_yaml_node *stranger = cw_yaml_lookup(certificate, "stranger");

    cw_mint_make(talk->mint, "corp", &(struct cw_mint_leaf){.names = "DNS:corp.example"});
    cw_mint_make(talk->mint, "partner", &(struct cw_mint_leaf){.names = "DNS:partner.example"});
    cw_mint_make(talk->mint, "script",
                 &(struct cw_mint_leaf){.names = san == NULL ? "DNS:partner.example" : san->text,
                                        .usage = vector_text(talk->vector, "eku"),
                                        .stranger = stranger != NULL});
}

static void set_world(struct talk *talk)
{
    const struct vector *vector = talk->vector;
    const struct cw_yaml_node *permits = vector_get(vector, "permits");
    const unsigned methods = methods_of(vector);
    const bool offered = vector_flag(vector, "tls", true);
    const char *secret = vector_text(vector, "secret");

    (void)snprintf(
        talk->header, sizeof(talk->header), OPEN "from='%s' to='%s' %sversion='1.0' xml:lang='en'>",
        or_default(vector_text(vector, "from"), "partner.example"),
        or_default(vector_text(vector, "to"), "corp.example"), talk->opens ? "id='7b21c0d4' " : "");
    mint_all(talk);
    world_open(&talk->world, talk->mint, methods, offered);
    for (permits = permits == NULL ? NULL : permits->first; permits != NULL;
         permits = permits->next) {
        world_permit(&talk->world.corp, permits->text, methods, offered);
    }
    if (secret != NULL) {
        talk->world.corp.env.dialback_secret = bytes(secret);
    }
    talk->context =
        talk->opens ? raw_server_tls(talk->mint, "script") : raw_tls(talk->mint, "script");
}

/* What must not have happened, whatever the steps looked at. */
static void check_never(const struct talk *talk)
{
    const struct cw_yaml_node *never = vector_get(talk->vector, "never");

    for (never = never == NULL ? NULL : never->first; never != NULL; never = never->next) {
        if (find_line(talk->world.corp.log, never->text) != NULL) {
            vector_fail("`%s` happened; corp:\n%s", never->text, talk->world.corp.log);
        }
    }
    if (find_line(talk->world.corp.log + talk->told, "stanza ") != NULL) {
        vector_fail("a stanza was accepted; corp:\n%s", talk->world.corp.log);
    }
}

void play_stream(const struct vector *vector)
{
    struct talk talk = {.vector = vector, .opens = vector_flag(vector, "opens", false)};
    const struct cw_yaml_node *script = vector_get(vector, "script");

    if (script == NULL) {
        vector_fail("`script` is missing");
    }
    talk.made = malloc(TEXT_MAX);
    talk.mint = cw_mint_new();
    if (talk.made == NULL) {
        abort();
    }
    set_world(&talk);
    talk.raw = talk.opens ? raw_await(&talk.world) : raw_connect(&talk.world, &talk.world.corp);
    play_steps(&talk, script);
    raw_close(&talk.world, talk.raw);
    check_never(&talk);
    cw_tls_free(&talk.context);
    world_close(&talk.world);
    cw_mint_free(&talk.mint);
    free(talk.made);
}
