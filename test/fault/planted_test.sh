#!/bin/bash
# The tests can fail: each program build/test/planted_N_x_test was built against a library with a
# bug planted in it and must find it, by its own word and not by falling over.
set -u
programs=$(dirname "$WHEREABOUTS")/test
output=$(mktemp)
trap 'rm -f "$output"' EXIT
tried=0
missed=0

for program in "$programs"/planted_*_test; do
    [ -x "$program" ] || continue
    name=$(basename "$program")
    tried=$((tried + 1))
    timeout 100 "$program" >"$output" 2>&1
    status=$?
    if [ "$status" -eq 0 ] || [ "$status" -ge 124 ] || ! grep -q 'FAILED' "$output"; then
        echo "$name did not find its bug (exit status $status):"
        tail -20 "$output"
        missed=$((missed + 1))
    else
        echo "$name found its bug:"
        grep -m 1 -A 3 'ERROR' "$output"
    fi
done

if [ "$tried" -eq 0 ]; then
    echo "skipped: no library with a planted bug was built"
    exit 77
fi
[ "$missed" -eq 0 ]
