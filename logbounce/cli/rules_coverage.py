"""`logbounce rules coverage`: which rules decide in the user's own mail, which never do, what none of them knows."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from logbounce.cli import output
from logbounce.cli.classify import RulesFile
from logbounce.cli.options import Config, Csv, Db, Json, Since, load_settings
from logbounce.database import connect
from logbounce.learn import COVERAGE_COLUMNS, Coverage, coverage
from logbounce.report import Period
from logbounce.rules import Rules, load_rules

_UNUSED = ("rule_id", "category", "bounce_class", "file", "line")


def show_coverage(
    *,
    since: Since = None,
    unused: Annotated[bool, typer.Option("--unused", help="List the rules that decided nothing.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
    rules: RulesFile = None,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say which rules decide in your mail, and which never do.

    And how much of it none of them knows.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    settings = load_settings(config, db)
    period = Period.of(since, None, ZoneInfo(settings.timezone), dt.datetime.now(dt.UTC))
    known = load_rules(rules or settings.rules)
    with connect(settings.database, read_only=True) as connection:
        found = coverage(connection, known, period.since)
    if form is output.Shape.JSON:
        output.document(_document(found, known, period))
    elif unused:
        output.table(_UNUSED, _unused(found, known), form)
    else:
        output.table(COVERAGE_COLUMNS, ([row[name] for name in COVERAGE_COLUMNS] for row in found.rows), form)
    if form is output.Shape.TEXT:
        sys.stdout.write(f"\n{_summary(found, known)}\n")


def _unused(found: Coverage, rules: Rules) -> list[tuple[object, ...]]:
    categories = rules.categories
    return [(r.id, r.category, categories[r.category].bounce_class, r.origin, r.line) for r in found.unused]


def _document(found: Coverage, rules: Rules, period: Period) -> dict[str, object]:
    return {
        "since": period.since.isoformat() if period.since else None,
        "refused_attempts": found.attempts,
        "undetermined_attempts": found.undetermined,
        "undetermined_share": found.share,
        "rules": list(found.rows),
        "unused": [dict(zip(_UNUSED, row, strict=True)) for row in _unused(found, rules)],
    }


def _summary(found: Coverage, rules: Rules) -> str:
    share = "" if found.share is None else f", {100 * found.share:.2f} %"
    return (
        f"{found.attempts} refused attempts; {found.undetermined} undetermined{share}. "
        f"{len(found.unused)} of {len(rules.rules)} rules decided nothing (--unused lists them)."
    )
