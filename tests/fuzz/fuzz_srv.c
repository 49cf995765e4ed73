/* SPDX-License-Identifier: Apache-2.0 */
#include "srv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name that was read can be looked up: host-name octets, no empty label, no dot at an end. */
static void check_name(const char *name)
{
    const size_t len = strnlen(name, CW_SRV_NAME_SIZE);

    if (len == CW_SRV_NAME_SIZE || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != len ||
        strstr(name, "..") != NULL || (len > 0 && (name[0] == '.' || name[len - 1] == '.'))) {
        abort();
    }
}

/* The input is an answer: each record behind one octet of length. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_srv_answer answer = {.status = CW_DNS_FOUND};
    const struct cw_srv_answer none = {.status = CW_DNS_NONE};
    struct cw_srv_plan plan = {0};
    uint64_t seed = size;

    for (size_t at = 0; at < size && answer.count < CW_SRV_MAX_RECORDS;) {
        const size_t len = data[at] < size - at - 1 ? data[at] : size - at - 1;
        const struct cw_bytes record = {(const char *)data + at + 1, len};

        if (cw_srv_read(record, &answer.records[answer.count]) == CW_OK) {
            check_name(answer.records[answer.count++].target);
        }
        at += len + 1;
    }
    if (cw_srv_decide(&answer, &none, &seed, &plan) == CW_SRV_USE) {
        for (size_t i = 1; i < plan.count; i++) {
            if (plan.targets[i].priority < plan.targets[i - 1].priority) {
                abort();
            }
        }
    }
    return 0;
}
