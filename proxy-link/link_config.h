/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The owned copy of `struct cw_link_settings`, shared by a listener's sessions and connections.
 */

#include <causeway/link.h>

#define CW_LINK_NAME_LEN 256u /* octets with NUL: more than a DNS name has */

struct cw_link_config {
    char *node;
    char *pool;
    struct cw_tls *tls;              /**< a share */
    char (*names)[CW_LINK_NAME_LEN]; /**< of peers; a longer one matches nothing */
    size_t name_count;
    uint32_t heartbeat_ms;
    uint32_t fail_after_ms;
    uint32_t unsettled_max;
    struct cw_log *log;         /**< borrowed, may be NULL */
    struct cw_metrics *metrics; /**< borrowed, may be NULL */
};

/** Copies; numbers that are 0 get their defaults. */
struct cw_link_config *cw_link_config_new(const struct cw_link_settings *settings);

/** Connections from now on use `tls`, of which it takes a share. */
void cw_link_config_set_tls(struct cw_link_config *config, struct cw_tls *tls);

/** Frees and sets NULL. */
void cw_link_config_free(struct cw_link_config **config);

/** Index of the first listed name that `certificate` bears; `name_count` when there is none. */
size_t cw_link_config_name(const struct cw_link_config *config, struct x509_st *certificate);

/** Does `certificate` bear the listed name at `index`? */
bool cw_link_config_bears(const struct cw_link_config *config, struct x509_st *certificate,
                          size_t index);
