"""Writes logbounce.yaml."""

from __future__ import annotations

import json
import os
import re
import string
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from logbounce import shipped
from logbounce.errors import SettingsError

if TYPE_CHECKING:
    from logbounce.init.machine import Found, Machine

_TEMPLATE = Path(__file__).with_name("template.yaml")
_PRIVATE = 0o600
_PLAIN = re.compile(r"[A-Za-z0-9/][\w./-]*", re.ASCII)
_EXAMPLE_SOURCE = "\n#  - {name: mx1, format: postfix, path: /var/log/mail.log}"
_EXAMPLE_IP = "\n#  postfix-ip1: 198.51.100.10"


def write(path: Path, machine: Machine, *, timezone: str, database: Path | None, force: bool) -> None:
    """Write commented settings for this machine, readable by their owner only; an old file stays unless forced."""
    text = _fill(machine, timezone, database.absolute() if database else Path("logbounce.duckdb"))
    put(path, text, _PRIVATE, force=force)


def put(path: Path, text: str, mode: int, *, force: bool) -> None:
    """Write a file that appears at once and whole; what is there stays unless forced, a link to nothing too."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "w", encoding="utf-8") as stream:
            stream.write(text)
            os.fchmod(stream.fileno(), mode)
        _place(draft, path, force=force)
    except FileExistsError as error:
        raise exists(path) from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):  # there is no such folder
            draft.unlink(missing_ok=True)


def exists(path: Path) -> SettingsError:
    """Return the error for a file that is not to be replaced."""
    return SettingsError(f"{path}: exists already: --force replaces it")


def _place(draft: Path, path: Path, *, force: bool) -> None:
    if force:
        draft.replace(path)
    else:
        os.link(draft, path)  # fails when the file is there, also when it came just now


def _fill(machine: Machine, timezone: str, database: Path) -> str:
    sources = "".join(f"\n  - {_source(log, name)}" for name, log in _named(machine.logs))
    addresses = "".join(f"\n  {_quoted(name)}: {_quoted(ip)}" for name, ip in machine.source_ips.items())
    return string.Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        database=_quoted(str(database)),
        timezone=_quoted(timezone),
        formats=", ".join(sorted(file.stem for file in shipped.parsers().glob("*.sql"))),
        sources=sources or _EXAMPLE_SOURCE,
        source_ips=addresses or _EXAMPLE_IP,
    )


def _named(logs: tuple[Found, ...]) -> list[tuple[str, Found]]:
    """Name each source after its format, with a number from the second on."""
    counts: dict[str, int] = {}
    named = []
    for log in logs:
        number = counts[log.format] = counts.get(log.format, 0) + 1
        named.append((log.format if number == 1 else f"{log.format}{number}", log))
    return named


def _source(log: Found, name: str) -> str:
    return f"{{name: {_quoted(name)}, format: {log.format}, path: {_quoted(log.path)}}}"


def _quoted(text: str) -> str:
    """Return a YAML scalar: as it is where YAML reads it back alike, else as JSON, which is YAML."""
    plain = _PLAIN.fullmatch(text) and yaml.safe_load(text) == text
    return text if plain else json.dumps(text)
