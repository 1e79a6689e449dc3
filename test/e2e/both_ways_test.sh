#!/bin/bash
# The command line asks a file and a running server alike: each command is run on a file and on a
# server of the same facts, and prints the same and ends the same. $WHEREABOUTS is the program.
set -u

program=${WHEREABOUTS:?the path of the program}
room=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server"; wait "$server"; fi 2>/dev/null; rm -rf "$room"' EXIT
cd "$room" || exit 1
unset WHEREABOUTS_DATA WHEREABOUTS_URL WHEREABOUTS_TOKEN SSL_CERT_FILE NO_COLOR COLUMNS
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
export LC_ALL=C.UTF-8 TERM=dumb
failures=0
checks=0

complain() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$1"
    shift
    printf '    %s\n' "$@"
}

# Present moments (facts are of 2024) and ages differ from run to run, and so do names of sites.
mask() {
    sed -E -e 's/20(2[5-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z?/NOW/g' \
        -e "s#(file.db|$url)#SITE#g" -e 's/ +/ /g' -e 's/-{3,}/---/g' -e "$ages" "$1"
}

# both ARGUMENT...: run it both ways, with the file `in` as standard input if there is one.
ages=
both() {
    local of_file of_server
    checks=$((checks + 1))
    [ -e in ] || : >in
    "$program" --data file.db "$@" >file.out 2>file.err <in
    of_file=$?
    WHEREABOUTS_TOKEN=$token "$program" --server "$url" "$@" >server.out 2>server.err <in
    of_server=$?
    [ "$of_file" -eq "$of_server" ] ||
        complain "whereabouts $*" "exit status $of_file of the file, $of_server of the server" \
            "$(head -c 300 file.err)" "$(head -c 300 server.err)"
    mask file.out >file.masked
    mask server.out >server.masked
    cmp -s file.masked server.masked ||
        complain "whereabouts $*" "$(diff file.masked server.masked | head -20 | cut -c1-600)"
    if [ "$of_server" -ne 0 ] && [ ! -s server.err ]; then complain "whereabouts $*" 'no word'; fi
}

# The same in every format.
forms() {
    both "$@"
    both "$@" --json
    both "$@" --csv
}

# What was said is the same, too: which lines were refused, and why.
said() {
    mask file.err >file.masked
    mask server.err >server.masked
    cmp -s file.masked server.masked ||
        complain "what was said: $1" "$(diff file.masked server.masked | head -20 | cut -c1-600)"
}

# refused STATUS TEXT ARGUMENT...: ends so and says so.
refused() {
    local wanted=$1 text=$2 status
    shift 2
    checks=$((checks + 1))
    "$program" "$@" >out 2>err </dev/null
    status=$?
    [ "$status" -eq "$wanted" ] || complain "whereabouts $*" "exit status $status" "$(cat err)"
    grep -qF -- "$text" err || complain "whereabouts $* does not say: $text" "$(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || complain "whereabouts $*" 'more than a sentence' "$(cat err)"
}

# serve FILE ARGUMENT...: sets url and server.
serve() {
    local data=$1
    shift
    "$program" --data "$data" serve --listen 127.0.0.1:0 "$@" >listening 2>log &
    server=$!
    for _ in $(seq 100); do
        grep -q 'listening on' listening && break
        sleep 0.1
    done
    url=$(sed -nE 's/.*listening on (https?:[^ ]*[0-9]).*/\1/p' listening | head -1)
    [ -n "$url" ] || { cat listening log; echo 'FAILED: the server does not come up'; exit 1; }
}

stop() {
    kill "$server" && wait "$server"
    server=
}

