#!/bin/bash
# tools/banned can fail: planted calls are found; comments, strings and members are not.
set -euo pipefail
source_dir=${WB_SOURCE_DIR:?}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
mkdir -p src/presence src/tool

check() { "$source_dir/tools/banned" "$@" >said 2>&1; }
must_pass() {
    check "$@" || { echo "was refused:"; cat said; exit 1; }
}
must_fail() { # WHAT FILE
    if check "$2"; then echo "not found: $1"; exit 1; fi
    grep -qF "$1" said || { echo "wanted: $1"; cat said; exit 1; }
}

cat >src/presence/fine.c <<'CODE'
/* strcpy(a, b) and time(NULL) are
 * only spoken of: sprintf(x) */
static const char text[] = "system(\"rm\") /* not a comment";
int f(void) { return snprintf(0, 0, "x") + shift_time(3) + clock.time(4) + at->exit(5); } // gets(
int g(char *s) { return atoi(s); } /* banned: atoi is fine here because this is a test */
CODE
must_pass src/presence/fine.c
for call in strcpy strcat sprintf strncpy strtok atoi gmtime localtime rand gets scanf system; do
    printf 'int f(void)\n{\n    return %s (1);\n}\n' "$call" >src/tool/bad.c
    must_fail "src/tool/bad.c:3: $call is banned" src/tool/bad.c
done
for call in time clock_gettime getrandom printf exit getenv; do
    printf 'int f(void) { return %s(1); }\n' "$call" >src/presence/bad.c
    must_fail "src/presence/bad.c:1: $call is banned" src/presence/bad.c
    printf 'int f(void) { return %s(1); }\n' "$call" >src/tool/edge.c
    must_pass src/tool/edge.c
done
printf '#define NDEBUG\n' >src/tool/bad.c
must_fail 'NDEBUG is banned' src/tool/bad.c
echo "banned: every planted call was found"
