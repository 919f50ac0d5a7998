#!/usr/bin/env bash
# tests/bed/containers.sh COMMAND...: runs COMMAND against a real Docker engine of its own with a small project,
# which it finds by DOCKER_HOST. The engine's folder is in IRA_BED.
. "$(dirname "$0")/bed.sh"

[ $# -gt 0 ] || die "usage: tests/bed/containers.sh COMMAND..."
BED=$(dirname "$(realpath "$0")")/docker.sh
DIR=$(mktemp -d /tmp/iradock-XXXXXX)
trap '"$BED" stop "$DIR" >/dev/null 2>&1 || true' EXIT
"$BED" start "$DIR"
export IRA_BED=$DIR DOCKER_HOST=unix://$DIR/docker.sock

# A service of the project: NAME, then options of "docker run". It ends when it is asked to.
service() {
    local name=$1
    shift
    docker run -d --network host --name "shop-$name-1" --label com.docker.compose.project=shop \
        --label "com.docker.compose.service=$name" "$@" local/busybox:1 \
        sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done' >/dev/null
}
docker volume create orphan >/dev/null
service db --volume shop_data:/data --restart unless-stopped
service web --label com.docker.compose.depends_on=db:service_started:false \
    --health-cmd true --health-interval 1s
# One for each test that removes one.
for name in left spare; do
    docker create --name $name --network host local/busybox:1 sh -c 'exit 3' >/dev/null
done

"$@"
