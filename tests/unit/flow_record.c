/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_record.h"

#include <stdio.h>

static void append(char *to, size_t size, struct cw_bytes text, char end)
{
    const size_t len = strlen(to);

    assert_true(len + text.len + 2 < size);
    if (text.len != 0) {
        memcpy(to + len, text.base, text.len);
    }
    to[len + text.len] = end;
    to[len + text.len + 1] = '\0';
}

static void on_stanza(struct cw_bytes xml, void *user)
{
    struct flow_record *record = user;

    append(record->stanzas, sizeof(record->stanzas), xml, '\n');
    record->stanza_count++;
}

static void on_request(const struct cw_sip_message *request, void *user)
{
    struct flow_record *record = user;

    record->requests[request->method]++;
    append(record->targets, sizeof(record->targets), request->request_uri, ' ');
    append(record->senders, sizeof(record->senders), request->from.uri, ' ');
    append(record->bodies, sizeof(record->bodies), request->body, '\n');
}

static void on_response(const struct cw_sip_message *response, void *user)
{
    struct flow_record *record = user;

    record->answers++;
    record->status = response->status;
}

static void on_log(const char *text, void *user)
{
    struct flow_record *record = user;

    if (strstr(text, " message ended ") != NULL) {
        record->audits++;
        (void)snprintf(record->audit, sizeof(record->audit), "%s", text);
    }
}

const struct world_observer FLOW_RECORDER = {
    .on_stanza = on_stanza, .on_request = on_request, .on_response = on_response, .on_log = on_log};

void flow_record_clear(struct flow_record *record)
{
    *record = (struct flow_record){.stanza_count = 0};
}

unsigned flow_record_requests(const struct flow_record *record)
{
    unsigned sum = 0;

    for (size_t i = 0; i < CW_SIP_METHODS; i++) {
        sum += record->requests[i];
    }
    return sum;
}

/* All that is worth a row: both partners, both verdicts, each reason. */
static unsigned count_row(struct world *world, size_t row)
{
    const char *partner = row % 2 == 0 ? "fabrikam.example" : "_unlisted";
    const char *decision = row / 2 % 2 == 0 ? "allow" : "deny";

    return (unsigned)cw_metrics_value(
        world_gateway(world)->metrics, CW_METRIC_POLICY_DECISIONS_TOTAL,
        (const char *const[]){partner, decision, cw_reason_label((enum cw_reason)(row / 4))});
}

void flow_decisions_note(struct flow_decisions *decisions, struct world *world)
{
    for (size_t row = 0; row < CW_COUNT(decisions->counts); row++) {
        decisions->counts[row] = count_row(world, row);
    }
}

const char *flow_decisions_since(const struct flow_decisions *before, struct world *world)
{
    static char text[256];

    text[0] = '\0';
    for (size_t row = 0; row < CW_COUNT(before->counts); row++) {
        for (unsigned n = before->counts[row]; n < count_row(world, row); n++) {
            const size_t len = strlen(text);

            (void)snprintf(text + len, sizeof(text) - len, "%s%s %s;",
                           row % 2 == 0 ? "" : "_unlisted ", row / 2 % 2 == 0 ? "allow" : "deny",
                           cw_reason_label((enum cw_reason)(row / 4)));
        }
    }
    return text;
}
