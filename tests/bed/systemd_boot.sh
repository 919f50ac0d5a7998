#!/usr/bin/env bash
# Part of systemd.sh: runs as pid 1 of the new namespaces, lays the file system, and becomes systemd.
set -euo pipefail
DIR=$1
shift
ROOT=$DIR/root
UNITS=$ROOT/etc/systemd/system

# This process as the machine outside counts it: its own /proc is not mounted yet.
read -r outer_pid _ </proc/self/stat

files() {
    mount -t tmpfs -o size=4g,mode=755 cow "$DIR/cow"
    mkdir "$DIR/cow/upper" "$DIR/cow/work"
    mount -t overlay -o "lowerdir=/,upperdir=$DIR/cow/upper,workdir=$DIR/cow/work" root "$ROOT"
    mount -t proc proc "$ROOT/proc"
    mount --bind "$ROOT/proc/sys" "$ROOT/proc/sys"
    mount -o remount,ro,bind "$ROOT/proc/sys"
    mount -t sysfs -o ro sysfs "$ROOT/sys"
    mount -t cgroup2 cgroup2 "$ROOT/sys/fs/cgroup"
    mount -t tmpfs -o mode=755 tmpfs "$ROOT/run"
    mkdir "$ROOT/run/lock"
    mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
    mkdir -p "$ROOT/irabed" "$ROOT/var/log/journal"
    mount --bind "$DIR/share" "$ROOT/irabed"
    local folder
    for folder in "$@"; do
        mkdir -p "$ROOT$folder"
        mount --bind "$folder" "$ROOT$folder"
    done
}

devices() {
    mount -t tmpfs -o mode=755,nosuid tmpfs "$ROOT/dev"
    local name
    for name in null zero full random urandom tty fuse kmsg; do
        [ -e /dev/$name ] || continue
        : >"$ROOT/dev/$name"
        mount --bind /dev/$name "$ROOT/dev/$name"
    done
    mkdir "$ROOT/dev/pts" "$ROOT/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$ROOT/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$ROOT/dev/shm"
    ln -s pts/ptmx "$ROOT/dev/ptmx"
    ln -s /proc/self/fd "$ROOT/dev/fd"
    ln -s fd/0 "$ROOT/dev/stdin"
    ln -s fd/1 "$ROOT/dev/stdout"
    ln -s fd/2 "$ROOT/dev/stderr"
}

# What must not run: units this machine enabled for itself, and whatever wants hardware.
units() {
    rm -rf "$UNITS"/{multi-user,timers,sockets,getty,sysinit}.target.wants
    : >"$ROOT/etc/fstab"
    echo irabed >"$ROOT/etc/hostname"
    local unit
    for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-{control,kernel}.socket \
        systemd-{timesyncd,networkd,resolved,modules-load,random-seed,binfmt,sysctl,hwdb-update}.service \
        proc-sys-fs-binfmt_misc.{automount,mount} dev-hugepages.mount sys-kernel-{debug,tracing,config}.mount \
        sys-fs-fuse-connections.mount getty@tty1.service console-getty.service e2scrub_reap.service \
        apt-daily.timer apt-daily-upgrade.timer; do
        ln -sf /dev/null "$UNITS/$unit"
    done
    cat >"$UNITS/irabed.target" <<UNIT
[Unit]
Description=Test bed
Requires=basic.target
Wants=dbus.service dbus.socket systemd-logind.service systemd-user-sessions.service
After=basic.target systemd-logind.service systemd-user-sessions.service
AllowIsolate=yes
UNIT
}

files "$@"
devices
units
echo "$outer_pid" >"$DIR/pid.new"
mv "$DIR/pid.new" "$DIR/pid"
cd "$ROOT"
mkdir -p .old
pivot_root . .old
umount -l /.old
rmdir /.old 2>/dev/null || true
export container=irabed
unset LANG
exec /lib/systemd/systemd --system --unit=irabed.target --show-status=no --log-target=journal
