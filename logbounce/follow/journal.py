"""The systemd journal, through journalctl(1): one JSON object a line, from a cursor on."""

from __future__ import annotations

import json
import subprocess

from logbounce.errors import InputError

# Postfix logs as postfix/smtp and so on (syslog_name/daemon), and journalctl knows no patterns of identifiers.
_DAEMONS = (
    *("anvil", "bounce", "cleanup", "discard", "error", "flush", "lmtp", "local", "master", "nqmgr", "oqmgr", "pickup"),
    *("pipe", "postdrop", "postqueue", "postscreen", "postsuper", "proxymap", "qmgr", "qmqpd", "relay", "retry"),
    *("scache", "sendmail", "showq", "smtp", "smtpd", "spawn", "tlsmgr", "tlsproxy", "trace", "trivial-rewrite"),
    *("verify", "virtual"),
)


def follow(name: str, *, directory: str | None, cursor: str | None, once: bool) -> subprocess.Popen[bytes]:
    """Start journalctl for a unit (a name with a dot) or a syslog identifier, after `cursor` or from the beginning.

    An identifier is also the first part of others: `postfix` is postfix/smtp, postfix/qmgr and so on.
    """
    names = (name, *(f"{name}/{daemon}" for daemon in _DAEMONS))
    chosen = [f"--unit={name}"] if "." in name else [f"--identifier={one}" for one in names]
    command = ["journalctl", "--output=json", "--no-pager", "--quiet", "--all", *chosen]
    command += ["--directory", directory] if directory else []
    command += ["--after-cursor", cursor] if cursor else ["--no-tail"]
    command += [] if once else ["--follow"]
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)  # noqa: S603 - no shell
    except FileNotFoundError as error:
        raise InputError("journalctl: is not on this machine, and the settings name a journal") from error


def last_cursor(lines: bytes) -> str | None:
    """Return the cursor of the last of whole lines (systemd.journal-fields(7), __CURSOR)."""
    try:
        return str(json.loads(lines.rpartition(b"\n")[2])["__CURSOR"])
    except (ValueError, KeyError, TypeError):
        return None
