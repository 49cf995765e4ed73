/* SPDX-License-Identifier: Apache-2.0 */
#include "jid_prep.h"

#include "host_name.h"

#include <causeway/utf8.h>
#include <idn2.h>
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

/* Longest part that is looked at: mapping can shorten text (a full-width letter has three octets),
 * but not by more than this. */
#define INPUT_MAX    4096u
#define PART_MAX     1023u
#define ROUNDS       4 /* RFC 8264 section 7: reject what is not stable after three */
#define VIRAMA_CLASS 9

struct run {
    uint32_t *at;
    size_t len;
};

enum string_class { IDENTIFIER, FREEFORM };

/* ---- RFC 8264 section 8: the property of a code point ---- */

enum verdict { VALID, FREE_ONLY, IN_CONTEXT, DISALLOWED };

static bool in_range(uint32_t c, uint32_t first, uint32_t last)
{
    return c >= first && c <= last;
}

static bool is_arabic_digit(uint32_t c)
{
    return in_range(c, 0x0660, 0x0669);
}

static bool is_extended_arabic_digit(uint32_t c)
{
    return in_range(c, 0x06F0, 0x06F9);
}

static bool is_exception_in_context(uint32_t c)
{
    return c == 0x00B7 || c == 0x0375 || c == 0x05F3 || c == 0x05F4 || c == 0x30FB ||
           is_arabic_digit(c) || is_extended_arabic_digit(c);
}

static bool is_exception_valid(uint32_t c)
{
    return c == 0x00DF || c == 0x03C2 || c == 0x06FD || c == 0x06FE || c == 0x0F0B || c == 0x3007;
}

static bool is_exception_disallowed(uint32_t c)
{
    return c == 0x0640 || c == 0x07FA || c == 0x302E || c == 0x302F ||
           in_range(c, 0x3031, 0x3035) || c == 0x303B;
}

static bool is_old_hangul(uint32_t c)
{
    return in_range(c, 0x1100, 0x11FF) || in_range(c, 0xA960, 0xA97C) ||
           in_range(c, 0xD7B0, 0xD7C6) || in_range(c, 0xD7CB, 0xD7FB);
}

static bool has_compatibility_form(uint32_t c)
{
    uint32_t form[UC_DECOMPOSITION_MAX_LENGTH * 2];
    size_t len = sizeof(form) / sizeof(form[0]);
    uint32_t *const got = u32_normalize(UNINORM_NFKC, &c, 1, form, &len);
    const bool same = got != NULL && len == 1 && got[0] == c;

    if (got != form) {
        free(got);
    }
    return !same;
}

static enum verdict verdict_by_category(uint32_t c)
{
    const uc_general_category_t letters = uc_general_category_or(
        uc_general_category_or(UC_CATEGORY_Ll, UC_CATEGORY_Lu),
        uc_general_category_or(
            uc_general_category_or(UC_CATEGORY_Lo, UC_CATEGORY_Nd),
            uc_general_category_or(UC_CATEGORY_Lm,
                                   uc_general_category_or(UC_CATEGORY_Mn, UC_CATEGORY_Mc))));
    const uc_general_category_t others = uc_general_category_or(
        uc_general_category_or(UC_CATEGORY_S, UC_CATEGORY_P),
        uc_general_category_or(
            uc_general_category_or(UC_CATEGORY_Lt, UC_CATEGORY_Nl),
            uc_general_category_or(UC_CATEGORY_No,
                                   uc_general_category_or(UC_CATEGORY_Me, UC_CATEGORY_Zs))));

    if (uc_is_general_category(c, letters)) {
        return VALID;
    }
    return uc_is_general_category(c, others) ? FREE_ONLY : DISALLOWED;
}

static bool is_never_allowed(uint32_t c)
{
    return is_exception_disallowed(c) || is_old_hangul(c) ||
           uc_is_general_category(c, UC_CATEGORY_Cn) || uc_is_general_category(c, UC_CATEGORY_Cc);
}

static enum verdict verdict_of(uint32_t c)
{
    if (in_range(c, 0x21, 0x7E) || is_exception_valid(c)) {
        return VALID;
    }
    if (is_exception_in_context(c) || c == 0x200C || c == 0x200D) {
        return IN_CONTEXT;
    }
    if (is_never_allowed(c) || uc_is_property_default_ignorable_code_point(c) ||
        uc_is_property_not_a_character(c)) {
        return DISALLOWED;
    }
    return has_compatibility_form(c) ? FREE_ONLY : verdict_by_category(c);
}

/* ---- RFC 5892 appendix A: code points that need fitting neighbours ---- */

