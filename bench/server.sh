#!/bin/bash
# usage: bench/server.sh BUILD DIR SECONDS
# The server under load from a second process on loopback, beside PostgreSQL taking the same single
# inserts by 64 connections (pgbench) in the same run. Prints a table. DIR is a folder to work in.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1 dir=$2 seconds=$3
warm=3 # seconds before single scans are measured: until then the logs of both grow
program=$build/whereabouts
load=$build/bench/load
data=$dir/server.db
server=

say() { printf 'bench: %s\n' "$*" >&2; }
ours() { "$program" --data "$data" "$@"; }

# start [COMMAND...]: sets $port and $server.
start() {
    "$@" "$program" --data "$data" serve --listen 127.0.0.1:0 --per-address 4000 >"$dir/out" 2>"$dir/log" &
    server=$!
    for _ in $(seq 200); do
        if grep -q listening "$dir/out"; then break; fi
        sleep 0.05
    done
    port=$(sed -n 's/^listening on .*://p' "$dir/out")
}

stop() {
    if [ -n "$server" ] && kill "$server" 2>/dev/null; then wait "$server" || true; fi
    server=
}
trap 'stop; "$root/bench/cluster.sh" stop "$dir/postgres" 2>/dev/null || true' EXIT

row() { # WHAT FLOOR < the line of load
    local rate half late last share
    IFS=$'\t' read -r rate half late last share
    printf '| %s | %s | %s | %s | %s | %s | %s %% |\n' "$1" "$2" "$rate" "$half" "$late" "$last" "$share"
}

new_site() { # FOLDER
    rm -f "$data" "$data"-*
    ours init --site "$1/site.json" >/dev/null
    ours import people "$1/people.csv" >/dev/null
    token=$(ours token add --role admin 2>/dev/null | grep -o 'wb_[A-Za-z0-9_-]*')
    readers=$(ours list readers --csv | tail -n +2 | cut -d, -f1 | paste -sd,)
}

many() { # of the simulated school; MODE and more
    "$load" "$@" --port "$port" --token "$token" --pid "$server" --readers "$readers" --people 5000 \
        --bands 'person:p%04u'
}

postgres_inserts() {
    local connection
    connection=$("$root/bench/cluster.sh" start "$dir/postgres" 1GB)
    PGOPTIONS='' psql -q "$connection" -c 'drop table if exists scans' -c \
        'create table scans (reader int, band int, at timestamptz, primary key (band, at, reader))' >/dev/null 2>&1
    cat >"$dir/insert.sql" <<'SQL'
\set reader random(1, 35)
\set band random(1, 5000)
insert into scans values (:reader, :band, clock_timestamp()) on conflict do nothing;
SQL
    pgbench -n -M prepared -c 64 -j 2 -T "$warm" -f "$dir/insert.sql" "$connection" >/dev/null 2>&1
    pgbench -n -M prepared -c 64 -j 2 -T "$seconds" -f "$dir/insert.sql" "$connection" 2>/dev/null |
        awk '/^latency average/ { average = $4 * 1000 } /^tps/ { printf "%.0f\t%.0f\t\t\t\n", $3, average }'
    "$root/bench/cluster.sh" stop "$dir/postgres"
}

# A file of ten million scans, if there is time for it ($3 at least 5).
history() {
    local work=$dir/w10
    if [ ! -f "$work.params" ]; then "$build/bench/prepare" 25000 10 "$work" >&2; fi
    data=$dir/w10.db
    if [ ! -f "$data" ]; then "$build/bench/ours" ingest --people 25000 --days 10 --workload "$work" --file "$data" >/dev/null; fi
    token=$(ours token add --role admin 2>/dev/null | grep -o 'wb_[A-Za-z0-9_-]*')
}

# Every reader declares that it is complete, as after a night at a site whose readers do.
declare_complete() { # TIME
    local all
    all="\"${site_readers//$'\n'/\": \"$1\", \"}\": \"$1\""
    printf '{"scans": [], "complete_until": {%s}}' "$all" |
        curl -sSf -o "$dir/declared" -H "Authorization: Bearer $token" \
            -H 'Content-Type: application/json' --data-binary @- "http://127.0.0.1:$port/v1/scans"
}

# 200 questions: a zone at a moment of the workload (bench/workload.h begins 2025-12-01).
questions() {
    local zones zone paths=
    zones=$(ours list zones --csv | tail -n +2 | cut -d, -f1)
    local first last
    first=$(date -u -d "${1}" +%s) last=$(date -u -d "${2}" +%s)
    for i in $(seq 200); do
        zone=$(shuf -n 1 --random-source=<(yes "$i") <<<"$zones")
        paths+=" /v1/at?zone=$zone&time=$(date -u -d "@$((first + (last - first) * i / 201))" +%Y-%m-%dT%H:%M:%SZ)"
    done
    printf '%s' "${paths# }"
}