write_files() {
    cat >site.json <<'JSON'
{ "id": "larch", "name": "Larch House", "timezone": "Europe/London",
  "policy": { "forget_after": "18h", "debounce": "2s", "heartbeat": "60s" },
  "zones": [ { "id": "house" }, { "id": "hall", "in": "house", "capacity": 120 },
             { "id": "grounds" }, { "id": "oak", "in": "grounds", "muster": true } ],
  "readers": [ { "id": "hall-door", "between": ["house", "hall"], "name": "Hall door" },
               { "id": "front-in", "enter": "house" }, { "id": "front-out", "leave": "house" },
               { "id": "gate-in", "enter": "grounds" }, { "id": "gate-out", "leave": "grounds" },
               { "id": "oak-post", "enter": "oak", "purpose": "muster" } ] }
JSON
    sed 's/"id": "oak", "in": "grounds"/"id": "oak", "in": "house"/; s/Hall door/The hall/' site.json >other.json
    sed 's/"between": \["house", "hall"\]/"between": ["house", "nowhere"]/' site.json >bad.json
    cat >people.csv <<'CSV'
id,name,groups,needs_help,room
cleo,"Cleo ""C"" Ray",staff,,
ada,Ada Okafor,pupils;year-7,yes,12
ben,Bénédicte Holm,pupils,,3
dora,"Dora
of two lines",pupils,no,
CSV
    cat >people-bad.csv <<'CSV'
number,name,needs_help
,nobody,
eli,Eli,perhaps
fay,Fay,yes
fay,Fay again,no
ada,Ada O.,
gus,too,many,fields
CSV
    cat >bands.csv <<'CSV'
band,person,from,until,learnt
04:a2:b1:c3,ada,,,2024-05-01T00:00:00Z
B2,ben,,,2024-05-01T00:00:00Z
B3,ben,2024-05-01T00:00:00Z,2024-05-02T00:00:00Z,2024-05-01T00:00:00Z
CSV
    cat >bands-bad.csv <<'CSV'
band,person,from,until,learnt
B2,ada,,,
B3,nobody,,,
B4,ben,2024-05-02,2024-05-01,
B4,ben,2024-05-02T00:00:00,2024-05-01T00:00:00,
person:ada,ben,,,
,ben,,,
B5,ben,2024-03-31T01:30:00,,
B5,ben,2024-03-31T01:30:00,,
B5,ada,2024-04-01T00:00:00,,
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
    cat >scans-bad.csv <<'CSV'
starttime,bikeid,dock,direction
2024-05-04T08:00:00,B2,gate-in,
yesterday,B2,gate-in,
2024-05-04T08:01:00,B2,no-such-door,
2024-05-04T08:02:00,B2,hall-door,sideways
2024-05-04T08:03:00,,gate-in,
2024-05-04T08:04:00,B2
"2024-05-04T08:05:00,B2,gate-in,
2024-10-27T01:30:00,B2,hall-door,in
,B2,gate-in,
2024-05-04T08:06:00,person:nobody,gate-in,
2199-01-01T00:00:00,B2,oak-post,
2024-05-04T08:07:00,"a ""quoted"", one",gate-in,out
2024-05-04T08:08:00,B2,gate-out,
CSV
    cat >scans.ndjson <<'NDJSON'
{"time":"2024-05-05T08:00:00Z","band":"B2","reader":"front-in"}
{"time":"2024-05-05T08:01:00Z","band":"B2"}
{"time":"2024-05-05T08:02:00Z","band":"B2","reader":"hall-door","direction":"in","learnt":"2024-05-05T08:02:30Z"}
{"time":"2024-05-05T08:03:00Z","band":"\u0042\"é","reader":"hall-door"}
nonsense
NDJSON
    : >empty.csv
}

write_files
"$program" --data file.db init --site site.json >/dev/null || exit 1
token=$("$program" --data file.db token add --role admin --purpose test 2>/dev/null) || exit 1
"$program" --data file.db token add --role viewer --zone hall >viewer.token 2>/dev/null || exit 1
"$program" --data file.db token add --role reader --reader gate-in >reader.token 2>/dev/null || exit 1
printf 'a long enough password\n' | "$program" --data file.db operator add ann --role admin >/dev/null || exit 1
cp file.db served.db
url=
serve served.db

