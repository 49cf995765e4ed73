#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ctest-stage.sh PRESET: runs ctest and prints a PASS or FAIL line for each test.
set -euo pipefail
status=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
ctest --preset "$1" -j "$(nproc)" >"$out" 2>&1 || status=$?
grep -vE '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test +#.* Passed )' "$out" || true
sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: ([^ ]+) .* Passed .*/PASS \1/p' "$out"
sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: ([^ ]+) .*\*\*\*.*/FAIL \1/p' "$out"
exit "$status"
