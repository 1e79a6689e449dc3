#!/bin/bash
# The command line from end to end, as its users meet it: a tiny site and what is answered of
# it, every exit status, and every kind of bad input. $WHEREABOUTS is the program.
set -u

program=${WHEREABOUTS:?the path of the program}
source=${WB_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room" || exit 1
unset WHEREABOUTS_DATA WHEREABOUTS_URL NO_COLOR COLUMNS
export LC_ALL=C.UTF-8 TERM=dumb
failures=0
checks=0

complain() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$1"
    shift
    printf '    %s\n' "$@"
}

# run STATUS ARGUMENT...: run the program and hold its exit status against STATUS.
# Leaves what it printed in the files out and err.
run() {
    local wanted=$1 status
    shift
    checks=$((checks + 1))
    "$program" "$@" >out 2>err </dev/null
    status=$?
    [ "$status" -eq "$wanted" ] ||
        complain "whereabouts $*" "exit status $status, wanted $wanted" "$(head -c 600 err)"
    if [ "$wanted" -ne 0 ] && [ ! -s err ]; then
        complain "whereabouts $*" 'failed without a word'
    fi
}

# prints TEXT: what the last run printed is exactly that line.
prints() {
    checks=$((checks + 1))
    [ "$(cat out)" = "$1" ] || complain 'another answer' "wanted: $1" "got:    $(cat out)"
}

# shows TEXT / says TEXT: it stands somewhere in what was printed / said on standard error.
shows() {
    checks=$((checks + 1))
    grep -qF -- "$1" out || complain "does not show: $1" "$(head -c 900 out)"
}
says() {
    checks=$((checks + 1))
    grep -qF -- "$1" err || complain "does not say: $1" "$(head -c 900 err)"
}

write_site() {
    cat >site.json <<'JSON'
{ "id": "larch", "name": "Larch House", "timezone": "Europe/London",
  "policy": { "forget_after": "18h", "debounce": "2s" },
  "zones": [ { "id": "house" }, { "id": "hall", "in": "house", "capacity": 120 },
             { "id": "grounds" }, { "id": "oak", "in": "grounds", "muster": true } ],
  "readers": [ { "id": "hall-door", "between": ["house", "hall"], "name": "Hall door" },
               { "id": "front-in", "enter": "house" }, { "id": "front-out", "leave": "house" },
               { "id": "gate-in", "enter": "grounds" }, { "id": "gate-out", "leave": "grounds" },
               { "id": "oak-post", "enter": "oak", "purpose": "muster" } ] }
JSON
    cat >people.csv <<'CSV'
id,name,groups,needs_help,room
cleo,"Cleo ""C"" Ray",staff,,
ada,Ada Okafor,pupils;year-7,yes,12
ben,Bénédicte Holm,pupils,,3
CSV
    cat >bands.csv <<'CSV'
band,person,from,until,learnt
04:a2:b1:c3,ada,,,2024-05-01T00:00:00Z
B2,ben,,,2024-05-01T00:00:00Z
CSV
    cat >scans.csv <<'CSV'
time,band,reader,direction,learnt,note
2024-05-03T08:00:00+01:00,04-A2-B1-C3,front-in,,2024-05-03T08:00:01+01:00,
2024-05-03T08:10:00+01:00,04A2B1C3,hall-door,,2024-05-03T08:10:01+01:00,
2024-05-03T08:05:00+01:00,B2,front-in,,2024-05-03T08:05:01+01:00,
2024-05-03T08:10:00+01:00,B2,hall-door,,2024-05-03T09:00:00+01:00,late
2024-05-03T08:40:00+01:00,04a2b1c3,front-out,,2024-05-03T08:40:01+01:00,
2024-05-03T08:41:00+01:00,NOBODY,front-in,,2024-05-03T08:41:01+01:00,
2024-05-03T08:00:00,person:cleo,gate-in,,2024-05-03T08:00:01,by name
2024-05-03T08:00:00+01:00,04a2b1c3,front-in,,2024-05-03T08:00:01+01:00,again
CSV
}

made_site() {
    rm -f whereabouts.db*
    run 0 init --site site.json
    run 0 import people people.csv
    run 0 import bands --trust-learnt bands.csv
    run 0 import scans --trust-learnt --complete scans.csv
}

