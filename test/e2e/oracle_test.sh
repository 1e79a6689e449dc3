#!/bin/bash
# Invented sites by the command line, held against an oracle written from the contract's words.
#
# usage: oracle_test.sh [SEED [SITES]]
set -euo pipefail
command -v python3 >/dev/null || { echo "skipped: python3 is not here"; exit 77; }
cd "$(dirname "$0")" && exec python3 -B oracle_test.py "$@"
