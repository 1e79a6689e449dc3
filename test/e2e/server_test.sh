#!/bin/bash
# The server as readers, programs and pages use it.
command -v python3 >/dev/null || { echo "skipped: python3 is not here"; exit 77; }
cd "$(dirname "$0")" && exec python3 -B -W ignore::ResourceWarning server_test.py