answers() {
    write_site
    rm -f whereabouts.db*
    run 0 init --site site.json
    shows 'site larch made, 4 zones and 6 readers'
    run 0 import people people.csv --json
    prints '{"accepted":3,"duplicates":0,"held":0,"quarantined":0,"refused":0,"ambiguous_times":0}'
    run 0 import people people.csv --csv
    prints $'accepted,duplicates,held,quarantined,refused,ambiguous_times\n0,3,0,0,0,0'
    run 0 import bands --trust-learnt bands.csv --json
    prints '{"accepted":2,"duplicates":0,"held":0,"quarantined":0,"refused":0,"ambiguous_times":0}'
    run 0 import bands bands.csv --json
    prints '{"accepted":0,"duplicates":2,"held":0,"quarantined":0,"refused":0,"ambiguous_times":0}'
    run 0 import scans --trust-learnt --complete scans.csv --json
    prints '{"accepted":6,"duplicates":1,"held":1,"quarantined":0,"refused":0,"ambiguous_times":0}'

    run 0 at 2024-05-03T08:20:00 --json
    prints '{"as_of":"2024-05-03T07:20:00Z","known":null,"zone":null,"count":3,"people":[{"person":"ada","zone":"hall","since":"2024-05-03T07:10:00Z","last_seen":"2024-05-03T07:10:00Z","reader":"hall-door"},{"person":"ben","zone":"hall","since":"2024-05-03T07:10:00Z","last_seen":"2024-05-03T07:10:00Z","reader":"hall-door"},{"person":"cleo","zone":"grounds","since":"2024-05-03T07:00:00Z","last_seen":"2024-05-03T07:00:00Z","reader":"gate-in"}],"could_change":["gate-in","gate-out","hall-door","oak-post"]}'
    run 0 at 2024-05-03T08:20:00 --known 2024-05-03T08:20:00 --zone house --json
    prints '{"as_of":"2024-05-03T07:20:00Z","known":"2024-05-03T07:20:00Z","zone":"house","count":2,"people":[{"person":"ada","zone":"hall","since":"2024-05-03T07:10:00Z","last_seen":"2024-05-03T07:10:00Z","reader":"hall-door"},{"person":"ben","zone":"house","since":"2024-05-03T07:05:00Z","last_seen":"2024-05-03T07:05:00Z","reader":"front-in"}],"could_change":["front-in","front-out","gate-in","gate-out","hall-door","oak-post"]}'
    run 0 at 2024-05-03T07:20:00Z --counts --json
    prints '{"as_of":"2024-05-03T07:20:00Z","known":null,"zones":[{"zone":"grounds","count":1,"direct":1},{"zone":"hall","count":2,"direct":2},{"zone":"house","count":2,"direct":0},{"zone":"oak","count":0,"direct":0}],"outside":0,"unknown":0,"could_change":["gate-in","gate-out","hall-door","oak-post"]}'
    run 0 at 2024-05-03T07:20:00Z --counts --group staff --zone house --csv
    prints $'zone,count,direct\nhall,0,0\nhouse,0,0\noutside,0,0\nunknown,0,0'
    run 0 at 2024-05-03T07:20:00Z --group staff --csv
    prints $'person,zone,since,last_seen,reader\ncleo,grounds,2024-05-03T07:00:00Z,2024-05-03T07:00:00Z,gate-in'
    run 0 at 2024-05-03T07:50:00Z --person ada --json
    prints '{"as_of":"2024-05-03T07:50:00Z","known":null,"person":"ada","zone":"outside","since":"2024-05-03T07:40:00Z","last_seen":"2024-05-03T07:40:00Z","reader":"front-out","last_zone":"hall","could_change":["front-in","front-out","gate-in","gate-out","hall-door","oak-post"]}'
    run 0 at 2024-05-03T06:00:00Z --person ada --json
    prints '{"as_of":"2024-05-03T06:00:00Z","known":null,"person":"ada","zone":"unknown","since":null,"last_seen":null,"reader":null,"last_zone":null,"could_change":["gate-out","oak-post"]}'
    run 0 at 2024-05-03T07:50:00Z --zone outside --json
    shows '"count":1,"people":[{"person":"ada","zone":"outside"'
    run 0 now --zone unknown --csv
    shows 'ben,unknown,,2024-05-03T07:10:00Z,hall-door'
    run 0 now --counts --json
    shows '"known":null,"zones":[{"zone":"grounds","count":0,"direct":0}'

    run 0 path ada --json
    prints '{"person":"ada","from":null,"until":null,"known":null,"stays":[{"zone":"house","from":"2024-05-03T07:00:00Z","until":"2024-05-03T07:10:00Z","last_seen":"2024-05-03T07:00:00Z","scans":1,"flags":[]},{"zone":"hall","from":"2024-05-03T07:10:00Z","until":"2024-05-03T07:40:00Z","last_seen":"2024-05-03T07:10:00Z","scans":1,"flags":[]}]}'
    run 0 path ada --from 2024-05-04T00:00:00 --until 2024-05-05T00:00:00 --json
    prints '{"person":"ada","from":"2024-05-03T23:00:00Z","until":"2024-05-04T23:00:00Z","known":null,"stays":[]}'
    run 0 path ben --known 2024-05-03T08:30:00 --csv
    prints $'zone,from,until,last_seen,scans,flags\nhouse,2024-05-03T07:05:00Z,,2024-05-03T07:05:00Z,1,'
    run 0 with ada --json
    prints '{"person":"ada","from":null,"until":null,"known":null,"min_s":300,"people":[{"person":"ben","seconds":2100,"first":"2024-05-03T07:05:00Z","last":"2024-05-03T07:40:00Z","zones":["hall","house"]}]}'
    run 0 with ada --min 36m --json
    prints '{"person":"ada","from":null,"until":null,"known":null,"min_s":2160,"people":[]}'
    run 0 occupancy hall --from 2024-05-03T08:00:00 --until 2024-05-03T09:00:00 --every 20m --json
    prints '{"zone":"hall","from":"2024-05-03T07:00:00Z","until":"2024-05-03T08:00:00Z","known":null,"every_s":1200,"points":[{"at":"2024-05-03T07:00:00Z","count":0},{"at":"2024-05-03T07:20:00Z","count":2},{"at":"2024-05-03T07:40:00Z","count":1}]}'
}

