#!/bin/bash
# Puts what tests/live and tests/faults need on a bare Debian 12, as root, from Debian's packages: systemd's tools and
# systemd-journal-remote, logrotate, bzip2, Dovecot, Postfix (with no configuration of its own, so that it never starts by itself) and
# Exim, which dpkg refuses to install beside Postfix and is unpacked into a folder instead.
# Idempotent. LOGBOUNCE_LIVE_DIR names the folder.
set -euo pipefail

live=${LOGBOUNCE_LIVE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/logbounce-live}
exim=exim4-daemon-light
packages='postfix dovecot-imapd dovecot-pop3d iproute2 openssl logrotate bzip2 systemd systemd-journal-remote'
export DEBIAN_FRONTEND=noninteractive

installed() { dpkg-query -W -f '${Status}\n' "$@" 2>/dev/null | grep -c '^install ok installed$'; }

missing() {
    local package
    for package in "$@"; do installed "$package" >/dev/null || echo "$package"; done
}

if [ "$(id -u)" != 0 ]; then
    echo "install.sh: must run as root: it installs packages and adds the user Debian-exim" >&2
    exit 1
fi
# shellcheck disable=SC2086 # a list of package names
if [ -x "$live/exim4" ] && [ -z "$(missing $packages)" ] && ! ldd "$live/exim4" | grep -q 'not found'; then
    echo "install.sh: nothing to do, $live is complete"
    exit 0
fi

apt-get update -qq
libraries=$(apt-cache depends --no-recommends "$exim" | sed -n 's/^ *Depends: \(lib[^<>]*\)$/\1/p')
echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
fresh=$(missing dovecot-imapd)
# shellcheck disable=SC2046,SC2086 # lists of package names
apt-get install -y -qq --no-install-recommends $(missing $packages $libraries) >/dev/null
# The tests start a Dovecot of their own; Debian's would serve this machine's users.
if [ -n "$fresh" ] && [ -d /run/systemd/system ]; then systemctl disable --quiet --now dovecot.service dovecot.socket; fi

mkdir -p "$live"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chown _apt "$scratch" # the user that apt downloads as
(cd "$scratch" && apt-get download -qq "$exim" && dpkg -x "$exim"_*.deb .)
install -m 755 "$scratch/usr/sbin/exim4" "$live/exim4" # set-user-id only within the namespace, see namespace.py

# What the package exim4-base would make: Exim looks its user up by this name and its configuration up in this folder.
getent passwd Debian-exim >/dev/null || useradd --system --home-dir /var/spool/exim4 --shell /usr/sbin/nologin Debian-exim
mkdir -p /etc/exim4 /var/spool/exim4
"$live/exim4" -C /dev/null -bV | sed -n '1s/^/install.sh: /p'
