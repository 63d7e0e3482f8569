"""Asks the database for the sections of a report: data only, the command line prints it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.clock import utc
from logbounce.database import records, statement
from logbounce.report.notes import notes
from logbounce.report.verdict import verdict

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.report.period import Period

Row = dict[str, object]

# Name, what identifies a row, whether the period before is put beside it.
_SECTIONS = (
    ("incidents", ("alert_id", "scope_value", "first_time"), False),
    ("providers", ("provider",), True),
    ("source_ips", ("source_ip",), True),
    ("trouble", ("source_ip", "provider"), True),
    ("domains", ("recipient_domain",), True),
    ("reasons", ("category", "bounce_class", "rule_id", "template"), True),
    ("suppressed", ("address", "stream"), False),
    ("rule_errors", ("rule_id", "category"), False),
    ("complaints", ("provider", "recipient_domain", "feedback_type", "source_ip"), False),
    ("unknown", ("template_id",), False),
    ("unread", ("source_name",), False),
)


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the report; in a comparison each row may have the earlier one as `previous`."""

    name: str
    key: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of a period."""

    period: Period
    previous: Period | None
    headline: Row
    verdict: str
    coverage: Row
    sections: tuple[Section, ...]
    notes: tuple[str, ...]


def build(
    connection: DuckDBPyConnection,
    period: Period,
    *,
    compare: bool = False,
    top: int = 10,
    now: dt.datetime | None = None,
) -> Report:
    """Return the report of a period, beside the one before it if `compare`."""
    previous = period.before(now or dt.datetime.now(dt.UTC)) if compare else None
    earlier = _earlier(connection, previous) if previous else {}
    _choose(connection, period, age=0, top=top)
    connection.execute(statement("report_counts"))
    sections = tuple(
        Section(name, key, tuple(_beside(_ask(connection, name), key, earlier.get(name)))) for name, key, _ in _SECTIONS
    )
    headline = _beside(_ask(connection, "headline"), (), earlier.get("headline"))[0]
    coverage = _ask(connection, "coverage")[0]
    connection.execute("drop table temp.report_counts")
    return Report(period, previous, headline, verdict(headline), coverage, sections, notes(headline, coverage))


def _choose(connection: DuckDBPyConnection, period: Period, *, age: int, top: int | None) -> None:
    connection.execute("set variable report_since = coalesce($1::timestamp, '-infinity')", [_plain(period.since)])
    connection.execute("set variable report_until = coalesce($1::timestamp, 'infinity')", [_plain(period.until)])
    connection.execute("set variable report_age = $1::integer", [age])
    connection.execute("set variable report_top = $1::bigint", [top])


def _plain(time: dt.datetime | None) -> dt.datetime | None:
    return time and utc(time)


def _earlier(connection: DuckDBPyConnection, period: Period) -> dict[str, list[Row]]:
    _choose(connection, period, age=1, top=None)
    connection.execute(statement("report_counts"))
    compared = ["headline", *(name for name, _, compares in _SECTIONS if compares)]
    return {name: _ask(connection, name) for name in compared}


def _ask(connection: DuckDBPyConnection, name: str) -> list[Row]:
    return records(connection, f"report_{name}")


def _beside(rows: list[Row], key: tuple[str, ...], earlier: list[Row] | None) -> list[Row]:
    """Put the figures of the same key in the earlier period, or None, into each row as `previous`."""
    if earlier is None:
        return rows
    known = {_of(row, key): {name: value for name, value in row.items() if name not in key} for row in earlier}
    return [{**row, "previous": known.get(_of(row, key))} for row in rows]


def _of(row: Row, key: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(row[name] for name in key)
