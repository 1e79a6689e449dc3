#!/bin/bash
# The server against its own OpenAPI document: random requests, right and wrong (test/openapi).
# Debian's python3-jsonschema is of /usr/bin/python3, which need not be the first in the path.
for python in python3 /usr/bin/python3; do
    if "$python" -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
        cd "$(dirname "$0")/../openapi" && exec "$python" -B -W ignore::ResourceWarning contract_test.py
    fi
done
echo "skipped: python3-jsonschema is not here"
exit 77
