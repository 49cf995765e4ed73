/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_private.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit NUMBER_UNITS[] = {{"", 1}, {NULL, 0}};
static const struct unit TIME_UNITS[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                                         {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
static const struct unit SIZE_UNITS[] = {
    {"B", 1}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {NULL, 0}};

enum { MAX_CHOICES = 32 };

static const struct unit *units_of(enum cw_key_type type)
{
    if (type == CW_KEY_DURATION) {
        return TIME_UNITS;
    }
    return type == CW_KEY_SIZE ? SIZE_UNITS : NUMBER_UNITS;
}

/** Digits, at least one. @return where they end; NULL: none, or too many */
static const char *read_digits(const char *text, int64_t *out)
{
    const char *start = text;
    int64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *text - '0', &value)) {
            return NULL;
        }
    }
    *out = value;
    return text > start ? text : NULL;
}

/** Digits, then a unit; "0" needs none. */
static bool read_number(const char *text, const struct unit *units, int64_t *out)
{
    const bool negative = text[0] == '-';
    int64_t value = 0;
    const char *rest = read_digits(text + (negative ? 1 : 0), &value);
    for (; rest != NULL && units->name != NULL; units++) {
        if (strcmp(rest, units->name) == 0 || (value == 0 && *rest == '\0')) {
            *out = negative ? -value : value;
            return !__builtin_mul_overflow(*out, units->factor, out);
        }
    }
    return false;
}

/** In the largest unit that divides it. */
static void write_number(int64_t value, const struct unit *units, char *out, size_t size)
{
    const struct unit *best = units;
    for (const struct unit *unit = units; unit->name != NULL; unit++) {
        if (value != 0 && value % unit->factor == 0) {
            best = unit;
        }
    }
    (void)snprintf(out, size, "%" PRId64 "%s", value / best->factor, best->name);
}

static bool in_bounds(const struct cw_key *key, int64_t value)
{
    return (key->min == 0 && key->max == 0) || (value >= key->min && value <= key->max);
}

static void complain_number(struct cw_settings_file *file, const struct cw_yaml_node *node,
                            const struct cw_key *key)
{
    static const char *const WANTED[][2] = {
        {"this is not a whole number", "write digits, such as 100"},
        {"this is not a duration", "write a number with a unit: ms, s, m, h or d, such as 30s"},
        {"this is not a size", "write a number with a unit: B, KiB, MiB or GiB, such as 64KiB"},
    };
    const unsigned row = key->type == CW_KEY_INTEGER ? 0 : key->type == CW_KEY_DURATION ? 1 : 2;
    cw_settings_find(file, node, "E008", WANTED[row][0], WANTED[row][1]);
}

static void bind_number(struct cw_settings_file *file, const struct cw_yaml_node *node,
                        const struct cw_key *key, void *out)
{
    char low[32];
    char high[32];
    char text[CW_SETTINGS_TEXT_LEN];
    const struct unit *units = units_of(key->type);
    int64_t value = 0;
    if (!read_number(node->text, units, &value)) {
        complain_number(file, node, key);
        return;
    }
    if (!in_bounds(key, value)) {
        write_number(key->min, units, low, sizeof(low));
        write_number(key->max, units, high, sizeof(high));
        if (key->min == key->max) {
            (void)snprintf(text, sizeof(text), "%s must be %s", key->name, low);
        } else {
            (void)snprintf(text, sizeof(text), "%s must lie between %s and %s", key->name, low,
                           high);
        }
        cw_settings_find(file, node, "E009", text, NULL);
        return;
    }
    memcpy(out, &value, sizeof(value));
}

static bool read_bool(const char *text, bool *out)
{
    const bool yes =
        strcmp(text, "true") == 0 || strcmp(text, "True") == 0 || strcmp(text, "TRUE") == 0;
    const bool no =
        strcmp(text, "false") == 0 || strcmp(text, "False") == 0 || strcmp(text, "FALSE") == 0;
    *out = yes;
    return yes || no;
}

