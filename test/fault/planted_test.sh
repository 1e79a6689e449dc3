#!/bin/bash
# The tests can fail: each program build/test/planted_N_x_test was built against a library with a
# bug planted in it and must find it: by its own word, or by an assertion of the library.
set -u
word='\[  FAILED  \]|To see it again|Assertion .* failed'
unset WB_FAULT_THIN
programs=$(dirname "$WHEREABOUTS")/test
output=$(mktemp)
trap 'rm -f "$output"' EXIT
tried=0
missed=0

for program in "$programs"/planted_*_test; do
    [ -x "$program" ] || continue
    name=$(basename "$program")
    tried=$((tried + 1))
    { timeout 100 "$program"; } >"$output" 2>&1
    status=$?
    if [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && grep -qE "$word" "$output"; then
        echo "$name found its bug:"
        grep -m 1 -E 'ERROR|Assertion|expected|verify: status' "$output" || tail -3 "$output"
    else
        echo "$name did not find its bug (exit status $status):"
        tail -20 "$output"
        missed=$((missed + 1))
    fi
done

if [ "$tried" -eq 0 ]; then
    echo "skipped: no library with a planted bug was built"
    exit 77
fi
[ "$missed" -eq 0 ]
