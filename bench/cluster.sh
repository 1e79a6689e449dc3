#!/bin/bash
# cluster.sh start DIR SHARED_BUFFERS | cluster.sh stop DIR: a PostgreSQL server of the bench's own.
#
# Its data, its socket and its log are in DIR; it listens to nothing else. Durable: fsync and
# synchronous_commit on. start prints how to connect; started again with other buffers it
# keeps its data. root may not run a server, so for root the user postgres or nobody does.
set -euo pipefail

bin=$(dirname "$(command -v initdb || printf '%s\n' /usr/lib/postgresql/*/bin/initdb | tail -n 1)")
[ -x "$bin/initdb" ] || { echo "cluster.sh: there is no initdb; install postgresql" >&2; exit 1; }

as_owner() {
    if [ "$(id -u)" != 0 ]; then "$@"; return; fi
    local owner=postgres
    id postgres >/dev/null 2>&1 || owner=nobody
    chown "$owner" "$dir"
    (cd / && setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups "$@")
}

command=${1:?start or stop}
dir=$(realpath -m "${2:?a folder}")
case $command in
start)
    buffers=${3:?shared buffers, such as 4GB}
    mkdir -p "$dir"
    [ -f "$dir/data/PG_VERSION" ] ||
        as_owner "$bin/initdb" -D "$dir/data" -U bench -A trust -E UTF8 --locale=C >/dev/null
    as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -o "-c listen_addresses='' \
        -c unix_socket_directories='$dir' -c shared_buffers=$buffers -c fsync=on \
        -c synchronous_commit=on -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=8GB \
        -c checkpoint_timeout=30min -c work_mem=256MB -c maintenance_work_mem=1GB \
        -c effective_cache_size=12GB -c random_page_cost=1.1 -c jit=off \
        -c max_parallel_workers_per_gather=0" start >/dev/null
    echo "host=$dir user=bench dbname=postgres"
    ;;
stop)
    as_owner "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null
    ;;
*)
    echo "usage: cluster.sh start DIR SHARED_BUFFERS | cluster.sh stop DIR" >&2
    exit 2
    ;;
esac
