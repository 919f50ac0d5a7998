# Sourced by the other scripts: where the repository is, and how they speak.
# shellcheck shell=bash

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

# One build serves running and every ring of tests: all use these flags, so nothing is compiled twice.
FEATURES=(--features ira-window/custom-protocol)

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }
