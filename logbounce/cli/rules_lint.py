"""`logbounce rules lint`: what is wrong with rules though their examples hold."""

from __future__ import annotations

import typer

from logbounce.cli import output
from logbounce.cli.classify import RulesFile
from logbounce.cli.options import Config, Json, load_settings
from logbounce.errors import Exit
from logbounce.lint import lint
from logbounce.rules import check, load_rules


def lint_rules(as_json: Json = False, rules: RulesFile = None, config: Config = None) -> None:
    """Find what can never act in the rules, or says nothing.

    Exit 1 when there is any.
    """
    known = load_rules(rules or load_settings(config, None).rules)
    check(known)
    found = lint(known)
    wrong = sum(not finding.is_note for finding in found)
    if as_json:
        output.document({"rules": len(known.rules), "findings": [finding.fields() for finding in found]})
    else:
        for finding in found:
            typer.echo(output.visible(finding.line))
        output.say(f"{len(known.rules)} rules, {wrong} findings, {len(found) - wrong} notes")
    raise typer.Exit(Exit.NO if wrong else Exit.OK)
