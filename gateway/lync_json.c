/* SPDX-License-Identifier: Apache-2.0 */
#include "lync_format.h"

#include <jansson.h>

/* Objects and arrays in a file. A partner has up to five; each takes some hundred octets of memory,
 * whatever the file spends on it. */
#define MAX_CONTAINERS 65536u

static bool has_too_many_parts(struct cw_bytes text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += text.base[i] == '{' || text.base[i] == '[';
    }
    return count > MAX_CONTAINERS;
}

static struct cw_bytes copy(struct cw_lync_reading *reading, const char *from, size_t len)
{
    char *const to = cw_lync_take(reading, len);

    if (to == NULL) {
        return (struct cw_bytes){0};
    }
    if (len > 0) {
        memcpy(to, from, len);
    }
    return (struct cw_bytes){to, len};
}

static struct cw_bytes copy_number(struct cw_lync_reading *reading, json_int_t number)
{
    const bool negative = number < 0;
    uint64_t left = negative ? 0 - (uint64_t)number : (uint64_t)number;
    char digits[24];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (negative) {
        digits[--at] = '-';
    }
    return copy(reading, digits + at, sizeof(digits) - at);
}

/* Text of a plain value; absent if it is none. */
static struct cw_bytes text_of(struct cw_lync_reading *reading, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_STRING:
        return copy(reading, json_string_value(json), json_string_length(json));
    case JSON_INTEGER:
        return copy_number(reading, json_integer_value(json));
    case JSON_TRUE:
        return CW_LIT("True");
    case JSON_FALSE:
        return CW_LIT("False");
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_REAL:
    case JSON_NULL:
        break;
    }
    return (struct cw_bytes){0};
}

/* PowerShell wraps what has members of its own: {"value": 2, "Value": "Required"} of an enum that
 * came over the network, {"value": [...], "Count": 2} of a list. */
static const json_t *unwrap(const json_t *json)
{
    const json_t *const word = json_object_get(json, "Value"); /* NULL if it is no object */
    const json_t *const bare = json_object_get(json, "value");

    if (json_is_string(word) || (word != NULL && bare == NULL)) {
        return word;
    }
    return bare != NULL ? bare : json;
}

static struct cw_lync_value read_list(struct cw_lync_reading *reading, const json_t *array)
{
    struct cw_lync_value value = {.kind = CW_LYNC_LIST};
    const size_t size = json_array_size(array);
    const size_t count = size < CW_LYNC_MAX_ITEMS ? size : CW_LYNC_MAX_ITEMS;
    struct cw_bytes *const items = cw_lync_take(reading, count * sizeof(*items));

    if (items == NULL) {
        return value;
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = text_of(reading, unwrap(json_array_get(array, i)));
    }
    value.items = items;
    value.count = count;
    return value;
}

static struct cw_lync_value read_value(struct cw_lync_reading *reading, const json_t *written)
{
    const json_t *const json = unwrap(written);
    struct cw_bytes text;

    if (json_is_array(json)) {
        return read_list(reading, json);
    }
    text = text_of(reading, json);
    if (text.base == NULL && !json_is_null(json)) {
        return (struct cw_lync_value){.kind = CW_LYNC_OTHER};
    }
    return cw_lync_text(text);
}

static void read_record(struct cw_lync_reading *reading, json_t *object)
{
    const char *name;
    json_t *json;

    if (!json_is_object(object)) {
        cw_lync_no_object(reading, 0);
        return;
    }
    cw_lync_begin(reading, 0, (struct cw_bytes){0});
    json_object_foreach(object, name, json)
    {
        const struct cw_lync_value value = read_value(reading, json);

        cw_lync_set(reading, copy(reading, name, strlen(name)), &value);
    }
    cw_lync_end(reading);
}

/* Windows PowerShell 5.1 may wrap the whole list. */
static json_t *records_of(json_t *root)
{
    json_t *const inner = json_is_object(root) ? json_object_get(root, "value") : NULL;

    return json_is_array(inner) && json_object_get(root, "Count") != NULL ? inner : root;
}

static void read_records(struct cw_lync_reading *reading, json_t *root)
{
    json_t *const records = records_of(root);

    if (!json_is_array(records)) {
        read_record(reading, records);
        return;
    }
    for (size_t i = 0; i < json_array_size(records) && !reading->full; i++) {
        read_record(reading, json_array_get(records, i));
    }
}

void cw_lync_json(struct cw_lync_reading *reading, struct cw_bytes text)
{
    struct cw_lync_spot spot = {0};
    json_error_t error;
    json_t *root;

    if (has_too_many_parts(text)) {
        cw_lync_found(&reading->findings, CW_LYNC_FINDING_SIZE, &spot);
        return;
    }
    root = json_loadb(text.base, text.len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        spot.line = error.line > 0 ? (size_t)error.line : 0;
        spot.excerpt = copy(reading, error.text, strlen(error.text));
        cw_lync_found(&reading->findings, CW_LYNC_FINDING_JSON, &spot);
        return;
    }
    read_records(reading, root);
    json_decref(root);
}
