/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"
#include "table_vectors.h"
#include "vector_run.h"

int main(int argc, char **argv)
{
    static const struct vector_driver DRIVERS[] = {
        {"script", script_play},
        {"jid_to_sip", play_jid_to_sip},
        {"sip_to_jid", play_sip_to_jid},
        {"address_round_trip", play_address_round_trip},
        {"error_to_sip", play_error_to_sip},
        {"error_to_xmpp", play_error_to_xmpp},
        {"priority", play_priority},
        {"show", play_show},
        {"tuple_ids", play_tuple_ids},
        {"negotiation", play_negotiation},
        {NULL, NULL},
    };

    return vector_main(argc, argv, DRIVERS);
}
