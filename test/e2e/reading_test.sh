#!/bin/bash
# Long questions and exports beside the readers' scans.
command -v python3 >/dev/null || { echo "skipped: python3 is not here"; exit 77; }
cd "$(dirname "$0")" && exec python3 -B -W ignore::ResourceWarning reading_test.py
