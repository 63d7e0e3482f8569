"""`logbounce rules suggest`: rules for what no rule knows, to read, to correct and to paste."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from logbounce.cli import output
from logbounce.cli.classify import RulesFile
from logbounce.cli.options import SINCE, Config, Csv, Db, Json, load_settings
from logbounce.database import connect
from logbounce.learn import Suggestion, Suggestions, suggest, written
from logbounce.report import Period
from logbounce.rules import load_rules

_RULE = ("rule_id", "category", "because", "phrase", "also_matches", "hits", "miss", "templates", "providers")
_AFTER = ("attempts", "addresses", "delivered", "suppressed", "known")


def suggest_rules(
    *,
    since: Annotated[str, SINCE] = "90d",
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1_000, help="Rules at most.")] = 10,
    as_json: Json = False,
    as_csv: Csv = False,
    rules: RulesFile = None,
    db: Db = None,
    config: Config = None,
) -> None:
    """Print rules for the replies that no rule knows.

    They are a rules file, to correct and to paste.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    settings = load_settings(config, db)
    period = Period.of(since, None, ZoneInfo(settings.timezone), dt.datetime.now(dt.UTC))
    known = load_rules(rules or settings.rules)
    with connect(settings.database, read_only=True) as connection:
        found = suggest(connection, known, period.since, limit)
    if form is output.Shape.JSON:
        output.document([dataclasses.asdict(each) for each in found.rules])
    elif form is output.Shape.CSV:
        output.table((*_RULE, *_AFTER), map(_row, found.rules), form)
    else:
        sys.stdout.write(written(found.rules, _notes(found, since)))


def _row(each: Suggestion) -> list[object]:
    return [*(getattr(each, name) for name in _RULE), *(getattr(each.after, name) for name in _AFTER)]


def _notes(found: Suggestions, since: str) -> list[str]:
    lines = [
        f"Replies since {since} that no rule knows, of {found.clusters} kinds; rules for {len(found.rules)} of these."
    ]
    if found.wordless:
        lines.append(f"Templates with too few words for a rule: {found.wordless}.")
    if found.rules:
        lines.append("Each category is a guess. Correct it, then: logbounce rules test --rules THIS_FILE")
    return lines
