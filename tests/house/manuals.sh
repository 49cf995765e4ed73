#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# manuals.sh: every manual page can be made; they are put into build/man.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p build/man
for page in docs/man/*.scd; do
    name=$(basename "$page" .scd)
    if scdoc <"$page" >"build/man/$name"; then
        echo "PASS man.$name"
    else
        echo "FAIL man.$name"
    fi
done
