/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Certificates for tests, made by the test itself in a folder of its own.
 */

#include <stdbool.h>

struct cw_mint;

/** What one certificate shall say. All zero: a valid server certificate of "peer.example". */
struct cw_mint_leaf {
    const char *names; /**< subjectAltName in OpenSSL's words, e.g. "DNS:a.example,DNS:b.example";
                          NULL: "DNS:peer.example"; "": none */
    const char *xmpp_address; /**< the only name, an XmppAddr in UTF-8; with names "" */
    const char *usage; /**< extendedKeyUsage in OpenSSL's words; NULL: serverAuth; "": none */
    bool expired;
    bool stranger; /**< signed by another CA, that nobody trusts */
};

/** A fresh folder with ca.crt. */
struct cw_mint *cw_mint_new(void);

/** Removes the folder. */
void cw_mint_free(struct cw_mint **mint);

/** Makes NAME.crt and NAME.key. */
void cw_mint_make(struct cw_mint *mint, const char *name, const struct cw_mint_leaf *leaf);

/** Path of a file of the folder; valid as long as the mint. */
const char *cw_mint_path(struct cw_mint *mint, const char *file);