# 10,000 people with two weeks of scans; 50 boards, 100 scans a second, and eight who ask about
# people, one after the other, a sign-in among them (a password's hash takes 64 MiB for itself).
memory() {
    local kept=$data all token readers
    data=$dir/memory.db
    rm -rf "$dir/town"
    "$program" simulate --people 10000 --days 14 --seed 1 --out "$dir/town" >/dev/null
    rm -f "$data" "$data"-*
    ours init --site "$dir/town/site.json" >/dev/null
    for what in people bands; do ours import "$what" "$dir/town/$what.csv" >/dev/null; done
    ours import scans --trust-learnt --complete "$dir/town/scans.csv" >/dev/null
    token=$(ours token add --role admin 2>/dev/null | grep -o 'wb_[A-Za-z0-9_-]*')
    readers=$(ours list readers --csv | tail -n +2 | cut -d, -f1 | paste -sd,)
    ours operator add bench --role admin <<<'a long enough password' >/dev/null 2>&1
    start
    all='/v1/now?counts=true /v1/people?q=bea%20oka /v1/people?q=clara%20van'
    for i in $(seq 1 97 9900); do
        printf -v person 'p%04d' "$i"
        all+=" /v1/people/$person /v1/people/$person/path?from=2025-03-24T00:00:00Z&until=2025-04-07T00:00:00Z"
        all+=" /v1/people/$person/with?from=2025-04-01T00:00:00Z&until=2025-04-02T00:00:00Z&min=12h /v1/now?person=$person"
    done
    "$load" board --port "$port" --token "$token" --connections 50 --seconds "$((seconds + 2))" \
        --readers "$readers" --people 9999 --bands 'person:p%04u' >"$dir/watched" &
    local boards=$!
    "$load" get --port "$port" --token "$token" --pid "$server" --connections 8 --seconds "$seconds" --path "$all" >"$dir/asked"
    curl -sSf -o "$dir/signed" -H 'Content-Type: application/json' -H 'Sec-Fetch-Site: same-origin' \
        --data '{"operator":"bench","password":"a long enough password"}' "http://127.0.0.1:$port/v1/session"
    local most share
    most=$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$server/status")
    share=$(awk '/^Pss:/ { print int($2 / 1024) }' "/proc/$server/smaps_rollup")
    wait "$boards"
    row "10,000 people, $(wc -l <"$dir/town/scans.csv") scans, 50 boards: people asked about; memory at most $most MiB, $share MiB after a sign-in" 'under 128 MiB' <"$dir/asked"
    stop
    data=$kept
}

# One export after the other, to nowhere: a line each, seconds and bytes.
exports() {
    while :; do
        curl -sSf -o /dev/null -w '%{time_total} %{size_download}\n' -H "Authorization: Bearer $token" \
            "http://127.0.0.1:$port/v1/scans" 2>/dev/null || return 0
    done
}

export_row() { # WHAT FLOOR SCANS < lines of exports
    awk -v what="$1" -v floor="$2" -v scans="$3" '
        { seconds += $1; count++ }
        END {
            if (count > 0) printf "| %s | %s | %.0f | | | | |\n", what, floor, scans * count / seconds
            else printf "| %s | %s | none came to its end | | | | |\n", what, floor
        }'
}

# Single scans beside exports of everything: who posts must not notice.
beside_exports() {
    local scans
    say "an export of ten million scans"
    scans=$(curl -sSf -H "Authorization: Bearer $token" "http://127.0.0.1:$port/v1/scans" | wc -l)
    exports >"$dir/exported" &
    local exporting=$!
    sleep "$seconds"
    kill "$exporting"
    wait "$exporting" 2>/dev/null || true
    export_row 'export of 10 million scans by GET /v1/scans, alone; scans' '' "$((scans - 1))" <"$dir/exported"
    say "single scans beside exports"
    exports >"$dir/exported" &
    exporting=$!
    sleep 0.5
    "$load" post --port "$port" --token "$token" --pid "$server" --connections 16 --seconds "$seconds" \
        --readers "$(paste -sd, <<<"$site_readers")" --people 24999 --bands 'person:p%u' |
        row 'single-scan POSTs, 16 connections, while exports of 10 million scans run' '99 % 50,000 us'
    kill "$exporting"
    wait "$exporting" 2>/dev/null || true
    export_row '... meanwhile the export; scans' '' "$((scans - 1))" <"$dir/exported"
}

head_of_table() {
    echo '| what | at least | a second | median us | 99 % us | longest us | of one core |'
    echo '|---|---|---|---|---|---|---|'
}

say "the simulated school"
"$program" simulate --people 5000 --days 1 --seed 1 --out "$dir/school" >/dev/null
new_site "$dir/school"
head_of_table

say "single inserts, PostgreSQL"
if command -v pgbench >/dev/null; then
    postgres_inserts | row 'PostgreSQL, single inserts, 64 connections' ''
fi
say "single scans"
start
many post --connections 64 --seconds "$warm" >/dev/null
many post --connections 64 --seconds "$seconds" | row 'single-scan POSTs, 64 connections' '40,000 and 4 times PostgreSQL; 99 % 10,000 us'
say "scans by the hundred"
many post --connections 16 --batch 100 --seconds "$seconds" | row 'POSTs of 100 scans, 16 connections' '4,000 (400,000 scans)'
say "boards"
many board --connections 1000 --seconds "$seconds" | row '1,000 open boards, 100 scans a second; until the move is there' '99 % 250,000 us; 50 % of a core'
stop

say "memory"
memory

say "a slow disk"
start env LD_PRELOAD="$build/bench/slow_disk.so" SLOW_DISK_MS=20
many post --connections 64 --seconds "$seconds" >"$dir/slow" &
posts=$!
"$load" get --port "$port" --token "$token" --connections 1 --seconds "$seconds" --path '/v1/now?counts=true' >"$dir/asked"
wait "$posts"
row 'single-scan POSTs, each fsync 20 ms longer, 64 connections' '1,200' <"$dir/slow"
row '... meanwhile GET /v1/now?counts=true' '99 % 10,000 us' <"$dir/asked"
stop

if [ "$seconds" -ge 5 ]; then
    say "ten million scans"
    history
    site_readers=$(ours list readers --csv | tail -n +2 | cut -d, -f1)
    start
    declare_complete 2025-12-20T00:00:00Z
    "$load" get --port "$port" --token "$token" --pid "$server" --connections 16 --seconds "$seconds" \
        --path "$(questions 2025-12-02 2025-12-10)" |
        row 'GET /v1/at of a zone, 10 million scans, all readers complete' '15,000'
    beside_exports
    stop
fi
