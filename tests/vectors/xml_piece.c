/* SPDX-License-Identifier: Apache-2.0 */
#include "xml_piece.h"

/* Behind the tag that begins at `at`, quotes minded; NULL: it has no end yet. */
static const char *tag_end(const char *at)
{
    char quote = '\0';

    for (; *at != '\0'; at++) {
        if (quote != '\0') {
            quote = *at == quote ? '\0' : quote;
        } else if (*at == '\'' || *at == '"') {
            quote = *at;
        } else if (*at == '>') {
            return at + 1;
        }
    }
    return NULL;
}

static bool is_alone(const char *at)
{
    return strncmp(at, "<?", 2) == 0 || strncmp(at, "<stream:stream", 14) == 0 ||
           strncmp(at, "</", 2) == 0;
}

/* Behind the element that begins at `at`. */
static const char *element_end(const char *at)
{
    unsigned depth = 0;

    do {
        const bool closes = at[1] == '/';

        at = tag_end(at);
        if (at == NULL) {
            return NULL;
        }
        if (closes) {
            depth--;
        } else if (at[-2] != '/') {
            depth++;
        }
        if (depth > 0) {
            at = strchr(at, '<');
        }
    } while (at != NULL && depth > 0);
    return at;
}

size_t xml_piece_len(const char *text)
{
    const char *at = text + strspn(text, " \r\n\t");
    const char *end;

    if (*at != '<') {
        return 0;
    }
    end = is_alone(at) ? tag_end(at) : element_end(at);
    return end == NULL ? 0 : (size_t)(end - text);
}