tables() {
    run 0 at 2024-05-03T08:20:00
    shows '3 people in the zones of larch, 2024-05-03 08:20:00'
    shows 'PERSON  ZONE     SINCE                LAST SEEN            AGO  READER'
    shows 'ada     hall     2024-05-03 08:10:00  2024-05-03 08:10:00  10m  hall-door'
    shows 'could still change: reader gate-in (complete up to 2024-05-03 08:00:00), reader gate-out (never declared complete)'
    run 0 at 2024-05-03T08:20:00 --person ben
    shows 'zone       hall'
    run 0 at 2024-05-03T08:20:00 --counts
    shows 'hall         2       2'
    run 0 path ada --from 2024-05-03T08:00:00 --until 2024-05-03T09:00:00 --plot
    shows 'house ███'
    LC_ALL=C run 0 path ada --from 2024-05-03T08:00:00 --until 2024-05-03T09:00:00 --plot
    shows 'house ###'
    run 0 occupancy hall --from 2024-05-03T08:00:00 --until 2024-05-03T09:00:00 --every 1m --plot
    shows 'people in hall, 2024-05-03 08:00:00 to 2024-05-03 09:00:00'
    shows '2 ┤ '
    run 0 list people
    shows 'ada     Ada Okafor      pupils, year-7  yes'
    shows 'Bénédicte Holm  pupils'
    run 0 list people --csv
    shows 'cleo,"Cleo ""C"" Ray",staff,no,'
    run 0 list zones --csv
    shows 'hall,,house,120,no,no'
    run 0 list readers --json
    shows '{"reader":"hall-door","name":"Hall door","enter":null,"leave":null,"between":["house","hall"],"purpose":"","complete_until":"2024-05-03T07:10:00Z","last_scan":"2024-05-03T07:10:00Z","retired":null}'
    run 0 list held --json
    shows '"reader":"front-in","band":"NOBODY","time":"2024-05-03T07:41:00Z","direction":null'
    run 0 list unseen
    shows 'everybody has been seen'
    run 0 list withdrawn
    shows 'no scan is withdrawn'
}

# pair, unpair, replace, withdraw, release, complete: each changes the answer it should.
corrections() {
    run 0 pair NOBODY cleo
    run 0 at 2024-05-03T07:45:00Z --person cleo --json
    shows '"zone":"house","since":"2024-05-03T07:41:00Z"'
    run 0 list held
    shows 'no scan is held'
    run 1 pair NOBODY ada
    run 0 unpair NOBODY --at 2024-05-03T12:00:00Z
    run 1 unpair NOBODY --at 2024-05-03T12:00:00Z
    run 0 pair NOBODY ada --from 2024-05-03T12:00:00Z
    run 0 replace NOBODY B9 --at 2024-05-03T13:00:00Z
    run 0 list bands --csv
    shows 'NOBODY,ada,2024-05-03T12:00:00Z,2024-05-03T13:00:00Z,'
    shows 'B9,ada,2024-05-03T13:00:00Z,,'
    run 1 replace B77 B78
    says "there is no band 'B77'"

    run 0 withdraw hall-door 04A2B1C3 2024-05-03T07:10:00Z --why 'wrong child'
    run 0 at 2024-05-03T07:20:00Z --person ada --json
    shows '"zone":"house"'
    run 0 list withdrawn --json
    shows '"why":"wrong child"'
    run 2 withdraw hall-door 04A2B1C3 2024-05-03T07:10:00Z
    says 'withdraw wants --why TEXT'
    run 2 withdraw hall-door 04A2B1C3 2024-05-03T07:10:00Z --why x --direction up

    run 0 complete oak-post 2024-05-03T09:00:00
    run 0 at 2024-05-03T07:20:00Z --json
    shows '"could_change":["gate-in","gate-out","hall-door"]'

    printf 'time,band,reader\n2099-01-01T03:00:00Z,B2,oak-post\n' >ahead.csv
    run 0 import scans ahead.csv --json
    shows '"quarantined":1'
    run 0 list quarantined --csv
    shows 'oak-post,B2,2099-01-01T03:00:00Z,,'
    run 1 release gate-in --why nothing
    run 0 release oak-post --shift -27394d --why 'clock was wrong'
    shows '1 scan of reader oak-post released'
    run 0 list quarantined
    shows 'no scan is quarantined'
}

