/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/cpim.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIELDS 10u

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Blanks at the ends of a value are not written (RCPT-15). */
static struct cw_bytes trimmed(struct cw_bytes text)
{
    while (text.len > 0 && (text.base[0] == ' ' || text.base[0] == '\t')) {
        text.base++;
        text.len--;
    }
    while (text.len > 0 && (text.base[text.len - 1] == ' ' || text.base[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

static void same_subjects(struct cw_text_list a, struct cw_text_list b)
{
    size_t at = 0;

    for (size_t i = 0; i < a.count; i++) {
        const struct cw_bytes text = trimmed(a.items[i].text);

        if (text.len != 0) {
            check(at < b.count && cw_bytes_equal(text, b.items[at].text));
            check(cw_bytes_equal(a.items[i].lang, b.items[at].lang));
            at++;
        }
    }
    check(at == b.count);
}

static void same_routes(const struct cw_cpim_routes *a, const struct cw_cpim_routes *b)
{
    check(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        check(cw_bytes_equal(a->items[i], b->items[i]));
    }
}

static void same(const struct cw_cpim *a, const struct cw_cpim *b)
{
    check(cw_bytes_equal(a->from, b->from) && cw_bytes_equal(a->to, b->to));
    check(cw_bytes_equal(a->datetime, b->datetime) && a->wants == b->wants);
    check(cw_bytes_equal(a->message_id, b->message_id));
    same_subjects(a->subjects, b->subjects);
    same_routes(&a->record_routes, &b->record_routes);
    same_routes(&a->routes, &b->routes);
    check(a->content_type.len == 0 || cw_bytes_equal(a->content_type, b->content_type));
    check(cw_bytes_equal(a->content_disposition, b->content_disposition));
    check(cw_bytes_equal(a->content_language, b->content_language));
    check(cw_bytes_equal(a->content_transfer_encoding, b->content_transfer_encoding));
    check(cw_bytes_equal(a->content, b->content));
}

static void read_write_read(struct cw_bytes bytes, struct cw_arena *arena)
{
    struct cw_cpim first;
    struct cw_cpim second;
    struct cw_bytes written;

    if (cw_cpim_read(bytes, arena, &first) == CW_OK &&
        cw_cpim_write(&first, arena, &written) == CW_OK) {
        enum cw_err err = cw_cpim_read(written, arena, &second);

        /* escapes are longer than what they stand for: a line may pass the reader's limit */
        check(err == CW_OK || err == CW_ERR_LIMIT);
        if (err == CW_OK) {
            same(&first, &second);
        }
    }
}

static size_t lines_before_content(struct cw_bytes bytes, size_t content)
{
    size_t lines = 0;

    for (size_t i = 0; i + content < bytes.len; i++) {
        const bool pair =
            bytes.base[i] == '\r' && i + 1 + content < bytes.len && bytes.base[i + 1] == '\n';

        check(pair || (bytes.base[i] != '\r' && bytes.base[i] != '\n'));
        lines += pair ? 1 : 0;
        i += pair ? 1 : 0;
    }
    return lines;
}

/* The input is cut at each 0xFE into fields of any bytes (SEC-16). */
static void write_anything(struct cw_bytes bytes, struct cw_arena *arena)
{
    struct cw_bytes field[FIELDS] = {{NULL, 0}};
    struct cw_bytes out;
    size_t asked = 3; /* two empty lines and Content-Type */
    size_t count = 0;

    for (size_t i = 0, from = 0; i <= bytes.len && count < FIELDS; i++) {
        if (i == bytes.len || (unsigned char)bytes.base[i] == 0xFE) {
            field[count++] = (struct cw_bytes){bytes.base + from, i - from};
            from = i + 1;
        }
    }

    const struct cw_text subject = {field[2], field[3]};
    const struct cw_cpim in = {.from = field[0],
                               .to = field[1],
                               .subjects = {&subject, 1},
                               .datetime = field[4],
                               .message_id = field[5],
                               .routes = {{field[6]}, 1},
                               .content_type = field[7],
                               .content_language = field[8],
                               .content = field[9]};

    asked += field[0].len != 0 ? 1 : 0;
    asked += field[1].len != 0 ? 1 : 0;
    asked += trimmed(field[2]).len != 0 ? 1 : 0;
    asked += field[4].len != 0 ? 1 : 0;
    asked += field[5].len != 0 ? 1 : 0;
    asked += field[6].len != 0 ? 1 : 0;
    asked += trimmed(field[8]).len != 0 ? 1 : 0;
    if (cw_cpim_write(&in, arena, &out) == CW_OK) {
        check(lines_before_content(out, field[9].len) == asked + 1 /* NS, for the route */);
    }
}

/* What is read is written as what is read again; no field can begin a line of its own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cw_bytes bytes = {(const char *)data, size};
    struct cw_arena *arena = cw_arena_new((size_t)8 << 20);

    read_write_read(bytes, arena);
    if (size != 0) {
        write_anything(bytes, arena);
    }
    cw_arena_free(&arena);
    return 0;
}
