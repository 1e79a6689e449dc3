#!/bin/bash
# planted_test.sh NUMBER PROGRAM: a test program that was built against a library with a planted
# bug must find it: fail by its own word, not by falling over.
set -u
number=$1
program=$2
output=$(mktemp)
trap 'rm -f "$output"' EXIT

"$program" >"$output" 2>&1
status=$?
if [ "$status" -eq 0 ]; then
    echo "bug $number is in the library and $(basename "$program") did not find it"
    tail -20 "$output"
    exit 1
fi
if ! grep -q 'FAILED' "$output" || [ "$status" -ge 126 ]; then
    echo "bug $number: $(basename "$program") ended with status $status without naming a failure"
    tail -40 "$output"
    exit 1
fi
echo "bug $number was found:"
grep -m 3 -A 3 'ERROR\|FAILED' "$output"
exit 0
