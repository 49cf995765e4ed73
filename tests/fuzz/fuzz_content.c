/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/content.h>
#include <causeway/utf8.h>
#include <stdint.h>
#include <stdlib.h>

#define ROOM ((size_t)8 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Legal in XML 1.0, lines end with LF, not empty; nothing grows by more than U+FFFD for an octet.
 */
static void check_text(const struct cw_text *text, size_t size, struct cw_arena *arena)
{
    struct cw_bytes clean;

    check(text->text.len > 0 && text->text.len <= 16 * size);
    check(cw_utf8_xml_text(text->text, arena, &clean) == CW_OK);
    check(clean.base == text->text.base && clean.len == text->text.len);
    for (size_t i = 0; i < text->lang.len; i++) {
        check(text->lang.base[i] > ' ' && text->lang.base[i] <= '~');
    }
}

static void check_texts(struct cw_text_list texts, size_t size, struct cw_arena *arena)
{
    const struct cw_bytes boundary = CW_LIT("b0und4ry.example_1");
    struct cw_content_input in = {.type =
                                      CW_LIT("multipart/alternative;boundary=b0und4ry.example_1")};
    struct cw_content back;

    for (size_t i = 0; i < texts.count; i++) {
        check_text(&texts.items[i], size, arena);
    }
    if (cw_content_write_alternative(texts, boundary, arena, &in.bytes) != CW_OK) {
        return;
    }
    check(cw_content_read(&in, arena, &back) == CW_OK && back.bodies.count == texts.count);
    for (size_t i = 0; i < texts.count; i++) {
        check(cw_bytes_equal(back.bodies.items[i].text, texts.items[i].text));
        check(cw_bytes_equal(back.bodies.items[i].lang, texts.items[i].lang));
    }
}

static void check_content(const struct cw_content *content, size_t size, struct cw_arena *arena)
{
    check((content->kind == CW_CONTENT_TEXT) == (content->bodies.count > 0));
    check(content->bodies.count <= CW_TEXTS_MAX);
    check(content->notice_count <= CW_CONTENT_NOTICES_MAX);
    check(content->kind != CW_CONTENT_NOTICES || content->notice_count > 0);
    for (size_t i = 0; i < content->notice_count; i++) {
        check(content->notices[i].message_id.len > 0);
    }
    if (content->bodies.count > 0) {
        check_texts(content->bodies, size, arena);
    }
}

static struct cw_bytes line_of(struct cw_bytes *rest)
{
    const char *const end = rest->len == 0 ? NULL : memchr(rest->base, '\n', rest->len);
    struct cw_bytes line = *rest;

    if (end == NULL) {
        *rest = (struct cw_bytes){0};
        return line;
    }
    line.len = (size_t)(end - rest->base);
    rest->base += line.len + 1;
    rest->len -= line.len + 1;
    return line.len == 0 ? (struct cw_bytes){0} : line;
}

/* Four lines are Content-Type, -Language, -Disposition and -Transfer-Encoding; the rest the body.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_bytes rest = {(const char *)data, size};
    struct cw_arena *arena = cw_arena_new(ROOM);
    struct cw_content_input in = {0};
    struct cw_content content;

    in.type = line_of(&rest);
    in.language = line_of(&rest);
    in.disposition = line_of(&rest);
    in.transfer_encoding = line_of(&rest);
    in.bytes = rest;
    if (cw_content_read(&in, arena, &content) == CW_OK) {
        struct cw_arena *other = cw_arena_new(ROOM);

        check_content(&content, size, other);
        cw_arena_free(&other);
    }
    cw_arena_free(&arena);
    return 0;
}
