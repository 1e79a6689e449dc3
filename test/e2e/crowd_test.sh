#!/bin/bash
# Ten thousand sockets, slow and hostile, beside readers that go on posting.
for needed in python3 openssl; do
    command -v $needed >/dev/null || { echo "skipped: $needed is not here"; exit 77; }
done
cd "$(dirname "$0")" && exec python3 -B -W ignore::ResourceWarning crowd_test.py
