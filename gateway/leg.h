/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Our end of a SIP dialog: identifiers, sequence numbers, remote target and route set (RFC 3261
 * section 12). Pure; owns its texts.
 */

#include "sip/sip.h"

struct cw_leg_text;

struct cw_leg {
    struct cw_leg_text *texts; /**< all of the below, owned */
    struct cw_bytes call_id;
    struct cw_bytes local_uri;
    struct cw_bytes local_tag;
    struct cw_bytes remote_uri;
    struct cw_bytes remote_tag; /**< absent until the peer answered */
    struct cw_bytes target;     /**< absent until the peer's Contact is known */
    struct cw_bytes *routes;    /**< NULL: straight to the target */
    uint8_t route_count;
    uint32_t local_cseq;  /**< of the last request sent */
    uint32_t remote_cseq; /**< of the last request taken; 0: none */
};

/** Who put the Record-Route set there: it is ours as it stands in a request, turned round in a
 * response. */
enum cw_leg_source { CW_LEG_REQUEST, CW_LEG_RESPONSE };

/** Begins a dialog; everything is copied. The first request gets `cseq` + 1. */
void cw_leg_init(struct cw_leg *leg, struct cw_bytes call_id, struct cw_bytes local_uri,
                 struct cw_bytes local_tag, struct cw_bytes remote_uri, uint32_t cseq);

/** Takes tag, target and routes from what the peer sent; once known, tag and routes stay. */
void cw_leg_learn(struct cw_leg *leg, const struct cw_sip_message *from, enum cw_leg_source source);

/** A request in the dialog, or the one that opens it; borrows from `leg`. */
void cw_leg_request(struct cw_leg *leg, enum cw_sip_method method, struct cw_sip_message *out);

/** Is `cseq` of a request in order (PRES-39)? Remembers it if so. */
bool cw_leg_in_order(struct cw_leg *leg, uint32_t cseq);

/** Is the dialog known to the peer? */
bool cw_leg_is_confirmed(const struct cw_leg *leg);

/** Did a request of the peer come in it? With SUBSCRIBE that is what makes the dialog (RFC 6665
 * section 4.4.1): until then an answer has only named a peer. */
bool cw_leg_was_heard(const struct cw_leg *leg);

/** Forgets tag, target and routes of the peer; ours stay. */
void cw_leg_forget_peer(struct cw_leg *leg);

/** Frees the texts. */
void cw_leg_clear(struct cw_leg *leg);
