#!/bin/bash
# What a request's head and body must be, over raw sockets, in the clear and under TLS.
for needed in python3 openssl; do
    command -v $needed >/dev/null || { echo "skipped: $needed is not here"; exit 77; }
done
cd "$(dirname "$0")" && exec python3 -B -W ignore::ResourceWarning guard_test.py
