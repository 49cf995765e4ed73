/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics_registry.h"

#include <causeway/clock.h>
#include <causeway/metrics.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

_Static_assert(CW_METRIC_MAX_LABELS == CW_REGISTRY_LABELS, "the contract and the registry differ");

struct row {
    const char *name;
    const char *labels;
    const char *buckets;
    const char *help;
    enum cw_metric_type type;
};

/* clang-format off */
static const struct row ROWS[CW_METRICS] = {
#define X(id, name, type, labels, buckets, help) \
    [CW_METRIC_##id] = {"causeway_" name, labels, buckets, help, CW_METRIC_##type},
#include <causeway/metrics_table.h>
#undef X
};
/* clang-format on */

static unsigned split(const char *text, struct cw_bytes *words, unsigned most)
{
    unsigned count = 0;
    while (*text != '\0') {
        const size_t len = strcspn(text, " ");
        if (count == most) {
            abort(); /* a row of the table has outgrown its limit */
        }
        words[count++] = (struct cw_bytes){text, len};
        text += len;
        text += strspn(text, " ");
    }
    return count;
}

static void family_init(struct cw_metric_family *family, const struct row *row)
{
    family->name = row->name;
    family->help = row->help;
    family->type = row->type;
    family->label_count = split(row->labels, family->labels, CW_REGISTRY_LABELS);
    family->bucket_count = split(row->buckets, family->bounds, CW_REGISTRY_BUCKETS);
    for (unsigned i = 0; i < family->bucket_count; i++) {
        family->limits[i] = strtod(family->bounds[i].base, NULL);
    }
}

static size_t hash_of(const struct cw_metric_family *family, const char *const *values)
{
    uint64_t hash = 14695981039346656037U ^ (uintptr_t)family; /* FNV-1a */
    for (unsigned i = 0; i < family->label_count; i++) {
        const char *at = values[i];
        do {
            hash = (hash ^ (unsigned char)*at) * 1099511628211U;
        } while (*at++ != '\0');
    }
    return (size_t)((hash ^ (hash >> 32)) % CW_REGISTRY_INDEX);
}

static bool same_values(const struct cw_metric_child *child, const char *const *values)
{
    for (unsigned i = 0; i < child->family->label_count; i++) {
        if (strcmp(child->values[i], values[i]) != 0) {
            return false;
        }
    }
    return true;
}

static struct cw_metric_child *find(struct cw_metric_child *child,
                                    const struct cw_metric_family *family,
                                    const char *const *values)
{
    while (child != NULL && (child->family != family || !same_values(child, values))) {
        child = child->same_hash;
    }
    return child;
}

static char *copy(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *made = malloc(size);
    if (made == NULL) {
        abort();
    }
    return memcpy(made, text, size);
}

static struct cw_metric_child *child_new(struct cw_metric_family *family, const char *const *values)
{
    struct cw_metric_child *child = calloc(1, sizeof(*child));
    if (child == NULL) {
        abort();
    }
    child->family = family;
    for (unsigned i = 0; i < family->label_count; i++) {
        child->values[i] = copy(values[i]);
    }
    if (family->last == NULL) {
        family->first = child;
    } else {
        family->last->next = child;
    }
    family->last = child;
    return child;
}

static void set_build_info(struct cw_metrics *metrics, const char *role)
{
    CW_METRIC_SET(metrics, BUILD_INFO, 1.0, CAUSEWAY_VERSION, CAUSEWAY_REVISION, role,
                  OpenSSL_version(OPENSSL_VERSION_STRING), uv_version_string(),
                  CAUSEWAY_LIBSTROPHE_VERSION, CAUSEWAY_SOFIA_VERSION, CAUSEWAY_LIBXML2_VERSION);
}

struct cw_metrics *cw_metrics_new(const char *role)
{
    struct cw_metrics *metrics = calloc(1, sizeof(*metrics));
    if (metrics == NULL) {
        abort();
    }
    metrics->family_count = CW_METRICS;
    metrics->families = calloc(CW_METRICS, sizeof(*metrics->families));
    if (metrics->families == NULL) {
        abort();
    }
    for (unsigned i = 0; i < CW_METRICS; i++) {
        family_init(&metrics->families[i], &ROWS[i]);
    }
    metrics->start_wall_ms = cw_clock_wall_ms();
    set_build_info(metrics, role);
    CW_METRIC_SET(metrics, START_TIME_SECONDS, (double)metrics->start_wall_ms / 1e3, NULL);
    CW_METRIC_SET(metrics, READY, 0.0, NULL);
    CW_METRIC_SET(metrics, DRAINING, 0.0, NULL);
    return metrics;
}

void cw_metrics_free(struct cw_metrics **metrics)
{
    if (*metrics == NULL) {
        return;
    }
    for (unsigned i = 0; i < CW_METRICS; i++) {
        struct cw_metric_child *child = (*metrics)->families[i].first;
        while (child != NULL) {
            struct cw_metric_child *next = child->next;
            for (unsigned v = 0; v < child->family->label_count; v++) {
                free(child->values[v]);
            }
            free(child);
            child = next;
        }
    }
    free((*metrics)->families);
    free(*metrics);
    *metrics = NULL;
}

struct cw_metric_child *cw_metrics_child(struct cw_metrics *metrics, enum cw_metric metric,
                                         const char *const *values)
{
    struct cw_metric_family *family = &metrics->families[metric];
    struct cw_metric_child **slot = &metrics->index[hash_of(family, values)];
    struct cw_metric_child *child = find(*slot, family, values);
    if (child == NULL) {
        child = child_new(family, values);
        child->same_hash = *slot;
        *slot = child;
    }
    return child;
}

void cw_metric_add(struct cw_metric_child *child, double amount)
{
    child->value += amount;
}

void cw_metric_set(struct cw_metric_child *child, double value)
{
    child->value = value;
}

void cw_metric_observe(struct cw_metric_child *child, double value)
{
    child->value += value;
    child->count++;
    for (unsigned i = 0; i < child->family->bucket_count; i++) {
        if (value <= child->family->limits[i]) {
            child->buckets[i]++;
            return;
        }
    }
}

void cw_metrics_set_log(struct cw_metrics *metrics, const struct cw_log *log)
{
    metrics->log = log;
}

double cw_metrics_value(const struct cw_metrics *metrics, enum cw_metric metric,
                        const char *const *values)
{
    const struct cw_metric_family *family = &metrics->families[metric];
    const struct cw_metric_child *child =
        find(metrics->index[hash_of(family, values)], family, values);
    if (child == NULL) {
        return 0.0;
    }
    return family->type == CW_METRIC_HISTOGRAM ? (double)child->count : child->value;
}
