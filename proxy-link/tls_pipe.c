/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_pipe.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int pipe_read(BIO *bio, char *out, size_t size, size_t *len)
{
    struct cw_tls_pipe *pipe = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    *len = pipe->in.len < size ? pipe->in.len : size;
    if (*len == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    memcpy(out, pipe->in.base, *len);
    pipe->in.base += *len;
    pipe->in.len -= *len;
    return 1;
}

static int pipe_write(BIO *bio, const char *data, size_t len, size_t *written)
{
    struct cw_tls_pipe *pipe = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    cw_byte_queue_append(pipe->out, (struct cw_bytes){data, len});
    *written = len;
    return 1;
}

static long pipe_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD *cw_tls_pipe_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "causeway pipe");
    if (method == NULL || BIO_meth_set_read_ex(method, pipe_read) != 1 ||
        BIO_meth_set_write_ex(method, pipe_write) != 1 ||
        BIO_meth_set_ctrl(method, pipe_control) != 1) {
        abort();
    }
    return method;
}
