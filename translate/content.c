/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/content.h>

#include "ascii.h"
#include "charset.h"
#include "html_text.h"
#include "language_tag.h"
#include "media_type.h"
#include "multipart.h"
#include "text_list.h"
#include "transfer_encoding.h"

#include <assert.h>
#include <causeway/utf8.h>

#define DEPTH_MAX 4u  /* multipart in message/cpim in multipart ... */
#define PARTS_MAX 32u /* of one body, all levels together */

static_assert(CW_CONTENT_NOTICES_MAX >= PARTS_MAX, "there is room for a notice from every part");

struct reader {
    struct cw_arena *arena;
    struct cw_content content;
    struct cw_text_gather texts;
    struct cw_imdn *notices;
    size_t parts;
    unsigned depth;
};

static enum cw_err read_entity(struct reader *r, const struct cw_content_input *in);

/* ---- one part ---- */

/* Several texts each name their language: what one that names none is in, nobody knows, and in a
 * stanza it would be that of another (MSG-60). */
static bool is_told_apart(const struct cw_text_list *bodies, struct cw_bytes language)
{
    return bodies->count == 0 || (language.base != NULL && bodies->items[0].lang.base != NULL);
}

/* A mark at the start of a text is none of its characters, wherever it came from; who reads the
 * text again would take it for one and drop it. */
static struct cw_bytes without_marks(struct cw_bytes text)
{
    while (text.len >= 3 && memcmp(text.base, "\xEF\xBB\xBF", 3) == 0) {
        text.base += 3;
        text.len -= 3;
    }
    return text;
}

static enum cw_err read_text(struct reader *r, const struct cw_content_input *in,
                             const struct cw_media_type *type)
{
    const bool html = cw_media_type_is(type, "text/html");
    const struct cw_bytes language = cw_language_tag(in->language);
    struct cw_bytes text;

    CW_TRY(cw_charset_decode(in->bytes, cw_media_type_parameter(type, "charset"), r->arena,
                             &text));                /* MSG-65 */
    CW_TRY(cw_utf8_xml_text(text, r->arena, &text)); /* MSG-61, MSG-66 */
    if (html) {
        CW_TRY(cw_html_text_of(text, r->arena, &text)); /* MSG-67 */
    }
    text = without_marks(text); /* MSG-66 */
    if (text.len == 0 || !is_told_apart(&r->content.bodies, language)) {
        return CW_OK; /* MSG-73 */
    }
    CW_TRY(cw_text_gather_add(&r->texts, (struct cw_text){text, language}, r->arena));
    r->content.bodies = cw_text_gather_list(&r->texts);
    r->content.kind = CW_CONTENT_TEXT;
    return CW_OK;
}

static enum cw_err read_typing(struct reader *r, const struct cw_content_input *in)
{
    CW_TRY(cw_is_composing_read(in->bytes, r->arena, &r->content.typing));
    r->content.kind = r->content.notice_count == 0 ? CW_CONTENT_TYPING : CW_CONTENT_NOTICES;
    return CW_OK;
}

/* RCPT-4: a notification that is a disposition of another kind is a document to be shown or kept.
 */
static bool is_notification(struct cw_bytes disposition, struct cw_arena *arena)
{
    struct cw_media_type value;

    return disposition.len == 0 || (cw_media_type_read(disposition, arena, &value) == CW_OK &&
                                    cw_media_type_is(&value, "notification"));
}

static enum cw_err read_notice(struct reader *r, const struct cw_content_input *in)
{
    if (!is_notification(in->disposition, r->arena)) {
        return CW_ERR_UNSUPPORTED;
    }
    if (r->notices == NULL) {
        r->notices = cw_arena_alloc(r->arena, CW_CONTENT_NOTICES_MAX * sizeof(*r->notices));
        if (r->notices == NULL) {
            return CW_ERR_LIMIT;
        }
        r->content.notices = r->notices;
    }
    CW_TRY(cw_imdn_read(in->bytes, r->arena, &r->notices[r->content.notice_count]));
    r->content.notice_count++;
    r->content.kind = CW_CONTENT_NOTICES; /* RCPT-4 */
    return CW_OK;
}

/* Only one envelope is opened: what is in it speaks for the sender, what is in that does not. */
static enum cw_err read_cpim(struct reader *r, const struct cw_content_input *in)
{
    struct cw_content_input inner;

    if (r->content.wrapped) {
        return CW_ERR_UNSUPPORTED;
    }
    CW_TRY(cw_cpim_read(in->bytes, r->arena, &r->content.cpim)); /* MSG-69 */
    r->content.wrapped = true;
    inner = (struct cw_content_input){
        .type = r->content.cpim.content_type,
        .language = r->content.cpim.content_language,
        .disposition = r->content.cpim.content_disposition,
        .transfer_encoding = r->content.cpim.content_transfer_encoding,
        .bytes = r->content.cpim.content,
    };
    if (inner.language.base == NULL) {
        inner.language = in->language;
    }
    return read_entity(r, &inner);
}

