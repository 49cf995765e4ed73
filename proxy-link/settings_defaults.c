/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/settings_file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 46, LEAD_SIZE = 64 };

/** Would YAML read this text as something else than this text? */
static bool needs_quotes(const char *text)
{
    return text[0] == '\0' || strcspn(text, ":#[]{},&*!|>'\"%@`\\ ") != strlen(text) ||
           text[0] == '-' || text[0] == '~' || text[0] == '?';
}

static void put_value(FILE *line, const struct cw_key *key)
{
    if (key->fallback == NULL) {
        return;
    }
    if (key->type != CW_KEY_TEXT || !needs_quotes(key->fallback)) {
        (void)fprintf(line, " %s", key->fallback);
        return;
    }
    (void)fputs(" \"", line);
    for (const char *at = key->fallback; *at != '\0'; at++) {
        (void)fprintf(line, "%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
    }
    (void)fputc('"', line);
}

static const char *shape_of(enum cw_key_type type)
{
    if (type == CW_KEY_SECRET || type == CW_KEY_SECRET_PATH) {
        return "file:PATH or credential:NAME; ";
    }
    return type == CW_KEY_TEXTS || type == CW_KEY_LIST ? "a sequence; " : "";
}

/** `lead`: what stands before the key, blanks and comment signs. */
static void put_key(FILE *out, const struct cw_key *key, const char *lead)
{
    char *text = NULL;
    size_t len = 0;
    FILE *line = open_memstream(&text, &len);
    if (line == NULL) {
        abort();
    }
    (void)fprintf(line, "%s%s:", lead, key->name);
    put_value(line, key);
    if (fclose(line) != 0) {
        abort();
    }
    (void)fprintf(out, "%-*s # %s%s%s", HELP_COLUMN, text, key->required ? "REQUIRED; " : "",
                  key->fallback == NULL ? shape_of(key->type) : "",
                  key->help == NULL ? "" : key->help);
    for (size_t i = 0; key->type == CW_KEY_CHOICE && key->choices[i] != NULL; i++) {
        (void)fprintf(out, "%s%s", i == 0 ? ": " : " | ", key->choices[i]);
    }
    (void)fputc('\n', out);
    free(text);
}

/* A key without a default stays a comment: written without a value it would say the same. Below a
 * comment all is part of it, so that the operator takes away one column of signs and has YAML. */
static void put_keys(FILE *out, const struct cw_key *keys, const char *lead, bool commented)
{
    char own[LEAD_SIZE];
    char below[LEAD_SIZE];
    char item[LEAD_SIZE];
    for (; keys->name != NULL; keys++) {
        const bool comment = commented || (keys->fallback == NULL && keys->type != CW_KEY_MAP);
        (void)snprintf(own, sizeof(own), "%.50s%s", lead, comment && !commented ? "# " : "");
        put_key(out, keys, own);
        if (keys->type == CW_KEY_MAP) {
            (void)snprintf(below, sizeof(below), "%.50s  ", own);
            put_keys(out, keys->keys, below, comment);
        } else if (keys->type == CW_KEY_LIST) {
            const char *sign = comment ? "" : "# ";
            struct cw_key first[2] = {keys->keys[0], {.name = NULL}};
            (void)snprintf(item, sizeof(item), "%.50s%s  - ", own, sign);
            (void)snprintf(below, sizeof(below), "%.50s%s    ", own, sign);
            put_keys(out, first, item, true);
            put_keys(out, keys->keys + 1, below, true);
        }
    }
}

char *cw_settings_defaults(const struct cw_key *keys)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        abort();
    }
    put_keys(out, keys, "", false);
    if (fclose(out) != 0) {
        abort();
    }
    return text;
}
