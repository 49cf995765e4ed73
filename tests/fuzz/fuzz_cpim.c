/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/cpim.h>
#include <causeway/utf8.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool same_routes(const struct cw_cpim_routes *a, const struct cw_cpim_routes *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        must(cw_bytes_equal(a->items[i], b->items[i]));
    }
    return a->count == b->count;
}

static void check_same(const struct cw_cpim *a, const struct cw_cpim *b)
{
    must(cw_bytes_equal(a->from, b->from) && cw_bytes_equal(a->to, b->to));
    must(cw_bytes_equal(a->datetime, b->datetime));
    must(cw_bytes_equal(a->message_id, b->message_id) && a->wants == b->wants);
    must(same_routes(&a->routes, &b->routes) && same_routes(&a->record_routes, &b->record_routes));
    must(a->content_type.len == 0 || cw_bytes_equal(a->content_type, b->content_type));
    must(cw_bytes_equal(a->content_disposition, b->content_disposition));
    must(cw_bytes_equal(a->content_language, b->content_language));
    must(cw_bytes_equal(a->content_transfer_encoding, b->content_transfer_encoding));
    must(cw_bytes_equal(a->content, b->content));
}

/* A read message has clean texts; written and read again it is the same. Its subjects may lose
 * blanks at their ends, so those are compared from the second reading on. */
static void check_reading(struct cw_bytes bytes, struct cw_arena *arena)
{
    struct cw_cpim first;
    struct cw_cpim again;
    struct cw_bytes once;
    struct cw_bytes twice;
    struct cw_bytes clean;

    if (cw_cpim_read(bytes, arena, &first) != CW_OK) {
        return;
    }
    must(first.subjects.count <= CW_TEXTS_MAX);
    for (size_t i = 0; i < first.subjects.count; i++) {
        const struct cw_bytes text = first.subjects.items[i].text;

        must(cw_utf8_xml_text(text, arena, &clean) == CW_OK && cw_bytes_equal(text, clean));
    }
    if (cw_cpim_write(&first, arena, &once) != CW_OK) {
        return; /* a URI that we do not print, a want without an id */
    }
    must(cw_cpim_read(once, arena, &again) == CW_OK);
    check_same(&first, &again);
    must(cw_cpim_write(&again, arena, &twice) == CW_OK && cw_bytes_equal(once, twice));
}

/* Takes a field off the input: an octet for its length, then itself; length 255 is absent. */
static struct cw_bytes take(struct cw_bytes *rest)
{
    struct cw_bytes field = {0};

    if (rest->len != 0) {
        const size_t len = (unsigned char)rest->base[0];

        rest->base++;
        rest->len--;
        field = (struct cw_bytes){rest->base, len < rest->len ? len : rest->len};
        rest->base += field.len;
        rest->len -= field.len;
        field = len == 255 ? (struct cw_bytes){0} : field;
    }
    return field;
}

static bool begins(struct cw_bytes line, const char *name)
{
    const size_t len = strlen(name);

    return line.len >= len && memcmp(line.base, name, len) == 0;
}

/* Every line is one of ours, whatever the fields hold (SEC-16). */
static void check_lines(struct cw_bytes head)
{
    static const char *const NAMES[] = {
        "From: <",
        "To: <",
        "DateTime: ",
        "Subject:",
        "NS: imdn <urn:ietf:params:imdn>",
        "imdn.Message-ID: ",
        "imdn.Disposition-Notification: ",
        "imdn.IMDN-Route: <",
        "imdn.IMDN-Record-Route: <",
        "Content-Type: ",
        "Content-Disposition: ",
        "Content-Language: ",
        "Content-Transfer-Encoding: ",
    };
    unsigned seen[sizeof(NAMES) / sizeof(NAMES[0])] = {0};
    unsigned blank = 0;

    while (head.len != 0) {
        const char *const end = memchr(head.base, '\n', head.len);
        struct cw_bytes line;
        bool known = false;

        must(end != NULL && end > head.base && end[-1] == '\r');
        line = (struct cw_bytes){head.base, (size_t)(end - 1 - head.base)};
        must(memchr(line.base, '\r', line.len) == NULL &&
             memchr(line.base, '\0', line.len) == NULL);
        blank += line.len == 0;
        for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
            if (begins(line, NAMES[i])) {
                known = true;
                must(++seen[i] == 1 || i == 3);
            }
        }
        must(known || line.len == 0);
        head.len -= (size_t)(end + 1 - head.base);
        head.base = end + 1;
    }
    must(blank == 2);
}

static void check_writing(struct cw_bytes bytes, struct cw_arena *arena)
{
    struct cw_text subjects[2];
    struct cw_cpim in = {.subjects = {subjects, 2}};
    struct cw_bytes out;

    in.wants = bytes.len != 0 ? (unsigned char)bytes.base[0] : 0;
    in.from = take(&bytes);
    in.to = take(&bytes);
    in.datetime = take(&bytes);
    in.message_id = take(&bytes);
    in.content_type = take(&bytes);
    in.content_disposition = take(&bytes);
    in.content_language = take(&bytes);
    in.content_transfer_encoding = take(&bytes);
    in.routes = (struct cw_cpim_routes){.items = {take(&bytes)}, .count = 1};
    in.record_routes = (struct cw_cpim_routes){.items = {take(&bytes)}, .count = 1};
    for (size_t i = 0; i < 2; i++) {
        subjects[i].text = take(&bytes);
        subjects[i].lang = take(&bytes);
    }
    in.content = bytes;
    if (cw_cpim_write(&in, arena, &out) == CW_OK) {
        must(out.len >= in.content.len);
        check_lines((struct cw_bytes){out.base, out.len - in.content.len});
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cw_bytes bytes = {(const char *)data, size};
    struct cw_arena *arena = cw_arena_new((size_t)4 << 20);

    check_reading(bytes, arena);
    check_writing(bytes, arena);
    cw_arena_free(&arena);
    return 0;
}
