/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keys in the order of the shipped example; what stands behind them is not written when it is just
 * that. */
static const struct {
    const char *key;
    const char *usual; /* as JSON; NULL: always written */
} KEYS[] = {
    {"description", "\"\""},
    {"additional_domains", "[]"},
    {"type", NULL},
    {"tls", NULL},
    {"sasl", NULL},
    {"dialback", NULL},
    {"enabled", "true"},
    {"keep_alive", "true"},
    {"accept", "\"default\""},
    {"connection_limit", NULL},
    {"proxy", "\"\""},
    {"max_stanza", "0"},
    {"pins", "[]"},
};

/* A value of JSON is a value of YAML. Plain words need no quotes. */
static void print_value(const json_t *value)
{
    const char *const text = json_string_value(value);
    char *const dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER);

    if (text != NULL && text[0] != '\0' &&
        strspn(text, "abcdefghijklmnopqrstuvwxyz_") == strlen(text)) {
        (void)fputs(text, stdout);
    } else {
        (void)fputs(dump == NULL ? "\"\"" : dump, stdout);
    }
    free(dump);
}

static bool is_usual(const json_t *value, const char *usual)
{
    char *const dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const bool same = usual != NULL && dump != NULL && strcmp(dump, usual) == 0;

    free(dump);
    return same;
}

/* The limits that are not left to the type. */
static void print_rates(const json_t *rate)
{
    json_t *const copy = json_deep_copy(rate);
    const char *key;
    json_t *value;
    bool any = false;

    json_object_foreach(copy, key, value)
    {
        if (json_integer_value(value) != 0) {
            (void)printf("%s%s: %lld", any ? ", " : "    rate: {", key,
                         (long long)json_integer_value(value));
            any = true;
        }
    }
    json_decref(copy);
    if (any) {
        (void)printf("}\n");
    }
}

static void print_partner(const json_t *partner)
{
    (void)printf("  - domain: ");
    print_value(json_object_get(partner, "domain"));
    (void)printf("\n");
    for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
        const json_t *const value = json_object_get(partner, KEYS[i].key);

        if (value != NULL && !json_is_null(value) && !is_usual(value, KEYS[i].usual)) {
            (void)printf("    %s: ", KEYS[i].key);
            print_value(value);
            (void)printf("\n");
        }
    }
    print_rates(json_object_get(partner, "rate"));
}

void ctl_print_yaml(const json_t *partners)
{
    const json_t *partner;
    size_t index;

    (void)printf(json_array_size(partners) == 0 ? "partners: []\n" : "partners:\n");
    json_array_foreach(partners, index, partner)
    {
        print_partner(partner);
    }
}
