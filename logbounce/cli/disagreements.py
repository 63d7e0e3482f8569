"""`logbounce rules disagreements`: where codes, words and the mail server say different things."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, Since, load_settings
from logbounce.database import connect
from logbounce.report import Period
from logbounce.report import disagreements as find

_SHORT = {
    "hard_by": "hard by",
    "rule_class": "rule",
    "code_class": "code",
    "status_class": "status",
    "mta_class": "mta",
    "addresses": "addresses",
    "rule_id": "rule_id",
    "sample": "sample",
}


def disagreements(
    since: Since = None, as_json: Json = False, as_csv: Csv = False, db: Db = None, config: Config = None
) -> None:
    """List the responses on which codes and rule differ.

    Four give a response a class: the reply code alone, the enhanced code alone, the rule, the mail server's own
    category. What somebody would suppress for comes first; `hard by` says who.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    settings = load_settings(config, db)
    period = Period.of(since, None, ZoneInfo(settings.timezone), dt.datetime.now(dt.UTC))
    with connect(settings.database, read_only=True) as connection:
        columns, rows = find(connection, period.since)
    if form is output.Shape.TEXT:
        named = (dict(zip(columns, row, strict=True)) for row in rows)
        output.table(tuple(_SHORT.values()), ([_cell(name, row[name]) for name in _SHORT] for row in named), form)
    else:
        output.table(columns, rows, form)


def _cell(name: str, value: object) -> object:
    if name == "hard_by" and isinstance(value, list):
        return ", ".join(value) or "nobody"
    return value