keeping() {
    run 0 verify
    shows 'whereabouts.db is sound'
    run 0 rebuild
    run 0 verify
    run 0 backup copy.db
    run 1 backup copy.db
    run 0 at 2024-05-03T07:20:00Z --json
    mv out first
    run 0 at 2024-05-03T07:20:00Z --json --data copy.db
    cmp -s first out || complain 'the copy answers otherwise'
    WHEREABOUTS_DATA=copy.db run 0 --data whereabouts.db list people
    printf '%s' '{"id":"larch","name":"L","timezone":"Europe/London","zones":[{"id":"house"}],"readers":[{"id":"front-in","enter":"house"}]}' >smaller.json
    run 0 init --site smaller.json
    shows 'site larch changed'
    run 0 list readers --csv
    shows 'gate-in,'
    run 0 path ben --json
    shows '"zone":"hall","from":"2024-05-03T07:10:00Z"'
    printf 'time,band,reader\n2024-05-04T08:00:00Z,B2,gate-in\n2099-05-04T08:00:00Z,B2,gate-in\n' >retired.csv
    run 1 import scans retired.csv --json
    shows '"accepted":1,"duplicates":0,"held":0,"quarantined":0,"refused":1'
    says 'retired.csv:3: '
    run 1 import scans retired.csv --strict --json
    shows '"refused":2'
}

wrong_use() {
    run 2
    run 2 frobnicate
    says "there is no command 'frobnicate'"
    run 2 muster
    says 'muster is not in this version'
    run 2 now --server localhost:8080
    says 'is no server'
    WHEREABOUTS_URL=localhost run 2 now
    run 2 --server http://127.0.0.1:1 verify
    says "works on the site's file"
    run 2 import
    run 2 import scans
    run 2 now --known 2024-05-03T07:20:00Z
    says 'now has no option --known'
    run 2 now --person ada --counts
    run 2 now --person ada --zone hall
    run 2 now --person ada --group staff
    run 2 now --json --csv
    run 2 now --json --json=x
    run 2 now -x
    run 2 now --zone
    run 2 now --zone hall --zone hall
    run 2 at
    run 2 at yesterday
    says "TIME 'yesterday' is not a time"
    run 2 at 2024-05-03T07:20:00Z extra
    run 2 at 2024-02-30T00:00:00Z
    run 2 path ada --from 2024-05-03T08:00:00 --until 2024-05-03T08:00:00
    says 'is not after --from'
    run 2 path ada --plot --json
    run 2 with ada --min soon
    run 2 occupancy hall --from 2024-05-03T08:00:00 --until 2024-05-03T09:00:00
    run 2 occupancy hall --from 2024-05-03T08:00:00 --until 2024-05-03T09:00:00 --every 0s
    run 2 occupancy hall --from 1990-05-03T08:00:00 --until 2024-05-03T09:00:00 --every 1s
    says 'choose a longer --every'
    run 2 list everything
    run 2 simulate --people 0 --days 1 --seed 1 --out x
    run 2 completion csh
    run 2 import scans --batch 0 scans.csv
    run 2 import scans --columns time=a,weather=b scans.csv
    run 2 import scans - -
    run 2 help frobnicate
    run 0 help
    run 0 --help
    run 0 at --help
    run 0 help import
    shows '--trust-learnt'
    run 0 --version
}