questions() {
    local t=2024-05-03T08:20:00
    for list in people bands zones readers held quarantined withdrawn unseen; do forms list $list; done
    both export scans
    both export scans --json
    both export scans --from 2024-05-03T07:10:00Z --until 2024-05-03T08:00:00
    both export scans --until 2000-01-01T00:00:00Z
    forms at $t
    forms at $t --zone house
    forms at $t --zone unknown --known 2024-05-03T08:06:00
    forms at $t --counts
    forms at $t --counts --zone house --group pupils
    forms at $t --person ada
    forms at $t --group year-7
    forms at $t --known 2024-05-03T08:20:00
    forms path ada
    forms path ben --from $t --known 2024-05-03T08:30:00
    forms path ben --until 2024-05-01T00:00:00
    both path ben --plot --until 2024-05-04T00:00:00
    forms with ada
    forms with ada --min 36m --from $t
    forms with ben --until 2024-05-03T09:00:00 --known 2024-05-03T09:30:00
    forms occupancy hall --from $t --until 2024-05-03T09:00:00 --every 10m
    both occupancy hall --from $t --until 2024-05-03T09:00:00 --every 1m --plot
    ages='s/[0-9]+[dhms]([0-9]+[dhms])*/AGE/g'
    forms now
    forms now --zone unknown
    forms now --counts
    forms now --person ada
    forms now --group staff --zone grounds
    ages=
}

imports() {
    forms import people people.csv
    both import people people-bad.csv
    both import people --columns id=number people-bad.csv
    said 'import people'
    both import people --strict --columns id=number people-bad.csv
    said 'import people --strict'
    both import bands --trust-learnt bands.csv
    both import bands bands.csv --json
    both import bands bands-bad.csv
    said 'import bands'
    both import bands --strict bands-bad.csv --csv
    said 'import bands --strict'
    both import scans --trust-learnt --complete scans.csv
    questions
    forms import scans --trust-learnt --complete scans.csv
    both import scans scans-bad.csv
    said 'columns that are not there'
    both import scans --strict --columns time=starttime,band=bikeid,reader=dock scans-bad.csv
    said 'import scans --strict'
    both import scans --columns time=starttime,band=bikeid,reader=dock scans-bad.csv --complete
    said 'import scans'
    both import scans --batch 2 --columns time=starttime,band=bikeid,reader=dock scans-bad.csv
    said 'import scans --batch'
    both import scans scans.ndjson --json
    said 'ndjson'
    cp scans.ndjson in
    both import scans - --trust-learnt --strict
    said 'standard input'
    cp scans.csv in
    both import scans - scans.csv
    rm in
    both import scans empty.csv
    both import scans no-such.csv
    both import scans --batch 0 scans.csv
}

corrections() {
    both pair B9 ada
    both pair B9 ada
    both pair b9 nobody
    both pair B2 ada
    both pair 0a:0b:0c:0d cleo --from 2024-05-01T00:00:00 --until 2024-06-01T00:00:00
    both pair B9 ada --from 2024-05-02T00:00:00 --until 2024-05-01T00:00:00
    both pair B9 ada --from never
    both pair "$(printf 'x%.0s' {1..200})" ada
    both pair person:ada ben
    both unpair B9 --at 2024-05-20T00:00:00
    both unpair nothing
    both unpair B3
    both unpair B9
    both replace B2 B7 --at 2024-05-06T00:00:00
    both replace B2 B2
    both replace nothing B8
    both replace B7 B8 --at soon
    both withdraw hall-door B2 2024-05-03T08:10:00 --why 'wrong child'
    both withdraw hall-door B2 2024-05-03T08:10:00 --why 'wrong child'
    both withdraw no-door B2 2024-05-03T08:10:00 --why x
    both withdraw hall-door new-band 2024-05-03T08:10:00 --direction in --why x
    both withdraw hall-door B2 2024-05-03T08:10:00 --direction up --why x
    both withdraw hall-door B2 2024-05-03T08:10:00
    both release oak-post --shift -3h --why 'three hours fast'
    both release oak-post --why again
    both release no-door --why x
    both release oak-post --shift far --why x
    both release oak-post --from 2024-05-03T00:00:00 --until 2024-05-02T00:00:00 --why x
    both complete gate-in 2024-05-03T18:00:00
    both complete no-door 2024-05-03T18:00:00
    both complete gate-in tomorrow
    questions
}

