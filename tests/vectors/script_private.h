/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A conversation that is being played (script.h): what has left the gateway and was not looked at
 * yet, and the dialogs that have a name.
 */

#include "flow_world.h"
#include "vector_file.h"

#define SEEN_MAX    256u
#define DIALOGS_MAX 16u
#define VALUES_MAX  8u
#define PATIENCE_MS 1000u /* refusals are held back, changes merged, but not for longer */

/** Texts in the order in which they came. */
struct seen {
    struct cw_bytes items[SEEN_MAX];
    size_t first, last;
};

/** From the view of the SIP side. */
struct script_dialog {
    const char *name;
    char *call_id;
    char *near_uri, *near_tag; /**< of the SIP side */
    char *far_uri, *far_tag;   /**< of the gateway */
    unsigned cseq;             /**< of the next request of the SIP side */
    unsigned far_cseq;         /**< of the request that named it, if the gateway sent it */
};

/** What `${name}` stands for. */
struct script_value {
    const char *name;
    struct cw_bytes text;
};

struct script {
    const struct vector *vector;
    struct world *world;
    struct seen stanzas, requests, responses; /**< XML; SIP as text */
    struct seen logs;
    struct script_dialog dialogs[DIALOGS_MAX];
    size_t dialog_count;
    const char *secret; /**< must be in nothing that leaves; NULL for none */
    struct script_value values[VALUES_MAX];
    size_t value_count;
    struct cw_arena *memory;
    unsigned branches;
    bool over; /**< what leaves now is of no interest */
};

/** One step: its first key and that key's value, and the whole mapping (NULL for a mere word). */
struct script_step {
    struct script *script;
    const char *word;
    const struct cw_yaml_node *value;
    const struct cw_yaml_node *options;
    int line;
};

void script_see(struct script *script, struct seen *seen, struct cw_bytes text);

/** Takes the oldest, if need be after a wait of at most PATIENCE_MS; the case fails if there is
 * none. */
struct cw_bytes script_take(struct script *script, struct seen *seen,
                            const struct script_step *step);

/** Value of an option of the step, or NULL. */
const struct cw_yaml_node *script_option(const struct script_step *step, const char *name);

/** Text of a node of the step: `${name}` is what was remembered under the name, or what the case
 * says under it. */
struct cw_bytes script_scalar(const struct script_step *step, const struct cw_yaml_node *node);

/** `${name}` is `text` from now on. */
void script_remember(struct script *script, const char *name, struct cw_bytes text);

/** A copy; ends with NUL. */
char *script_copy(struct cw_bytes text);

/* Steps of the SIP side: S>, S<, R<, answer. */
void script_sip_request(struct script *script, const struct script_step *step);
void script_sip_expect(struct script *script, const struct script_step *step);
void script_sip_expect_response(struct script *script, const struct script_step *step);
void script_sip_answer(struct script *script, const struct script_step *step);

/** What the world shows of SIP, as text into `script`. */
void script_sip_on_request(const struct cw_sip_message *request, void *user);
void script_sip_on_response(const struct cw_sip_message *response, void *user);