no_answer() {
    run 1 path nobody
    says "there is no person 'nobody'"
    says 'whereabouts list people'
    run 1 at 2024-05-03T07:20:00Z --person nobody
    run 1 at 2024-05-03T07:20:00Z --zone attic
    says "there is no zone 'attic'"
    run 1 at 2024-05-03T07:20:00Z --group chess
    run 1 complete attic-door 2024-05-03T07:20:00Z
    run 1 pair B3 nobody
    run 3 now --data missing.db
    says 'missing.db: there is no such file; make it with: whereabouts init --site site.json'
    [ ! -e missing.db ] || complain 'asking made a file'
    printf 'this is no database, whatever its name says; it is some text\n' >text.db
    run 3 now --data text.db
    says 'whereabouts: text.db: it is not a site file'
    run 3 init --site site.json --data no/such/folder/x.db
    run 3 init --site missing.json
}

bad_sites() {
    rm -f bad.db*
    printf '{"id":"x","name":"X","timezone":"Mars/Olympus","zones":[],"readers":[]}' >bad.json
    run 1 init --site bad.json --data bad.db
    says 'Mars/Olympus'
    [ ! -e bad.db ] || complain 'a refused description left a file'
    printf '{"id":"x","name":"X","timezone":"UTC",\n "zones":[{"id":"a","in":"b"},{"id":"b","in":"a"}],"readers":[]}' >bad.json
    run 1 init --site bad.json --data bad.db
    says 'bad.json:2:'
    printf '{"id":"x","name":"X","timezone":"UTC","zones":[{"id":"a","colour":"red"}],"readers":[]}' >bad.json
    run 1 init --site bad.json --data bad.db
    says 'colour'
    printf '{"id":"x","name":"X","timezone":"UTC","zones":[{"id":"a"},{"id":"a"}],"readers":[]}' >bad.json
    run 1 init --site bad.json --data bad.db
    printf '{"id":"x","id":"y","name":"X","timezone":"UTC","zones":[],"readers":[]}' >bad.json
    run 1 init --site bad.json --data bad.db
    printf '{"id":"x",' >bad.json
    run 1 init --site bad.json --data bad.db
    : >bad.json
    run 1 init --site bad.json --data bad.db
    [ ! -e bad.db ] || complain 'a refused description left a file'
    run 0 list zones --csv
    mv out before
    run 1 init --site bad.json
    run 0 list zones --csv
    cmp -s before out || complain 'a refused description changed the site'
}

