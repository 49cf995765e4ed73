#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check-tables.sh ROOT: the pages of docs/reference that show a table of the code say what it says.
# shellcheck disable=SC2016 # backquotes of Markdown
set -eu
cd "$1"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sed -nE 's/^ *X\([A-Z0-9_]+, "([a-z0-9_.]+)", ([A-Z]+)\).*/\1 \2/p' include/causeway/log.h |
    tr '[:upper:]' '[:lower:]' | sort >"$dir/events"
sed -nE 's/^\| `([a-z0-9_.]+)` \| ([a-z]+) \|.*/\1 \2/p' docs/reference/events.md | sort >"$dir/events.page"
sed -nE 's/^X\([A-Z0-9_]+, "([a-z0-9_]+)", ([A-Z]+), .*/causeway_\1 \2/p' include/causeway/metrics_table.h |
    tr '[:upper:]' '[:lower:]' | sort >"$dir/metrics"
sed -nE 's/^\| `(causeway_[a-z0-9_]+)` \| ([a-z]+) \|.*/\1 \2/p' docs/reference/metrics.md | sort >"$dir/metrics.page"
diff "$dir/events" "$dir/events.page"
diff "$dir/metrics" "$dir/metrics.page"
[ -s "$dir/events" ] && [ -s "$dir/metrics" ]
