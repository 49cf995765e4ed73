/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Findings for programs: each with the JSON Pointer of the node where it was found.
 */

#include "settings_private.h"

#include <stdio.h>
#include <string.h>

enum { POINTER_LEN = 256 };

/* A mapping in a sequence begins where its first key does; the kind tells them apart. */
static bool is_at(const struct cw_yaml_node *node, const struct cw_place *place)
{
    const struct cw_yaml_node *const meant = place->node;

    return node->line == place->line && node->column == place->column &&
           (meant == NULL || meant->kind == node->kind);
}

/* Appends "/name" with "~" and "/" escaped (RFC 6901 section 3). What does not fit is left out. */
static size_t append(char out[POINTER_LEN], size_t len, const char *name)
{
    const size_t begun = len;

    out[len < POINTER_LEN - 1 ? len++ : len] = '/';
    for (; *name != '\0'; name++) {
        const bool escaped = *name == '~' || *name == '/';

        if (len + 3 >= POINTER_LEN) {
            out[begun] = '\0';
            return begun;
        }
        out[len++] = (char)(escaped ? '~' : *name);
        if (escaped) {
            out[len++] = (char)(*name == '~' ? '0' : '1');
        }
    }
    out[len] = '\0';
    return len;
}

static bool find(const struct cw_yaml_node *node, const struct cw_place *place,
                 char out[POINTER_LEN], size_t len);

static bool find_in_mapping(const struct cw_yaml_node *node, const struct cw_place *place,
                            char out[POINTER_LEN], size_t len)
{
    for (const struct cw_yaml_node *name = node->first; name != NULL && name->next != NULL;
         name = name->next->next) {
        const size_t longer = append(out, len, name->text != NULL ? name->text : "");

        if (is_at(name, place) || find(name->next, place, out, longer)) {
            return true;
        }
        out[len] = '\0';
    }
    return false;
}

static bool find_in_sequence(const struct cw_yaml_node *node, const struct cw_place *place,
                             char out[POINTER_LEN], size_t len)
{
    char number[24];
    size_t index = 0;

    for (const struct cw_yaml_node *item = node->first; item != NULL; item = item->next) {
        (void)snprintf(number, sizeof(number), "%zu", index++);
        if (find(item, place, out, append(out, len, number))) {
            return true;
        }
        out[len] = '\0';
    }
    return false;
}

// NOLINTNEXTLINE(misc-no-recursion): a document is 16 levels deep at most
static bool find(const struct cw_yaml_node *node, const struct cw_place *place,
                 char out[POINTER_LEN], size_t len)
{
    if (is_at(node, place)) {
        return true;
    }
    if (node->kind == CW_YAML_MAPPING) {
        return find_in_mapping(node, place, out, len);
    }
    return node->kind == CW_YAML_SEQUENCE && find_in_sequence(node, place, out, len);
}

void cw_settings_visit(const struct cw_settings_file *file, cw_settings_visit_fn *visit, void *user)
{
    cw_settings_sort(file);
    for (size_t i = 0; i < file->finding_count; i++) {
        const struct cw_finding *const finding = &file->findings[i];
        const struct cw_yaml_document *const document =
            cw_settings_document(file, finding->place.file);
        char pointer[POINTER_LEN] = "";

        if (document != NULL && document->root != NULL &&
            !find(document->root, &finding->place, pointer, 0)) {
            pointer[0] = '\0';
        }
        visit(
            &(struct cw_settings_told){
                .severity = finding->severity,
                .code = finding->code,
                .text = finding->text,
                .remedy = finding->remedy == NULL ? "" : finding->remedy,
                .pointer = pointer,
                .place = finding->place,
            },
            user);
    }
}