bad_rows() {
    printf 'when,band,reader\n2024-05-03T08:00:00Z,B2,front-in\n' >missing.csv
    run 1 import scans missing.csv
    says 'missing.csv:1: there is no column time; the file has: when, band, reader; say which it is with --columns time=NAME'
    run 0 import scans missing.csv --columns time=when --json
    shows '"accepted":1'
    run 1 import scans scans.csv nowhere.csv
    says 'nowhere.csv'
    run 1 import scans .
    : >empty.csv
    run 1 import scans empty.csv

    {
        printf '\357\273\277time,band,reader,direction\r\n'
        printf '2024-05-06T08:00:00Z,B2,front-in,\r\n'
        printf 'half past eight,B2,front-in,\r\n'
        printf '2024-05-06T08:01:00Z,B2,attic-door,\r\n'
        printf '2024-05-06T08:02:00Z,B2,front-in,up\r\n'
        printf '2024-05-06T08:03:00Z,,front-in,\r\n'
        printf '2024-05-06T08:04:00Z,B\0002,front-in,\r\n'
        printf '2024-05-06T08:05:00Z,person:nobody,front-in,\r\n'
        printf '2024-05-06T08:06:00Z,B2\r\n'
        printf '"2024-05-06T08:07:00Z",B2,front-in,"in"\r\n'
    } >rows.csv
    run 1 import scans rows.csv --strict --json
    prints '{"accepted":0,"duplicates":0,"held":0,"quarantined":0,"refused":9,"ambiguous_times":0}'
    says 'rows.csv is refused whole: 7 of its 9 rows are bad'
    "$program" import scans --strict - <rows.csv >out 2>err
    [ $? -eq 1 ] || complain 'strict from standard input'
    # A pipe cannot be read twice.
    tail -n +1 rows.csv | "$program" import scans --strict --json - >out 2>err
    [ "${PIPESTATUS[1]}" -eq 1 ] || complain 'strict from a pipe'
    shows '"accepted":0'
    run 0 path ben --from 2024-05-06T00:00:00Z --json
    shows '"stays":[]'
    run 1 import scans rows.csv --json
    prints '{"accepted":2,"duplicates":0,"held":0,"quarantined":0,"refused":7,"ambiguous_times":0}'
    says "rows.csv:3: time 'half past eight' is not a time"
    says "rows.csv:4: there is no reader 'attic-door'"
    says "rows.csv:5: direction 'up' is neither in nor out"
    says 'rows.csv:6: there is no band'
    says 'rows.csv:7: '
    says "rows.csv:8: band 'person:nobody' names nobody"
    says 'rows.csv:9: '

    { echo 'time,band,reader'; yes 'never,B2,front-in' | head -n 50; } >many.csv
    run 1 import scans many.csv
    says 'and 30 more bad rows'
    [ "$(wc -l <err)" -eq 21 ] || complain 'more than 20 bad rows were shown'

    # 01:30 occurs twice when the clocks go back, 01:30 in March not at all.
    printf 'time,band,reader\n2024-10-27T01:30:00,B2,front-in\n2024-03-31T01:30:00,B2,front-out\n' >clocks.csv
    run 0 import scans clocks.csv --json
    shows '"accepted":2'
    shows '"ambiguous_times":2'
    run 0 path ben --from 2024-10-27T00:00:00Z --json
    shows '"from":"2024-10-27T00:30:00Z","until"'

    {
        printf '{"time":"2024-05-07T08:00:00Z","band":"B2","reader":"front-in"}\n'
        printf '{"time":"2024-05-07T08:01:00Z","band":"B2","reader":"hall-door","direction":"in","x":[1,{}]}\n'
        printf '{"time":"2024-05-07T08:02:00Z","band":"B2"}\n'
        printf 'nonsense\n'
    } >scans.ndjson
    run 1 import scans scans.ndjson --json
    prints '{"accepted":2,"duplicates":0,"held":0,"quarantined":0,"refused":2,"ambiguous_times":0}'
    "$program" import scans - --json <scans.ndjson >out 2>err
    shows '"duplicates":2'

    printf 'id,name\neve,Eve\neve,Eve\neve,Eva\n' >twice.csv
    run 0 import people twice.csv --json
    shows '"accepted":2,"duplicates":1'
    printf 'id,name\neve,Evelyn\n,Nobody\n' >half.csv
    run 1 import people half.csv --strict --json
    shows '"accepted":0,"duplicates":0,"held":0,"quarantined":0,"refused":2'
    run 0 list people --csv
    shows 'eve,Eva,'
    printf 'band,person\nB7,ada\nB8,eve\nB7,eve\n' >overlap.csv
    run 1 import bands overlap.csv --strict --json
    shows '"refused":3'
    run 0 list bands --csv
    grep -q '^B[78]' out && complain 'strict took a pairing'

    printf 'id,name\nada,Ada Okafor-Reyes\n\001x,Bad\n' >names.csv
    run 1 import people names.csv
    run 0 list people --csv
    shows 'ada,Ada Okafor-Reyes,pupils;year-7,yes,room: 12'
    printf 'band,person,from,until\nB5,nobody,,\nB5,ada,2024-05-03T10:00:00Z,2024-05-03T09:00:00Z\nB2,ada,,\n' >bad-bands.csv
    run 1 import bands bad-bands.csv --json
    shows '"refused":3'
}

# One writes, the second is refused with a sentence, questions are answered beside it.
two_programs() {
    local status=0
    mkfifo pipe
    "$program" import scans - <pipe >import.out 2>&1 &
    exec 9>pipe
    printf 'time,band,reader\n' >&9
    # Not before the first one has begun to write: else it may be the one that is refused.
    for _ in $(seq 200); do
        grep -q ":$(stat -c %i whereabouts.db-lock) " /proc/locks && break
        sleep 0.05
    done
    for _ in $(seq 100); do
        "$program" pair Q9 ada >out 2>err
        status=$?
        [ "$status" -ne 0 ] && break
        sleep 0.05
    done
    checks=$((checks + 1))
    [ "$status" -eq 3 ] || complain 'a second writer was not refused' "exit status $status"
    says 'another program is writing to this file'
    run 0 at 2024-05-03T07:20:00Z --json
    printf '2024-05-09T08:00:00Z,B2,front-in\n' >&9
    exec 9>&-
    wait || complain 'the import beside questions failed' "$(cat import.out)"
    run 0 path ben --from 2024-05-09T00:00:00Z --json
    shows '"from":"2024-05-09T08:00:00Z"'
}

# A gigabyte without a line break: one bad row, in bounded memory, and the rest goes on.
long_line() {
    {
        echo time,band,reader
        head -c 1000000000 /dev/zero | tr '\0' x
        printf '\n2024-05-08T08:00:00Z,B2,front-in\n'
    } | (
        # An address space of 1 GB; sanitizers want more for themselves.
        limit=1000000
        { (ulimit -v $limit && "$program" --version >/dev/null 2>&1) && ulimit -v $limit; } 2>/dev/null
        "$program" import scans --json - >out 2>err
    )
    checks=$((checks + 1))
    shows '"accepted":1,"duplicates":0,"held":0,"quarantined":0,"refused":1'
    says 'standard input:2: '
}

