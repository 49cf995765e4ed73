/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One TLS session without a socket: bytes of the wire in, clear bytes out, and back.
 */

#include "byte_queue.h"

struct cw_tls;
struct x509_st;

struct cw_tls_record;

enum cw_tls_step {
    CW_TLS_DONE, /**< handshake finished, or clear bytes were read */
    CW_TLS_WANT, /**< needs more bytes of the peer */
    CW_TLS_END,  /**< the peer sent close_notify */
    CW_TLS_FAIL  /**< broken; cw_tls_record_problem() says why; an alert may wait in `wire` */
};

#define CW_TLS_RECORD_LEN ((size_t)16 * 1024)

/**
 * @param tls          shared until cw_tls_record_free()
 * @param server_name  SNI of a client, or NULL
 * @param wire         where records to be sent are appended; outlives the session
 */
struct cw_tls_record *cw_tls_record_new(struct cw_tls *tls, const char *server_name,
                                        struct cw_byte_queue *wire);

/** Frees and sets NULL. */
void cw_tls_record_free(struct cw_tls_record **record);

/** The next bytes of the wire, borrowed until they are taken (cw_tls_record_left()). */
void cw_tls_record_feed(struct cw_tls_record *record, struct cw_bytes data);

/** What was fed and not taken yet. */
struct cw_bytes cw_tls_record_left(const struct cw_tls_record *record);

/** Goes on with the handshake. Never CW_TLS_END. */
enum cw_tls_step cw_tls_record_handshake(struct cw_tls_record *record);

/** Fills `out` from as many records as there are. `*len` > 0 only with CW_TLS_DONE. */
enum cw_tls_step cw_tls_record_read(struct cw_tls_record *record, char *out, size_t size,
                                    size_t *len);

/** Makes records of `data`. CW_TLS_DONE or CW_TLS_FAIL. */
enum cw_tls_step cw_tls_record_write(struct cw_tls_record *record, struct cw_bytes data);

/** Makes the close_notify. */
void cw_tls_record_close(struct cw_tls_record *record);

/** One line: why the last step failed. */
const char *cw_tls_record_problem(const struct cw_tls_record *record);

/** Of the peer, borrowed; NULL for none. */
struct x509_st *cw_tls_record_certificate(const struct cw_tls_record *record);

/** Did the peer's chain verify? `*problem` gets OpenSSL's words if not. */
bool cw_tls_record_trusted(const struct cw_tls_record *record, const char **problem);

/** "TLSv1.3" */
const char *cw_tls_record_version(const struct cw_tls_record *record);

/** SNI: sent by us as client, by the peer as server; NULL for none. */
const char *cw_tls_record_server_name(const struct cw_tls_record *record);
