/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <stddef.h>

static const struct {
    const char *word;
    const char *stage;
    const char *diagnosis;
} FAILS[CW_FAILS] = {
    [CW_FAIL_NONE] = {"none", "stream", NULL},
    [CW_FAIL_NO_PERMIT] = {"no_permit", "policy", "D101"},
    [CW_FAIL_DNS] = {"not_resolved", "dns", "D201"},
    [CW_FAIL_CONNECT] = {"not_connected", "tcp", "D302"},
    [CW_FAIL_TLS] = {"tls", "tls", "D502"},
    [CW_FAIL_AUTH] = {"not_authenticated", "sasl", "D602"},
    [CW_FAIL_TIMEOUT] = {"timeout", "stream", "D204"},
    [CW_FAIL_QUEUE_FULL] = {"limit", "limit", NULL},
    [CW_FAIL_SHUTDOWN] = {"shutdown", "stream", NULL},
    [CW_FAIL_STREAM] = {"stream_error", "stream", "D401"},
    [CW_FAIL_KEY] = {"invalid_key", "sasl", "D702"},
};

static const char *const AUTHS[CW_METHODS] = {
    [CW_METHOD_NONE] = "none",
    [CW_METHOD_SASL_TLS] = "sasl_external",
    [CW_METHOD_TLS_DIALBACK] = "tls_dialback",
    [CW_METHOD_TCP_DIALBACK] = "tcp_dialback",
};

static const char *const KINDS[CW_CLASSES] = {
    [CW_CLASS_MESSAGE] = "message",
    [CW_CLASS_SUBSCRIPTION] = "subscription",
    [CW_CLASS_IQ] = "iq",
    [CW_CLASS_PRESENCE] = "presence",
};

const char *cw_word_stage(enum cw_fail fail)
{
    return fail < CW_FAILS ? FAILS[fail].stage : "stream";
}

const char *cw_word_fail(enum cw_fail fail)
{
    return fail < CW_FAILS ? FAILS[fail].word : "none";
}

const char *cw_word_diagnosis(enum cw_fail fail)
{
    return fail < CW_FAILS ? FAILS[fail].diagnosis : NULL;
}

const char *cw_word_auth(enum cw_method method)
{
    return method < CW_METHODS ? AUTHS[method] : "none";
}

const char *cw_word_kind(enum cw_stanza_class class)
{
    return class < CW_CLASSES ? KINDS[class] : "message";
}

const char *cw_word_direction(bool outgoing)
{
    return outgoing ? "out" : "in";
}
