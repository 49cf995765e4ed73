/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/jid.h>
#include <causeway/utf8.h>
#include <unictype.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The scripts that a localpart may hold beside each other; each row is one way of writing. */
static const struct {
    const char *name;
    unsigned rows; /* bits: 1 Latin alone, 2 Japanese, 4 Chinese, 8 Korean */
} TOGETHER[] = {
    {"Latin", 1 | 2 | 4 | 8}, {"Han", 2 | 4 | 8}, {"Hiragana", 2},
    {"Katakana", 2},          {"Bopomofo", 4},    {"Hangul", 8},
};

/* In which rows may `script` stand? 0: in none, it stands alone. */
static unsigned rows_of(const uc_script_t *script)
{
    for (size_t i = 0; i < COUNT(TOGETHER); i++) {
        if (strcmp(script->name, TOGETHER[i].name) == 0) {
            return TOGETHER[i].rows;
        }
    }
    return 0;
}

/* Digits, punctuation and marks belong to every script. */
static bool is_neutral(const uc_script_t *script)
{
    return script == NULL || strcmp(script->name, "Common") == 0 ||
           strcmp(script->name, "Inherited") == 0;
}

bool cw_jid_mixes_scripts(struct cw_bytes local)
{
    const uc_script_t *only = NULL; /* the script so far, while there is just one */
    unsigned rows = ~0u;
    uint32_t c;

    for (size_t at = 0; at < local.len;) {
        const size_t len = cw_utf8_step(local, at, &c);
        const uc_script_t *script;

        if (len == 0) {
            return true;
        }
        at += len;
        script = uc_script(c);
        if (is_neutral(script)) {
            continue;
        }
        rows &= rows_of(script);
        if (only == NULL) {
            only = script;
        }
        if (script != only && rows == 0) { /* SEC-4 */
            return true;
        }
    }
    return false;
}
