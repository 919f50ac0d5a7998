#!/usr/bin/env bash
# tests/bed/services.sh COMMAND...: runs COMMAND against a real systemd of its own, with units to try orders
# on. COMMAND gets the bus in DBUS_SYSTEM_BUS_ADDRESS and the bed's folder in IRA_BED.
. "$(dirname "$0")/bed.sh"

[ $# -gt 0 ] || die "usage: tests/bed/services.sh COMMAND..."
BED=$(dirname "$(realpath "$0")")/systemd.sh
DIR=$(mktemp -d /tmp/irabus-XXXXXX)
trap '"$BED" stop "$DIR" >/dev/null 2>&1 || true; rm -rf --one-file-system "$DIR"' EXIT
"$BED" start "$DIR"

units=/proc/$(cat "$DIR/pid")/root/etc/systemd/system
unit() { cat >"$units/$1"; }
unit shop.service <<'UNIT'
[Unit]
Description=A shop that sleeps
[Service]
ExecStart=/bin/sleep 1000
[Install]
WantedBy=irabed.target
UNIT
unit till.service <<'UNIT'
[Unit]
Description=Cannot be without the shop
Requires=shop.service
After=shop.service
[Service]
ExecStart=/bin/sleep 1000
UNIT
unit broken.service <<'UNIT'
[Unit]
Description=Fails at once
[Service]
Type=oneshot
ExecStart=/bin/false
UNIT
unit looping.service <<'UNIT'
[Unit]
Description=Ends and is started again
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sleep 0.2
Restart=always
RestartSec=100ms
UNIT
unit swapped.service <<'UNIT'
[Unit]
Description=Gets another file
[Service]
ExecStart=/bin/sleep 1000
UNIT
for number in 1 2 3; do
    unit several-$number.service <<'UNIT'
[Unit]
Description=One of several that are told the same
[Service]
ExecStart=/bin/sleep 1000
UNIT
done
unit tick.timer <<'UNIT'
[Timer]
OnCalendar=*-01-01 00:00:00
Unit=broken.service
UNIT
"$BED" exec "$DIR" systemctl daemon-reload

export IRA_BED=$DIR
DBUS_SYSTEM_BUS_ADDRESS=unix:path=/proc/$(cat "$DIR/pid")/root/run/dbus/system_bus_socket "$@"
