"""Which format a log is in and how its lines are carried, by its first lines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.errors import EmptyLogError, InputError
from logbounce.parse import parsers
from logbounce.parse.outer import says_utc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logbounce.parse.parsers import Parser

_ENOUGH = 20  # lines of one format; a syslog may open with pages of another program's
_LINE_CHARACTERS = 4096
_BINARY_BYTES = 1024  # in which a log has no NULs, unless the power failed
_STAMP, _OFFSET = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d", r"(?:Z|[+-]\d\d:\d\d)"
_COLOURS = r"(?:\x1b\[[0-9;]*m)*"
_HEADS = {
    "kubernetes_cri": re.compile(r"^\S+ \S+ \S+ "),
    "docker_logs": re.compile(
        rf"^(?:{_STAMP}|\d{{4}}-\d\d-\d\dT[\d:.]+{_OFFSET}) \S+ [\w./-]+\[\d+\]: (?={_STAMP} [^\s:]+ [^\s:]+: )"
        rf"|^{_COLOURS}(?:[\w.@-]+ +\|{_COLOURS} |\[pod/[\w./-]+\] )?{_COLOURS}"
        rf"(?:\d{{4}}-\d\d-\d\dT[\d:.,]+{_OFFSET} (?:\{{[^{{}}]*\}} )?(?=[A-Z][a-z]{{2}} |\d{{4}}-|<|\{{\"))?"
    ),
    "grep": re.compile(r"^(?:(?:\(standard input\)|[^\s:{]+):(?:\d+:)? ?| *\d+\t)(?=<\d|[A-Z][a-z]{2} |\d{4}-|\{\")"),
}
_SHOWN = 120
_JSON_CHARACTERS = 32_768  # what a shipper knows of a container may be longer than what it says


@dataclass(frozen=True)
class Detected:
    """What a log is: its format, the carriers from the outside in, and its header line if the format has one.

    `utc`: stamps without a zone are in UTC, as those of what carries the lines tell.
    """

    format: str
    wrappers: tuple[str, ...]
    carrier: str
    header: str | None = None
    utc: bool = False


def detect(head: bytes, path: str, wanted: str | None = None, carried: str | None = None) -> Detected:
    """Tell the format of the log that begins with `head`.

    `wanted` is what --format said, `carried` the carrier that the settings name. InputError shows the first line that
    no format understands and lists the formats.
    """
    lines = _first_lines(head)
    known = ", ".join(parsers.formats())
    if not head.strip():
        raise EmptyLogError(f"{path}: is empty; expected a mail log ({known})")
    if not lines or (b"\0" in head[:_BINARY_BYTES] and not _format(lines)):
        raise InputError(f"{path}: is a binary file; expected a mail log ({known})")
    named = parsers.carriers()[carried] if carried else None
    wrappers, inner = _unwrap(lines, named)
    carrier = named if named and not named.wraps else _carrier(inner)
    found = parsers.by_name(wanted) if wanted else _format(_texts(inner, carrier))
    if found is None:
        where = f"{path}:{_blank_lines(head) + 1}"
        raise InputError(
            f"{where}: not understood: {lines[0][:_SHOWN]!r}; expected one of {known} (--format says which)"
        )
    header = next((line for line in inner[:1] if found.header and found.header.search(line)), None)
    utc = bool(wrappers) and says_utc(zip(lines, inner, strict=True))
    return Detected(found.name, wrappers, carrier.name if carrier else "bare", header, utc)


def speaks(head: bytes, name: str) -> bool:
    """Tell whether a line at the beginning of a log is of the format `name`; other lines may be of others."""
    parser = parsers.by_name(name)
    _, lines = _unwrap(_first_lines(head), None)
    return any(map(parser.reads, _texts(lines, _carrier(lines))))


def _first_lines(head: bytes) -> list[str]:
    text = head.decode("utf-8", errors="replace").removeprefix("\ufeff")
    lines = (line.lstrip("\0") for line in text.splitlines())  # as arrow_lines() does
    return [line[: _JSON_CHARACTERS if line.startswith("{") else _LINE_CHARACTERS] for line in lines if line.strip()]


def _blank_lines(head: bytes) -> int:
    """Return how many lines without text come first."""
    return (head[: len(head) - len(head.lstrip())]).count(b"\n")


def _unwrap(lines: list[str], named: Parser | None) -> tuple[tuple[str, ...], list[str]]:
    wrapper = named if named and named.wraps else _majority(lines, (c for c in parsers.carriers().values() if c.wraps))
    if wrapper is None:
        return (), lines
    return (wrapper.name,), _texts(lines, wrapper)


def _carrier(lines: list[str]) -> Parser | None:
    return _majority(lines, (c for c in parsers.carriers().values() if not c.wraps and c.name != "bare"))


def _texts(lines: list[str], carrier: Parser | None) -> list[str]:
    """Return what the lines hold as far as a parser would not see it in them as they are."""
    if carrier is None or not (carrier.name in _HEADS or carrier.detect.groups):
        return lines
    return [_content(carrier, line) for line in lines]


def _content(carrier: Parser, line: str) -> str:
    """Return what a line holds, near enough to tell its format: `detect` has groups for the strings of JSON."""
    if carrier.name in _HEADS:
        return _HEADS[carrier.name].sub("", line, count=1)
    found = carrier.detect.search(line)
    return ": ".join(map(_unescaped, found.groups())) if found else line


def _unescaped(string: str) -> str:
    """Return what a JSON string says; one that is cut within an escape as it is."""
    try:
        return str(json.loads(f'"{string}"', strict=False)).strip()
    except ValueError:
        return string


def _majority(lines: list[str], candidates: Iterable[Parser]) -> Parser | None:
    """Return the first candidate that at least half of the first lines match."""
    first = lines[:_ENOUGH]
    return next((c for c in candidates if 2 * sum(bool(c.detect.search(line)) for line in first) >= len(first)), None)


def _format(lines: list[str]) -> Parser | None:
    """Return the format that the most lines match, looking no further than it takes to be sure."""
    counts = dict.fromkeys(parsers.formats().values(), 0)
    for line in lines:
        for parser in counts:
            counts[parser] += parser.reads(line)
        if max(counts.values()) >= _ENOUGH:
            break
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else None
