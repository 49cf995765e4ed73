/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Metrics: one table of names (causeway/metrics_table.h), values by label sets, Prometheus text
 * out. Label values come from closed sets or from configuration, never from the wire.
 */

#include <causeway/bytes.h>
#include <stdint.h>

/** The metrics of OPERATOR.md 2.4 that exist; the table gives type, help, labels and buckets. */
enum cw_metric {
#define X(id, name, type, labels, buckets, help) CW_METRIC_##id,
#include <causeway/metrics_table.h>
#undef X
    CW_METRICS
};

#define CW_METRIC_MAX_LABELS 8u

struct cw_log;
struct cw_metrics;

/** An empty registry. `role`: "gateway" or "edge", for build_info. */
struct cw_metrics *cw_metrics_new(const char *role);

/** Frees and sets NULL. */
void cw_metrics_free(struct cw_metrics **metrics);

/**
 * One child of a metric, by its label values in the table's order (NUL-terminated, copied); made at
 * 0 when it is new. Keep the pointer where the path is hot: it lives as long as the registry.
 */
struct cw_metric_child *cw_metrics_child(struct cw_metrics *metrics, enum cw_metric metric,
                                         const char *const *values);

/** Adds to a counter or gauge. */
void cw_metric_add(struct cw_metric_child *child, double amount);

/** Sets a gauge. */
void cw_metric_set(struct cw_metric_child *child, double value);

/** One observation of a histogram, in its unit (seconds). */
void cw_metric_observe(struct cw_metric_child *child, double value);

/** cw_metrics_child() and add 1: CW_METRIC_INC(m, SIP_REQUESTS_TOTAL, "in", "MESSAGE", "tcp").
 * A metric without labels takes NULL in their place: CW_METRIC_SET(m, READY, 1.0, NULL). */
#define CW_METRIC_INC(metrics, id, ...)                                                            \
    cw_metric_add(cw_metrics_child((metrics), CW_METRIC_##id, (const char *const[]){__VA_ARGS__}), \
                  1.0)

/** cw_metrics_child() and set. */
#define CW_METRIC_SET(metrics, id, value, ...)                                                     \
    cw_metric_set(cw_metrics_child((metrics), CW_METRIC_##id, (const char *const[]){__VA_ARGS__}), \
                  (value))

/** Current value, 0 if the child does not exist; for tests and status. */
double cw_metrics_value(const struct cw_metrics *metrics, enum cw_metric metric,
                        const char *const *values);

/**
 * From now on the text also tells what `log` has written and withheld (log_messages_total,
 * log_suppressed_total). The log is borrowed and outlives the registry; NULL ends it.
 */
void cw_metrics_set_log(struct cw_metrics *metrics, const struct cw_log *log);

/**
 * Text exposition format 0.0.4 of everything, process_* included.
 * @return malloc'ed text of `*len` octets, the caller frees
 */
char *cw_metrics_text(struct cw_metrics *metrics, size_t *len);
