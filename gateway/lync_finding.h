/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What can be wrong with an export of Lync, one table; docs/how-to/migrate-from-lync.md lists it.
 */

#include "lync_import.h"

#include <causeway/arena.h>

#define CW_LYNC_AGAIN "export again: Get-CsXmppAllowedPartner | Export-Clixml partners.xml"

/** X(name, code, severity, text, remedy) */
#define CW_LYNC_FINDINGS(X)                                                                        \
    X(FORMAT, "E200", ERROR, "this is no export of XMPP partners", CW_LYNC_AGAIN)                  \
    X(SIZE, "E201", ERROR, "the file is larger than 1 MiB or has too many parts",                  \
      "export in parts, for example with -Filter")                                                 \
    X(ENCODING, "E202", ERROR, "this is neither UTF-8 nor UTF-16 with a byte order mark",          \
      "export again with -Encoding UTF8")                                                          \
    X(XML, "E203", ERROR, "this is no Clixml, is cut off or has a document type", CW_LYNC_AGAIN)   \
    X(JSON, "E204", ERROR, "this is not JSON", CW_LYNC_AGAIN)                                      \
    X(CSV, "E205", ERROR, "this is not CSV", CW_LYNC_AGAIN)                                        \
    X(OBJECT, "E206", ERROR, "this is no XMPP partner",                                            \
      "export what Get-CsXmppAllowedPartner returns, with all its properties")                     \
    X(NO_DOMAIN, "E207", ERROR, "the partner has neither Domain nor Identity",                     \
      "export both properties")                                                                    \
    X(CHOICE, "E208", ERROR, "there is no such value",                                             \
      "write it as Lync does, such as Required, Optional, NotSupported, or Federated, "            \
      "PublicVerified, PublicUnverified")                                                          \
    X(ENUM_NUMBER, "E209", ERROR, "a number does not say which value it is",                       \
      "use Export-Clixml, or ConvertTo-Json -EnumsAsStrings of PowerShell 7")                      \
    X(SWITCH, "E210", ERROR, "this is neither True nor False", "write True or False")              \
    X(NUMBER, "E211", ERROR, "this is not a number from 0 to 4294967295", "write a number")        \
    X(PARTNERS, "E212", ERROR, "there are more than 10000 partners",                               \
      "export in parts, for example with -Filter")                                                 \
    X(DOMAINS, "E213", ERROR, "the partner has more than 100 additional domains",                  \
      "make several partners of it")                                                               \
    X(SHAPE, "E214", ERROR, "the value is of the wrong kind", CW_LYNC_AGAIN)                       \
    X(COLUMNS, "E215", ERROR, "the row has more or fewer fields than the first row has names",     \
      CW_LYNC_AGAIN)                                                                               \
    X(LOST, "W220", WARNING, "the export has the type of this list, not the domains in it",        \
      "use Export-Clixml, or a calculated property: "                                              \
      "@{n='AdditionalDomains';e={$_.AdditionalDomains -join ';'}}")                               \
    X(IDENTITY, "W221", WARNING, "Identity names another domain than Domain, which was taken",     \
      "see which of the two is right")                                                             \
    X(EMPTY, "W222", WARNING, "there is no partner in it",                                         \
      "see what Get-CsXmppAllowedPartner says")                                                    \
    X(UNKNOWN, "N230", INFO, "this property is not known and was left out",                        \
      "nothing, if it does "                                                                       \
      "not matter to you")

/* clang-format off */
enum cw_lync_finding_kind {
#define X(name, code, severity, text, remedy) CW_LYNC_FINDING_##name,
    CW_LYNC_FINDINGS(X)
#undef X
    CW_LYNC_FINDING_COUNT
};
/* clang-format on */

/** Findings while they are gathered. */
struct cw_lync_findings {
    struct cw_arena *arena;
    struct cw_lync_finding *list; /**< room for CW_LYNC_MAX_FINDINGS */
    size_t count, dropped, errors;
    bool out_of_room; /**< the arena is full */
};

/** Where something was found, and about what. */
struct cw_lync_spot {
    size_t record, line;     /**< as in struct cw_lync_finding */
    const char *property;    /**< NULL if it is about none */
    struct cw_bytes excerpt; /**< foreign bytes to be shown, cut and cleaned here; absent: none */
};

/** Adds one finding: `property "excerpt": text`. */
void cw_lync_found(struct cw_lync_findings *findings, enum cw_lync_finding_kind kind,
                   const struct cw_lync_spot *spot);
