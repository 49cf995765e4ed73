/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The BIO between OpenSSL and a connection: it reads from a borrowed run of bytes and writes to a
 * byte queue, so that nothing is copied twice and no memory waits in an idle connection.
 */

#include "byte_queue.h"

#include <openssl/bio.h>

struct cw_tls_pipe {
    struct cw_bytes in;        /**< what arrived and OpenSSL has not taken */
    struct cw_byte_queue *out; /**< what OpenSSL wants to send */
};

/** The BIO type; a BIO's data is its struct cw_tls_pipe. Freed by BIO_meth_free(). */
BIO_METHOD *cw_tls_pipe_method(void);
