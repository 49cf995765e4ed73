/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_vectors.h"

#include "vector_run.h"

int main(int argc, char **argv)
{
    static const struct vector_driver DRIVERS[] = {
        {"stream", play_stream},
        {"connect", play_connect},
        {"dialback_key", play_dialback_key},
        {"certificate", play_certificate},
        {"sip_certificate", play_sip_certificate},
        {"component_handshake", play_component_handshake},
        {NULL, NULL},
    };

    return vector_main(argc, argv, DRIVERS);
}
