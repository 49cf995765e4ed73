/* SPDX-License-Identifier: Apache-2.0 */
#include "link_config.h"

#include <stdio.h>
#include <stdlib.h>

enum { HEARTBEAT_MS = 2000, FAIL_AFTER_MS = 6000, UNSETTLED_MAX = 10000 };

static void *must(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static char *copy(const char *text)
{
    return must(strdup(text == NULL ? "" : text));
}

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
    return value == 0 ? otherwise : value;
}

struct cw_link_config *cw_link_config_new(const struct cw_link_settings *settings)
{
    struct cw_link_config *const config = must(calloc(1, sizeof(*config)));

    config->node = copy(settings->node);
    config->pool = copy(settings->pool);
    config->tls = cw_tls_share(settings->tls);
    config->names = must(calloc(settings->peer_name_count + 1, sizeof(*config->names)));
    for (size_t i = 0; i < settings->peer_name_count; i++) {
        (void)snprintf(config->names[i], CW_LINK_NAME_LEN, "%s", settings->peer_names[i]);
    }
    config->name_count = settings->peer_name_count;
    config->heartbeat_ms = or_default(settings->heartbeat_ms, HEARTBEAT_MS);
    config->fail_after_ms = or_default(settings->fail_after_ms, FAIL_AFTER_MS);
    config->unsettled_max = or_default(settings->unsettled_max, UNSETTLED_MAX);
    config->log = settings->log;
    config->metrics = settings->metrics;
    return config;
}

void cw_link_config_set_tls(struct cw_link_config *config, struct cw_tls *tls)
{
    struct cw_tls *const share = cw_tls_share(tls);

    cw_tls_free(&config->tls);
    config->tls = share;
}

void cw_link_config_free(struct cw_link_config **config)
{
    if (*config == NULL) {
        return;
    }
    free((*config)->names);
    free((*config)->node);
    free((*config)->pool);
    cw_tls_free(&(*config)->tls);
    free(*config);
    *config = NULL;
}

bool cw_link_config_bears(const struct cw_link_config *config, struct x509_st *certificate,
                          size_t index)
{
    const struct cw_bytes name = {config->names[index], strlen(config->names[index])};

    return cw_tls_names_match(certificate, &name, 1);
}

size_t cw_link_config_name(const struct cw_link_config *config, struct x509_st *certificate)
{
    size_t index = 0;

    while (index < config->name_count && !cw_link_config_bears(config, certificate, index)) {
        index++;
    }
    return index;
}
