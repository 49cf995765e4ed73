#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check-rules.sh ROOT: each rule tag of docs/reference/mapping.md (SUB-20, MSG-3 ...) that the code
# cites must stand in that document and in a test.
set -eu
cd "$1"
cite() { # cite PATH...: the tags found there, one a line
    grep -rhoE '\b(ARCH|ADDR|MSG|CT|RCPT|EXT|PRES|SUB|WINFO|PUB|RLS|IQ|ERR|SESS|GC|STREAM|COMP|STATE|SEC)-[0-9]+\b' "$@" 2>/dev/null | sort -u
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cite include translate proxy-link gateway edge >"$dir/code"
cite tests/unit tests/vectors/*.yaml tests/interop tests/fuzz tests/scenario >"$dir/tests"
cite docs/reference/mapping.md >"$dir/rules"
unknown=$(comm -23 "$dir/code" "$dir/rules")
untested=$(comm -23 "$dir/code" "$dir/tests")
if [ -n "$unknown$untested" ]; then
    echo "$unknown" | paste -sd ' ' | sed 's/^/not a rule: /'
    echo "$untested" | paste -sd ' ' | sed 's/^/cited in code, not in any test: /'
    exit 1
fi
