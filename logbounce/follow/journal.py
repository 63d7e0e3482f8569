"""The systemd journal, through journalctl(1): one JSON object a line, from a cursor on."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.errors import InputError
from logbounce.follow import journal_files
from logbounce.follow.journal_place import same_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

_MACHINE = Path("/etc/machine-id")
_MAIL = "SYSLOG_FACILITY=2"  # where Postfix, Exim and Dovecot log, unless told otherwise
# If Postfix was told otherwise: these may log for the first time after we have asked which names there are.
_DAEMONS = (
    *("bounce", "cleanup", "discard", "error", "lmtp", "local", "nqmgr", "oqmgr", "pickup", "pipe", "postscreen"),
    *("postsuper", "qmgr", "relay/smtp", "smtp", "smtpd", "trivial-rewrite", "verify", "virtual"),
)
_MAGIC = re.compile(r"[*?[]")  # as journalctl's --unit knows them
_FIELDS = {
    name: re.compile(rb'"%s"\s*:\s*("(?:[^"\\]|\\.)*")' % name.encode())  # never in a text: its quotes are escaped
    for name in ("_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER")
}


@dataclass(frozen=True)
class Journal:
    """The entries of a systemd unit (a name with a dot, or a pattern of such) or of a syslog identifier.

    An identifier is also the first part of others: `postfix` is postfix/smtp, postfix/qmgr and so on.
    """

    name: str
    directory: str | None
    matches: tuple[str, ...]

    @classmethod
    def named(cls, name: str, directory: str | None) -> Journal:
        """Ask journalctl which names there are that belong to `name`."""
        asked = cls(name, directory, ())
        return replace(asked, matches=asked._matches())

    def follow(self, cursor: str | None, *, once: bool) -> subprocess.Popen[bytes]:
        """Start journalctl with the entry at `cursor`, or with what comes next if it has gone, or at the beginning.

        It could also begin after a cursor, but if that has gone, it leaves out the first entry that is still there.
        When it follows, it shows ten entries only, and none of an earlier boot, if it is not told better.
        """
        command = self._entries("--no-tail", *([f"--cursor={cursor}"] if cursor else []))
        command += [] if once else ["--follow"]
        with _there():
            return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)  # noqa: S603 - no shell

    def last(self) -> str | None:
        """Return the cursor of the last entry that there is now, empty if there is none; None if it cannot be told."""
        entry = _output(self._entries("--lines=1"))
        return None if entry is None else last_cursor(entry.rstrip()) or ""

    def has(self, cursor: str) -> bool:
        """Tell whether the entry is still there, be it in another file with another number."""
        found = last_cursor((_output(self._entries("--lines=1", f"--cursor={cursor}")) or b"").rstrip())
        return found is not None and same_entry(found, cursor)

    def files(self) -> list[journal_files.JournalFile]:
        """Return the files of which the journal consists; none if it cannot be read."""
        return journal_files.listed((_output(self._command("--header")) or b"").decode(errors="replace"))

    def ours(self, lines: bytes) -> bytes:
        """Return those of the lines that belong to `name`: journalctl knows no patterns that hold for new names."""
        if self._field is None:
            return lines
        return b"\n".join(line for line in lines.split(b"\n") if self._is_ours(line, self._field))

    @property
    def _field(self) -> str | None:
        """Return the field that decides; None if journalctl does."""
        if "." not in self.name:
            return "SYSLOG_IDENTIFIER"
        return "_SYSTEMD_UNIT" if _MAGIC.search(self.name) else None

    def _is_ours(self, line: bytes, field: str) -> bool:
        found = _FIELDS[field].search(line)
        return found is not None and _belongs(found[1], self.name)

    def _matches(self) -> tuple[str, ...]:
        """Return what journalctl is to look for: the names that there are, and all mail, for those that will be."""
        local = () if self.directory else _this_machine()
        if self._field is None:
            return (f"--unit={self.name}", *local)
        known = (_output(self._command(f"--field={self._field}")) or b"").decode(errors="replace").splitlines()
        names = {one for one in known if _belongs(json.dumps(one), self.name)}
        if self._field == "SYSLOG_IDENTIFIER":
            names |= {self.name, *(f"{self.name}/{daemon}" for daemon in _DAEMONS)}
        terms = [f"{self._field}={one}" for one in sorted(names)]
        return (*((*terms, *local, "+") if terms else ()), _MAIL, *local)

    def _entries(self, *options: str) -> list[str]:
        """Return a command that prints entries; of this machine's own journal unless there is a directory."""
        return self._command("--merge", "--output=json", "--all", *options, *self.matches)

    def _command(self, *options: str) -> list[str]:
        place = [f"--directory={self.directory}"] if self.directory else []
        return ["journalctl", "--no-pager", "--quiet", *place, *options]


@functools.lru_cache(maxsize=1024)
def _belongs(quoted: bytes | str, name: str) -> bool:
    """Tell whether a name, as JSON has it, is the unit, identifier or first part of identifiers that is meant."""
    value = str(json.loads(quoted))
    return fnmatchcase(value, name) if "." in name else value == name or value.startswith(f"{name}/")


def _this_machine() -> tuple[str, ...]:
    """Return a match for what was logged here: with --merge, what was collected from elsewhere is there as well."""
    return (f"_MACHINE_ID={_MACHINE.read_text(encoding='ascii').strip()}",) if _MACHINE.exists() else ()


def last_cursor(lines: bytes) -> str | None:
    """Return the cursor of the last of whole lines (systemd.journal-fields(7), __CURSOR)."""
    return _cursor(lines.rpartition(b"\n")[2])


def without(cursor: str | None, lines: bytes) -> bytes:
    """Return `lines` without the first one if it is the entry at `cursor`, which has been read."""
    first, _, rest = lines.partition(b"\n")
    return rest if cursor and (found := _cursor(first)) and same_entry(found, cursor) else lines


def _cursor(line: bytes) -> str | None:
    try:
        return str(json.loads(line)["__CURSOR"])
    except (ValueError, KeyError, TypeError):
        return None


def _output(command: list[str]) -> bytes | None:
    """Return what journalctl answers; None if it cannot, which it says when it is to read."""
    with _there():
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell
    return None if done.returncode else done.stdout


@contextmanager
def _there() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError("journalctl: is not on this machine, and the settings name a journal") from error
