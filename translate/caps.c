/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/caps.h>

#include "sha1.h"
#include "xml_write.h"

#define INFO_MAX 4096u

/* In the order of i;octet, as XEP-0115 section 5.1 hashes them (IQ-6). */
static const struct {
    const char *feature;
    unsigned cap;
} FEATURES[] = {
    {"http://jabber.org/protocol/activity+notify", CW_CAP_HEADLINES},
    {"http://jabber.org/protocol/caps", CW_CAP_CLIENT},
    {"http://jabber.org/protocol/chatstates", CW_CAP_TYPING},
    {"http://jabber.org/protocol/disco#info", CW_CAP_CLIENT},
    {"http://jabber.org/protocol/mood+notify", CW_CAP_HEADLINES},
    {"urn:xmpp:chat-markers:0", CW_CAP_MARKERS},
    {"urn:xmpp:receipts", CW_CAP_RECEIPTS},
};

#define FEATURE_COUNT (sizeof(FEATURES) / sizeof(FEATURES[0]))

static const char *type_of(unsigned caps)
{
    return (caps & CW_CAP_PHONE) != 0 ? "phone" : "pc";
}

static void print_info(struct cw_xml_writer *w, const void *input)
{
    const unsigned caps = *(const unsigned *)input;

    cw_xml_raw(w, CW_LIT("<identity category='client' type='"));
    cw_xml_word(w, type_of(caps));
    cw_xml_raw(w, CW_LIT("' name='Causeway'/>"));
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        if ((caps & FEATURES[i].cap) != 0) {
            cw_xml_raw(w, CW_LIT("<feature var='"));
            cw_xml_word(w, FEATURES[i].feature);
            cw_xml_raw(w, CW_LIT("'/>"));
        }
    }
}

enum cw_err cw_caps_info(unsigned caps, struct cw_arena *arena, struct cw_bytes *out)
{
    return cw_xml_build(print_info, &caps, INFO_MAX, arena, out);
}

/* The string S of XEP-0115 section 5.1: "category/type/lang/name<", then each feature and "<". */
static void print_string(struct cw_xml_writer *w, const void *input)
{
    const unsigned caps = *(const unsigned *)input;

    cw_xml_raw(w, CW_LIT("client/"));
    cw_xml_word(w, type_of(caps));
    cw_xml_raw(w, CW_LIT("//Causeway<"));
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        if ((caps & FEATURES[i].cap) != 0) {
            cw_xml_word(w, FEATURES[i].feature);
            cw_xml_raw(w, CW_LIT("<"));
        }
    }
}

/* 20 octets are six groups of three and one of two. */
static void write_base64(const unsigned char digest[CW_SHA1_LEN], char *to)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t at = 0; at < CW_SHA1_LEN; at += 3) {
        const unsigned third = at + 2 < CW_SHA1_LEN ? digest[at + 2] : 0;
        const unsigned group = (unsigned)digest[at] << 16 | (unsigned)digest[at + 1] << 8 | third;

        for (unsigned i = 0; i < 4; i++) {
            *to++ = DIGITS[group >> (18 - 6 * i) & 63];
        }
    }
    to[-1] = '=';
}

enum cw_err cw_caps_ver(unsigned caps, struct cw_arena *arena, struct cw_bytes *out)
{
    unsigned char digest[CW_SHA1_LEN];
    char *const ver = cw_arena_alloc(arena, CW_CAPS_VER_LEN);
    struct cw_bytes string;

    if (ver == NULL) {
        return CW_ERR_LIMIT;
    }
    CW_TRY(cw_xml_build(print_string, &caps, INFO_MAX, arena, &string));
    cw_sha1(string, digest); /* PRES-43 */
    write_base64(digest, ver);
    *out = (struct cw_bytes){ver, CW_CAPS_VER_LEN};
    return CW_OK;
}

enum cw_err cw_caps_by_node(struct cw_bytes node, struct cw_arena *arena, unsigned *out)
{
    const struct cw_bytes prefix = CW_LIT(CW_CAPS_NODE "#");

    if (node.len != prefix.len + CW_CAPS_VER_LEN ||
        memcmp(node.base, prefix.base, prefix.len) != 0) {
        return CW_ERR_MALFORMED;
    }
    for (unsigned caps = CW_CAP_CLIENT; caps <= CW_CAPS_ALL; caps += 2) {
        struct cw_bytes ver;

        CW_TRY(cw_caps_ver(caps, arena, &ver));
        if (memcmp(node.base + prefix.len, ver.base, CW_CAPS_VER_LEN) == 0) {
            *out = caps;
            return CW_OK;
        }
    }
    return CW_ERR_MALFORMED;
}
