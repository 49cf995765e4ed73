/* SPDX-License-Identifier: Apache-2.0 */
/* What guard and parser of a stream say depends on the octets alone, never on how TCP cut them. */
#include "cw_test.h"
#include "stream_digest.h"

#include <stdlib.h>
#include <string.h>

#define HEADER                                                                                     \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                   \
    "xmlns:stream='http://etherx.jabber.org/streams' from='a.example' to='b.example' "             \
    "version='1.0'>"
#define TINY "<s:s xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:server'>"

/* Each cut in two, and in three, is tried. */
static const char *const SHORT[] = {
    TINY "<a b='>' c=\"'\">&lt;\xC3\xBC</a></s:s>",
    TINY "<a><![CDATA[<]]>]]</a> \n<b/>",
    TINY "<a><![CDATA[x]]]>y</a></s:s>tail",
    TINY "<!-- c -->",
    TINY "<a><!-- c --></a>",
    TINY "<?pi x?>",
    TINY "<a>\xC3</a>",
    TINY "<a>\xF0\x9F\x98\x80\xEF\xBF\xBE</a>",
    TINY "<a x='1' x='2'/>",
    TINY "<a></b>",
    TINY "</s:s><c/>",
    TINY "text",
    TINY "<a>&e;</a>",
    TINY "<a>&#x41;&#0;</a>",
    "\xEF\xBB\xBF<s:s>",
    "<?xml version='1.0' encoding='UTF-8'?>\n" TINY,
    "<?xml version='1.0' encoding='latin1'?>" TINY,
    "<!DOCTYPE a [<!ENTITY e 'x'>]>" TINY,
    "\r\n<a>",
};

/* Pieces of which long inputs are made. */
static const char *const PIECES[] = {
    "<message from='x@a.example' to='y@b.example'><body>h\xC3\xA9llo &amp; co</body></message>",
    "<presence from='x@a.example' to='y@b.example'/>",
    " \r\n\t",
    "<iq from='x@a.example' to='y@b.example' id='1' type='get'><q xmlns='urn:q' a=\"'>'\"/></iq>",
    "<message to='y@b.example' from='x@a.example' xml:lang='de'><![CDATA[]]]]><![CDATA[>]]>"
    "</message>",
    "<db:result xmlns:db='jabber:server:dialback' from='a.example' to='b.example'>key</db:result>",
    "<message from='x@a.example' to='y@b.example'>",
    "</message>",
    "<!--",
    "<?x?>",
    "&bad;",
    "\xFF",
    "<a/>",
    "</stream:stream>",
    "]]>",
    "<x a='",
};

static unsigned draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33) % below;
}

static void check(struct cw_bytes input, const size_t *cuts, size_t count, bool authenticated,
                  const struct stream_digest *whole)
{
    const struct stream_digest parts = stream_digest_cut(input, cuts, count, authenticated);

    if (!stream_digest_equal(whole, &parts)) {
        fail_msg("another verdict for a cut at %zu of:\n" CW_FMT, cuts[0], CW_ARG(input));
    }
}

static bool begins_tiny(const char *text)
{
    return strncmp(text, TINY, sizeof(TINY) - 1) == 0;
}

static void does_not_mind_where_short_input_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(SHORT); i++) {
        const struct cw_bytes input = {SHORT[i], strlen(SHORT[i])};
        const struct stream_digest whole = stream_digest_cut(input, NULL, 0, true);

        /* The header that they share is cut to pieces once. */
        for (size_t a = i == 0 || !begins_tiny(SHORT[i]) ? 1 : sizeof(TINY) - 2; a < input.len;
             a++) {
            check(input, &a, 1, true, &whole);
            for (size_t b = a + 1; b < input.len; b++) {
                check(input, (const size_t[]){a, b}, 2, true, &whole);
            }
        }
    }
}

static void does_not_mind_octet_by_octet(void **state)
{
    size_t cuts[512];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(cuts); i++) {
        cuts[i] = i + 1;
    }
    for (size_t i = 0; i < CW_COUNT(SHORT); i++) {
        const struct cw_bytes input = {SHORT[i], strlen(SHORT[i])};

        for (unsigned limits = 0; limits < 2; limits++) {
            const struct stream_digest whole = stream_digest_cut(input, NULL, 0, limits == 1);

            check(input, cuts, input.len - 1, limits == 1, &whole);
        }
    }
}

static size_t grow(uint64_t *seed, char *to, size_t room)
{
    size_t len = strlen(HEADER);
    const unsigned pieces = 1 + draw(seed, 40);

    memcpy(to, HEADER, len);
    for (unsigned i = 0; i < pieces; i++) {
        const char *piece = PIECES[draw(seed, draw(seed, 6) == 0 ? CW_COUNT(PIECES) : 6)];

        if (len + strlen(piece) < room) {
            memcpy(to + len, piece, strlen(piece));
            len += strlen(piece);
        }
    }
    return len;
}

static int ascending(const void *a, const void *b)
{
    const size_t left = *(const size_t *)a;
    const size_t right = *(const size_t *)b;

    return (left > right) - (left < right);
}

static void does_not_mind_where_long_input_is_cut(void **state)
{
    static char text[16384];
    uint64_t seed = 20260302;
    size_t elements = 0;

    (void)state;
    for (unsigned i = 0; i < 1500; i++) {
        const uint64_t now = seed;
        const struct cw_bytes input = {text, grow(&seed, text, sizeof(text))};
        const struct stream_digest whole = stream_digest_cut(input, NULL, 0, true);
        size_t cuts[24];
        const size_t count = 1 + draw(&seed, CW_COUNT(cuts));

        for (size_t k = 0; k < count; k++) {
            cuts[k] = draw(&seed, (unsigned)input.len);
        }
        qsort(cuts, count, sizeof(cuts[0]), ascending);
        elements += whole.count;
        const struct stream_digest parts = stream_digest_cut(input, cuts, count, true);

        if (!stream_digest_equal(&whole, &parts)) {
            fail_msg("seed %llu: another verdict", (unsigned long long)now);
        }
    }
    assert_true(elements > 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_not_mind_where_short_input_is_cut),
        cmocka_unit_test(does_not_mind_octet_by_octet),
        cmocka_unit_test(does_not_mind_where_long_input_is_cut),
    };

    return cmocka_run_group_tests_name("stream_splits", tests, NULL, NULL);
}
