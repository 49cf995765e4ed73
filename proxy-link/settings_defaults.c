/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/settings_file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 46, INDENT = 2 };

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

static void put_keys(FILE *out, const struct cw_key *keys, unsigned depth, bool commented)
{
    char lead[64];
    for (; keys->name != NULL; keys++) {
        /* A key without a default stays a comment: left empty it would say the same. */
        const bool comment = commented || (keys->fallback == NULL && keys->type != CW_KEY_MAP);
        (void)snprintf(lead, sizeof(lead), "%*s%s", (int)(depth * INDENT), "", comment ? "# " : "");
        put_key(out, keys, lead);
        if (keys->type == CW_KEY_MAP) {
            put_keys(out, keys->keys, depth + 1, comment);
        } else if (keys->type == CW_KEY_LIST) {
            put_keys(out, keys->keys, depth + 2, true);
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
    put_keys(out, keys, 0, false);
    if (fclose(out) != 0) {
        abort();
    }
    return text;
}
