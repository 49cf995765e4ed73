/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SECRET_LEN = 64 * 1024 };

static const char FILE_WORD[] = "file:";
static const char CREDENTIAL_WORD[] = "credential:";

static bool starts(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/** The path of "credential:NAME"; NULL with a finding. `*unknown`: nobody passes credentials here.
 */
static const char *credential_path(struct cw_settings_file *file, const struct cw_yaml_node *node,
                                   bool *unknown)
{
    char path[4096];
    const char *name = node->text + strlen(CREDENTIAL_WORD);
    const char *folder = getenv("CREDENTIALS_DIRECTORY"); // NOLINT(concurrency-mt-unsafe)
    if (name[0] == '\0' || strchr(name, '/') != NULL || starts(name, ".")) {
        cw_settings_find(file, node, "E012", "this is not the name of a credential",
                         "write credential:NAME as in LoadCredential=NAME:PATH");
        return NULL;
    }
    *unknown = folder == NULL;
    if (folder == NULL) {
        return NULL;
    }
    const int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof(path)) {
        cw_settings_find(file, node, "E012", "the path of this credential is too long",
                         "use a shorter name");
        return NULL;
    }
    return cw_settings_copy(file, file->values, (struct cw_bytes){path, (size_t)len});
}

static const char *file_path(struct cw_settings_file *file, const struct cw_yaml_node *node)
{
    const char *path = node->text + strlen(FILE_WORD);
    if (path[0] == '\0') {
        cw_settings_find(file, node, "E012", "the path is empty", "write file:PATH");
        return NULL;
    }
    return cw_settings_copy(file, file->values, (struct cw_bytes){path, strlen(path)});
}

static const char *contents(struct cw_settings_file *file, const struct cw_yaml_node *node,
                            const char *path)
{
    struct cw_bytes text;
    char problem[CW_SETTINGS_TEXT_LEN];
    const enum cw_err err = cw_settings_slurp(path, MAX_SECRET_LEN, file->values, &text);
    if (err != CW_OK) {
        (void)snprintf(problem, sizeof(problem), "the secret cannot be read: %s",
                       err == CW_ERR_LIMIT ? "it is larger than 64 KiB"
                                           : strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        cw_settings_find(file, node, "E012", problem, path);
        return NULL;
    }
    while (text.len > 0 && strchr(" \t\r\n", text.base[text.len - 1]) != NULL) {
        text.len--;
    }
    if (text.len == 0 || memchr(text.base, '\0', text.len) != NULL) {
        cw_settings_find(file, node, "E012", "the secret is empty or not text", path);
        return NULL;
    }
    return cw_settings_copy(file, file->values, text);
}

void cw_settings_bind_secret(struct cw_settings_file *file, const struct cw_yaml_node *node,
                             const struct cw_key *key, void *value)
{
    const char *result = NULL;
    bool unknown = false;
    if (starts(node->text, FILE_WORD)) {
        result = file_path(file, node);
    } else if (starts(node->text, CREDENTIAL_WORD)) {
        result = credential_path(file, node, &unknown);
    } else {
        cw_settings_find(file, node, "E011", "a secret is not written into the configuration",
                         "write file:PATH, or credential:NAME for a credential of systemd");
        cw_settings_hide_last(file);
        return;
    }
    if (unknown && key->type == CW_KEY_SECRET_PATH) {
        /* --check-config by hand: what systemd will pass cannot be looked at, and is no error. */
        cw_settings_warn(file, node, "W012", "credentials are only passed under systemd",
                         "start with LoadCredential= in the unit, or write file:PATH");
        result = cw_settings_copy(file, file->values, (struct cw_bytes){node->text, node->len});
    } else if (unknown) {
        cw_settings_find(file, node, "E012", "credentials are only passed under systemd",
                         "start with LoadCredential= in the unit, or write file:PATH");
    }
    if (result != NULL && key->type == CW_KEY_SECRET) {
        result = contents(file, node, result);
    }
    if (result != NULL) {
        memcpy(value, &result, sizeof(result));
    }
}
