"""The one place that prints tables: as text, JSON or CSV. Log text is hostile: nothing in it acts on the reader."""

from __future__ import annotations

import itertools
import json
import math
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TextIO

import typer

Row = Sequence[object]

_SAMPLE_ROWS = 500  # a table's columns are as wide as its first rows need
_PIPE_CELL = 320  # columns of a cell when no terminal says how wide it is: of any address (RFC 5321, 64 + 1 + 255)
_NARROWEST = 8  # a cut column of fewer characters says nothing
_GAP = "  "
# https://owasp.org/www-community/attacks/CSV_Injection, with the full-width forms that spreadsheets read likewise
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_DASH = "-"  # alone it is no formula: standard input
_QUOTED = frozenset('",;\t|')  # a semicolon or tab is a separator to some spreadsheets


class Shape(Enum):
    """How a table is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def shape(*, as_json: bool, as_csv: bool) -> Shape:
    """Return the shape that the flags --json and --csv ask for."""
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other")
    if as_json:
        return Shape.JSON
    return Shape.CSV if as_csv else Shape.TEXT


def table(columns: Sequence[str], rows: Iterable[Row], form: Shape, stream: TextIO | None = None) -> None:
    """Print rows as they come; a large result never stands in memory."""
    stream = stream or sys.stdout
    if form is Shape.JSON:
        _json(columns, rows, stream)
    elif form is Shape.CSV:
        _csv(columns, rows, stream)
    else:
        _text(columns, rows, stream)


def document(content: object, stream: TextIO | None = None) -> None:
    """Print one JSON document."""
    (stream or sys.stdout).write(encode(content, indent=2) + "\n")


def visible(text: str) -> str:
    r"""Return text with control, format and other unprintable characters spelled out, as \x1b or \u202e."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def encode(content: object, indent: int | None = None) -> str:
    """Return JSON that is pure ASCII, so that no terminal acts on it; NaN and infinity are null."""
    try:
        text = (_LINE if indent is None else _strict(indent)).encode(content)
    except (TypeError, ValueError):  # keys that are no text; NaN: rare, and ten times slower to look for
        text = json.dumps(plain(content), allow_nan=False, indent=indent)
    return text.replace("\x7f", "\\u007f")


def _strict(indent: int | None) -> json.JSONEncoder:
    return json.JSONEncoder(default=_scalar, allow_nan=False, indent=indent)


def plain(value: object) -> object:
    """Return a value as JSON's own types; times are ISO 8601 in UTC."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return _scalar(value)


def _scalar(value: object) -> object:
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _number(value: float | Decimal) -> int | float | None:
    if not math.isfinite(value):
        return None
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else float(value)


def _json(columns: Sequence[str], rows: Iterable[Row], stream: TextIO) -> None:
    names = _distinct(columns)
    separator = "[\n"
    for row in rows:
        stream.write(separator + encode(dict(zip(names, row, strict=True))))
        separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def _distinct(columns: Sequence[str]) -> list[str]:
    """Name each column once: an object would lose the first of two that are called alike."""
    names: list[str] = []
    for column in columns:
        candidates = itertools.chain([column], (f"{column}_{number}" for number in itertools.count(2)))
        names.append(next(name for name in candidates if name not in names))
    return names


def _csv(columns: Sequence[str], rows: Iterable[Row], stream: TextIO) -> None:
    stream.writelines(",".join(map(_csv_cell, row)) + "\r\n" for row in itertools.chain([columns], rows))


def _csv_cell(value: object) -> str:
    text = cell(value)
    said = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    if isinstance(said, str) and said.startswith(_FORMULA) and said != _DASH:
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if _QUOTED.intersection(text) else text


def cell(value: object) -> str:
    """Return what a text table or CSV shows of a value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return visible(value)
    simple = plain(value)
    return visible(simple) if isinstance(simple, str) else _scalar_text(simple)


def _scalar_text(value: object) -> str:
    return "" if value is None else encode(value)


def _text(columns: Sequence[str], rows: Iterable[Row], stream: TextIO) -> None:
    head = [visible(column) for column in columns]
    if stream.isatty() and _NARROWEST * len(columns) > shutil.get_terminal_size().columns:
        _records(head, rows, stream)
    else:
        _grid(head, rows, stream)


def _records(head: list[str], rows: Iterable[Row], stream: TextIO) -> None:
    """Print a line for each value, where a terminal is too narrow for a line for each row."""
    width = max(map(_width, head))
    for number, row in enumerate(rows, 1):
        stream.write(f"row {number}\n")
        stream.writelines(
            f"  {_pad(name, width, right=False)}{_GAP}{cell(value)}".rstrip() + "\n"
            for name, value in zip(head, row, strict=True)
        )


def _grid(head: list[str], rows: Iterable[Row], stream: TextIO) -> None:
    remaining = iter(rows)
    sample = list(itertools.islice(remaining, _SAMPLE_ROWS))
    right = [_is_numeric(column) for column in zip(*sample, strict=True)] or [False] * len(head)
    shown = [head, *([cell(value) for value in row] for row in sample)]
    widths = _fit([max(map(_width, column)) for column in zip(*shown, strict=True)], stream)
    # What comes after the first rows may be wider: in a pipe a value out of line is better than one that is cut short.
    most = widths if stream.isatty() else [_PIPE_CELL] * len(widths)
    for line in itertools.chain(shown, ([cell(value) for value in row] for row in remaining)):
        fitted = (_shortened(text, limit) for text, limit in zip(line, most, strict=True))
        padded = (_pad(text, width, right=side) for text, width, side in zip(fitted, widths, right, strict=True))
        stream.write(_GAP.join(padded).rstrip() + "\n")


def _is_numeric(values: Iterable[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in known
    )


def _fit(widths: list[int], stream: TextIO) -> list[int]:
    """Narrow the widest columns until the table fits the terminal; a pipe only has a limit for one cell."""
    if not stream.isatty():
        return [min(width, _PIPE_CELL) for width in widths]
    room = shutil.get_terminal_size().columns - len(_GAP) * (len(widths) - 1)
    limit = max(widths, default=0)
    while limit > _NARROWEST and sum(min(width, limit) for width in widths) > room:
        limit -= 1
    return [min(width, limit) for width in widths]


def _width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _pad(text: str, width: int, *, right: bool) -> str:
    blank = " " * (width - _width(text))
    return blank + text if right else text + blank


def _shortened(text: str, width: int) -> str:
    return text if _width(text) <= width else _cut(text, width - 1) + "…"


def _cut(text: str, width: int) -> str:
    used = itertools.accumulate(map(_char_width, text))
    return "".join(char for char, total in zip(text, used, strict=True) if total <= width)


def say(message: str) -> None:
    """Tell the person something: on stderr, escaped."""
    sys.stderr.write(visible(message) + os.linesep)


_LINE = _strict(None)  # to make one takes longer than to encode a line
