/* SPDX-License-Identifier: Apache-2.0 */
/* Exit codes, the same numbers as causewayctl's. */
#pragma once

enum cw_exit_code {
    CW_EXIT_OK = 0,
    CW_EXIT_FAILED = 1,
    CW_EXIT_USAGE = 2,
    CW_EXIT_REFUSED = 4,
    CW_EXIT_UNREACHABLE = 5,
    CW_EXIT_DEADLINE = 8,
};
