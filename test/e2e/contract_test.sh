#!/bin/bash
# The server against its own OpenAPI document: random requests, right and wrong (test/openapi).
command -v python3 >/dev/null || { echo "skipped: python3 is not here"; exit 77; }
python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null ||
    { echo "skipped: python3-jsonschema is not here"; exit 77; }
cd "$(dirname "$0")/../openapi" && exec python3 -B -W ignore::ResourceWarning contract_test.py
