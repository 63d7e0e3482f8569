"""`logbounce rules apply`, `undo` and `replay`: other rules for what is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from logbounce import revise
from logbounce.cli import output
from logbounce.cli.classify import RulesFile
from logbounce.cli.options import Config, Csv, Db, Json, Since, load_settings
from logbounce.report import Period
from logbounce.rules import load_rules

if TYPE_CHECKING:
    from logbounce.revise import Replay, Revision
    from logbounce.settings import Settings

Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Why, for `rule_versions`.")]
NewRules = Annotated[
    Path | None,
    typer.Argument(
        metavar="NEW.yaml", readable=False, help="Your own rules as they would be; else those of the settings."
    ),
]
Top = Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="Addresses of each kind.")]

_TOLD = {
    "suppressed": "addresses newly suppressed",
    "released": "addresses released",
    "replaced": "addresses suppressed for another reason",
}


def apply(
    *,
    rules: RulesFile = None,
    note: Note = None,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Judge all that is stored by the rules as they are now, in one transaction; `rules undo` takes it back.

    Addresses are released or suppressed as the new classes ask for. What people decided, and complaints, stand.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    settings = load_settings(config, db)
    done = revise.apply(settings.database, load_rules(rules or settings.rules), note)
    _tell(done, form)
    if rules and not _is_in_force(rules, settings):
        output.say(f"new responses are judged by the rules of the settings: name {rules} there, as `rules:`")


def undo(as_json: Json = False, as_csv: Csv = False, db: Db = None, config: Config = None) -> None:
    """Take back the last `rules apply`: classes and suppressions are as before it, but for what happened since."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    _tell(revise.undo(load_settings(config, db).database), form)


def replay(
    new: NewRules = None,
    *,
    since: Since = None,
    top: Top = 10,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say what `rules apply` would change.

    Nothing is written. Who accepted mail later shows which rules are right.
    With --since only what concerns addresses with news since then is told.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    settings = load_settings(config, db)
    period = Period.of(since, None, ZoneInfo(settings.timezone), dt.datetime.now(dt.UTC))
    found = revise.replay(settings.database, load_rules(new or settings.rules), since=period.since, top=top)
    if form is output.Shape.JSON:
        output.document(asdict(found))
    elif form is output.Shape.CSV:
        output.table(("section", "key", "metric", "value"), _flat(found), form)
    else:
        _print(found)


def _tell(done: Revision, form: output.Shape) -> None:
    if form is output.Shape.JSON:
        output.document(done._asdict())
    elif form is output.Shape.CSV:
        output.table(done._fields, [done], form)
    elif done.version is None:
        typer.echo("nothing changes: the rules judge what is stored as it was judged")
    else:
        heading = f"rules version {done.version}{f': takes version {done.undoes} back' if done.undoes else ''}"
        rows = [("responses judged otherwise", done.templates_changed), *_counts(done._asdict(), always=True)]
        output.table((heading, "n"), (row[:2] for row in rows), output.Shape.TEXT)


def _is_in_force(rules: Path, settings: Settings) -> bool:
    return settings.rules is not None and rules.resolve() == settings.rules.resolve()


def _flat(found: Replay) -> Iterator[tuple[object, ...]]:
    yield from (("totals", "", metric, value) for metric, value in found.totals.items())
    for row in found.templates:
        yield from _metrics("templates", f"{row['old_category']} to {row['new_category']}", row)
    for row in found.addresses:
        yield from _metrics(str(row["effect"]), f"{row['address']} {row['stream']}".strip(), row)


def _metrics(section: str, key: str, row: revise.Row) -> Iterator[tuple[object, ...]]:
    return ((section, key, metric, value) for metric, value in row.items())


def _print(found: Replay) -> None:
    totals = found.totals
    typer.echo(f"{totals['reclassed']} of {totals['templates']} responses would have another class", nl=False)
    typer.echo(f", {totals['other_rule']} only another rule")
    if totals["policy_changed"]:
        typer.echo("the policy would be another one: every address is judged again")
    _section(("was", "would be", "responses", "attempts", "addresses", "such as"), map(_template, found.templates))
    _section(("", "n", "accepted mail later"), _counts(totals))
    columns = ("address", "would be", "because", "by rule", "last bounce (UTC)", "accepted mail (UTC)")
    _section(columns, map(_address, found.addresses))


def _section(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    if shown := list(rows):
        typer.echo()
        output.table(columns, shown, output.Shape.TEXT)


def _template(row: revise.Row) -> tuple[object, ...]:
    classes = [f"{row[f'{age}_category']} ({row[f'{age}_bounce_class']})" for age in ("old", "new")]
    return (*classes, row["templates"], row["attempts"], row["addresses"], row["sample"])


def _counts(totals: revise.Row, *, always: bool = False) -> Iterator[tuple[object, ...]]:
    for name, told in _TOLD.items():
        if totals[name] or always:
            yield told, totals[name], totals.get(f"{name}_accepted_later")


def _address(row: revise.Row) -> tuple[object, ...]:
    address = f"{row['address']} ({row['stream']})" if row["stream"] else row["address"]
    times = (_minute(row["last_evidence"]), _minute(row["accepted_time"]))
    return (address, row["effect"], f"{row['reason']} ({row['category']})", row["rule_id"], *times)


def _minute(time: object) -> str:
    return f"{time:%Y-%m-%d %H:%M}" if isinstance(time, dt.datetime) else ""