static bool script_is(uint32_t c, const char *name)
{
    const uc_script_t *const script = uc_script(c);

    return script != NULL && strcmp(script->name, name) == 0;
}

static bool follows_virama(struct run text, size_t at)
{
    return at > 0 && uc_combining_class(text.at[at - 1]) == VIRAMA_CLASS;
}

/* Joining types: a left or dual joining character before, a right or dual joining one after, both
 * past any transparent ones. */
static bool joins_both_sides(struct run text, size_t at)
{
    size_t before = at;
    size_t after = at + 1;

    while (before > 0 && uc_joining_type(text.at[before - 1]) == UC_JOINING_TYPE_T) {
        before--;
    }
    while (after < text.len && uc_joining_type(text.at[after]) == UC_JOINING_TYPE_T) {
        after++;
    }
    if (before == 0 || after == text.len) {
        return false;
    }

    const int left = uc_joining_type(text.at[before - 1]);
    const int right = uc_joining_type(text.at[after]);

    return (left == UC_JOINING_TYPE_L || left == UC_JOINING_TYPE_D) &&
           (right == UC_JOINING_TYPE_R || right == UC_JOINING_TYPE_D);
}

static bool any(struct run text, bool (*is)(uint32_t c))
{
    for (size_t i = 0; i < text.len; i++) {
        if (is(text.at[i])) {
            return true;
        }
    }
    return false;
}

static bool is_japanese_or_han(uint32_t c)
{
    return script_is(c, "Hiragana") || script_is(c, "Katakana") || script_is(c, "Han");
}

static bool fits_context(struct run text, size_t at)
{
    switch (text.at[at]) {
    case 0x200C:
        return follows_virama(text, at) || joins_both_sides(text, at);
    case 0x200D:
        return follows_virama(text, at);
    case 0x00B7:
        return at > 0 && at + 1 < text.len && text.at[at - 1] == 'l' && text.at[at + 1] == 'l';
    case 0x0375:
        return at + 1 < text.len && script_is(text.at[at + 1], "Greek");
    case 0x05F3:
    case 0x05F4:
        return at > 0 && script_is(text.at[at - 1], "Hebrew");
    case 0x30FB:
        return any(text, is_japanese_or_han);
    default: /* the two sets of Arabic digits do not mix */
        return !(any(text, is_arabic_digit) && any(text, is_extended_arabic_digit));
    }
}

static bool is_of_class(struct run text, enum string_class class)
{
    for (size_t i = 0; i < text.len; i++) {
        const enum verdict verdict = verdict_of(text.at[i]);

        if (verdict == DISALLOWED || (verdict == FREE_ONLY && class == IDENTIFIER) ||
            (verdict == IN_CONTEXT && !fits_context(text, i))) {
            return false;
        }
    }
    return text.len > 0;
}

/* ---- RFC 5893 section 2: the Bidi rule ---- */

#define BIT(type) (UINT32_C(1) << (type))

static uint32_t bidi_bit(uint32_t c)
{
    return BIT((unsigned)uc_bidi_class(c));
}

#define BIDI_R_AL    (BIT(UC_BIDI_R) | BIT(UC_BIDI_AL))
#define BIDI_NUMBERS (BIT(UC_BIDI_EN) | BIT(UC_BIDI_AN))
#define BIDI_WEAK                                                                                  \
    (BIT(UC_BIDI_ES) | BIT(UC_BIDI_CS) | BIT(UC_BIDI_ET) | BIT(UC_BIDI_ON) | BIT(UC_BIDI_BN) |     \
     BIT(UC_BIDI_NSM))

static uint32_t last_but_marks(struct run text)
{
    size_t at = text.len;

    while (at > 1 && bidi_bit(text.at[at - 1]) == BIT(UC_BIDI_NSM)) {
        at--;
    }
    return bidi_bit(text.at[at - 1]);
}

static bool obeys_bidi_rule(struct run text)
{
    uint32_t seen = 0;

    for (size_t i = 0; i < text.len; i++) {
        seen |= bidi_bit(text.at[i]);
    }
    if ((seen & (BIDI_R_AL | BIT(UC_BIDI_AN))) == 0) {
        return true;
    }

    const uint32_t first = bidi_bit(text.at[0]);
    const uint32_t last = last_but_marks(text);

    if ((first & BIDI_R_AL) != 0) {
        return (seen & ~(BIDI_R_AL | BIDI_NUMBERS | BIDI_WEAK)) == 0 &&
               (last & (BIDI_R_AL | BIDI_NUMBERS)) != 0 && (seen & BIDI_NUMBERS) != BIDI_NUMBERS;
    }
    return false; /* a left-to-right start allows no right-to-left character */
}