refusals() {
    both path nobody
    both path ..
    both path a/b
    both with nobody
    both at 2024-05-03T08:20:00 --zone nowhere
    both at 2024-05-03T08:20:00 --person nobody
    both at 2024-05-03T08:20:00 --group nobody
    both at 2024-05-03T08:20:00 --person ada --zone hall
    both at sometime
    both now --person nobody
    both now --known 2024-05-03T08:20:00
    both path ada --from 2024-05-04T00:00:00 --until 2024-05-03T00:00:00
    both path ada --from 2024-05-04
    both with ada --min long
    both occupancy nowhere --from 2024-05-03T00:00:00 --until 2024-05-04T00:00:00 --every 1h
    both occupancy hall --from 2024-05-03T00:00:00 --until 2024-05-04T00:00:00 --every 0s
    both occupancy hall --from 2000-05-03T00:00:00 --until 2024-05-04T00:00:00 --every 1s
    said 'too many points'
    both list nonsense
    both lookups nobody
    both lookups ada --most none
    both no-such-command
    both init --site bad.json
    said 'a bad description'
    both init --site no-such.json
    both help now
    both completion bash
}

accounts() {
    echo 'another long password' >in
    both operator add cy --role viewer --zone hall --group pupils
    both operator add cy --role viewer
    both operator add dan --role viewer --zone nowhere
    both operator add dan --role viewer --group nobody
    both operator add dan --role admin --zone hall
    both operator add dan --role king
    both operator add '' --role viewer
    echo short >in
    both operator add dan --role viewer
    rm in
    forms operator list
    both operator remove cy
    both operator remove cy
    both operator list --csv
    both token add --role reader --zone hall
    both token add --role viewer --reader gate-in
    both token add --role reader --reader no-door
    both token add --role viewer --expires never
    forms token list
    both token revoke t-00000000
    made=$(WHEREABOUTS_TOKEN=$token "$program" --server "$url" token add --role reader --reader gate-in --expires 1d 2>said)
    [[ $made == wb_* ]] || complain 'token add' "$made" "$(cat said)"
    id=$(sed -nE 's/^token (t-[0-9a-f]+);.*/\1/p' said)
    WHEREABOUTS_TOKEN=$token "$program" token revoke "$id" --server "$url" >out || complain 'token revoke' "$(cat out)"
}

# Look-ups are of the server only: the file's own answers leave none. So its log is read both ways.
lookups() {
    for form in '' --json --csv; do
        stop
        cp served.db file.db
        serve served.db
        # shellcheck disable=SC2086
        both lookups ada $form
        # shellcheck disable=SC2086
        both lookups cleo --most 3 $form
        grep -q '/v1/now' server.out || complain 'no look-up was recorded' "$(cat server.out)"
    done
}

# Whoever is erased is gone both ways, and what is left is the same.
erasures() {
    stop
    cp served.db file.db
    serve served.db
    both erase nobody --yes
    both erase ada
    said 'an erasure that nobody confirms'
    both erase ada --yes
    both erase ada --yes
    both path ada
    both now --person ada
    for form in '' --json --csv; do
        for list in people bands held withdrawn unseen; do
            # shellcheck disable=SC2086
            both list $list $form
            if grep -qi 'ada' file.out; then complain "list $list names who was erased" "$(cat file.out)"; fi
        done
        # shellcheck disable=SC2086
        both at 2024-05-03T08:20:00 $form
    done
}

