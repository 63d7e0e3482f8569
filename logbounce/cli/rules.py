"""`logbounce rules`: what the rules are, and whether their examples hold."""

# ruff: noqa: PT028 - `test_rules` is a command and no test
from __future__ import annotations

import typer

from logbounce.classify.examples import Failure, failures
from logbounce.cli import output
from logbounce.cli.classify import RulesFile
from logbounce.cli.options import Config, Csv, Json, UnopenedDb, rules_file
from logbounce.errors import Exit
from logbounce.rules import Rules, check, load_rules

_LIST = ("position", "rule_id", "category", "bounce_class", "act", "origin", "line", "why", "source")
_FAILURE = ("file", "line", "rule_id", "kind", "text", "decided_by")
_SHORT = ("position", "rule_id", "category", "bounce_class", "why")


def list_rules(
    as_json: Json = False,
    as_csv: Csv = False,
    rules: RulesFile = None,
    db: UnopenedDb = None,
    config: Config = None,
) -> None:
    """List the rules in the order in which they are tried."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    known = load_rules(rules_file(rules, config, db))
    columns = _SHORT if form is output.Shape.TEXT else _LIST
    output.table(columns, ([row[name] for name in columns] for row in _rows(known)), form)


def test_rules(
    as_json: Json = False,
    as_csv: Csv = False,
    rules: RulesFile = None,
    db: UnopenedDb = None,
    config: Config = None,
) -> None:
    """Run the examples of every rule: exit 1 when one fails."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    known = load_rules(rules_file(rules, config, db))
    check(known)
    failed = failures(known)
    if form is output.Shape.JSON:
        output.document({"rules": len(known.rules), "failures": [failure.fields() for failure in failed]})
    elif form is output.Shape.CSV:
        output.table(_FAILURE, ([row[name] for name in _FAILURE] for row in map(Failure.fields, failed)), form)
    else:
        for failure in failed:
            typer.echo(output.visible(_line(failure)))
        output.say(f"{len(known.rules)} rules, {_examples(known)} examples, {len(failed)} failed")
    raise typer.Exit(Exit.NO if failed else Exit.OK)


def _rows(rules: Rules) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for position, rule in enumerate(rules.rules, 1):
        category = rules.categories[rule.category]
        values = (position, rule.id, category.name, category.bounce_class, category.act)
        rest = (rule.origin, rule.line, rule.why or rule.source, rule.source)
        rows.append(dict(zip(_LIST, (*values, *rest), strict=True)))
    return rows


def _examples(rules: Rules) -> int:
    return sum(len(rule.hits) + len(rule.misses) for rule in rules.rules)


def _line(failure: Failure) -> str:
    decided = f"decided by {failure.decided_by}" if failure.decided_by else "no rule matches"
    return f"{failure.rule.place}: {failure.kind}: {decided}: {failure.text}"