simulated() {
    run 0 simulate --people 60 --days 3 --seed 5 --out school
    run 0 simulate --people 60 --days 3 --seed 5 --out again
    diff -r school again >/dev/null || complain 'the same seed gave other bytes'
    run 1 simulate --people 60 --days 3 --seed 5 --out school
    says 'is there already'
    run 0 init --site school/site.json --data school.db
    run 0 import people school/people.csv --data school.db --json
    shows '"accepted":60,"duplicates":0,"held":0,"quarantined":0,"refused":0'
    run 0 import bands school/bands.csv --trust-learnt --data school.db --json
    shows '"refused":0'
    run 0 import scans school/scans.csv --trust-learnt --complete --data school.db --json
    shows '"refused":0'
    run 0 import scans school/scans.csv --trust-learnt --complete --data school.db --json --batch 7
    shows '"accepted":0,"duplicates":'
    run 0 verify --data school.db
}

# same ARGUMENT...: school.db and taken.db answer alike.
same() {
    run 0 "$@" --data school/school.db
    mv out before
    run 0 "$@" --data taken.db
    cmp -s before out || complain "whereabouts $*" 'what was exported and taken back answers otherwise'
}

# What is exported and taken in again is the same site: answers are equal byte for byte.
exports() {
    local person time file
    for file in school/school.db taken.db; do
        run 0 init --data "$file" --site school/site.json
        run 0 import people --data "$file" school/people.csv
        run 0 import bands --data "$file" --trust-learnt school/bands.csv
    done
    run 0 import scans --data school/school.db --trust-learnt school/scans.csv --json
    mv out summary
    run 0 export scans --data school/school.db
    mv out whole.csv
    [ "$(head -n 1 whole.csv)" = 'time,band,reader,direction,learnt' ] || complain 'another first line of an export'
    [ ! -s err ] || complain 'an export says something without a terminal'
    run 0 export scans --data school/school.db --json
    mv out whole.ndjson
    [ "$(wc -l <whole.csv)" -eq $(($(wc -l <whole.ndjson) + 1)) ] || complain 'csv and ndjson have other scans'
    run 0 import scans --data taken.db --trust-learnt whole.csv --json
    cmp -s summary out || complain 'other scans were taken back than there were' "$(cat summary out)"
    run 0 import scans --data taken.db --trust-learnt whole.ndjson --json
    shows '"accepted":0,'
    for time in 2025-04-04T11:00:00Z 2025-04-05T15:30:00Z 2025-04-06T21:00:00Z; do
        same at $time --counts --json
        same at $time --known $time --json
        same at $time --counts --known $time --json
    done
    for person in p0003 p0017 p0042; do
        same path $person --json
        same with $person --from 2025-04-05T00:00:00Z --json
        same path $person --known 2025-04-05T15:30:00Z --json
    done
    same occupancy refectory --from 2025-04-04T06:00:00Z --until 2025-04-05T06:00:00Z --every 10m --json
    for file in held quarantined readers; do
        same list $file --json
    done
    # A part of it, by when it happened.
    run 0 export scans --data taken.db --from 2025-04-05T00:00:00Z --until 2025-04-06T00:00:00Z
    tail -n +2 out | grep -v '^2025-04-05T' | grep -q . && complain 'an export goes beyond its time'
    tail -n +2 whole.csv | grep -c '^2025-04-05T' >wanted
    [ "$(tail -n +2 out | wc -l)" -eq "$(cat wanted)" ] || complain 'an export leaves out scans of its time'
    run 2 export scans --data taken.db --from 2025-04-05T00:00:00Z --until 2025-04-05T00:00:00Z
    says 'is not after'
    run 2 export
    says 'export scans'
    run 3 export scans --data nowhere.db
    if [ -w /dev/full ]; then
        checks=$((checks + 1))
        "$program" export scans --data taken.db >/dev/full 2>err
        [ $? -eq 3 ] || complain 'a full disk under an export went unnoticed'
    fi
}

completions() {
    run 0 completion bash
    cmp -s out "$source/script/completion/whereabouts.bash" ||
        complain 'script/completion/whereabouts.bash is old; make it with: whereabouts completion bash'
    bash -n out || complain 'the bash completion is no bash'
    run 0 completion zsh
    cmp -s out "$source/script/completion/_whereabouts" ||
        complain 'script/completion/_whereabouts is old; make it with: whereabouts completion zsh'
    run 0 completion fish
    cmp -s out "$source/script/completion/whereabouts.fish" ||
        complain 'script/completion/whereabouts.fish is old; make it with: whereabouts completion fish'
    for command in init erase at path with occupancy list pair unpair replace withdraw release complete \
        simulate verify rebuild backup completion 'export scans' 'operator add' 'operator list' 'operator remove' \
        'token add' 'token list' 'token revoke' lookups; do
        grep -q "Cm $command" "$source/man/whereabouts.1" || complain "the man page lacks $command"
    done
}

