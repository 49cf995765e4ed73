/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics_registry.h"

#include <causeway/log.h>
#include <causeway/metrics.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MAX_STAT_LEN = 1024, NUMBER_SIZE = 32 };

static const char *const TYPE_WORD[] = {
    [CW_METRIC_COUNTER] = "counter",
    [CW_METRIC_GAUGE] = "gauge",
    [CW_METRIC_HISTOGRAM] = "histogram",
};

/* The shortest form that reads back as the same number. */
static const char *number(double value, char out[NUMBER_SIZE])
{
    (void)snprintf(out, NUMBER_SIZE, "%.15g", value);
    if (strtod(out, NULL) < value || strtod(out, NULL) > value) {
        (void)snprintf(out, NUMBER_SIZE, "%.17g", value);
    }
    return out;
}

static void put_value(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            (void)fputs("\\n", out);
        } else {
            if (*text == '\\' || *text == '"') {
                (void)fputc('\\', out);
            }
            (void)fputc(*text, out);
        }
    }
}

/** {a="x",le="0.1"}; nothing at all without labels. `le` may be absent. */
static void put_labels(FILE *out, const struct cw_metric_child *child, struct cw_bytes le)
{
    const struct cw_metric_family *family = child->family;
    if (family->label_count == 0 && le.base == NULL) {
        return;
    }
    (void)fputc('{', out);
    for (unsigned i = 0; i < family->label_count; i++) {
        (void)fprintf(out, "%s" CW_FMT "=\"", i == 0 ? "" : ",", CW_ARG(family->labels[i]));
        put_value(out, child->values[i]);
        (void)fputc('"', out);
    }
    if (le.base != NULL) {
        (void)fprintf(out, "%sle=\"" CW_FMT "\"", family->label_count == 0 ? "" : ",", CW_ARG(le));
    }
    (void)fputc('}', out);
}

static void put_histogram(FILE *out, const struct cw_metric_child *child)
{
    const struct cw_metric_family *family = child->family;
    char text[NUMBER_SIZE];
    uint64_t below = 0;
    for (unsigned i = 0; i < family->bucket_count; i++) {
        below += child->buckets[i];
        (void)fprintf(out, "%s_bucket", family->name);
        put_labels(out, child, family->bounds[i]);
        (void)fprintf(out, " %llu\n", (unsigned long long)below);
    }
    (void)fprintf(out, "%s_bucket", family->name);
    put_labels(out, child, CW_LIT("+Inf"));
    (void)fprintf(out, " %llu\n%s_sum", (unsigned long long)child->count, family->name);
    put_labels(out, child, (struct cw_bytes){NULL, 0});
    (void)fprintf(out, " %s\n%s_count", number(child->value, text), family->name);
    put_labels(out, child, (struct cw_bytes){NULL, 0});
    (void)fprintf(out, " %llu\n", (unsigned long long)child->count);
}

static void put_family(FILE *out, const struct cw_metric_family *family)
{
    if (family->first == NULL) {
        return;
    }
    char text[NUMBER_SIZE];
    (void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
                  TYPE_WORD[family->type]);
    for (const struct cw_metric_child *child = family->first; child != NULL; child = child->next) {
        if (family->type == CW_METRIC_HISTOGRAM) {
            put_histogram(out, child);
            continue;
        }
        (void)fputs(family->name, out);
        put_labels(out, child, (struct cw_bytes){NULL, 0});
        (void)fprintf(out, " %s\n", number(child->value, text));
    }
}

static void put_plain(FILE *out, const char *name, const char *type, const char *help, double value)
{
    char text[NUMBER_SIZE];
    (void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n%s %s\n", name, help, name, type, name,
                  number(value, text));
}

/* Virtual size in bytes and resident pages: fields 23 and 24 of /proc/self/stat; the second field
 * may hold blanks, so counting starts behind its bracket. */
static void put_memory(FILE *out)
{
    char stat[MAX_STAT_LEN];
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL) {
        return;
    }
    const size_t len = fread(stat, 1, sizeof(stat) - 1, file);
    (void)fclose(file);
    stat[len] = '\0';
    const char *at = strrchr(stat, ')');
    for (unsigned field = 2; at != NULL && field < 23; field++) {
        at = strchr(at + 1, ' ');
    }
    if (at == NULL) {
        return;
    }
    char *end = NULL;
    const unsigned long long virtual_bytes = strtoull(at, &end, 10);
    const unsigned long long resident_pages = strtoull(end, NULL, 10);
    put_plain(out, "process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.",
              (double)virtual_bytes);
    put_plain(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
              (double)resident_pages * (double)sysconf(_SC_PAGESIZE));
}

static void put_descriptors(FILE *out)
{
    struct rlimit limit;
    DIR *folder = opendir("/proc/self/fd");
    if (folder != NULL) {
        unsigned count = 0;
        while (readdir(folder) != NULL) { // NOLINT(concurrency-mt-unsafe): the stream is ours alone
            count++;
        }
        (void)closedir(folder);
        const unsigned not_counted = 3; /* ".", ".." and the folder itself */
        put_plain(out, "process_open_fds", "gauge", "Number of open file descriptors.",
                  count > not_counted ? (double)(count - not_counted) : 0.0);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        put_plain(out, "process_max_fds", "gauge", "Maximum number of open file descriptors.",
                  (double)limit.rlim_cur);
    }
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void put_process(FILE *out, const struct cw_metrics *metrics)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        put_plain(out, "process_cpu_seconds_total", "counter",
                  "Total user and system CPU time spent in seconds.",
                  seconds(usage.ru_utime) + seconds(usage.ru_stime));
    }
    put_memory(out);
    put_descriptors(out);
    put_plain(out, "process_start_time_seconds", "gauge",
              "Start time of the process since unix epoch in seconds.",
              (double)metrics->start_wall_ms / 1e3);
}

/* The log counts by itself; its numbers are fetched when somebody looks. */
static void take_log(struct cw_metrics *metrics)
{
    for (unsigned i = 0; metrics->log != NULL && i < CW_LOG_LEVELS; i++) {
        CW_METRIC_SET(metrics, LOG_MESSAGES_TOTAL,
                      (double)cw_log_count(metrics->log, (enum cw_log_level)i),
                      cw_log_level_word((enum cw_log_level)i));
    }
    for (unsigned i = 0; metrics->log != NULL && i < CW_LOG_EVENTS; i++) {
        const uint64_t count = cw_log_suppressed(metrics->log, (enum cw_log_event)i);
        if (count > 0) {
            CW_METRIC_SET(metrics, LOG_SUPPRESSED_TOTAL, (double)count,
                          cw_log_event_text((enum cw_log_event)i));
        }
    }
}

char *cw_metrics_text(struct cw_metrics *metrics, size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    if (out == NULL) {
        abort();
    }
    take_log(metrics);
    for (unsigned i = 0; i < metrics->family_count; i++) {
        put_family(out, &metrics->families[i]);
    }
    put_process(out, metrics);
    if (fclose(out) != 0) {
        abort();
    }
    return text;
}
