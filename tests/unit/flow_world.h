/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A world around the flow of one gateway: SIP side, edge, store, clock and timers are doubles
 * linked in the place of the real ones. What the flow sends becomes a line; a test brings events
 * and reads the lines.
 *
 *   "S SUBSCRIBE sip:romeo@contoso.example expires=3600"      request towards SIP
 *   "S NOTIFY ... active expires=3600 [body]"
 *   "R 200 expires=3600"                                      answer to a SIP request
 *   "X presence subscribed romeo@contoso.example > juliet@fabrikam.example"
 *   "X message error service-unavailable ..."
 */

#include "cw_test.h"

#include "flow.h"
#include "gateway.h"
#include "roster.h"

#define LOCAL  "sip:romeo@contoso.example"
#define REMOTE "juliet@fabrikam.example"

#define WORLD_DOMAINS_MAX 4u

struct world;

/** Who sees all that leaves, besides the lines; any may be NULL. Arguments are borrowed. */
struct world_observer {
    void (*on_stanza)(struct cw_bytes xml, void *user);
    void (*on_request)(const struct cw_sip_message *request, void *user);
    void (*on_response)(const struct cw_sip_message *response, void *user);
    void (*on_log)(const char *text, void *user);
};

/** Where a world is another one than contoso.example and fabrikam.example. */
struct world_options {
    const char *own[WORLD_DOMAINS_MAX]; /**< the rest NULL */
    const char *partner;
    const char *additional[WORLD_DOMAINS_MAX]; /**< further domains of the partner; the rest NULL */
    enum cw_partner_type type;
    enum cw_accept accept;
    const struct world_observer *observer; /**< NULL for none */
    void *observer_user;
};

/** A gateway with one partner, fabrikam.example, of `type`; auto: PARTNERS section 3. */
struct world *world_new(enum cw_partner_type type);

struct world *world_new_as(const struct world_options *options);
/** To be changed before the first event. */
struct cw_gateway_settings *world_settings(struct world *world);

/** It is `unix_ms` now. */
void world_set_wall(int64_t unix_ms);

void world_free(struct world *world);

struct cw_gateway *world_gateway(struct world *world);

/** Ends the gateway and starts a new one with what the store holds. */
void world_restart(struct world *world);

/** The two halves of world_restart(). */
void world_stop(struct world *world);
void world_start(struct world *world);

/** The master switch; on at first. */
void world_federation(struct world *world, bool on);

/** Replaces the partner's record. */
void world_policy(struct world *world, enum cw_partner_type type, bool enabled);

/** Takes the partner out of the list. */
void world_unlist(struct world *world);

/** `aor` may not federate from now on; at first "sip:barred@contoso.example" may not. */
void world_bar(struct world *world, const char *aor);

/** A stanza comes from fabrikam.example for contoso.example. */
void world_stanza(struct world *world, const char *xml);

/** As above from another proven pair. */
void world_stanza_from(struct world *world, const char *from, const char *to, const char *xml);

/** The edge tells who was turned away. */
void world_knocks(struct world *world, const struct cw_frame_knocks *knocks);

/** A SIP request comes. @return n, where "gwn" is the To tag of the answer */
unsigned world_request(struct world *world, const struct cw_sip_message *request);

/** A SUBSCRIBE of romeo to juliet; `tag` not 0: in the dialog whose answer bore that tag. */
void world_subscribe(struct world *world, int64_t expires_s, unsigned tag, unsigned cseq);

/** A MESSAGE of romeo to juliet. */
void world_message(struct world *world, const char *body);

/** A NOTIFY in the dialog of our last SUBSCRIBE; `body` NULL: none. */
void world_notify(struct world *world, const char *substate, const char *reason, const char *body);

/** What the next bodies of world_notify() are; NULL: PIDF, and no language. */
void world_content(struct world *world, const char *type, const char *language);

/** The oldest request that we sent gets a final answer; 0: nobody answered. */
void world_answer(struct world *world, unsigned status, int64_t expires_s);

/** The oldest request gets this answer; From, To and Contact are made where they are absent. */
void world_answer_with(struct world *world, const struct cw_sip_message *response);

/** The oldest request without an answer, or NULL. */
const struct cw_sip_message *world_unanswered(const struct world *world);

/** The next request finds a path that it is too long for (MSG-26). */
void world_refuse_next(struct world *world);

/** The oldest request finds no next hop that is up. */
void world_no_route(struct world *world);

/** Everything written is durable now. */
void world_commit(struct world *world);

/** Does somebody await the fate of a stanza? */
bool world_awaits_fate(const struct world *world);

/** The oldest stanza whose fate somebody awaits. */
void world_fate(struct world *world, enum cw_fate fate, enum cw_fail reason);

void world_link(struct world *world, bool up);

/** The edge takes nothing for want of credit. */
void world_full(struct world *world, bool full);

/** Time passes; alarms ring. */
void world_pass(struct world *world, uint64_t ms);

/** Time passes until something is sent, at most `ms`. */
void world_until(struct world *world, uint64_t ms);

/** The next line must contain all of `text`'s words in this order. */
void world_expect(struct world *world, const char *text);

/** As above, and `never` must not be in it. */
void world_expect_without(struct world *world, const char *text, const char *never);

/** There is no further line. */
void world_silence(struct world *world);

/** Forgets the lines so far. */
void world_skip(struct world *world);

/** Stanzas settled as TAKEN. */
uint64_t world_taken(const struct world *world);

/** What is stored about romeo and juliet; false: nothing. */
bool world_stored(const struct world *world, struct cw_relation *out);

/** The last log event as text. */
const char *world_log(const struct world *world);

/** " trace=..." of the last stanza that went to the edge, as the log writes it. */
const char *world_trace(const struct world *world);

/** The log shows debug from now on. */
void world_debug(struct world *world);

/** Our last SUBSCRIBE. */
const struct cw_sip_message *world_last_subscribe(const struct world *world);
