/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/message.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct cw_message_form FORM;

/* A line end in a header field would let a stranger write headers. */
static void check_line(struct cw_bytes field)
{
    for (size_t i = 0; i < field.len; i++) {
        const unsigned char c = (unsigned char)field.base[i];

        if (c < 0x20 || c == 0x7F) {
            abort();
        }
    }
}

static void check_fields(const struct cw_page_message *message)
{
    check_line(message->request_uri);
    check_line(message->from_uri);
    check_line(message->from_display);
    check_line(message->to_uri);
    check_line(message->call_id);
    check_line(message->subject);
    check_line(message->content_type);
    check_line(message->content_language);
    check_line(message->date);
}

/* A stanza becomes a MESSAGE without stray line ends, and that a stanza that can be read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)8 << 20);
    struct cw_page_message message;
    struct cw_content content;
    struct cw_stanza_message back;
    struct cw_stanza stanza;
    struct cw_bytes xml;

    if (cw_stanza_read((struct cw_bytes){(const char *)data, size}, arena, &stanza) == CW_OK &&
        stanza.kind == CW_STANZA_MESSAGE && cw_message_fate(&stanza) == CW_MESSAGE_SEND &&
        cw_message_to_sip(&stanza, &FORM, arena, &message) == CW_OK) {
        check_fields(&message);
        if (message.body.len == 0) {
            abort();
        }
        message.arrived_ms = UINT64_C(1772442000000);
        if (cw_message_to_xmpp(&message, &stanza.from, &stanza.to, arena, &content, &back) ==
                CW_OK &&
            cw_stanza_write_message(&back, arena, &xml) == CW_OK &&
            (cw_stanza_read(xml, arena, &stanza) != CW_OK || stanza.body.len == 0)) {
            abort();
        }
    }
    cw_arena_free(&arena);
    return 0;
}
