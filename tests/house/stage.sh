#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# stage.sh: sourced by ./check. Runs stages, counts what passed and what failed, keeps each log.
# A stage prints its own count as lines "PASS name" and "FAIL name"; a stage that prints none counts
# as one test by its exit code.

passed=0
failed=0
log_dir=build/check

# stage NAME COMMAND...
stage() {
    local name=$1 log ok bad status start=$SECONDS
    shift
    log=$log_dir/$name.log
    printf '%-28s' "$name"
    status=0
    "$@" >"$log" 2>&1 </dev/null || status=$?
    ok=$(grep -c '^PASS ' "$log" || true)
    bad=$(grep -c '^FAIL ' "$log" || true)
    if [ "$((ok + bad))" -eq 0 ]; then
        if [ "$status" -eq 0 ]; then ok=1; else bad=1; fi
    elif [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    printf '%4d passed %4d failed %5d s\n' "$ok" "$bad" "$((SECONDS - start))"
    if [ "$bad" -gt 0 ]; then
        grep '^FAIL ' "$log" | head -n 20 || true
        tail -n 60 "$log" | sed 's/^/    | /'
    fi
}