static void bind_bool(struct cw_settings_file *file, const struct cw_yaml_node *node, void *out)
{
    bool value = false;
    if (!read_bool(node->text, &value)) {
        cw_settings_find(file, node, "E008", "this is neither true nor false",
                         "write true or false");
        return;
    }
    memcpy(out, &value, sizeof(value));
}

static void complain_choice(struct cw_settings_file *file, const struct cw_yaml_node *node,
                            const struct cw_key *key, size_t count)
{
    char text[CW_SETTINGS_TEXT_LEN];
    char remedy[CW_SETTINGS_TEXT_LEN];
    const char *near = cw_settings_nearest(node->text, key->choices, count);
    (void)snprintf(text, sizeof(text), "%s knows no value %.60s", key->name, node->text);
    size_t len = 0;
    if (near != NULL) {
        len = (size_t)snprintf(remedy, sizeof(remedy), "did you mean %s? It is ", near);
    } else {
        len = (size_t)snprintf(remedy, sizeof(remedy), "it is ");
    }
    for (size_t i = 0; i < count && len < sizeof(remedy); i++) {
        const char *between = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        len +=
            (size_t)snprintf(remedy + len, sizeof(remedy) - len, "%s%s", between, key->choices[i]);
    }
    cw_settings_find(file, node, "E010", text, remedy);
}

static void bind_choice(struct cw_settings_file *file, const struct cw_yaml_node *node,
                        const struct cw_key *key, void *out)
{
    size_t count = 0;
    for (; key->choices[count] != NULL; count++) {
        if (strcmp(key->choices[count], node->text) == 0) {
            const int index = (int)count;
            memcpy(out, &index, sizeof(index));
            return;
        }
    }
    complain_choice(file, node, key, count);
}

static void bind_text(struct cw_settings_file *file, const struct cw_yaml_node *node, void *out)
{
    const char *copy =
        cw_settings_copy(file, file->values, (struct cw_bytes){node->text, node->len});
    if (copy != NULL) {
        memcpy(out, &copy, sizeof(copy));
    }
}

void cw_settings_bind_scalar(struct cw_settings_file *file, const struct cw_yaml_node *node,
                             const struct cw_key *key, void *value)
{
    switch (key->type) {
    case CW_KEY_TEXT:
        bind_text(file, node, value);
        break;
    case CW_KEY_BOOL:
        bind_bool(file, node, value);
        break;
    case CW_KEY_INTEGER:
    case CW_KEY_DURATION:
    case CW_KEY_SIZE:
        bind_number(file, node, key, value);
        break;
    case CW_KEY_CHOICE:
        bind_choice(file, node, key, value);
        break;
    case CW_KEY_SECRET:
    case CW_KEY_SECRET_PATH:
        cw_settings_bind_secret(file, node, key, value);
        break;
    case CW_KEY_TEXTS:
    case CW_KEY_MAP:
    case CW_KEY_LIST:
        break;
    }
}

/** Does a port, and nothing behind it, follow the colon at `text`? */
static bool read_port(const char *text, uint16_t *out)
{
    int64_t number = 0;
    const char *rest = *text == ':' ? read_digits(text + 1, &number) : NULL;
    if (rest == NULL || *rest != '\0' || number > UINT16_MAX) {
        return false;
    }
    *out = (uint16_t)number;
    return true;
}

enum cw_err cw_settings_address(const char *text, char *host, size_t host_size, uint16_t *port)
{
    const bool bracketed = text[0] == '[';
    const char *start = bracketed ? text + 1 : text;
    const char *end = strchr(start, bracketed ? ']' : ':');
    if (end == NULL || end == start || (size_t)(end - start) >= host_size) {
        return CW_ERR_MALFORMED;
    }
    for (const char *at = start; at < end; at++) {
        if ((unsigned char)*at <= ' ' || *at == '[') {
            return CW_ERR_MALFORMED;
        }
    }
    if (!read_port(bracketed ? end + 1 : end, port)) {
        return CW_ERR_MALFORMED;
    }
    memcpy(host, start, (size_t)(end - start));
    host[end - start] = '\0';
    return CW_OK;
}
