"""The parser files: SQL with a few `-- key: value` lines at the top."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce import shipped
from logbounce.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_KEY = re.compile(r"^-- (format|wraps|detect|header): ?(.*?)\n", re.MULTILINE)


@dataclass(frozen=True)
class Parser:
    """One .sql file: a format (lines in, events out) or a carrier (how a line reaches us).

    `detect` matches a line of the kind, and its groups, if a carrier's has any, the JSON strings that hold what is
    carried; `wraps` marks a carrier whose content is lines again (docker, Kubernetes); `header` matches a first line
    that names the columns.
    """

    name: str
    sql: str
    detect: re.Pattern[str]
    wraps: bool = False
    header: re.Pattern[str] | None = None

    def reads(self, line: str) -> bool:
        """Tell whether a line is of the kind, or its header."""
        return bool(self.detect.search(line) or (self.header and self.header.search(line)))


def formats() -> dict[str, Parser]:
    """Return the log formats by name."""
    return _read_folder(shipped.parsers())


def carriers() -> dict[str, Parser]:
    """Return the carriers by name."""
    return _read_folder(shipped.parsers() / "carriers")


def by_name(name: str) -> Parser:
    """Return the format called `name`; InputError lists those there are."""
    try:
        return formats()[name]
    except KeyError:
        raise InputError(f"unknown format {name!r}, expected one of {', '.join(formats())}") from None


@functools.cache
def _read_folder(folder: Path) -> dict[str, Parser]:
    return {path.stem: _read(path) for path in sorted(folder.glob("*.sql"))}


def _read(path: Path) -> Parser:
    sql = path.read_text(encoding="utf-8")
    keys = dict(_KEY.findall(sql))
    header = re.compile(keys["header"]) if "header" in keys else None
    return Parser(path.stem, sql, re.compile(keys["detect"]), wraps="wraps" in keys, header=header)