/* ---- mappings ---- */

static enum cw_err to_run(struct cw_bytes text, struct cw_arena *arena, struct run *out)
{
    struct run run = {.len = 0};

    if (text.len == 0 || text.len > INPUT_MAX) {
        return CW_ERR_ADDRESS;
    }
    run.at = cw_arena_alloc(arena, text.len * sizeof(*run.at));
    if (run.at == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t at = 0; at < text.len;) {
        const size_t len = cw_utf8_step(text, at, &run.at[run.len]);

        if (len == 0) {
            return CW_ERR_ADDRESS;
        }
        run.len++;
        at += len;
    }
    *out = run;
    return CW_OK;
}

/* Takes over a run that a library allocated. */
static enum cw_err adopt(uint32_t *made, size_t len, struct cw_arena *arena, struct run *out)
{
    if (made == NULL) {
        abort(); /* the only failure on valid code points is an empty heap */
    }

    uint32_t *const copy = cw_arena_alloc(arena, len * sizeof(*copy) + 1);

    if (copy != NULL) {
        memcpy(copy, made, len * sizeof(*copy));
        *out = (struct run){copy, len};
    }
    free(made);
    return copy == NULL ? CW_ERR_LIMIT : CW_OK;
}

static void map_width(struct run text)
{
    ucs4_t form[UC_DECOMPOSITION_MAX_LENGTH];
    int tag;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] >= 0x3000 && uc_decomposition(text.at[i], &tag, form) == 1 &&
            (tag == UC_DECOMP_WIDE || tag == UC_DECOMP_NARROW)) {
            text.at[i] = form[0];
        }
    }
}

static void map_spaces(struct run text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] > 0x7F && uc_is_general_category(text.at[i], UC_CATEGORY_Zs)) {
            text.at[i] = ' ';
        }
    }
}

static enum cw_err normalize(struct run *text, struct cw_arena *arena)
{
    size_t len;
    uint32_t *const made = u32_normalize(UNINORM_NFC, text->at, text->len, NULL, &len);

    return adopt(made, len, arena, text);
}

static enum cw_err lower(struct run *text, struct cw_arena *arena)
{
    size_t len;
    uint32_t *const made = u32_tolower(text->at, text->len, NULL, NULL, NULL, &len);

    return adopt(made, len, arena, text);
}

static size_t encode(uint32_t c, char *to)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(unsigned char)(0xC0 | c >> 6);
        to[1] = (char)(unsigned char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(unsigned char)(0xE0 | c >> 12);
        to[1] = (char)(unsigned char)(0x80 | (c >> 6 & 0x3F));
        to[2] = (char)(unsigned char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(unsigned char)(0xF0 | c >> 18);
    to[1] = (char)(unsigned char)(0x80 | (c >> 12 & 0x3F));
    to[2] = (char)(unsigned char)(0x80 | (c >> 6 & 0x3F));
    to[3] = (char)(unsigned char)(0x80 | (c & 0x3F));
    return 4;
}

static enum cw_err to_bytes(struct run text, struct cw_arena *arena, struct cw_bytes *out)
{
    char *const base = cw_arena_alloc(arena, 4 * text.len);
    size_t len = 0;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        len += encode(text.at[i], base + len);
    }
    if (len == 0 || len > PART_MAX) { /* ADDR-2 */
        return CW_ERR_ADDRESS;
    }
    *out = (struct cw_bytes){base, len};
    return CW_OK;
}

static bool same(struct run a, const uint32_t *b, size_t b_len)
{
    return a.len == b_len && memcmp(a.at, b, b_len * sizeof(*b)) == 0;
}

static enum cw_err enforce_local(struct run *text, struct cw_arena *arena)
{
    map_width(*text);
    if (!is_of_class(*text, IDENTIFIER)) {
        return CW_ERR_ADDRESS;
    }
    CW_TRY(lower(text, arena));
    CW_TRY(normalize(text, arena));
    return is_of_class(*text, IDENTIFIER) && obeys_bidi_rule(*text) ? CW_OK : CW_ERR_ADDRESS;
}

static enum cw_err enforce_resource(struct run *text, struct cw_arena *arena)
{
    map_spaces(*text);
    CW_TRY(normalize(text, arena));
    return is_of_class(*text, FREEFORM) ? CW_OK : CW_ERR_ADDRESS;
}

/* Applies `enforce` until nothing changes any more, so that the result is its own canonical form.
 */
static enum cw_err settle(struct cw_bytes text,
                          enum cw_err (*enforce)(struct run *, struct cw_arena *),
                          struct cw_arena *arena, struct cw_bytes *out)
{
    struct run run;

    CW_TRY(to_run(text, arena, &run));
    for (int round = 0; round < ROUNDS; round++) {
        const size_t size = run.len * sizeof(*run.at);
        uint32_t *const before = cw_arena_alloc(arena, size + 1);
        const size_t before_len = run.len;

        if (before == NULL) {
            return CW_ERR_LIMIT;
        }
        memcpy(before, run.at, size);
        CW_TRY(enforce(&run, arena));
        if (same(run, before, before_len)) {
            return to_bytes(run, arena, out);
        }
    }
    return CW_ERR_ADDRESS;
}

enum cw_err cw_jid_prep_local(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_bytes local;

    CW_TRY(settle(text, enforce_local, arena, &local)); /* ADDR-3 */
    for (size_t i = 0; i < local.len; i++) {
        if (strchr("\"&'/:<>@", local.base[i]) != NULL) {
            return CW_ERR_ADDRESS;
        }
    }
    *out = local;
    return CW_OK;
}

enum cw_err cw_jid_prep_resource(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    return settle(text, enforce_resource, arena, out); /* ADDR-5 */
}

/* ---- domains ---- */

static enum cw_err to_string(struct cw_bytes text, struct cw_arena *arena, char **out)
{
    if (text.len == 0 || text.len > PART_MAX || memchr(text.base, '\0', text.len) != NULL ||
        !cw_utf8_valid(text)) {
        return CW_ERR_ADDRESS;
    }

    char *const string = cw_arena_alloc(arena, text.len + 1);

    if (string == NULL) {
        return CW_ERR_LIMIT;
    }
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): arena memory is zeroed */
    memcpy(string, text.base, text.len);
    *out = string;
    return CW_OK;
}

static enum cw_err take_string(char *made, struct cw_arena *arena, char **out)
{
    const size_t len = strlen(made);
    char *const copy = cw_arena_alloc(arena, len + 1);

    if (copy != NULL) {
        memcpy(copy, made, len + 1);
        *out = copy;
    }
    idn2_free(made);
    return copy == NULL ? CW_ERR_LIMIT : CW_OK;
}

static enum cw_err to_a_labels(const char *domain, struct cw_arena *arena, char **out)
{
    uint8_t *made = NULL;
    /* Not IDN2_USE_STD3_ASCII_RULES: version 2.3.3 then leaves forbidden characters out in silence.
     */
    const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
    const int got = idn2_lookup_u8((const uint8_t *)domain, &made, flags);

    if (got == IDN2_MALLOC) {
        abort();
    }
    return got == IDN2_OK ? take_string((char *)made, arena, out) : CW_ERR_ADDRESS;
}

static enum cw_err to_u_labels(const char *domain, struct cw_arena *arena, char **out)
{
    char *made = NULL;
    const int got = idn2_to_unicode_8z8z(domain, &made, 0);

    if (got == IDN2_MALLOC) {
        abort();
    }
    return got == IDN2_OK ? take_string(made, arena, out) : CW_ERR_ADDRESS;
}

/* Both forms of one domain; an A-label that nothing encodes to is refused by the way back. */
static enum cw_err both_forms(struct cw_bytes text, struct cw_arena *arena, char **unicode,
                              char **ascii)
{
    char *string;
    char *again;

    CW_TRY(to_string(text, arena, &string));
    CW_TRY(to_a_labels(string, arena, ascii));
    /* libidn2 lets labels of plain ASCII pass as they are. */
    if (!cw_host_name((struct cw_bytes){*ascii, strlen(*ascii)}, CW_HOST_A_LABELS)) {
        return CW_ERR_ADDRESS;
    }
    CW_TRY(to_u_labels(*ascii, arena, unicode));
    CW_TRY(to_a_labels(*unicode, arena, &again));
    return strcmp(*ascii, again) == 0 ? CW_OK : CW_ERR_ADDRESS;
}

enum cw_err cw_jid_prep_domain(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    char *unicode;
    char *ascii;

    CW_TRY(both_forms(text, arena, &unicode, &ascii)); /* ADDR-4 */
    *out = (struct cw_bytes){unicode, strlen(unicode)};
    return out->len <= PART_MAX ? CW_OK : CW_ERR_ADDRESS;
}

enum cw_err cw_jid_prep_domain_ascii(struct cw_bytes text, struct cw_arena *arena,
                                     struct cw_bytes *out)
{
    char *unicode;
    char *ascii;

    CW_TRY(both_forms(text, arena, &unicode, &ascii));
    *out = (struct cw_bytes){ascii, strlen(ascii)};
    return CW_OK;
}
