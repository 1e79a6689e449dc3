#!/bin/bash
# tools/symbols can fail: a name that leaks, and one that is promised and not there.
set -euo pipefail
source_dir=${WB_SOURCE_DIR:?}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
cat >door.h <<'CODE'
#define WB_API __attribute__((visibility("default")))
/* WB_API int wb_spoken_of(void); */
WB_API int wb_open(int a,
                   int b);
WB_API const char *wb_name(void);
CODE
cat >body.c <<'CODE'
#include "door.h"
int list_push(void);
int list_push(void) { return 1; }
int wb_open(int a, int b) { return a + b + list_push(); }
const char *wb_name(void) { return "x"; }
CODE
library() { gcc -shared -fPIC "$@" -o libx.so body.c; }
must_fail() { # SENTENCE HEADER
    if "$source_dir/tools/symbols" "$2" libx.so >said 2>&1; then echo "not found: $1"; exit 1; fi
    grep -qF "$1" said || { echo "wanted: $1"; cat said; exit 1; }
}
library -fvisibility=hidden
"$source_dir/tools/symbols" door.h libx.so
library
must_fail 'list_push leaves the library' door.h
library -fvisibility=hidden
{ cat door.h; echo 'WB_API void wb_missing(void);'; } >wider.h
must_fail 'wb_missing is declared in wider.h, but is not there' wider.h
grep -v wb_name door.h >narrower.h
must_fail 'wb_name leaves the library' narrower.h
echo "symbols: every planted fault was found"
