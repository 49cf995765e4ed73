/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What metrics.c keeps and metrics_text.c prints.
 */

#include <causeway/bytes.h>
#include <stdint.h>

#define CW_REGISTRY_LABELS  8u
#define CW_REGISTRY_BUCKETS 16u
#define CW_REGISTRY_INDEX   1024u

enum cw_metric_type { CW_METRIC_COUNTER, CW_METRIC_GAUGE, CW_METRIC_HISTOGRAM };

/** One row of metrics_table.h, its lists taken apart. */
struct cw_metric_family {
    const char *name;
    const char *help;
    enum cw_metric_type type;
    unsigned label_count;
    unsigned bucket_count;
    struct cw_bytes labels[CW_REGISTRY_LABELS];
    struct cw_bytes bounds[CW_REGISTRY_BUCKETS]; /**< as written in the table */
    double limits[CW_REGISTRY_BUCKETS];          /**< the same as numbers, rising */
    struct cw_metric_child *first;
    struct cw_metric_child *last;
};

struct cw_metric_child {
    struct cw_metric_family *family;
    struct cw_metric_child *next;      /**< of the family, in order of making */
    struct cw_metric_child *same_hash; /**< of the registry's index */
    double value;                      /**< of a histogram: the sum */
    uint64_t count;
    uint64_t buckets[CW_REGISTRY_BUCKETS]; /**< not cumulated */
    char *values[CW_REGISTRY_LABELS];
};

struct cw_log;

struct cw_metrics {
    const struct cw_log *log;
    unsigned family_count;
    struct cw_metric_family *families; /**< in the order of the table */
    struct cw_metric_child *index[CW_REGISTRY_INDEX];
    int64_t start_wall_ms;
};
