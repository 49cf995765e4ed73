/* SPDX-License-Identifier: Apache-2.0 */
#include "print.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS_MAX 8

struct column {
    const char *title;
    const char *key;
};

/* Text of a member as a person reads it; numbers and booleans included. */
static const char *text_of(const json_t *object, const char *key, char room[32])
{
    const json_t *const value = json_object_get(object, key);

    if (json_is_string(value)) {
        return json_string_value(value);
    }
    if (json_is_integer(value)) {
        (void)snprintf(room, 32, "%lld", (long long)json_integer_value(value));
        return room;
    }
    if (json_is_boolean(value)) {
        return json_is_true(value) ? "yes" : "no";
    }
    return "-";
}

static void measure(const json_t *list, const struct column *columns, size_t count, int *widths)
{
    size_t index;
    const json_t *row;

    for (size_t c = 0; c < count; c++) {
        widths[c] = (int)strlen(columns[c].title);
    }
    json_array_foreach(list, index, row)
    {
        for (size_t c = 0; c < count; c++) {
            char room[32];
            const int width = (int)strlen(text_of(row, columns[c].key, room));

            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
}

static void print_table(const json_t *list, const struct column *columns, size_t count,
                        const char *empty)
{
    int widths[COLUMNS_MAX];
    size_t index;
    const json_t *row;

    if (json_array_size(list) == 0) {
        (void)printf("%s\n", empty);
        return;
    }
    measure(list, columns, count, widths);
    for (size_t c = 0; c < count; c++) {
        (void)printf("%-*s%s", widths[c], columns[c].title, c + 1 < count ? "  " : "\n");
    }
    json_array_foreach(list, index, row)
    {
        for (size_t c = 0; c < count; c++) {
            char room[32];

            (void)printf("%-*s%s", c + 1 < count ? widths[c] : 0,
                         text_of(row, columns[c].key, room), c + 1 < count ? "  " : "\n");
        }
    }
}

#define PRINT_TABLE(list, columns, empty)                                                          \
    print_table((list), (columns), sizeof(columns) / sizeof((columns)[0]), (empty))

static void print_line(const json_t *object, const char *title, const char *key)
{
    char room[32];

    (void)printf("%-20s %s\n", title, text_of(object, key, room));
}

void ctl_print_status(json_t *status)
{
    static const struct column LINKS[] = {
        {"LINK", "address"},         {"NODE", "node"},           {"UP", "up"},
        {"RTT/us", "round_trip_us"}, {"IN FLIGHT", "in_flight"}, {"POLICY LAG/ms", "lag_ms"},
        {"DETAIL", "detail"}};
    static const struct column ROUTES[] = {
        {"ROUTE", "name"}, {"UP", "up"}, {"RTT/us", "round_trip_us"}, {"DETAIL", "detail"}};
    json_t *const totals = json_object_get(status, "totals");
    const char *key;
    const json_t *value;

    print_line(status, "node", "node");
    print_line(status, "role", "role");
    print_line(status, "version", "version");
    print_line(status, "uptime/s", "uptime_s");
    print_line(status, "ready", "ready");
    print_line(status, "draining", "draining");
    print_line(status, "policy revision", "policy_revision");
    json_object_foreach(totals, key, value)
    {
        print_line(totals, key, key);
    }
    if (json_object_get(status, "links") != NULL) {
        (void)printf("\n");
        PRINT_TABLE(json_object_get(status, "links"), LINKS, "no links");
    }
    if (json_object_get(status, "routes") != NULL) {
        (void)printf("\n");
        PRINT_TABLE(json_object_get(status, "routes"), ROUTES, "no routes");
    }
}

/* "sasl_tls, tls_dialback" */
static void join(const json_t *list, char *out, size_t size)
{
    size_t index;
    const json_t *item;
    size_t len = 0;

    out[0] = '\0';
    json_array_foreach(list, index, item)
    {
        const int written =
            snprintf(out + len, size - len, "%s%s", index > 0 ? ", " : "", json_string_value(item));

        len += written > 0 && (size_t)written < size - len ? (size_t)written : 0;
    }
    if (json_array_size(list) == 0) {
        (void)snprintf(out, size, "none");
    }
}

void ctl_print_partners(json_t *partners)
{
    static const struct column COLUMNS[] = {{"DOMAIN", "domain"},     {"TYPE", "type"},
                                            {"TLS", "tls"},           {"SASL", "sasl"},
                                            {"DIALBACK", "dialback"}, {"ENABLED", "enabled"},
                                            {"WILL USE", "will_use"}, {"FINDING", "code"}};
    json_t *const rows = json_deep_copy(partners);
    size_t index;
    json_t *row;

    json_array_foreach(rows, index, row)
    {
        const json_t *const effective = json_object_get(row, "effective");
        char methods[96];

        join(json_object_get(effective, "will_use"), methods, sizeof(methods));
        json_object_set_new(row, "will_use", json_string(methods));
        json_object_set(row, "code", json_object_get(effective, "code"));
    }
    PRINT_TABLE(rows, COLUMNS,
                "no partners; add one: causewayctl partner add DOMAIN --type federated");
    json_decref(rows);
}

void ctl_print_partner(json_t *partner)
{
    static const char *const KEYS[] = {
        "domain",     "description",      "type",  "tls",    "sasl",       "dialback", "enabled",
        "keep_alive", "connection_limit", "proxy", "accept", "max_stanza", "file",     "line"};
    static const char *const RATES[] = {"invites_per_minute", "messages_per_second",
                                        "presence_per_second"};
    const json_t *const effective = json_object_get(partner, "effective");
    char list[1024];
    char room[32];

    for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
        print_line(partner, KEYS[i], KEYS[i]);
    }
    join(json_object_get(partner, "additional_domains"), list, sizeof(list));
    (void)printf("%-20s %s\n", "additional_domains", list);
    join(json_object_get(partner, "pins"), list, sizeof(list));
    (void)printf("%-20s %s\n", "pins", list);
    for (size_t i = 0; i < sizeof(RATES) / sizeof(RATES[0]); i++) {
        print_line(effective, RATES[i], RATES[i]);
    }
    print_line(effective, "matrix row", "matrix_row");
    join(json_object_get(effective, "permits"), list, sizeof(list));
    (void)printf("%-20s %s\n", "permits", list);
    join(json_object_get(effective, "will_use"), list, sizeof(list));
    (void)printf("%-20s %s\n", "will use", list);
    if (strcmp(text_of(effective, "code", room), "") != 0) {
        print_line(effective, "finding", "code");
        print_line(effective, "", "finding");
        print_line(effective, "", "remedy");
    }
}

void ctl_print_streams(json_t *streams)
{
    static const struct column COLUMNS[] = {{"EDGE", "edge"},
                                            {"ID", "id"},
                                            {"DIR", "direction"},
                                            {"OWN", "own_domain"},
                                            {"REMOTE", "remote_domain"},
                                            {"METHOD", "method"},
                                            {"TLS", "tls"},
                                            {"PEER", "peer"}};

    PRINT_TABLE(streams, COLUMNS, "no streams");
}

void ctl_print_subscriptions(json_t *subscriptions)
{
    static const struct column COLUMNS[] = {{"LOCAL", "local"},         {"REMOTE", "remote"},
                                            {"DIRECTION", "direction"}, {"STATE", "state"},
                                            {"DIALOG", "dialog"},       {"EXPIRES/s", "expires_s"},
                                            {"INVITED", "invited"},     {"BLOCKED", "blocked"}};

    PRINT_TABLE(subscriptions, COLUMNS, "no subscriptions");
}

void ctl_print_knocks(json_t *knocks)
{
    static const struct column COLUMNS[] = {{"DOMAIN", "domain"}, {"REASON", "reason"},
                                            {"COUNT", "count"},   {"FIRST", "first"},
                                            {"LAST", "last"},     {"FROM", "peer"}};

    PRINT_TABLE(knocks, COLUMNS, "nobody was turned away");
    if (json_array_size(knocks) > 0) {
        (void)printf("make one a partner: causewayctl partner add DOMAIN --type ...\n");
    }
}

void ctl_print_quarantine(json_t *quarantine)
{
    static const struct column COLUMNS[] = {{"WHO", "who"},
                                            {"SCOPE", "scope"},
                                            {"TIMES", "times"},
                                            {"SINCE/s", "since_s"},
                                            {"LEFT/s", "left_s"}};

    PRINT_TABLE(quarantine, COLUMNS, "nobody is in quarantine");
}

void ctl_print_result(json_t *result)
{
    const char *const report = json_string_value(json_object_get(result, "report"));
    char room[32];

    (void)printf("%s\n", text_of(result, "result", room));
    if (report != NULL && report[0] != '\0') {
        (void)fputs(report, stdout);
    }
}
