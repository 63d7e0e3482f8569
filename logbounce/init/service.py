"""Writes what runs logbounce as a service: systemd units, and snippets for logrotate and cron."""

from __future__ import annotations

import os
import re
import shutil
import string
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.errors import SettingsError
from logbounce.init.writing import exists, put

if TYPE_CHECKING:
    from logbounce.init.machine import Machine

_TEMPLATES = Path(__file__).with_name("systemd")
_SETTINGS = Path("/etc/logbounce/logbounce.yaml")
_LOG = "/var/log/mail.log"
_ROTATED_BY_ITSELF = frozenset({"powermta", "kumomta"})
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # by ProtectHome= and PrivateTmp=  # noqa: S108
_PUBLIC = 0o644  # what /etc/systemd and /etc/cron.d ask for; there is nothing private in them
_WORD = re.compile(r"[\w./:@+,-]+", re.ASCII)  # what systemd, cron and logrotate all take as it stands


def program() -> Path:
    """Return where this program is, as a service has to call it."""
    return Path(shutil.which("logbounce") or sys.argv[0]).absolute()


def hidden(path: Path) -> bool:
    """Tell whether the service, which sees no one's home, cannot see this path."""
    return any(path.is_relative_to(folder) for folder in _HIDDEN)


def write_service(folder: Path, machine: Machine, *, called: Path, config: Path | None, force: bool) -> list[Path]:
    """Write every file of the service into `folder` and return them; one that is there stays unless forced."""
    values = {
        "program": _word(called),
        "config": _word((config or _SETTINGS).absolute()),
        "logs": "\n".join(_logs(machine)),
    }
    files = {folder / template.name: _filled(template, values) for template in sorted(_TEMPLATES.iterdir())}
    for file in files:
        if os.path.lexists(file) and not force:
            raise exists(file)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written: {error.strerror}") from error
    for file, text in files.items():
        put(file, text, _PUBLIC, force=force)
    return list(files)


def _filled(template: Path, values: dict[str, str]) -> str:
    return string.Template(template.read_text(encoding="utf-8")).substitute(values)


def _logs(machine: Machine) -> list[str]:
    """Return the logs that logrotate rotates: PowerMTA and KumoMTA see to their own."""
    found = [log.path for log in machine.logs if log.format not in _ROTATED_BY_ITSELF]
    return [_word(Path(path)) for path in found] or [_LOG]


def _word(path: Path) -> str:
    if not _WORD.fullmatch(str(path)):
        raise SettingsError(f"{path}: a path in a unit file has no blanks and no special characters: use another")
    return str(path)
