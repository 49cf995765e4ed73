/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The policy document: partners that panel, command line and API write, and who of ours may
 * federate. JSON by the same keys as the files (settings_keys.h), judged by the same rules. Each
 * revision of it is kept in the store; the files stand beside it, read-only.
 */

#include "settings.h"

#include <jansson.h>

#define CW_POLICY_AUTHOR_MAX  64u                   /* octets */
#define CW_POLICY_COMMENT_MAX 256u                  /* octets */
#define CW_POLICY_MAX_LEN     ((size_t)1024 * 1024) /* octets of a document */

/** One document, judged. Immutable. */
struct cw_policy_document {
    struct cw_partner *partners; /**< bear no file */
    size_t partner_count;
    const struct cw_access *access; /**< NULL: the document does not say; the files do */
    json_t *json;                   /**< canonical: whole records ordered by domain */
    struct cw_arena *arena;         /**< owns all but `json` */
};

/**
 * Judges `json` (borrowed) against `settings`, whose partners of files have their domains.
 *
 * @param findings  [{"pointer", "line", "severity", "code", "detail", "help"}] with pointers into
 * `json`; the caller's; always set
 * @param out       the caller's, cw_policy_document_free(); NULL unless CW_OK
 * @return CW_OK (warnings may be among the findings), CW_ERR_CONFIG
 */
CW_MUST_USE enum cw_err cw_policy_document_read(const struct cw_gateway_settings *settings,
                                                const json_t *json, json_t **findings,
                                                struct cw_policy_document **out);

/**
 * The same for text: YAML as in partners.d, or JSON; `name` is what findings call it.
 * @return as above
 */
CW_MUST_USE enum cw_err cw_policy_document_read_text(const struct cw_gateway_settings *settings,
                                                     struct cw_bytes text, const char *name,
                                                     json_t **findings,
                                                     struct cw_policy_document **out);

/** Frees and sets NULL. */
void cw_policy_document_free(struct cw_policy_document **document);

/** A document without partners and without users; the caller's. */
json_t *cw_policy_document_empty(void);

/** One partner as the document writes it, complete; the caller's. */
json_t *cw_policy_partner_json(const struct cw_partner *partner);

/** Findings for people: a line each, with its remedy below it; malloc'ed. */
char *cw_policy_findings_text(const json_t *findings);

/** The users section as the document writes it; the caller's. */
json_t *cw_policy_users_json(const struct cw_gateway_users *users);

/** Words of the document, by their enums. */
const char *cw_policy_type_word(enum cw_partner_type type);
const char *cw_policy_negotiation_word(enum cw_negotiation negotiation);
const char *cw_policy_accept_word(enum cw_accept accept);
