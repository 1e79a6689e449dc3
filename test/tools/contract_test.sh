#!/bin/bash
# tools/contract can fail: each planted gap is found, and what is whole passes.
set -euo pipefail
source_dir=${WB_SOURCE_DIR:?}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"

check() { "$source_dir/tools/contract" rights.def openapi.json >said 2>&1; }
must_pass() { check || { echo "what is whole was refused:"; cat said; exit 1; }; }
must_fail() { # SENTENCE
    if check; then echo "not found: $1"; exit 1; fi
    grep -qF "$1" said || { echo "wanted: $1"; cat said; exit 1; }
}
whole() {
    cat >rights.def <<'TABLE'
/* A row an endpoint. */
RIGHT(GET,    "/v1/now",   now_get,   QUESTION, NO,  NO,  SCOPED, SCOPED, YES)
RIGHT(POST,   "/v1/scans", scans_post,CHANGE,   NO,  OWN, NO,     NO,     YES)
RIGHT(GET,    "/{F}",      page_get,  PLAIN,    YES, YES, YES,    YES,    YES)
TABLE
    cat >openapi.json <<'DOCUMENT'
{
    "operations": {
        "now_get": {
            "summary": "Who is where",
            "responses": {
                "200": {"description": "All.", "content": {"application/json": {"schema": {"type": "object"}}}}
            }
        },
        "scans_post": {
            "summary": "Scans",
            "requestBody": {
                "content": {
                    "text/csv": {"schema": {"type": "string"}},
                    "application/json": {
                        "schema": {"type": "object"}
                    }
                }
            },
            "responses": {
                "204": {"description": "Taken."}
            }
        }
    },
    "components": {
        "not_an_operation": {
        }
    }
}
DOCUMENT
}

whole
must_pass
echo 'RIGHT(PUT,    "/v1/plan",  plan_put,  CHANGE,   NO,  NO,  NO,     NO,     YES)' >>rights.def
must_fail 'rights.def:5: plan_put is not described in the document'
whole
sed -i '/scans_post/d' rights.def
must_fail 'openapi.json:9: scans_post is no row of the table'
whole
sed -i 's/"summary": "Scans"/"summary": ""/' openapi.json
must_fail 'openapi.json:9: scans_post has no summary'
whole
sed -i 's/"204": /"409": /' openapi.json
must_fail 'scans_post has no answer 2xx'
whole
sed -i 's/{"schema": {"type": "string"}}/{}/' openapi.json
must_fail 'scans_post has content without a schema'
whole
sed -i 's/^ *"schema": {"type": "object"}$/"example": 1/' openapi.json
must_fail 'scans_post has content without a schema'
: >rights.def
must_fail "nothing to check"