# What a server answers that is busy at first, and one that goes away in the middle of an import.
stand_in() {
    cat >stand_in.py <<'PYTHON'
import http.server, sys
posts, waits = 0, 2
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def give(self, status, text, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        if status == 503:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(text.encode())
    def do_GET(self):
        global waits
        if sys.argv[1] == "busy" and waits > 0:
            waits -= 1
            self.give(503, '{"type":"urn:whereabouts:problem:busy","detail":"it is busy"}')
        elif sys.argv[1] == "else":
            self.give(200, "<html>", "text/html")
        else:
            self.give(200, '{"id":"larch","timezone":"Europe/London"}')
    def do_POST(self):
        global posts
        posts += 1
        rows = self.rfile.read(int(self.headers["Content-Length"])).count(b"\n") - 1
        if posts > 2:
            self.close_connection = True
            self.connection.close()
        else:
            self.give(200, '{"accepted":%d,"duplicates":0,"held":0,"quarantined":0,"refused":0,'
                           '"ambiguous_times":0,"refusals":[],"last":[]}' % rows)
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
print(server.server_address[1], flush=True)
server.serve_forever()
PYTHON
}

# stands_in HOW: sets url and server.
stands_in() {
    python3 -B stand_in.py "$1" >port 2>/dev/null &
    server=$!
    for _ in $(seq 100); do
        [ -s port ] && break
        sleep 0.1
    done
    url=http://127.0.0.1:$(cat port)
}

troubles() {
    command -v python3 >/dev/null || return
    stand_in
    stands_in busy
    checks=$((checks + 3))
    "$program" --server "$url" import scans --batch 3 scans.csv >out 2>err
    [ $? -eq 3 ] || complain 'a server that goes away' "$(cat out err)"
    grep -q 'went away before it answered' err || complain 'a server that goes away' "$(cat err)"
    grep -q 'broken off after 6 rows' err || complain 'it says how many are in' "$(cat err)"
    stop 2>/dev/null
    stands_in else
    refused 3 'not as a whereabouts server' --server "$url" now
    stop 2>/dev/null
}

tls() {
    command -v openssl >/dev/null || return
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=larch \
        -addext subjectAltName=IP:127.0.0.1 >/dev/null 2>&1 || return
    serve served.db --tls-cert cert.pem --tls-key key.pem
    export WHEREABOUTS_TOKEN=$token
    refused 3 'is not trusted here' --server "$url" now
    refused 3 'cannot be read' --server "$url" --cacert no-such.pem now
    "$program" --server "$url" --cacert cert.pem list zones >out 2>err || complain '--cacert' "$(cat err)"
    SSL_CERT_FILE=cert.pem "$program" --server "$url" list zones >out 2>err || complain 'SSL_CERT_FILE' "$(cat err)"
    refused 3 'went away' --server "http${url#https}" now
    unset WHEREABOUTS_TOKEN
    stop
}

rights() {
    WHEREABOUTS_TOKEN=$(cat viewer.token) "$program" --server "$url" at 2024-05-03T08:20:00 --zone hall >out 2>err ||
        complain 'a viewer of the hall' "$(cat out err)"
    grep -q 'could still change: reader' out || complain 'a viewer of the hall' "$(cat out err)"
    WHEREABOUTS_TOKEN=$(cat viewer.token) refused 1 'no right' --server "$url" list bands
    WHEREABOUTS_TOKEN=$(cat viewer.token) refused 1 'no right' --server "$url" pair B9 ada
    WHEREABOUTS_TOKEN=wb_nonsense refused 1 'does not know the token' --server "$url" now
    refused 1 'WHEREABOUTS_TOKEN' --server "$url" now
    WHEREABOUTS_TOKEN='a b' refused 2 'is no token' --server "$url" now
    printf 'time,band,reader,learnt\n2024-05-05T18:00:00,B2,gate-in,\n' >gate.csv
    WHEREABOUTS_TOKEN=$(cat reader.token) "$program" --server "$url" import scans gate.csv --csv >out 2>err
    grep -q '^1,0,0,0,0,0$' out || complain 'a reader sends' "$(cat out err)"
    WHEREABOUTS_TOKEN=$(cat reader.token) refused 1 'no right' --server "$url" import scans scans.csv
    WHEREABOUTS_TOKEN=$(cat reader.token) refused 1 'no right' --server "$url" import scans gate.csv --trust-learnt
    WHEREABOUTS_TOKEN=$(cat reader.token) refused 2 'offset' --server "$url" complete gate-in 2024-05-07T08:00:00
}

ways_out() {
    for command in verify rebuild serve 'backup copy.db'; do
        # shellcheck disable=SC2086
        refused 2 '--data FILE' --server "$url" $command
    done
    refused 2 'choose one' --server "$url" --data file.db now
    refused 2 'is no server' --server ftp://127.0.0.1 now
    refused 2 'wants a value' --server
    WHEREABOUTS_URL=$url refused 1 'WHEREABOUTS_TOKEN' now
    WHEREABOUTS_URL=$url refused 2 '--data FILE' verify
    WHEREABOUTS_URL=$url "$program" --data file.db list people >/dev/null || complain '--data over the environment'
}

away() {
    local gone=$url
    stop
    refused 3 'cannot be reached' --server "$gone" now
    refused 3 'cannot be reached' --server http://no-such-host.invalid now
}

imports
corrections
refusals
accounts
both init --site other.json
questions
rights
ways_out
lookups
erasures
away
troubles
tls

printf '%d checks, %d failures\n' "$checks" "$failures"
[ "$failures" -eq 0 ]
