#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check-vectors.sh ROOT: each conformance case, by number, stands in a file of tests/vectors, and
# what is left out is what the lists of ctest name.
set -eu
cd "$1"
missing=$(
    while read -r area count; do
        for number in $(seq -w 1 "$count"); do
            id=$(printf '%s-V%02d' "$area" "${number#0}")
            grep -qE "^- id: $id\$" tests/vectors/*.yaml || printf '%s ' "$id"
        done
    done <<'AREAS'
ADDR 40
MSG 34
CT 5
RCPT 5
PRES 16
SUB 23
ERR 5
STREAM 21
CERT 5
CONF 3
COMP 1
IQ 4
PUB 1
SESS 1
GC 1
AREAS
)
if [ -n "$missing" ]; then
    echo "cases that no file has: $missing" >&2
    exit 1
fi
