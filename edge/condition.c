/* SPDX-License-Identifier: Apache-2.0 */
#include "condition.h"

static const char *const NAMES[] = {"undefined-condition",
#define X(name, element) element,
                                    CW_CONDITION_MAP(X)
#undef X
};

const char *cw_condition_name(enum cw_condition condition)
{
    return (unsigned)condition < CW_CONDITIONS ? NAMES[condition] : NAMES[0];
}

enum cw_condition cw_condition_read(struct cw_bytes name)
{
    for (unsigned i = 1; i < CW_CONDITIONS; i++) {
        if (strlen(NAMES[i]) == name.len && memcmp(NAMES[i], name.base, name.len) == 0) {
            return (enum cw_condition)i;
        }
    }
    return CW_CONDITION_UNDEFINED_CONDITION; /* STREAM-122 */
}
