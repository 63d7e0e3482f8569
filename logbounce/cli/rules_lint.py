"""`logbounce rules lint`: what is wrong with rules though their examples hold."""

from __future__ import annotations

import typer

from logbounce.cli import output
from logbounce.cli.classify import RulesFile
from logbounce.cli.options import Config, Csv, Json, UnopenedDb, rules_file
from logbounce.errors import Exit
from logbounce.lint import Finding, lint
from logbounce.rules import check, load_rules

_COLUMNS = ("file", "line", "rule_id", "kind", "what")


def lint_rules(
    as_json: Json = False,
    as_csv: Csv = False,
    rules: RulesFile = None,
    db: UnopenedDb = None,
    config: Config = None,
) -> None:
    """Find what can never act in the rules, or says nothing.

    Exit 1 when there is any.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    known = load_rules(rules_file(rules, config, db))
    check(known)
    found = lint(known)
    wrong = sum(not finding.is_note for finding in found)
    if form is output.Shape.JSON:
        output.document({"rules": len(known.rules), "findings": [finding.fields() for finding in found]})
    elif form is output.Shape.CSV:
        output.table(_COLUMNS, ([row[name] for name in _COLUMNS] for row in map(Finding.fields, found)), form)
    else:
        for finding in found:
            typer.echo(output.visible(finding.line))
        output.say(f"{len(known.rules)} rules, {wrong} findings, {len(found) - wrong} notes")
    raise typer.Exit(Exit.NO if wrong else Exit.OK)
