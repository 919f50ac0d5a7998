#!/usr/bin/env bash
# Part of scripts/zoo: the first process of the zoo's own namespaces. Whatever the animals do, they end with it,
# and their ports and files are nobody else's. It takes in those whose parents ended.
set -euo pipefail
ip link set lo up
mount -t tmpfs -o mode=755 zoo /srv
mkdir -m 1777 /srv/tmp
export TMPDIR=/srv/tmp TMUX_TMPDIR=/srv/tmp
node tests/zoo/zoo.mjs "$@" </dev/null &
keeper=$!
trap 'kill -TERM $keeper' TERM INT
while kill -0 $keeper 2>/dev/null; do
    wait $keeper && status=0 || status=$?
done
exit "${status:-1}"