# Who may ask: operators, tokens and the log of look-ups. secret TEXT: a password line.
with_password() { # STATUS PASSWORD ARGUMENT...
    local wanted=$1 password=$2 status
    shift 2
    checks=$((checks + 1))
    printf '%s\n' "$password" | "$program" "$@" >out 2>err
    status=$?
    [ "$status" -eq "$wanted" ] ||
        complain "whereabouts $*" "exit status $status, wanted $wanted" "$(head -c 600 err)"
}

who_may_ask() {
    run 0 init --site school/site.json --data access.db
    run 0 import people school/people.csv --data access.db
    export WHEREABOUTS_DATA=access.db
    run 0 operator list
    shows 'nobody may sign in yet'
    with_password 1 'too short' operator add ann --role admin
    says 'at least 10 bytes'
    run 0 operator list --json
    prints '{"operators":[]}'
    with_password 0 'a few good words' operator add ann --role admin
    shows 'operator ann may sign in as admin'
    with_password 0 'other good words' operator add ben --role viewer --zone school --zone grounds \
        --group pupils
    with_password 1 'a few good words' operator add ann --role viewer
    says "there is an operator 'ann' already"
    with_password 1 'a few good words' operator add cat --role viewer --zone cellar
    says "there is no zone 'cellar'"
    with_password 1 'a few good words' operator add cat --role viewer --group crew
    says "there is no group 'crew'"
    with_password 1 'a few good words' operator add cat --role reader
    says "an operator's role is admin, warden or viewer"
    with_password 1 'a few good words' operator add cat --role admin --zone school
    says 'an admin has no limits'
    run 2 operator add cat --role chief
    says "there is no role 'chief'"
    run 2 operator add cat
    run 2 operator
    says 'operator wants to know what'
    run 0 operator list --csv
    shows 'name,role,zones,groups,made'
    shows 'ann,admin,,,'
    shows 'ben,viewer,school;grounds,pupils,'
    # The file has neither the passwords nor a way to them.
    ! grep -qa 'good words' access.db access.db-wal 2>/dev/null ||
        complain 'a password stands in the file'
    run 0 operator remove ben
    run 1 operator remove ben
    says "there is no operator 'ben'"

    run 0 token add --role reader --reader gate-in --reader gate-out --expires 30d --purpose gates
    says 'this is the only time it is shown'
    token=$(cat out)
    id=$(grep -o 't-[0-9a-f]*' err)
    [ "${#token}" -eq 46 ] || complain 'a token of another length' "$token"
    ! grep -qa "$token" access.db access.db-wal 2>/dev/null || complain 'a token stands in the file'
    run 0 token list --csv
    shows "$id,reader,gate-in;gate-out,,,gates,"
    run 0 token add --role viewer --zone school
    run 1 token add --role viewer --reader gate-in
    says 'readers limit tokens of the role reader only'
    run 1 token add --role reader --zone school
    says 'sees nobody'
    run 1 token add --role reader --reader attic
    run 2 token add --role viewer --expires soon
    says 'is not a duration'
    run 2 token
    says 'token wants to know what'
    run 0 token revoke "$id"
    run 1 token revoke "$id"
    says 'there is no token'
    run 0 token list
    shows 'viewer'

    run 0 lookups p0001
    shows 'nobody looked at p0001'
    run 0 lookups p0001 --json
    prints '{"person":"p0001","lookups":[],"next":null}'
    run 0 lookups p0001 --csv
    prints 'at,who,purpose,kind,question,zone,from,until,people'
    run 1 lookups nobody
    run 2 lookups p0001 --most none
    unset WHEREABOUTS_DATA
}

# An answer that cannot be written is no answer.
full_disk() {
    [ -w /dev/full ] || return 0
    checks=$((checks + 1))
    "$program" list people >/dev/full 2>err
    [ $? -eq 3 ] || complain 'a full disk under the answer went unnoticed'
}

answers
tables
wrong_use
no_answer
corrections
keeping
bad_sites
write_site
made_site
bad_rows
two_programs
long_line
simulated
exports
who_may_ask
completions
full_disk

printf '%d checks, %d failures\n' "$checks" "$failures"
[ "$failures" -eq 0 ]
