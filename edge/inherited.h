/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What stanzas inherit from the stream header: namespace declarations and xml:lang. Makes a stanza
 * self-contained by declaring them in its first tag (STREAM-116, STREAM-117).
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <stdint.h>

#define CW_INHERITED_MAX 64u /* one bit each */

struct cw_inherited_ns {
    char *prefix; /**< NULL: the default namespace */
    char *uri;
};

struct cw_inherited {
    struct cw_inherited_ns ns[CW_INHERITED_MAX];
    size_t count;
    char *lang; /**< NULL: none */
};

/** Adds a declaration (copied); one too many is left out. `prefix` NULL: default namespace. */
void cw_inherited_add(struct cw_inherited *inherited, const char *prefix, const char *uri);

/** Notes the header's xml:lang (copied). */
void cw_inherited_set_lang(struct cw_inherited *inherited, struct cw_bytes lang);

/** Frees what it holds. */
void cw_inherited_clear(struct cw_inherited *inherited);

/**
 * `raw`, a stanza, with what it inherits declared behind its name.
 *
 * @param declare  set of declarations, by number; default namespaces are in it too if wanted
 * @param lang     declare xml:lang
 * @return bytes in `arena`, which must have room
 */
struct cw_bytes cw_inherited_declare(const struct cw_inherited *inherited, uint64_t declare,
                                     bool lang, struct cw_bytes raw, struct cw_arena *arena);
