"""The systemd journal, through journalctl(1): one JSON object a line, from a cursor on."""

from __future__ import annotations

import json
import subprocess

from logbounce.errors import InputError

# Postfix logs as postfix/smtp and so on (syslog_name/daemon; postfix/relay/smtp in its own master.cf), and journalctl
# knows no patterns of identifiers. These may log for the first time after we have asked which ones there are.
_DAEMONS = (
    *("bounce", "cleanup", "discard", "error", "lmtp", "local", "nqmgr", "oqmgr", "pickup", "pipe", "postscreen"),
    *("postsuper", "qmgr", "relay/smtp", "smtp", "smtpd", "trivial-rewrite", "verify", "virtual"),
)


def follow(name: str, *, directory: str | None, cursor: str | None, once: bool) -> subprocess.Popen[bytes]:
    """Start journalctl for a unit (a name with a dot) or a syslog identifier, after `cursor` or from the beginning.

    An identifier is also the first part of others: `postfix` is postfix/smtp, postfix/qmgr and so on.
    """
    journalctl = ["journalctl", "--no-pager", "--quiet", *([f"--directory={directory}"] if directory else [])]
    command = [*journalctl, "--output=json", "--all", f"--after-cursor={cursor}" if cursor else "--no-tail"]
    command += [] if once else ["--follow"]
    try:
        command += [f"--unit={name}"] if "." in name else _identifiers(name, journalctl)
        return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)  # noqa: S603 - no shell
    except FileNotFoundError as error:
        raise InputError("journalctl: is not on this machine, and the settings name a journal") from error


def _identifiers(name: str, journalctl: list[str]) -> list[str]:
    asked = subprocess.run([*journalctl, "--field=SYSLOG_IDENTIFIER"], capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    found = {known for known in asked.stdout.splitlines() if known.startswith(f"{name}/")}
    return [f"--identifier={one}" for one in sorted({name, *found, *(f"{name}/{daemon}" for daemon in _DAEMONS)})]


def last_cursor(lines: bytes) -> str | None:
    """Return the cursor of the last of whole lines (systemd.journal-fields(7), __CURSOR)."""
    try:
        return str(json.loads(lines.rpartition(b"\n")[2])["__CURSOR"])
    except (ValueError, KeyError, TypeError):
        return None
