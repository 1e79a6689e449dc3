#!/bin/bash
# tools/layers can fail: each planted include is found, and the clean tree passes.
set -euo pipefail
source_dir=${WB_SOURCE_DIR:?}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
mkdir -p src/history/block src/store src/engine src/gossip
cat >src/LAYERS <<'TABLE'
base
history  base
store    base   <sqlite3.h>
engine   base history store whereabouts.h
TABLE

check() { "$source_dir/tools/layers" src/LAYERS "$@" >said 2>&1; }
must_pass() {
    check "$@" || { echo "a clean tree was refused:"; cat said; exit 1; }
}
must_fail() { # SENTENCE FILE...
    local sentence=$1
    shift
    if check "$@"; then echo "not found: $sentence"; exit 1; fi
    grep -qF "$sentence" said || { echo "wanted: $sentence"; cat said; exit 1; }
}

printf '#include "base/bits.h"\n#include "history/stay.h"\n#include "whereabouts/types.h"\n' >src/history/stay.c
printf '#include <sqlite3.h>\n' >src/store/file.c
printf '#include "whereabouts.h"\n#include "store/file.h"\n' >src/engine/turn.c
must_pass src/history/stay.c src/store/file.c src/engine/turn.c

printf '#include "store/file.h"\n' >src/history/side.c
must_fail 'src/history/side.c:1: history may not include store/file.h' src/history/side.c
printf '\n  #  include "store/file.h"\n' >src/history/block/deep.c
must_fail 'src/history/block/deep.c:2: history may not include store/file.h' src/history/block/deep.c
printf '#include "../store/file.h"\n' >src/history/up.c
must_fail 'history may not include ../store/file.h' src/history/up.c
printf '#include <sqlite3.h>\n' >src/history/sql.c
must_fail 'history may not include <sqlite3.h>, only store may' src/history/sql.c
printf '#include "whereabouts.h"\n' >src/store/door.c
must_fail 'store may not include whereabouts.h' src/store/door.c
printf '#include <whereabouts.h>\n' >src/store/angle.c
must_fail 'in angle brackets' src/store/angle.c
printf '\n' >src/gossip/x.c
must_fail 'folder is not in src/LAYERS' src/gossip/x.c
must_fail 'history may not include store/file.h' "$room/src/history/side.c"
printf 'base  history\nhistory\n' >src/LAYERS
must_fail 'base stands above history' src/store/file.c
echo "layers: every planted include was found"
