#!/usr/bin/env bash
# tests/bed/docker.sh start DIR: a real Docker engine with its state in DIR and one image, local/busybox:1; prints
# DOCKER_HOST=... . No bridge and no NAT: run containers with --network host.
# tests/bed/docker.sh stop DIR: removes its containers, ends it and removes DIR.
. "$(dirname "$0")/bed.sh"

[ $# = 2 ] || die "usage: tests/bed/docker.sh start|stop DIR"
mkdir -p "$2"
DIR=$(realpath "$2")
PARENT=irabed-$(basename "$DIR")
export DOCKER_HOST=unix://$DIR/docker.sock

start() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    [ ${#DIR} -lt 60 ] || die "the path is too long for a socket: $DIR"
    unshare --mount true || skip "mounts may not be made here"
    need "docker.io iptables busybox-static" dockerd docker containerd runc iptables /bin/busybox
    dockerd --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --bridge=none \
        --storage-driver vfs --cgroup-parent="/$PARENT" --data-root "$DIR/data" --exec-root "$DIR/exec" \
        --host "$DOCKER_HOST" --pidfile "$DIR/dockerd.pid" >"$DIR/dockerd.log" 2>&1 </dev/null &
    within 15 docker version || {
        tail -n 20 "$DIR/dockerd.log" >&2
        stop
        die "dockerd did not answer in 15 s"
    }
    image | docker import - local/busybox:1 >/dev/null
    echo "DOCKER_HOST=$DOCKER_HOST"
}

# A file system of busybox alone, as a tar archive.
image() {
    local root=$DIR/image name
    mkdir -p "$root"/{bin,etc,tmp}
    cp /bin/busybox "$root/bin/"
    for name in sh sleep echo cat ps httpd; do ln -sf busybox "$root/bin/$name"; done
    echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
    tar -C "$root" -c .
}

stop() {
    local containers pid
    mapfile -t containers < <(docker ps -aq 2>/dev/null)
    [ ${#containers[@]} = 0 ] || docker rm -f "${containers[@]}" >/dev/null 2>&1 || true
    if pid=$(cat "$DIR/dockerd.pid" 2>/dev/null); then end TERM "$pid"; fi
    find /sys/fs/cgroup -depth -type d -path "*/$PARENT*" -exec rmdir {} + 2>/dev/null || true
    awk -v dir="$DIR/" 'index($2, dir) == 1 { print $2 }' /proc/self/mounts | sort -r | xargs -r umount -l
    rm -rf --one-file-system "$DIR"
}

case $1 in
    start | stop) "$1" ;;
    *) die "unknown: $1" ;;
esac
