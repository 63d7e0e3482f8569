"""Tables as text, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from logbounce.cli import output
from logbounce.cli.output import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    """A terminal that remembers what it was shown."""

    def isatty(self) -> bool:
        """Say that somebody is looking."""
        return True


def printed(rows: list[tuple[object, ...]], form: Shape, columns: tuple[str, ...] = ("a", "b")) -> str:
    stream = io.StringIO()
    output.table(columns, rows, form, stream)
    return stream.getvalue()


def test_flags_choose_the_shape() -> None:
    assert output.shape(as_json=False, as_csv=False) is Shape.TEXT
    assert output.shape(as_json=True, as_csv=False) is Shape.JSON
    assert output.shape(as_json=False, as_csv=True) is Shape.CSV
    with pytest.raises(typer.BadParameter):
        output.shape(as_json=True, as_csv=True)


def test_text_aligns_numbers_to_the_right() -> None:
    assert printed([("x", 1), ("longer", 100), (None, None)], Shape.TEXT) == "a         b\nx         1\nlonger  100\n\n"


def test_text_with_a_boolean_is_no_number() -> None:
    assert printed([(True, "x"), (False, "y")], Shape.TEXT) == "a      b\ntrue   x\nfalse  y\n"


def test_text_without_rows_is_its_header() -> None:
    assert printed([], Shape.TEXT) == "a  b\n"


def test_text_counts_wide_and_combining_characters() -> None:
    assert printed([("日本", 1), ("e\u0301", 2)], Shape.TEXT) == "a     b\n日本  1\ne\u0301     2\n"


def test_text_limits_a_cell_in_a_pipe() -> None:
    line = printed([("x" * 500, 1)], Shape.TEXT).splitlines()[1]
    assert line == "x" * 319 + "…  1"


def test_text_in_a_pipe_holds_every_address_whole() -> None:
    longest = f"{'x' * 64}@{'d' * 255}"
    short = [("a@b.example", 1)] * 10_000
    lines = printed([*short, (longest, 123_456), ("z@b.example", 7)], Shape.TEXT).splitlines()
    assert lines[-2:] == [f"{longest}  123456", "z@b.example  7"]


def test_text_on_a_terminal_keeps_to_its_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    stream = Terminal()
    output.table(("a", "b"), [*[("xxx", "y" * 40)] * 600, ("x" * 50, "y")], Shape.TEXT, stream)
    assert {len(line) for line in stream.getvalue().splitlines()[1:-1]} == {30}
    assert stream.getvalue().splitlines()[-1] == "xx…  y"


def test_text_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    stream = Terminal()
    output.table(("short", "long"), [("ab", "日本" * 50)], Shape.TEXT, stream)
    assert stream.getvalue() == "short  long\nab     " + "日本" * 5 + "日…\n"


def test_text_keeps_columns_readable_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "16")
    stream = Terminal()
    output.table(("a", "b"), [("x" * 20, "y" * 20)], Shape.TEXT, stream)
    assert stream.getvalue().splitlines()[1] == "xxxxxxx…  yyyyyyy…"


def test_text_of_more_columns_than_a_terminal_has_room_for_is_a_line_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "15")
    stream = Terminal()
    output.table(("a", "long"), [("\x1b", 1), (None, "z" * 30)], Shape.TEXT, stream)
    assert stream.getvalue() == "row 1\n  a     \\x1b\n  long  1\nrow 2\n  a\n  long  " + "z" * 30 + "\n"


def test_later_rows_keep_the_widths_of_the_first() -> None:
    rows: list[tuple[object, ...]] = [*[("xxx", 1)] * 500, ("y", 2)]
    assert printed(rows, Shape.TEXT).splitlines()[-1] == "y    2"


def endless() -> Iterator[tuple[int]]:
    yield (1,)
    raise AssertionError("read too far")


def test_json_and_csv_print_rows_as_they_come() -> None:
    for form in (Shape.JSON, Shape.CSV):
        stream = io.StringIO()
        with pytest.raises(AssertionError, match="read too far"):
            output.table(("a",), endless(), form, stream)
        assert "1" in stream.getvalue()


JSON = [
    (None, "null"),
    (True, "true"),
    (2**64 - 1, "18446744073709551615"),
    (float("nan"), "null"),
    (float("-inf"), "null"),
    (Decimal("1.50"), "1.5"),
    (Decimal("7.00"), "7"),
    (Decimal("NaN"), "null"),
    (datetime(2026, 11, 20, 10), '"2026-11-20T10:00:00"'),  # noqa: DTZ001 - as DuckDB gives a TIMESTAMP
    (datetime(2026, 11, 20, 10, 0, 0, 500, tzinfo=UTC), '"2026-11-20T10:00:00.000500+00:00"'),
    (date(2026, 11, 20), '"2026-11-20"'),
    (timedelta(hours=1), "3600.0"),
    (b"ab\xff", '"ab\\\\xff"'),
    (["x", None, float("nan")], '["x", null, null]'),
    ((1, Decimal("2.5")), "[1, 2.5]"),
    ({"k": [datetime(2026, 1, 2)]}, '{"k": ["2026-01-02T00:00:00"]}'),  # noqa: DTZ001 - likewise
    ({date(2026, 1, 2): 1}, '{"2026-01-02": 1}'),
    ("ü\x1b\x7f", '"\\u00fc\\u001b\\u007f"'),
]


@pytest.mark.parametrize(("value", "shown"), JSON)
def test_json_values(value: object, shown: str) -> None:
    assert output.encode(value) == shown


def test_json_is_one_array() -> None:
    assert json.loads(printed([(1, "x"), (2, None)], Shape.JSON)) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert printed([], Shape.JSON) == "[]\n"


def test_json_keeps_columns_of_the_same_name() -> None:
    found = json.loads(printed([(1, 2, 3)], Shape.JSON, ("a", "a", "a_2")))
    assert found == [{"a": 1, "a_2": 2, "a_2_2": 3}]


def test_csv_follows_rfc_4180() -> None:
    rows: list[tuple[object, ...]] = [("x,y", 'say "hi"'), (None, 1.5), ([1, 2], datetime(2026, 11, 20, 10))]  # noqa: DTZ001
    assert printed(rows, Shape.CSV) == 'a,b\r\n"x,y","say ""hi"""\r\n,1.5\r\n"[1, 2]",2026-11-20T10:00:00\r\n'


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@a", "\t=1", "\uff1d1", b"=1+1", b"@a"])
def test_csv_has_no_formula(value: object) -> None:
    assert printed([(value, -1)], Shape.CSV).splitlines()[1].startswith("'")
    assert printed([(-1, value)], Shape.CSV).splitlines()[1].startswith("-1,'")


@pytest.mark.parametrize("value", ["-", b"-"])
def test_csv_has_standard_input_as_it_is(value: object) -> None:
    assert printed([(value, value)], Shape.CSV).splitlines()[1] == "-,-"


@given(st.lists(st.tuples(st.text(), st.text())))
def test_csv_holds_what_is_visible(rows: list[tuple[object, ...]]) -> None:
    found = list(csv.reader(io.StringIO(printed(rows, Shape.CSV), newline="")))[1:]
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [
        [output.visible(str(cell)).removeprefix("'") for cell in row] for row in rows
    ]


@given(st.text())
def test_visible_text_can_be_printed_and_ascii_stays(text: str) -> None:
    assert output.visible(text).isprintable()
    if text.isprintable():
        assert output.visible(text) == text


@given(st.lists(st.tuples(st.text(), st.one_of(st.none(), st.floats(), st.integers()))))
def test_json_is_ascii_and_can_be_read(rows: list[tuple[object, ...]]) -> None:
    text = printed(rows, Shape.JSON)
    assert text.isascii()
    assert [row["a"] for row in json.loads(text)] == [row[0] for row in rows]
