/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * TLS contexts of the S2S side: for each domain that has a certificate one to accept and one to
 * connect with. Replaced as a whole on reload; streams keep the context they began with.
 */

#include "settings.h"

#include <causeway/metrics.h>
#include <causeway/tls.h>

struct cw_certificates;

/** What a certificate of the configuration is good for. */
enum cw_certificate_verdict {
    CW_CERTIFICATE_GOOD,
    CW_CERTIFICATE_UNUSABLE,  /**< a file cannot be read, or certificate and key do not fit */
    CW_CERTIFICATE_OTHER_NAME /**< it does not identify the domain to partners */
};

/** Tries one certificate. @param ca "" for the system's @param problem one line, with UNUSABLE */
enum cw_certificate_verdict cw_certificates_try(const struct cw_edge_certificate *certificate,
                                                const char *ca, const char **problem);

/** The context of the link's listener, for the caller to free. @return CW_OK or CW_ERR_CONFIG */
CW_MUST_USE enum cw_err cw_certificates_link(const struct cw_edge_settings *settings,
                                             struct cw_tls **out, const char **problem);

/**
 * Reads all certificates of `settings`.
 * @param in_force  where the caller keeps the set that is used: direct TLS looks names up there
 * @return CW_OK or CW_ERR_CONFIG; `*problem` names the file, valid until the next call
 */
CW_MUST_USE enum cw_err cw_certificates_new(const struct cw_edge_settings *settings,
                                            struct cw_certificates **in_force,
                                            struct cw_certificates **out, const char **problem);

/** Frees and sets NULL. */
void cw_certificates_free(struct cw_certificates **certificates);

/** The context for `own`, borrowed; a domain without one of its own gets the first. NULL: there is
 * none. */
struct cw_tls *cw_certificates_find(const struct cw_certificates *certificates, struct cw_bytes own,
                                    bool server);

/** Puts the end of each certificate's validity into the metrics. */
void cw_certificates_note(const struct cw_certificates *certificates, struct cw_metrics *metrics);
