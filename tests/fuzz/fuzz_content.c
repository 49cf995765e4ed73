/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/content.h>
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

/* Takes a line off the input. */
static struct cw_bytes take_line(struct cw_bytes *rest)
{
    const char *const end = rest->len == 0 ? NULL : memchr(rest->base, '\n', rest->len);
    struct cw_bytes line = *rest;

    if (end != NULL) {
        line.len = (size_t)(end - rest->base);
        rest->base += line.len + 1;
        rest->len -= line.len + 1;
    } else {
        rest->base += rest->len;
        rest->len = 0;
    }
    return line.len != 0 ? line : (struct cw_bytes){0};
}

/* What XML can carry, and not empty: bodies become stanzas as they are (MSG-66). */
static void check_text(struct cw_bytes text, struct cw_arena *arena)
{
    struct cw_bytes clean = {0};

    must(cw_utf8_xml_text(text, arena, &clean) == CW_OK);
    must(text.len != 0 && cw_bytes_equal(text, clean));
}

static void check_texts(struct cw_text_list texts, struct cw_arena *arena)
{
    must(texts.count > 0 && texts.count <= CW_TEXTS_MAX);
    for (size_t i = 0; i < texts.count; i++) {
        check_text(texts.items[i].text, arena);
        must(texts.count == 1 || texts.items[i].lang.base != NULL);
        for (size_t j = 0; j < i; j++) {
            must(!cw_bytes_equal(texts.items[i].lang, texts.items[j].lang));
        }
    }
}

/* U+FEFF at the beginning of HTML's text would be a byte order mark of the part. */
static bool begins_with_mark(struct cw_bytes text)
{
    return text.len >= 3 && memcmp(text.base, "\xEF\xBB\xBF", 3) == 0;
}

/* What was read as several texts is written, and read as the same. */
static void check_writing(struct cw_text_list texts, struct cw_arena *arena)
{
    struct cw_content_input in = {.type = CW_LIT("multipart/alternative;boundary=0bound0")};
    struct cw_content again;

    for (size_t i = 0; i < texts.count; i++) {
        if (begins_with_mark(texts.items[i].text)) {
            return;
        }
    }
    if (cw_content_write_alternative(texts, CW_LIT("0bound0"), arena, &in.bytes) != CW_OK) {
        return; /* the boundary stands in one of them */
    }
    if (cw_content_read(&in, arena, &again) != CW_OK) {
        return; /* it is larger than the arena */
    }
    must(again.kind == CW_CONTENT_TEXT && again.bodies.count == texts.count);
    for (size_t i = 0; i < texts.count; i++) {
        must(cw_bytes_equal(again.bodies.items[i].text, texts.items[i].text));
        must(cw_bytes_equal(again.bodies.items[i].lang, texts.items[i].lang));
    }
}

static void check(const struct cw_content *content, struct cw_arena *arena)
{
    if (content->kind == CW_CONTENT_TEXT) {
        check_texts(content->bodies, arena);
        check_writing(content->bodies, arena);
    } else {
        must(content->bodies.count == 0);
    }
    if (content->kind == CW_CONTENT_NOTICES) {
        must(content->notice_count > 0 && content->notice_count <= CW_CONTENT_NOTICES_MAX);
        must(content->notices[content->notice_count - 1].message_id.len != 0);
    }
    if (content->kind == CW_CONTENT_TYPING) {
        must(content->typing.refresh_s <= 86400);
    }
}

/* Four lines for the headers around it, then the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_bytes rest = {(const char *)data, size};
    struct cw_arena *arena = cw_arena_new((size_t)1 << 20);
    struct cw_content_input in;
    struct cw_content content;
    enum cw_err err;

    in.type = take_line(&rest);
    in.language = take_line(&rest);
    in.disposition = take_line(&rest);
    in.transfer_encoding = take_line(&rest);
    in.bytes = rest;
    err = cw_content_read(&in, arena, &content);
    must(err == CW_OK || err == CW_ERR_MALFORMED || err == CW_ERR_UNSUPPORTED ||
         err == CW_ERR_ENCRYPTED || err == CW_ERR_LIMIT);
    if (err == CW_OK) {
        check(&content, arena);
    }
    cw_arena_free(&arena);
    return 0;
}