/* ---- several parts ---- */

static struct cw_content_input input_of(const struct cw_part *part,
                                        const struct cw_content_input *outer)
{
    return (struct cw_content_input){
        .type = part->headers.type,
        .language = part->headers.language.base != NULL ? part->headers.language : outer->language,
        .disposition = part->headers.disposition,
        .transfer_encoding = part->headers.transfer_encoding,
        .bytes = part->content,
    };
}

static bool is_plain(const struct cw_part *part)
{
    const struct cw_bytes type = part->headers.type;
    const char *const end = type.len == 0 ? NULL : memchr(type.base, ';', type.len);
    const struct cw_bytes value = {type.base, end == NULL ? type.len : (size_t)(end - type.base)};

    return type.len == 0 || cw_ascii_is_word(cw_mime_trim(value), "text/plain");
}

/* RFC 5621 section 8.4: what may be left out says so; the default is that it may not. */
static bool is_optional(struct cw_bytes disposition, struct cw_arena *arena)
{
    struct cw_media_type value;

    return disposition.len != 0 && cw_media_type_read(disposition, arena, &value) == CW_OK &&
           cw_ascii_is_word(cw_media_type_parameter(&value, "handling"), "optional");
}

/* Reads a part of several. What it says counts only if all of it is understood: nothing of half a
 * part stays; only the count of the parts does. */
static enum cw_err read_part(struct reader *r, const struct cw_content_input *in)
{
    struct reader probe = *r;
    const enum cw_err err = read_entity(&probe, in);

    if (err == CW_OK) {
        *r = probe;
    } else {
        r->parts = probe.parts;
    }
    return err;
}

/* May another part be looked at instead? */
static bool is_not_for_us(enum cw_err err)
{
    return err == CW_ERR_UNSUPPORTED || err == CW_ERR_ENCRYPTED;
}

/* Every part of text/plain: all languages count, the last one first (MSG-20). */
static enum cw_err read_plain_parts(struct reader *r, const struct cw_part *parts, size_t count,
                                    const struct cw_content_input *outer)
{
    enum cw_err last = CW_ERR_UNSUPPORTED;

    for (size_t i = count; i-- > 0;) {
        const struct cw_content_input in = input_of(&parts[i], outer);
        const enum cw_err err = is_plain(&parts[i]) ? read_part(r, &in) : CW_ERR_UNSUPPORTED;

        if (err == CW_OK) {
            last = CW_OK;
        } else if (!is_not_for_us(err)) {
            return err;
        }
    }
    return last;
}

/* The last one that we understand wins (RFC 2046 section 5.1.4), but plain text before all else
 * (MSG-68), unless there is nothing in it. */
static enum cw_err read_alternative(struct reader *r, const struct cw_part *parts, size_t count,
                                    const struct cw_content_input *outer)
{
    const size_t texts = r->content.bodies.count;
    enum cw_err best = read_plain_parts(r, parts, count, outer);

    if ((best == CW_OK && r->content.bodies.count > texts) ||
        (best != CW_OK && !is_not_for_us(best))) {
        return best;
    }
    for (size_t i = count; i-- > 0;) {
        const struct cw_content_input in = input_of(&parts[i], outer);
        const enum cw_err err = is_plain(&parts[i]) ? CW_ERR_UNSUPPORTED : read_part(r, &in);

        if (!is_not_for_us(err)) {
            return err;
        }
        best = best == CW_ERR_UNSUPPORTED ? err : best; /* MSG-72: 493 says more than 415 */
    }
    return best;
}

/* The first displayable part is the body; what must be understood and is not ends it all (MSG-68).
 * Notices in one aggregate are read each (RCPT-4). */
static enum cw_err read_mixed(struct reader *r, const struct cw_part *parts, size_t count,
                              const struct cw_content_input *outer)
{
    for (size_t i = 0; i < count; i++) {
        const struct cw_content_input in = input_of(&parts[i], outer);
        struct reader beside = *r; /* for what comes behind the body: it is read and left out */
        struct reader *const at = r->content.kind == CW_CONTENT_TEXT ? &beside : r;
        const enum cw_err err = read_part(at, &in);

        r->parts = at->parts;
        if (err != CW_OK && !(is_not_for_us(err) && is_optional(in.disposition, r->arena))) {
            return err;
        }
    }
    return CW_OK;
}

