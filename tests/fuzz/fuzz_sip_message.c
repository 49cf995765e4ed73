/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/message.h"
#include "sip/message_write.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct cw_bytes run, const char *base, size_t size)
{
    return run.base == NULL || (run.base >= base && run.base + run.len <= base + size);
}

/* The pair of guard and parser: whatever the guard lets through, the parser survives, and what we
 * answer is itself something the guard lets through. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cw_sip_guarded guarded;
    struct cw_arena *arena = cw_arena_new((size_t)1024 * 1024);
    struct cw_sip_message message;
    struct cw_bytes echo;
    struct cw_bytes wire;
    const char *problem = NULL;
    const char *const text = (const char *)data;
    const enum cw_err verdict = cw_sip_guard((struct cw_bytes){text, size}, false, &guarded);

    if (!inside(guarded.body, text, size) || !inside(guarded.call_id, text, size) ||
        (verdict != CW_OK && guarded.problem == NULL)) {
        abort();
    }
    if (verdict == CW_OK && cw_sip_message_read(&guarded, arena, &message, &problem) != CW_OK &&
        problem == NULL) {
        abort();
    }
    if ((verdict == CW_OK && guarded.status == 0) ||
        (verdict != CW_OK && guarded.refuse_status != 0)) {
        cw_sip_message_init(&message);
        message.status = 400;
        message.method = CW_SIP_OTHER;
        if (cw_sip_write_echo(&guarded, CW_LIT("t"), CW_LIT("127.0.0.1"), 5060, arena, &echo) !=
                CW_OK ||
            cw_sip_write_response(&message, echo, (size_t)256 * 1024, arena, &wire) != CW_OK) {
            abort();
        }
        if (verdict == CW_OK && wire.len <= CW_SIP_MESSAGE_MAX) {
            static struct cw_sip_guarded again;

            if (cw_sip_guard(wire, true, &again) != CW_OK && again.line_count != CW_SIP_LINES_MAX) {
                abort();
            }
        }
    }
    cw_arena_free(&arena);
    return 0;
}
