/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/settings_file.h>
#include <stdlib.h>

struct item {
    const char *domain;
    int tls;
    struct cw_place place;
};

struct values {
    int64_t number;
    int64_t time_ms;
    int64_t size;
    const char *name;
    bool flag;
    const char *key;
    struct cw_texts texts;
    struct cw_list items;
    struct cw_list routes;
};

static const char *const WORDS[] = {"required", "optional", "not_supported", NULL};

#define AT(type, field) .offset = offsetof(struct type, field)
#define NOWHERE         .place_offset = CW_NO_PLACE

static const struct cw_key ITEM_KEYS[] = {
    {"domain", CW_KEY_TEXT, AT(item, domain), .place_offset = offsetof(struct item, place),
     .required = true},
    {"tls", CW_KEY_CHOICE, AT(item, tls), NOWHERE, .fallback = "optional", .choices = WORDS},
    {.name = NULL}};

static const struct cw_key NODE_KEYS[] = {
    {"name", CW_KEY_TEXT, AT(values, name), NOWHERE, .required = true},
    {"key", CW_KEY_SECRET_PATH, AT(values, key), NOWHERE},
    {"hold", CW_KEY_DURATION, AT(values, time_ms), NOWHERE, .fallback = "1s", .max = 3000},
    {"routes", CW_KEY_LIST, AT(values, routes), NOWHERE, .keys = ITEM_KEYS,
     .item_size = sizeof(struct item)},
    {.name = NULL}};

static const struct cw_key KEYS[] = {
    {"version", CW_KEY_INTEGER, AT(values, number), NOWHERE, .fallback = "1"},
    {"size", CW_KEY_SIZE, AT(values, size), NOWHERE},
    {"flag", CW_KEY_BOOL, AT(values, flag), NOWHERE},
    {"texts", CW_KEY_TEXTS, AT(values, texts), NOWHERE, .fallback = "[a, b]"},
    {"node", CW_KEY_MAP, .offset = 0, NOWHERE, .keys = NODE_KEYS},
    {"partners", CW_KEY_LIST, AT(values, items), NOWHERE, .keys = ITEM_KEYS,
     .item_size = sizeof(struct item)},
    {.name = NULL}};

const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses a token's text with many quotes in a flow mapping: its own, not ours. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any text: a report or none, no crash; a clean report means that nothing counts as an error. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cw_bytes text = {(const char *)data, size};
    struct cw_arena *arena = cw_arena_new((size_t)1024 * 1024);
    struct cw_settings_file *file = cw_settings_new(arena);
    struct values values;
    memset(&values, 0, sizeof(values));
    /* Followed, an include would read whatever lies on this machine. */
    for (size_t i = 0; i + 7 <= size; i++) {
        if (memcmp(data + i, "include", 7) == 0) {
            cw_settings_free(&file);
            cw_arena_free(&arena);
            return 0;
        }
    }
    if (cw_settings_read_text(file, "fuzz.yaml", text, KEYS, &values) != CW_OK) {
        abort();
    }
    char *report = cw_settings_report(file);
    if ((report[0] == '\0') != (cw_settings_count(file, CW_NOTE) == 0)) {
        abort();
    }
    const struct item *items = values.items.items;
    for (size_t i = 0; i < values.items.count; i++) {
        cw_settings_finding(file, &items[i].place, CW_WARNING, "W101", "text", "remedy");
    }
    free(report);
    report = cw_settings_report(file);
    free(report);
    cw_settings_free(&file);
    cw_arena_free(&arena);
    return 0;
}
