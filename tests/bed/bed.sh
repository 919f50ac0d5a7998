# Sourced by the beds: how they fail, wait and find their folder.
# shellcheck shell=bash

set -euo pipefail
BED_NAME=$(basename "$0" .sh)

die() {
    echo "$BED_NAME: $*" >&2
    exit 1
}

# Ends a bed that cannot be made on this machine; whoever runs it says so and goes on.
skip() {
    echo "$BED_NAME: $*" >&2
    exit 77
}

# need PACKAGES PROGRAM...: ends with what to install when a program is missing.
need() {
    local packages=$1 program
    shift
    for program in "$@"; do
        command -v "$program" >/dev/null || skip "no $program: apt-get install -y --no-install-recommends $packages"
    done
}

# within SECONDS COMMAND...: repeats COMMAND until it succeeds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# end SIGNAL PID...: sends SIGNAL, and KILL to those still there after five seconds.
end() {
    local signal=$1 pid
    shift
    for pid in "$@"; do kill "-$signal" "$pid" 2>/dev/null || true; done
    for pid in "$@"; do within 5 is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true; done
}
