"""`logbounce report`: what happened to the mail, as text for a person or cron's mail, as JSON, or as CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from logbounce.cli import output, report_text
from logbounce.cli.options import Config, Csv, Db, Json, Since, load_settings
from logbounce.database import connect
from logbounce.report import Period, Report, Row, build


def report(
    *,
    since: Since = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Up to here, and not including it.")] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Put the period before, as long, beside it.")] = False,
    top: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="Rows of each table.")] = 10,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say who bounces, who blocks, and why."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    settings = load_settings(config, db)
    now = dt.datetime.now(dt.UTC)
    period = Period.of(since, until, ZoneInfo(settings.timezone), now)
    if compare:
        period.before(now)  # refuses what cannot be compared before the database is opened
    with connect(settings.database, read_only=True) as connection:
        found = build(connection, period, compare=compare, top=top, now=now)
    show(found, form, settings.timezone)


def show(report: Report, form: output.Shape, zone: str) -> None:
    """Print a report; days are those of the zone."""
    if form is output.Shape.JSON:
        output.document(_document(report, zone))
    elif form is output.Shape.CSV:
        _csv(report)
    else:
        report_text.write(report, ZoneInfo(zone))


def _document(report: Report, zone: str) -> dict[str, object]:
    return {
        "period": _bounds(report.period),
        "previous_period": _bounds(report.previous) if report.previous else None,
        "timezone": zone,
        "headline": {**report.headline, "verdict": report.verdict},
        **{section.name: section.rows for section in report.sections},
        "coverage": report.coverage,
        "notes": report.notes,
    }


def _bounds(period: Period) -> dict[str, str | None]:
    return {"since": _stamp(period.since), "until": _stamp(period.until)}


def _stamp(time: dt.datetime | None) -> str | None:
    return time.astimezone(dt.UTC).isoformat() if time else None


def _csv(report: Report) -> None:
    columns = ("section", "key", "metric", "value", "previous")
    wide = len(columns) if report.previous else -1
    output.table(columns[:wide], (row[:wide] for row in _flat(report)), output.Shape.CSV)


def _flat(report: Report) -> Iterator[tuple[object, ...]]:
    yield from _metrics("headline", "", {**report.headline, "verdict": report.verdict}, ())
    for section in report.sections:
        for row in section.rows:
            key = " ".join(str(row[name]) for name in section.key if row[name] is not None)
            yield from _metrics(section.name, key, row, section.key)


def _metrics(section: str, key: str, row: Row, left_out: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    before = row.get("previous")
    previous = before if isinstance(before, dict) else {}
    for metric, value in row.items():
        if metric not in (*left_out, "previous"):
            yield (section, key, metric, value, previous.get(metric))
