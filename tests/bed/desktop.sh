#!/usr/bin/env bash
# tests/bed/desktop.sh COMMAND...: runs COMMAND on a desktop of its own: a virtual screen on a free display,
# a session bus, a notification daemon (dunst), a tray watcher, and empty XDG folders. All of it
# ends with COMMAND, whose exit status it returns.
bed=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$bed/bed.sh"

screen_and_bus() {
    need "xvfb dbus dunst libglib2.0-bin python3-gi python3-dbus" Xvfb dbus-run-session dunst gdbus /usr/bin/python3
    DESKTOP_DIR=$(mktemp -d "${TMPDIR:-/tmp}/desktop.XXXXXX")
    Xvfb -displayfd 3 -screen 0 1700x1050x24 -nolisten tcp \
        3>"$DESKTOP_DIR/display" >"$DESKTOP_DIR/xvfb.log" 2>&1 </dev/null &
    local xvfb=$!
    trap 'kill '$xvfb' 2>/dev/null; wait '$xvfb' 2>/dev/null; rm -rf "$DESKTOP_DIR"' EXIT
    within 10 test -s "$DESKTOP_DIR/display" || {
        cat "$DESKTOP_DIR/xvfb.log" >&2
        die "Xvfb gave no display"
    }
    export DESKTOP_DIR
    DISPLAY=:$(cat "$DESKTOP_DIR/display") && export DISPLAY
    unset WAYLAND_DISPLAY
    export HOME=$DESKTOP_DIR/home XDG_RUNTIME_DIR=$DESKTOP_DIR/run XDG_DATA_HOME=$DESKTOP_DIR/data
    export XDG_CONFIG_HOME=$DESKTOP_DIR/config XDG_CACHE_HOME=$DESKTOP_DIR/cache XDG_STATE_HOME=$DESKTOP_DIR/state
    mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
    dbus-run-session -- "$bed/desktop.sh" "$@"
}

daemons_are_up() {
    local names
    names=$(gdbus call --session -d org.freedesktop.DBus -o /org/freedesktop/DBus -m org.freedesktop.DBus.ListNames)
    [[ $names == *org.freedesktop.Notifications* && $names == *org.kde.StatusNotifierWatcher* ]]
}

daemons() {
    dunst -conf /dev/null >"$DESKTOP_DIR/dunst.log" 2>&1 </dev/null &
    local dunst=$!
    # Debian's python3-dbus belongs to the system's own Python.
    /usr/bin/python3 "$bed/tray_watcher.py" >"$DESKTOP_DIR/tray.log" 2>&1 </dev/null &
    local watcher=$!
    trap 'kill '"$dunst $watcher"' 2>/dev/null || true' EXIT
    within 10 daemons_are_up || {
        cat "$DESKTOP_DIR/dunst.log" "$DESKTOP_DIR/tray.log" >&2
        die "the notification daemon or the tray watcher did not come up"
    }
    "$@"
}

[ $# -gt 0 ] || die "usage: tests/bed/desktop.sh COMMAND..."
if [ -z "${DESKTOP_DIR:-}" ]; then screen_and_bus "$@"; else daemons "$@"; fi
