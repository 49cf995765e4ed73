/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"
#include "settings_read.h"

#include <causeway/daemon.h>

static enum cw_err check(const char *config, bool strict, char **report)
{
    struct cw_gateway_settings *settings;
    const enum cw_err err = cw_gateway_settings_read(config, strict, report, &settings);

    cw_gateway_settings_free(&settings);
    return err;
}

int main(int argc, char **argv)
{
    static const struct cw_daemon_program PROGRAM = {
        .name = "causeway-gateway",
        .summary = "joins XMPP partners to a SIP SIMPLE deployment",
        .default_config = "/etc/causeway/gateway.yaml",
        .defaults = cw_gateway_settings_defaults,
        .check = check,
        .run = cw_run,
    };

    return cw_daemon_main(&PROGRAM, argc, argv);
}
