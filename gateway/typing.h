/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Who is writing to whom: chat states (XEP-0085) of XMPP users <-> indications of composition (RFC
 * 3994) of SIP users, each pair a small machine with a clock (CT rules). Pure: time is an argument,
 * what is to be sent comes back.
 */

#include <causeway/stanza.h>

#define CW_TYPING_MAX       20000u          /* pairs in conversation; the one longest silent goes */
#define CW_TYPING_REFRESH_S 90u             /* CT-5: of our `active` */
#define CW_TYPING_AGAIN_MS  UINT64_C(80000) /* CT-5: it is sent again after */
#define CW_TYPING_MAX_MS    UINT64_C(600000) /* CT-5: and ends after */
#define CW_TYPING_TALK_MS   UINT64_C(600000) /* CT-8: a message makes a conversation for */
#define CW_TYPING_IDLE_S    120u             /* CT-5: without `refresh` a SIP user is idle after */

/** What is due now. */
enum cw_typing_effect {
    CW_TYPING_NOTHING,
    CW_TYPING_SIP_ACTIVE, /**< status MESSAGE, active */
    CW_TYPING_SIP_IDLE,   /**< status MESSAGE, idle */
    CW_TYPING_COMPOSING,  /**< chat state composing */
    CW_TYPING_ACTIVE,     /**< chat state active: the SIP user stopped */
    CW_TYPING_PAUSED      /**< chat state paused: he was heard of no more */
};

/** Both ends. */
struct cw_typing_pair {
    struct cw_bytes local;    /**< address of record */
    struct cw_bytes remote;   /**< bare JID */
    struct cw_bytes resource; /**< of the device on which the XMPP user writes; absent if unknown */
};

struct cw_typing;

/** @param hash_key  random */
struct cw_typing *cw_typing_new(const uint64_t hash_key[2]);

/** Frees and sets NULL. */
void cw_typing_free(struct cw_typing **typing);

/** A message with text came from XMPP; `has_state`: it bore a chat state (CT-9). */
void cw_typing_from_xmpp(struct cw_typing *typing, const struct cw_typing_pair *pair,
                         bool has_state, uint64_t now_ms);

/** A message with text came from SIP. @return true: the stanza bears `active` (CT-9) */
bool cw_typing_from_sip(struct cw_typing *typing, const struct cw_typing_pair *pair,
                        uint64_t now_ms);

/** A chat state alone came from XMPP, or CW_CHAT_GONE for a user who went away. */
enum cw_typing_effect cw_typing_state(struct cw_typing *typing, const struct cw_typing_pair *pair,
                                      enum cw_chat_state state, uint64_t now_ms);

/** An indication came from SIP. @param refresh_s  0: none */
enum cw_typing_effect cw_typing_indication(struct cw_typing *typing,
                                           const struct cw_typing_pair *pair, bool active,
                                           uint32_t refresh_s, uint64_t now_ms);

/** When something is due; UINT64_MAX: nothing. */
uint64_t cw_typing_next_ms(const struct cw_typing *typing);

/** One thing that is due at `now_ms`; `pair` is borrowed until the next call. @return
 * CW_TYPING_NOTHING: nothing more is */
enum cw_typing_effect cw_typing_due(struct cw_typing *typing, uint64_t now_ms,
                                    struct cw_typing_pair *pair);

/** Pairs in conversation. */
size_t cw_typing_count(const struct cw_typing *typing);
