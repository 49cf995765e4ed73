/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_stream_private.h"

#include <causeway/tls_stream.h>

const char *cw_tls_stream_peer(const struct cw_tls_stream *stream)
{
    return stream->peer_text;
}

const struct sockaddr *cw_tls_stream_peer_address(const struct cw_tls_stream *stream)
{
    return stream->peer.ss_family == AF_UNSPEC ? NULL : (const struct sockaddr *)&stream->peer;
}

struct x509_st *cw_tls_stream_certificate(const struct cw_tls_stream *stream)
{
    return stream->tls == NULL ? NULL : cw_tls_record_certificate(stream->tls);
}

bool cw_tls_stream_trusted(const struct cw_tls_stream *stream, const char **problem)
{
    if (stream->tls != NULL) {
        return cw_tls_record_trusted(stream->tls, problem);
    }
    if (problem != NULL) {
        *problem = "no TLS";
    }
    return false;
}

const char *cw_tls_stream_version(const struct cw_tls_stream *stream)
{
    return stream->tls == NULL ? "none" : cw_tls_record_version(stream->tls);
}

const char *cw_tls_stream_server_name(const struct cw_tls_stream *stream)
{
    return stream->tls == NULL ? NULL : cw_tls_record_server_name(stream->tls);
}
