/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    bool takes_value;
    const char *help;
} OPTIONS[CTL_OPTION_COUNT] = {
#define X(id, name, takes_value, help) {name, takes_value, help},
    CTL_OPTIONS(X)
#undef X
};

const char *ctl_option_name(enum ctl_option option)
{
    return OPTIONS[option].name;
}

const char *ctl_option_help(enum ctl_option option)
{
    return OPTIONS[option].help;
}

bool ctl_option_takes_value(enum ctl_option option)
{
    return OPTIONS[option].takes_value;
}

/* "--name", "--name=value". @return its number, or CTL_OPTION_COUNT */
static unsigned find_option(const char *word, const char **value)
{
    const char *const equals = strchr(word, '=');
    const size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);

    *value = equals == NULL ? NULL : equals + 1;
    for (unsigned i = 0; i < CTL_OPTION_COUNT; i++) {
        if (strlen(OPTIONS[i].name) == len && strncmp(OPTIONS[i].name, word, len) == 0) {
            return i;
        }
    }
    return CTL_OPTION_COUNT;
}

static enum ctl_exit complain(const struct ctl_call *call, const char *word, const char *what)
{
    (void)fprintf(stderr, "causewayctl: %s: %s %s; see causewayctl --help\n", call->words, word,
                  what);
    return CTL_USAGE;
}

/* One option with its value, which may be the next word. @return words taken, 0: told what is wrong
 */
static int read_option(struct ctl_call *call, char **words, int count, unsigned allowed)
{
    const char *value;
    const unsigned option = find_option(words[0] + 2, &value);
    int taken = 1;

    if (option == CTL_OPTION_COUNT || (allowed & CTL_BIT(option)) == 0) {
        (void)complain(call, words[0], "is no option of it");
        return 0;
    }
    if (OPTIONS[option].takes_value && value == NULL && count > 1) {
        value = words[1];
        taken = 2;
    }
    if (OPTIONS[option].takes_value && value == NULL) {
        (void)complain(call, words[0], "needs a value");
        return 0;
    }
    if (!OPTIONS[option].takes_value && value != NULL) {
        (void)complain(call, words[0], "takes no value");
        return 0;
    }
    call->options[option] = value == NULL ? "" : value;
    return taken;
}

enum ctl_exit ctl_call_read(struct ctl_call *call, char **words, int count, unsigned allowed)
{
    for (int i = 0; i < count;) {
        int taken = 1;

        if (strcmp(words[i], "--json") == 0) {
            call->json = true;
        } else if (strncmp(words[i], "--", 2) == 0 && words[i][2] != '\0') {
            taken = read_option(call, &words[i], count - i, allowed);
        } else if (call->count == CTL_ARGUMENTS_MAX) {
            return complain(call, words[i], "is one argument too many");
        } else {
            call->arguments[call->count++] = words[i];
        }
        if (taken == 0) {
            return CTL_USAGE;
        }
        i += taken;
    }
    return CTL_OK;
}

enum ctl_exit ctl_show_json(const struct json_t *document)
{
    (void)json_dumpf(document, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    (void)printf("\n");
    return fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}
