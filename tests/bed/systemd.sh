#!/usr/bin/env bash
# tests/bed/systemd.sh: a real systemd as pid 1 of its own namespaces, over a copy-on-write view of this
# machine's files, with journald, logind and D-Bus.
#   start DIR [FOLDER...]  boots; DIR/pid is the outer pid of the inner pid 1; the FOLDERs appear inside as they are
#   unit DIR COMMAND...    runs COMMAND inside as a service: own control group, own lines in the journal
#   exec DIR COMMAND...    runs COMMAND in the namespaces only
#   stop DIR               ends everything inside and removes DIR
# DIR/share appears inside as /irabed.
. "$(dirname "$0")/bed.sh"

[ $# -ge 2 ] || die "usage: tests/bed/systemd.sh start|unit|exec|stop DIR ..."
ACTION=$1 DIR=$2
shift 2
CGROUPS=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)

inner() { cat "$DIR/pid" 2>/dev/null || die "not started: $DIR"; }

start() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    need "systemd dbus libpam-systemd" /lib/systemd/systemd dbus-daemon nsenter unshare
    [ -n "$CGROUPS" ] || skip "no cgroup2 file system is mounted"
    unshare --pid --mount --cgroup --fork true || skip "namespaces may not be made here"
    mkdir -p "$DIR"/{root,cow,share}
    DIR=$(realpath "$DIR")
    local group
    group=$CGROUPS/irabed-$(basename "$DIR")-$$
    echo "$group" >"$DIR/cgroup"
    mkdir "$group"
    # A subtree of its own: the box must never own the machine's control groups.
    (
        echo $BASHPID >"$group/cgroup.procs"
        exec setsid unshare --pid --mount --cgroup --uts --ipc --fork --kill-child=KILL --propagation private \
            "$(dirname "$0")/systemd_boot.sh" "$DIR" "$@"
    ) </dev/null >"$DIR/console.log" 2>&1 &
    within 15 is_up || {
        cat "$DIR/console.log" >&2
        stop
        die "did not come up in 15 s"
    }
    echo "up: pid $(inner)"
}

is_up() {
    local pid
    pid=$(cat "$DIR/pid") && [ -S "/proc/$pid/root/run/dbus/system_bus_socket" ] || return 1
    case $(nsenter -t "$pid" -a systemctl is-system-running) in running | degraded) ;; *) return 1 ;; esac
}

stop() {
    local pid group
    if pid=$(cat "$DIR/pid" 2>/dev/null); then end KILL "$pid"; fi
    group=$(cat "$DIR/cgroup" 2>/dev/null) || return 0
    within 5 is_empty "$group" || true
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ ! -d "$group" ] || echo "$BED_NAME: left behind: $group" >&2
    rm -rf --one-file-system "$DIR"
}

is_empty() { [ -z "$(find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null)" ]; }

case $ACTION in
    start) start "$@" ;;
    stop) stop ;;
    exec) exec nsenter -t "$(inner)" -a "$@" ;;
    unit) exec nsenter -t "$(inner)" -a systemd-run -q --wait --pipe --collect "$@" ;;
    *) die "unknown: $ACTION" ;;
esac
