"""`logbounce rules show`: one rule, with everything that its file says of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from logbounce.cli import output
from logbounce.cli.classify import RulesFile
from logbounce.cli.options import Config, Csv, Json, UnopenedDb, rules_file
from logbounce.cli.paragraph import paragraph
from logbounce.rules import CONDITIONS, Example, Rule, Rules, find, is_pattern, load_rules

_LABEL = 12  # columns before what a line says
_LISTS = {"all": "all of", "not": "none of", "sql": ""}  # what the list of a key means, if not "any of"
_FIELDS = {"all": "every", "not": "none"}  # where Rule has other names
_WORDS = ("text", "all", "not")
_KNOWN = ("provider", "smtp_stage", "mta")


def show_rule(
    rule_id: Annotated[str, typer.Argument(metavar="RULE_ID", help="The id, as `rules list` shows it.")],
    *,
    as_json: Json = False,
    as_csv: Csv = False,
    rules: RulesFile = None,
    db: UnopenedDb = None,
    config: Config = None,
) -> None:
    """Show one rule: where it stands, its conditions, why, and its examples. CSV has its lists as JSON."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    known = load_rules(rules_file(rules, config, db))
    position, rule = find(known, rule_id)
    if form is output.Shape.JSON:
        output.document(_document(known, position, rule))
    elif form is output.Shape.CSV:
        fields = _document(known, position, rule)
        output.table(list(fields), [list(fields.values())], form)
    else:
        sys.stdout.writelines(line + "\n" for line in _text(known, position, rule))


def conditions(rule: Rule) -> dict[str, list[str]]:
    """Return the conditions that the rule has, by their keys."""
    values = {key: getattr(rule, _FIELDS.get(key, key)) for key in CONDITIONS}
    return {key: [value] if isinstance(value, str) else list(value) for key, value in values.items() if value}


def _document(rules: Rules, position: int, rule: Rule) -> dict[str, object]:
    category = rules.categories[rule.category]
    return {
        "rule_id": rule.id,
        "position": position,
        "rules": len(rules.rules),
        "file": rule.origin,
        "line": rule.line,
        "category": category.name,
        "bounce_class": category.bounce_class,
        "act": category.act,
        "scope": category.scope,
        "says": category.says,
        "conditions": conditions(rule),
        "why": rule.why,
        "source": rule.source,
        "hits": [_example(example) for example in rule.hits],
        "misses": [_example(example) for example in rule.misses],
    }


def _example(example: Example) -> dict[str, str | None]:
    return {"text": example.text, **{name: getattr(example, name) for name in _KNOWN}}


def _text(rules: Rules, position: int, rule: Rule) -> Iterator[str]:
    category = rules.categories[rule.category]
    yield f"{rule.id}: {category.name}"
    yield from _row("class", f"{category.bounce_class} (act {category.act}, scope {category.scope}): {category.says}")
    yield from _row("stands in", f"{rule.origin}:{rule.line}, number {position} of {len(rules.rules)}")
    yield from _row("why", rule.why or "")
    yield from _row("source", rule.source or "")
    yield ""
    yield "Matches a reply when all of this holds:"
    for key, values in conditions(rule).items():
        yield from _condition(key, values)
    yield from _examples("Hits:", rule.hits)
    yield from _examples("Misses:", rule.misses)


def _condition(key: str, values: list[str]) -> Iterator[str]:
    shown = [f'"{value}"' if key in _WORDS and not is_pattern(value) else value for value in values]
    several = f"{_LISTS.get(key, 'any of')} " if len(values) > 1 or key == "not" else ""
    yield from _row(key, several + ", ".join(shown))


def _examples(title: str, examples: Iterable[Example]) -> Iterator[str]:
    yield from ("", title)
    for example in examples:
        more = [f"{name} {value}" for name in _KNOWN if (value := getattr(example, name))]
        yield from paragraph(example.text + (f"  [{', '.join(more)}]" if more else ""), 2)


def _row(label: str, says: str) -> Iterator[str]:
    """Yield a label and what it says beside it, wrapped; nothing when there is nothing to say."""
    if says:
        first, *rest = paragraph(says, _LABEL)
        yield f"  {label:<{_LABEL - 2}}" + first[_LABEL:]
        yield from rest
