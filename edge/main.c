/* SPDX-License-Identifier: Apache-2.0 */
#include "edge.h"
#include "settings_read.h"

#include <causeway/daemon.h>

static enum cw_err check(const char *config, bool strict, char **report)
{
    struct cw_edge_settings *settings = NULL;
    const enum cw_err err =
        cw_edge_settings_read(config, CW_EDGE_CHECK_ALL, strict, report, &settings);

    cw_edge_settings_free(&settings);
    return err;
}

int main(int argc, char **argv)
{
    static const struct cw_daemon_program program = {
        .name = "causeway-edge",
        .summary = "the XMPP server-to-server side of Causeway, for the DMZ",
        .default_config = "/etc/causeway/edge.yaml",
        .defaults = cw_edge_settings_defaults,
        .check = check,
        .run = cw_edge_run,
    };

    return cw_daemon_main(&program, argc, argv);
}
