#!/bin/bash
# What each role, with each kind of limit, is told by the stream.
command -v python3 >/dev/null || { echo "skipped: python3 is not here"; exit 77; }
cd "$(dirname "$0")" && exec python3 -B -W ignore::ResourceWarning stream_rights_test.py
