#!/usr/bin/env bash
# tests/bed/databases.sh DIR [COMMAND...]: real servers on loopback, with their data in DIR: PostgreSQL 54321,
# Redis 63791, nginx 8091, memcached 11291, MariaDB 33061. Runs COMMAND, or waits for the end of its
# input, then ends them all and removes DIR.
. "$(dirname "$0")/bed.sh"

[ $# -gt 0 ] || die "usage: tests/bed/databases.sh DIR [COMMAND...]"
[ "$(id -u)" = 0 ] || die "needs root: each server runs as its own user"
mkdir -p "$1" && chmod 755 "$1"
DIR=$(realpath "$1")
shift
postgres=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
need "postgresql redis-server nginx memcached mariadb-server curl" \
    "${postgres:-/usr/lib/postgresql}/postgres" redis-server nginx memcached mariadbd mariadb-install-db curl

searchable() {
    local folder=$DIR
    while [ "$folder" != / ]; do
        [[ $(stat -c %A "$folder") == *[xt] ]] || die "$folder cannot be entered by other users; the servers must"
        folder=$(dirname "$folder")
    done
}
searchable

servers=()
finish() {
    # PostgreSQL waits for its clients on TERM and ends at once on INT.
    [ ${#servers[@]} = 0 ] || { end INT "${servers[0]}"; end TERM "${servers[@]}"; }
    rm -rf "$DIR"
}
trap finish EXIT
trap 'exit 1' INT TERM

# start NAME COMMAND...: in the background; what it says goes to DIR/NAME.log.
start() {
    local name=$1
    shift
    "$@" >"$DIR/$name.log" 2>&1 </dev/null &
    servers+=($!)
}

# as USER COMMAND...: replaced by the command, so that the background process is the server itself.
as() {
    local user=$1
    shift
    exec setpriv --reuid="$user" --regid="$user" --init-groups --no-new-privs -- "$@"
}

answers() {
    local name=$1
    shift
    within 10 "$@" || {
        tail -n 5 "$DIR/$name.log" >&2
        die "$name did not come up"
    }
    echo "$name up"
}

memcached_answers() {
    local line
    exec 3<>/dev/tcp/127.0.0.1/11291
    printf 'version\r\n' >&3
    read -r -t 1 line <&3
    exec 3>&-
    [[ $line == VERSION* ]]
}

install -d -o postgres -g postgres "$DIR/postgres"
(as postgres "$postgres/initdb" -D "$DIR/postgres/data" -A trust --no-sync) >"$DIR/initdb.log" 2>&1 ||
    { cat "$DIR/initdb.log" >&2; die "PostgreSQL's initdb failed"; }
start postgres as postgres "$postgres/postgres" -D "$DIR/postgres/data" -p 54321 \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories="$DIR/postgres" -c fsync=off

mkdir "$DIR/redis"
start redis redis-server --port 63791 --bind 127.0.0.1 --dir "$DIR/redis" --save '' --daemonize no

mkdir -p "$DIR/nginx/html"
echo hi >"$DIR/nginx/html/index.html"
cat >"$DIR/nginx/nginx.conf" <<CONF
user www-data; worker_processes 2; daemon off; pid $DIR/nginx/pid; error_log $DIR/nginx/error.log;
events {}
http {
    access_log $DIR/nginx/access.log;
    client_body_temp_path $DIR/nginx/body; proxy_temp_path $DIR/nginx/proxy; fastcgi_temp_path $DIR/nginx/fastcgi;
    uwsgi_temp_path $DIR/nginx/uwsgi; scgi_temp_path $DIR/nginx/scgi;
    server { listen 127.0.0.1:8091; root $DIR/nginx/html; }
}
CONF
start nginx nginx -p "$DIR/nginx" -c "$DIR/nginx/nginx.conf"

start memcached memcached -u memcache -l 127.0.0.1 -p 11291 -U 0

install -d -o mysql -g mysql "$DIR/mariadb"
mariadb-install-db --no-defaults --user=mysql --datadir="$DIR/mariadb/data" \
    --auth-root-authentication-method=normal --skip-test-db >"$DIR/mariadb-install.log" 2>&1 ||
    { tail "$DIR/mariadb-install.log" >&2; die "mariadb-install-db failed"; }
start mariadb mariadbd --no-defaults --user=mysql --datadir="$DIR/mariadb/data" --bind-address=127.0.0.1 \
    --port=33061 --socket="$DIR/mariadb/socket" --pid-file="$DIR/mariadb/pid"

answers postgres "$postgres/pg_isready" -h 127.0.0.1 -p 54321
answers redis redis-cli -p 63791 ping
answers nginx curl -fs http://127.0.0.1:8091/
answers memcached memcached_answers
answers mariadb mariadb --no-defaults -h 127.0.0.1 -P 33061 -u root -e 'select 1'
if [ $# -gt 0 ]; then "$@"; else cat >/dev/null; fi