static enum cw_err read_signed(struct reader *r, const struct cw_part *parts, size_t count,
                               const struct cw_content_input *outer)
{
    const struct cw_content_input in = input_of(&parts[0], outer);

    if (count != 2) { /* RFC 1847 section 2.1: the content and its signature */
        return CW_ERR_MALFORMED;
    }
    r->content.signature_lost = true; /* MSG-72 */
    return read_entity(r, &in);
}

static enum cw_err read_multipart(struct reader *r, const struct cw_content_input *in,
                                  const struct cw_media_type *type)
{
    struct cw_part *parts;
    size_t count;

    parts = cw_arena_alloc(r->arena, PARTS_MAX * sizeof(*parts));
    if (parts == NULL) {
        return CW_ERR_LIMIT;
    }
    CW_TRY(cw_multipart_read(in->bytes, cw_media_type_parameter(type, "boundary"), r->arena, parts,
                             PARTS_MAX - r->parts, &count));
    r->parts += count;
    if (cw_media_type_is(type, "multipart/alternative")) {
        return read_alternative(r, parts, count, in);
    }
    if (cw_media_type_is(type, "multipart/signed")) {
        return read_signed(r, parts, count, in);
    }
    return read_mixed(r, parts, count, in); /* RFC 2046 section 5.1.3: also what is unknown */
}

/* ---- any ---- */

/* MSG-72: for somebody who has a key. What is only signed or packed is not, but we do not open it.
 */
static bool is_encrypted(const struct cw_media_type *type)
{
    const struct cw_bytes kind = cw_media_type_parameter(type, "smime-type");

    if (cw_media_type_is(type, "application/pkcs7-mime") ||
        cw_media_type_is(type, "application/x-pkcs7-mime")) {
        return !cw_ascii_is_word(kind, "signed-data") && !cw_ascii_is_word(kind, "certs-only") &&
               !cw_ascii_is_word(kind, "compressed-data"); /* RFC 8551 section 3.2.2 */
    }
    return cw_media_type_is(type, "multipart/encrypted") ||
           cw_media_type_is(type, "application/pgp-encrypted");
}

static bool is_read(const struct cw_media_type *type)
{
    static const char *const TYPES[] = {"text/plain", "text/html", CW_CPIM_TYPE,
                                        CW_IS_COMPOSING_TYPE, CW_IMDN_TYPE};

    for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
        if (cw_media_type_is(type, TYPES[i])) {
            return true;
        }
    }
    return cw_media_type_begins(type, "multipart/");
}

static enum cw_err read_decoded(struct reader *r, const struct cw_content_input *in,
                                const struct cw_media_type *type)
{
    if (cw_media_type_begins(type, "multipart/")) {
        return read_multipart(r, in, type);
    }
    if (cw_media_type_is(type, CW_CPIM_TYPE)) {
        return read_cpim(r, in);
    }
    if (cw_media_type_is(type, CW_IS_COMPOSING_TYPE)) {
        return read_typing(r, in);
    }
    if (cw_media_type_is(type, CW_IMDN_TYPE)) {
        return read_notice(r, in);
    }
    return read_text(r, in, type);
}

static enum cw_err read_entity(struct reader *r, const struct cw_content_input *in)
{
    struct cw_content_input decoded = *in;
    struct cw_media_type type;
    enum cw_err err;

    if (r->depth == DEPTH_MAX) {
        return CW_ERR_LIMIT;
    }
    CW_TRY(
        cw_media_type_read(in->type.len != 0 ? in->type : CW_LIT("text/plain"), r->arena, &type));
    if (is_encrypted(&type)) {
        return CW_ERR_ENCRYPTED;
    }
    if (!is_read(&type)) {
        return CW_ERR_UNSUPPORTED; /* MSG-71 */
    }
    CW_TRY(cw_transfer_decode(in->bytes, in->transfer_encoding, r->arena, &decoded.bytes));
    r->depth++;
    err = read_decoded(r, &decoded, &type);
    r->depth--;
    return err;
}

enum cw_err cw_content_read(const struct cw_content_input *in, struct cw_arena *arena,
                            struct cw_content *out)
{
    struct reader r = {.arena = arena};
    enum cw_err err = CW_OK;

    if (in->bytes.len != 0) {
        err = read_part(&r, in);
    }
    if (is_not_for_us(err) && is_optional(in->disposition, arena)) {
        err = CW_OK; /* RFC 3261 section 20.11: then the body is ignored */
    }
    CW_TRY(err);
    *out = r.content;
    return CW_OK;
}

struct cw_bytes cw_content_accept(void)
{
    return CW_LIT("text/plain, text/html, " CW_CPIM_TYPE ", " CW_IS_COMPOSING_TYPE ", " CW_IMDN_TYPE
                  ", multipart/mixed, multipart/alternative");
}
