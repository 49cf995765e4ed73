/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "policy_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *const json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);

    if (json == NULL) {
        fail_msg("%s: %s", text, error.text);
    }
    return json;
}

static void assert_json(const json_t *got, const char *want)
{
    json_t *const wanted = parse(want);

    if (!json_equal(got, wanted)) {
        fail_msg("wanted %s, got %s", want, json_dumps(got, JSON_ENCODE_ANY));
    }
    json_decref(wanted);
}

#define TWO                                                                                        \
    "{\"partners\":[{\"domain\":\"a.example\",\"tls\":\"required\"},"                              \
    "{\"domain\":\"b.example\",\"tls\":\"optional\"}],\"users\":{\"federation\":true}}"

static void finds_a_record_by_its_domain(void **state)
{
    json_t *const document = parse(TWO);
    json_t *const bare = parse("{}");
    json_t *const strange = parse("{\"partners\":[7,{\"domain\":7},{}]}");

    (void)state;
    assert_json(cw_policy_edit_find(document, "b.example"),
                "{\"domain\":\"b.example\",\"tls\":\"optional\"}");
    assert_null(cw_policy_edit_find(document, "c.example"));
    assert_null(cw_policy_edit_find(document, "B.example"));
    assert_null(cw_policy_edit_find(document, ""));
    assert_null(cw_policy_edit_find(bare, "a.example"));
    assert_null(cw_policy_edit_find(strange, "a.example"));
    json_decref(strange);
    json_decref(bare);
    json_decref(document);
}

static void puts_a_record_in_the_place_of_another(void **state)
{
    json_t *const document = parse(TWO);
    json_t *const record = parse("{\"domain\":\"a.example\",\"type\":\"federated\"}");
    json_t *out = cw_policy_edit_put(document, "a.example", record);

    (void)state;
    assert_json(out, "{\"partners\":[{\"domain\":\"b.example\",\"tls\":\"optional\"},"
                     "{\"domain\":\"a.example\",\"type\":\"federated\"}],"
                     "\"users\":{\"federation\":true}}");
    assert_json(document, TWO);
    json_decref(out);
    json_object_set_new(record, "domain", json_string("c.example"));
    out = cw_policy_edit_put(document, "c.example", record);
    assert_int_equal(json_array_size(json_object_get(out, "partners")), 3);
    json_object_set_new(record, "type", json_null()); /* a copy was taken */
    assert_json(cw_policy_edit_find(out, "c.example"),
                "{\"domain\":\"c.example\",\"type\":\"federated\"}");
    json_decref(out);
    json_decref(record);
    json_decref(document);
}

static void removes_a_record(void **state)
{
    json_t *const document = parse(TWO);
    json_t *out = cw_policy_edit_remove(document, "a.example");

    (void)state;
    assert_json(out, "{\"partners\":[{\"domain\":\"b.example\",\"tls\":\"optional\"}],"
                     "\"users\":{\"federation\":true}}");
    assert_json(document, TWO);
    json_decref(out);
    out = cw_policy_edit_remove(document, "c.example");
    assert_json(out, TWO);
    json_decref(out);
    json_decref(document);
}

