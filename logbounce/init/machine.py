"""Finds the mail servers of a machine by their logs and configuration."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAIL_BYTES = 65_536
_SYSLOGS = ("var/log/mail.log", "var/log/maillog")
# Debian, upstream's default, Fedora, cPanel.
_EXIM = ("var/log/exim4/mainlog", "var/log/exim/mainlog", "var/log/exim/main.log", "var/log/exim_mainlog")
_MAILLOG_FILE = re.compile(r"^maillog_file\s*=\s*(/\S+)", re.MULTILINE)
_SYSLOG_NAME = re.compile(r"\bsyslog_name\s*=\s*([\w.-]+)")
_BIND_ADDRESS = re.compile(r"\bsmtp_bind_address6?\s*=\s*\[?([0-9A-Fa-f.:]+)")
_ACCT_FILE = re.compile(r"^\s*<acct-file\s+([^|>\s][^>]*?)\s*>", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """A log that is there."""

    format: str
    path: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine shows of its mail servers."""

    logs: tuple[Found, ...]
    source_ips: dict[str, str]


def look(root: Path = Path("/")) -> Machine:
    """Look for logs below `root`; the paths returned are those that the machine itself uses."""
    found = [*_syslogs(root), *_maillog_files(root), *_exim(root), *_powermta(root), *_kumomta(root)]
    return Machine(tuple(dict.fromkeys(found)), dict(_bind_addresses(root)))


def _syslogs(root: Path) -> Iterator[Found]:
    for name in _SYSLOGS:
        if (root / name).is_file() and (format_ := _syslog_format(root, root / name)):
            yield Found(format_, f"/{name}")


def _syslog_format(root: Path, log: Path) -> str | None:
    """Return whose lines stand at the end of a syslog file; an unreadable one is the installed server's."""
    tail = _tail(log)
    if b" postfix" in tail or (root / "etc/postfix/main.cf").is_file():
        return "postfix"
    return "exim" if b" exim[" in tail else None


def _tail(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _TAIL_BYTES))
            return stream.read()
    except OSError:
        return b""


def _maillog_files(root: Path) -> Iterator[Found]:
    """Postfix's own log (postlogd(8)), of each instance."""
    for file in sorted(root.glob("etc/postfix*/main.cf")):
        for path in _MAILLOG_FILE.findall(_text(file)):
            if not path.startswith("/dev/"):
                yield Found("postfix", path)


def _exim(root: Path) -> Iterator[Found]:
    return (Found("exim", f"/{name}") for name in _EXIM if (root / name).is_file())


def _powermta(root: Path) -> Iterator[Found]:
    """Accounting files; PowerMTA puts a date before the suffix when it rotates one."""
    named = _ACCT_FILE.findall(_text(root / "etc/pmta/config"))
    for path in map(Path, named):
        yield Found("powermta", str(path.with_name(f"{path.stem}*{path.suffix}")))
    if not named and any(root.glob("var/log/pmta/*.csv")):
        yield Found("powermta", "/var/log/pmta/*.csv")


def _kumomta(root: Path) -> Iterator[Found]:
    if (root / "var/log/kumomta").is_dir():
        yield Found("kumomta", "/var/log/kumomta/*")


def _bind_addresses(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the instances of master.cf(5) that say which address they send from."""
    for file in sorted(root.glob("etc/postfix*/master.cf")):
        for service in re.sub(r"\n[ \t]+", " ", _text(file)).splitlines():
            name, address = _SYSLOG_NAME.search(service), _BIND_ADDRESS.search(service)
            if name and address and not service.startswith("#"):
                yield name[1], address[1]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
