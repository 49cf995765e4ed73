/* SPDX-License-Identifier: Apache-2.0 */
#include "vector_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPS_MAX  32
#define REPORT_MAX 8192

struct tally {
    unsigned passed, failed, not_run;
    const char *expected[SKIPS_MAX]; /* cases that may be left out */
    bool seen[SKIPS_MAX];
    size_t expected_count;
};

/* Children that end without a word need one. */
static const char *manner_of(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status)) {
        (void)snprintf(text, size, "ended by signal %d", WTERMSIG(status));
    } else {
        (void)snprintf(text, size, "exit status %d", WEXITSTATUS(status));
    }
    return text;
}

_Noreturn static void play(const struct vector_driver *driver, const struct vector *vector)
{
    const char *unasked;

    driver->play(vector);
    unasked = vector_unasked(vector);
    if (unasked != NULL) {
        vector_fail("the driver does not know `%s`", unasked);
    }
    exit(0);
}

static void read_report(int from, char *report)
{
    size_t len = 0;
    ssize_t got;

    while ((got = read(from, report + len, REPORT_MAX - 1 - len)) > 0) {
        len += (size_t)got;
        if (len == REPORT_MAX - 1) {
            char rest[512];

            while (read(from, rest, sizeof(rest)) > 0) {
            }
            break;
        }
    }
    while (len > 0 && report[len - 1] == '\n') {
        len--;
    }
    report[len] = '\0';
}

/* A process of its own: what a case breaks, or leaves lying, is no business of the next. */
static bool play_apart(const struct vector_driver *driver, const struct vector *vector,
                       char *report)
{
    int ends[2];
    int status = 0;
    pid_t child;

    (void)fflush(stdout);
    if (pipe(ends) != 0 || (child = fork()) < 0) {
        abort();
    }
    if (child == 0) {
        (void)close(ends[0]);
        if (dup2(ends[1], STDOUT_FILENO) < 0 || dup2(ends[1], STDERR_FILENO) < 0) {
            abort();
        }
        play(driver, vector);
    }
    (void)close(ends[1]);
    read_report(ends[0], report);
    (void)close(ends[0]);
    if (waitpid(child, &status, 0) != child) {
        abort();
    }
    if (status != 0 && report[0] == '\0') {
        (void)manner_of(status, report, REPORT_MAX);
    }
    return status == 0;
}

static const struct vector_driver *find(const struct vector_driver *drivers, const char *name)
{
    while (drivers->name != NULL && strcmp(drivers->name, name) != 0) {
        drivers++;
    }
    return drivers->name == NULL ? NULL : drivers;
}

static void skip(struct tally *tally, const struct vector *vector)
{
    (void)printf("NOT RUN %s: %s\n", vector->id, vector->not_run);
    tally->not_run++;
    for (size_t i = 0; i < tally->expected_count; i++) {
        if (strcmp(tally->expected[i], vector->id) == 0) {
            tally->seen[i] = true;
            return;
        }
    }
    (void)printf("FAIL %s: it may not be left out\n", vector->id);
    tally->failed++;
}

static bool play_row(const struct vector_driver *drivers, const struct vector *vector)
{
    const struct vector_driver *driver = find(drivers, vector->run);
    char report[REPORT_MAX] = "nobody plays it";
    char row[32] = "";

    if (driver != NULL && play_apart(driver, vector, report)) {
        return true;
    }
    if (vector->row != 0) {
        (void)snprintf(row, sizeof(row), ", row %zu", vector->row);
    }
    (void)printf("FAIL %s (%s:%d%s): %s\n", vector->id, vector->path, vector->line, row, report);
    return false;
}

static void play_case(const struct vector_driver *drivers, const struct vector_file *file,
                      size_t index, struct tally *tally)
{
    struct vector vector = vector_at(file, index, 0);
    bool passed = true;

    if (vector.not_run != NULL) {
        skip(tally, &vector);
        return;
    }
    for (size_t row = vector.row_count == 0 ? 0 : 1; row <= vector.row_count; row++) {
        vector = vector_at(file, index, row);
        passed = play_row(drivers, &vector) && passed;
    }
    if (passed) {
        (void)printf("PASS %s\n", vector.id);
        tally->passed++;
    } else {
        tally->failed++;
    }
}

static void check_skips(struct tally *tally)
{
    for (size_t i = 0; i < tally->expected_count; i++) {
        if (!tally->seen[i]) {
            (void)printf("FAIL %s: it was to be left out, but was not\n", tally->expected[i]);
            tally->failed++;
        }
    }
}

int vector_main(int argc, char **argv, const struct vector_driver *drivers)
{
    struct tally tally = {0};
    int at = 1;

    for (; at + 1 < argc && strcmp(argv[at], "--not-run") == 0; at += 2) {
        if (tally.expected_count == SKIPS_MAX) {
            return 2;
        }
        tally.expected[tally.expected_count++] = argv[at + 1];
    }
    if (at == argc) {
        (void)fprintf(stderr, "usage: %s [--not-run ID]... FILE...\n", argv[0]);
        return 2;
    }
    for (; at < argc; at++) {
        struct vector_file *file = vector_file_read(argv[at]);

        for (size_t i = 0; i < vector_count(file); i++) {
            play_case(drivers, file, i, &tally);
        }
        vector_file_free(&file);
    }
    check_skips(&tally);
    (void)printf("%u passed, %u failed, %u not run\n", tally.passed, tally.failed, tally.not_run);
    return tally.failed == 0 ? 0 : 1;
}
