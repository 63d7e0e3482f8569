#!/bin/bash
# Puts the programs that `make bench` compares with on Debian, as root: pflogsumm, and eximstats out of exim4-base,
# which is unpacked into the benchmark's folder because installing it would bring a mail server along.
set -euo pipefail

folder=${LOGBOUNCE_BENCH_DIR:-${TMPDIR:-/tmp}/logbounce-bench}
export DEBIAN_FRONTEND=noninteractive

if ! command -v pflogsumm >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends pflogsumm >/dev/null
fi
if ! command -v eximstats >/dev/null && [ ! -e "$folder/peers/usr/sbin/eximstats" ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    chown _apt "$scratch" # the user that apt downloads as
    (cd "$scratch" && apt-get download -qq exim4-base)
    mkdir -p "$folder/peers"
    dpkg -x "$scratch"/exim4-base_*.deb "$folder/peers"
fi
echo "install.sh: pflogsumm and eximstats are there"