/* The table of RFC 7396 appendix A. */
static const struct {
    const char *original, *patch, *result;
} MERGES[] = {
    {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
    {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
    {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
    {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
    {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
    {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
    {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
    {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
    {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
    {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
    {"{\"a\":\"foo\"}", "null", "null"},
    {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
    {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
    {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
    {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
};

static void merges_as_rfc_7396_shows(void **state)
{
    (void)state;
    assert_int_equal(CW_COUNT(MERGES), 15);
    for (size_t i = 0; i < CW_COUNT(MERGES); i++) {
        json_t *const target = parse(MERGES[i].original);
        json_t *const patch = parse(MERGES[i].patch);
        json_t *const out = cw_policy_edit_merge(target, patch);

        cw_case(MERGES[i].patch);
        assert_json(out, MERGES[i].result);
        assert_json(target, MERGES[i].original);
        assert_json(patch, MERGES[i].patch);
        json_decref(out);
        json_decref(patch);
        json_decref(target);
    }
}

static void merges_into_nothing(void **state)
{
    json_t *const patch = parse("{\"a\":{\"b\":null,\"c\":1}}");
    json_t *const out = cw_policy_edit_merge(NULL, patch);

    (void)state;
    assert_json(out, "{\"a\":{\"c\":1}}");
    json_decref(out);
    json_decref(patch);
}

#define A    "{\"domain\":\"a.example\",\"tls\":\"required\"}"
#define A2   "{\"domain\":\"a.example\",\"tls\":\"optional\",\"proxy\":\"p:1\"}"
#define B    "{\"domain\":\"b.example\",\"pins\":[\"1\"]}"
#define U(f) "\"users\":{\"federation\":" f ",\"deny\":[]}"

static const struct {
    const char *name, *before, *after, *diff;
} DIFFS[] = {
    {"nothing", "{\"partners\":[" A "]}", "{\"partners\":[" A "]}", "[]"},
    {"another order is no difference", "{\"partners\":[" A "," B "]}",
     "{\"partners\":[" B "," A "]}", "[]"},
    {"a partner more", "{\"partners\":[" A "]}", "{\"partners\":[" A "," B "]}",
     "[{\"op\":\"add\",\"path\":\"/partners/b.example\",\"new\":" B "}]"},
    {"a partner less", "{\"partners\":[" A "," B "]}", "{\"partners\":[" B "]}",
     "[{\"op\":\"remove\",\"path\":\"/partners/a.example\",\"old\":" A "}]"},
    {"a partner changed", "{\"partners\":[" A "," B "]}", "{\"partners\":[" A2 "," B "]}",
     "[{\"op\":\"change\",\"path\":\"/partners/a.example/tls\",\"old\":\"required\","
     "\"new\":\"optional\"},"
     "{\"op\":\"add\",\"path\":\"/partners/a.example/proxy\",\"new\":\"p:1\"}]"},
    {"a key less", "{\"partners\":[" A2 "]}",
     "{\"partners\":[{\"domain\":\"a.example\",\"tls\":\"optional\"}]}",
     "[{\"op\":\"remove\",\"path\":\"/partners/a.example/proxy\",\"old\":\"p:1\"}]"},
    {"users appear", "{\"partners\":[]}", "{\"partners\":[]," U("true") "}",
     "[{\"op\":\"add\",\"path\":\"/users\",\"new\":{\"federation\":true,\"deny\":[]}}]"},
    {"users go", "{\"partners\":[]," U("true") "}", "{\"partners\":[]}",
     "[{\"op\":\"remove\",\"path\":\"/users\",\"old\":{\"federation\":true,\"deny\":[]}}]"},
    {"users change", "{\"partners\":[]," U("true") "}", "{\"partners\":[]," U("false") "}",
     "[{\"op\":\"change\",\"path\":\"/users/federation\",\"old\":true,\"new\":false}]"},
    {"all at once", "{\"partners\":[" A "]," U("true") "}", "{\"partners\":[" B "]," U("false") "}",
     "[{\"op\":\"remove\",\"path\":\"/partners/a.example\",\"old\":" A "},"
     "{\"op\":\"add\",\"path\":\"/partners/b.example\",\"new\":" B "},"
     "{\"op\":\"change\",\"path\":\"/users/federation\",\"old\":true,\"new\":false}]"},
    {"from nothing", "{}", "{\"partners\":[" A "]}",
     "[{\"op\":\"add\",\"path\":\"/partners/a.example\",\"new\":" A "}]"},
};

static void set_or_remove(json_t *object, const char *key, const json_t *change)
{
    json_t *const new = json_object_get(change, "new");

    assert_true(json_is_object(object));
    if (new == NULL) {
        assert_int_equal(json_object_del(object, key), 0);
    } else {
        json_object_set(object, key, new);
    }
}

/* What a reader of the diff would do. @return a new document */
static json_t *apply(json_t *document, const json_t *change)
{
    const char *const path = json_string_value(json_object_get(change, "path"));
    const json_t *const new = json_object_get(change, "new");
    char domain[64] = "";
    const char *key = NULL;

    if (strcmp(path, "/users") == 0) {
        set_or_remove(document, "users", change);
    } else if (strncmp(path, "/users/", 7) == 0) {
        set_or_remove(json_object_get(document, "users"), path + 7, change);
    } else {
        assert_int_equal(strncmp(path, "/partners/", 10), 0);
        key = strchr(path + 10, '/');
        (void)snprintf(domain, sizeof(domain), "%.*s",
                       (int)(key == NULL ? strlen(path + 10) : (size_t)(key - path - 10)),
                       path + 10);
    }
    if (domain[0] == '\0') {
        return json_incref(document);
    }
    if (key != NULL) {
        set_or_remove(cw_policy_edit_find(document, domain), key + 1, change);
        return json_incref(document);
    }
    return new == NULL ? cw_policy_edit_remove(document, domain)
                       : cw_policy_edit_put(document, domain, new);
}

static void assert_same_records(const json_t *got, const json_t *want)
{
    const json_t *const list = json_object_get(want, "partners");
    const json_t *record;
    size_t index;

    assert_int_equal(json_array_size(json_object_get(got, "partners")), json_array_size(list));
    json_array_foreach(list, index, record)
    {
        assert_true(json_equal(
            cw_policy_edit_find(got, json_string_value(json_object_get(record, "domain"))),
            record));
    }
    assert_true(json_object_get(got, "users") == json_object_get(want, "users") ||
                json_equal(json_object_get(got, "users"), json_object_get(want, "users")));
}

/* Done one by one, the changes lead from one document to the other. */
static void assert_leads_there(const json_t *before, const json_t *diff, const json_t *after)
{
    json_t *made = json_deep_copy(before);
    const json_t *change;
    size_t index;

    if (json_object_get(made, "partners") == NULL) {
        json_object_set_new(made, "partners", json_array());
    }
    json_array_foreach(diff, index, change)
    {
        json_t *const next = apply(made, change);

        json_decref(made);
        made = next;
    }
    assert_same_records(made, after);
    json_decref(made);
}

static void tells_what_differs(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(DIFFS); i++) {
        json_t *const before = parse(DIFFS[i].before);
        json_t *const after = parse(DIFFS[i].after);
        json_t *const diff = cw_policy_edit_diff(before, after);
        json_t *const back = cw_policy_edit_diff(after, before);

        cw_case(DIFFS[i].name);
        assert_json(diff, DIFFS[i].diff);
        assert_int_equal(json_array_size(back), json_array_size(diff));
        assert_leads_there(before, diff, after);
        assert_leads_there(after, back, before);
        json_decref(back);
        json_decref(diff);
        json_decref(after);
        json_decref(before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_record_by_its_domain),
        cmocka_unit_test(puts_a_record_in_the_place_of_another),
        cmocka_unit_test(removes_a_record),
        cmocka_unit_test(merges_as_rfc_7396_shows),
        cmocka_unit_test(merges_into_nothing),
        cmocka_unit_test(tells_what_differs),
    };

    return cmocka_run_group_tests_name("policy_edit", tests, NULL, NULL);
}
