#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [--short]: load figures through edge and gateway; see run.py --help.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bench/run.py --build build/release "$@"
