"""`logbounce classify`: reply texts in, one a line; categories out."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from logbounce.classify import classify_texts
from logbounce.cli import output
from logbounce.cli.classify_explain import show_explanations
from logbounce.cli.options import Config, Csv, Json, load_settings
from logbounce.rules import Rules, load_rules

RulesFile = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="Your own rules, tried before the shipped ones."),
]

_BLOCK = 100_000  # lines that are classified together: a pipe of any length needs little memory
_LONGEST = 4_096  # bytes of a line that are looked at; RFC 5321 section 4.5.3.1.5 lets a reply line have 512
_COLUMNS = ("category", "bounce_class", "rule_id", "text")


Explain = Annotated[
    bool,
    typer.Option("--explain", help="Say why: what was read, each condition that decided, and which rules came near."),
]


def classify(
    as_json: Json = False, as_csv: Csv = False, explain: Explain = False, rules: RulesFile = None, config: Config = None
) -> None:
    """Say why mail failed: reply texts on stdin, one a line; one line out for each, in order."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    known = load_rules(rules or load_settings(config, None).rules)
    if explain:
        show_explanations(_texts(sys.stdin.buffer), known, form)
        return
    verdicts = _verdicts(sys.stdin.buffer, known)
    if form is output.Shape.JSON:
        sys.stdout.writelines(output.encode(verdict) + "\n" for verdict in verdicts)
    else:
        output.table(_COLUMNS, ([verdict[name] for name in _COLUMNS] for verdict in verdicts), form)


def _verdicts(lines: Iterable[bytes], rules: Rules) -> Iterator[dict[str, object]]:
    texts = _texts(lines)
    while block := list(itertools.islice(texts, _BLOCK)):
        yield from classify_texts(block, rules)


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    return (line[:_LONGEST].decode("utf-8", "replace").rstrip("\r\n") for line in lines)
