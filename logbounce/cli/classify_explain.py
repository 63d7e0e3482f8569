"""`logbounce classify --explain`: a paragraph for each reply, or a JSON line."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator

import typer

from logbounce.classify.explain import Condition, Explanation, Near, explain
from logbounce.cli import output
from logbounce.cli.paragraph import paragraph
from logbounce.rules import Rules, is_pattern

_BLOCK = 500  # replies that are explained together
_SHOWN = 2  # words of a long list
_LABEL = 13  # columns before what a line says


def show_explanations(texts: Iterable[str], rules: Rules, form: output.Shape) -> None:
    """Print why each reply was classified as it was."""
    if form is output.Shape.CSV:
        raise typer.BadParameter("--explain prints text or --json")
    remaining, first = iter(texts), True
    while block := list(itertools.islice(remaining, _BLOCK)):
        for each in explain(block, rules):
            if form is output.Shape.JSON:
                sys.stdout.write(output.encode(_document(each, rules)) + "\n")
            else:
                sys.stdout.write(("" if first else "\n") + "\n".join(_text(each, rules)) + "\n")
            first = False


def _document(each: Explanation, rules: Rules) -> dict[str, object]:
    rule = each.rule
    return {
        **each.verdict,
        "smtp_stage": each.smtp_stage,
        "template": each.template,
        "words": each.words,
        "rule": rule and {"rule_id": rule.id, "file": rule.origin, "line": rule.line, "why": rule.why or rule.source},
        "conditions": [_condition(condition) for condition in each.conditions],
        "follows": _follows(each.verdict["act"], rules),
        "soft_for_try_again": each.was_hard,
        "near": [_near(near) for near in each.near],
    }


def _condition(condition: Condition) -> dict[str, object]:
    return {
        "key": condition.key,
        "asks": list(condition.asks),
        "holds": condition.holds,
        "met_by": list(condition.met_by),
    }


def _near(near: Near) -> dict[str, object]:
    failed = near.failed and _condition(near.failed)
    return {"rule_id": near.rule.id, "category": near.rule.category, "failed": failed}


def _text(each: Explanation, rules: Rules) -> Iterator[str]:
    verdict = each.verdict
    yield from paragraph(verdict["text"] or "(empty)", 0)
    yield from _row("template", each.template)
    yield from _row("read", _read(each))
    category = rules.categories[verdict["category"]]
    if each.rule:
        yield from _row("rule", f"{each.rule.id}, {each.rule.origin}:{each.rule.line}")
        yield from _conditions(each.conditions)
        yield from _row("why", each.rule.why or each.rule.source or "")
    else:
        yield from _row("rule", "none matches")
    yield from _row("category", f"{category.name}: {category.says}")
    yield from _row("class", f"{verdict['bounce_class']} (act {verdict['act']}): {_follows(verdict['act'], rules)}")
    if each.was_hard:
        yield from _row("", "hard by its category, but the reply says try again (4xx, 4.x.x): that is never final")
    for number, near in enumerate(each.near):
        yield from _row("" if number else "near", _near_text(near))


def _conditions(conditions: Iterable[Condition]) -> Iterator[str]:
    """Yield a line for each condition, and one for all of `not`."""
    forbidden = [word for condition in conditions if condition.key == "not" for word in condition.asks]
    for condition in conditions:
        if condition.key == "sql":
            yield from _row("  sql", condition.asks[0])
        elif condition.key != "not":
            yield from _row(f"  {condition.key}", ", ".join(condition.met_by))
    if forbidden:
        yield from _row("  not", f"none of the {len(forbidden)} words of its list is there")


def _read(each: Explanation) -> str:
    verdict = each.verdict
    values = {
        "code": verdict["smtp_code"],
        "status": verdict["enhanced_status"],
        "stage": each.smtp_stage,
        "provider": verdict["provider"],
    }
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None) or "nothing but words"


def _follows(act: str, rules: Rules) -> str:
    """Return what the policy for all mail makes of it."""
    name = rules.policy.preset
    preset = rules.policy.presets[name]
    hard = "suppresses the address" if preset.hard_limit == 1 else "counted"
    soft = (
        f"counted, {preset.soft_limit} within {preset.window_hours} hours suppress" if preset.soft_limit else "counted"
    )
    return {
        "H": f"{hard} (policy {name})",
        "S3": f"{soft} (policy {name})",
        "S0": "not counted, for it says nothing about the address",
        "B": "never costs the address: it is the sender's side that was refused",
        "C": "a complaint suppresses the address",
    }.get(act, "nothing follows")


def _near_text(near: Near) -> str:
    named = f"{near.rule.id} ({near.rule.category})"
    if near.failed is None:
        return f"{named} stands later and matches too"
    return f"{named} stands earlier, but for {_failure(near.failed)}"


def _failure(failed: Condition) -> str:
    asks = _shortened([word if is_pattern(word) else f'"{word}"' for word in failed.asks])
    if failed.key == "not":
        return f"{', '.join(failed.met_by)}, which it excludes"
    if failed.key in ("text", "all", "sql"):
        return f"{failed.key}: {asks} is missing"
    return f"{failed.key}: {_shortened(list(failed.asks))} was expected, {', '.join(failed.met_by) or 'none'} was read"


def _shortened(words: list[str]) -> str:
    shown = ", ".join(words[:_SHOWN])
    return shown if len(words) <= _SHOWN else f"{shown} or {len(words) - _SHOWN} more"


def _row(label: str, says: str) -> Iterator[str]:
    if says:
        first, *rest = paragraph(says, _LABEL)
        yield f"  {label:<{_LABEL - 2}}" + first[_LABEL:]
        yield from rest
