#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# stage.sh: sourced by ./check, which sets `wanted` (names of stages; none: all) and `list` (yes: only
# name the stages). Runs stages, counts what passed and what failed, keeps each log.
# A stage prints its own count as lines "PASS name" and "FAIL name"; a stage that prints none counts
# as one test by its exit code.
# shellcheck disable=SC2154 # `wanted` and `list` are given

passed=0
failed=0
stages=()
failures=()
log_dir=build/check

is_wanted() { # is_wanted NAME
    [ ${#wanted[@]} -eq 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]]
}

# stage NAME COMMAND...
stage() {
    local name=$1 log ok bad status=0 start=$SECONDS
    shift
    stages+=("$name")
    if [ "$list" = yes ]; then
        echo "$name"
        return
    fi
    is_wanted "$name" || return 0
    log=$log_dir/$name.log
    mkdir -p "$log_dir"
    printf '%-20s' "$name"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    ok=$(grep -c '^PASS ' "$log" || true)
    bad=$(grep -c '^FAIL ' "$log" || true)
    failures+=("${name} $(sed -n 's/^FAIL //p' "$log" | paste -sd ' ')")
    if [ "$((ok + bad))" -eq 0 ] && [ "$status" -eq 0 ]; then
        ok=1
    elif [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    printf '%4d passed %4d failed %5d s\n' "$ok" "$bad" "$((SECONDS - start))"
    if [ "$bad" -gt 0 ]; then
        grep -v '^PASS ' "$log" | tail -n 60 | sed 's/^/    | /' || true
    else
        unset 'failures[-1]'
    fi
}

# The last lines of ./check; its exit status.
stage_end() {
    local name
    [ "$list" = no ] || return 0
    for name in "${wanted[@]}"; do
        if [[ " ${stages[*]} " != *" $name "* ]]; then
            failures+=("$name: there is no such stage, see ./check --list")
            failed=$((failed + 1))
        fi
    done
    for name in "${failures[@]}"; do
        echo "FAILED: $name"
    done
    echo "logs: $log_dir, $((SECONDS / 60)) min $((SECONDS % 60)) s"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
