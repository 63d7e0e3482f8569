"""`logbounce classify`: reply texts in, one a line; categories out."""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from logbounce.classify import Classifier
from logbounce.cli import output
from logbounce.cli.classify_explain import show_explanations
from logbounce.cli.options import Config, Csv, Json, UnopenedDb, rules_file
from logbounce.errors import InputError
from logbounce.rules import load_rules

RulesFile = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", readable=False, help="Your own rules, tried before the shipped ones."),
]

T = TypeVar("T")

_BLOCK = 100_000  # lines that are classified together: a pipe of any length needs little memory
_LONGEST = 4_096  # bytes of a line that are looked at; RFC 5321 section 4.5.3.1.5 lets a reply line have 512
_COLUMNS = ("category", "bounce_class", "rule_id", "text")


Explain = Annotated[
    bool,
    typer.Option("--explain", help="Say why: what was read, each condition that decided, and which rules came near."),
]


def classify(
    *,
    as_json: Json = False,
    as_csv: Csv = False,
    explain: Explain = False,
    rules: RulesFile = None,
    db: UnopenedDb = None,
    config: Config = None,
) -> None:
    """Say why mail failed: reply texts on stdin, one a line; one line out for each, in order."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    known = load_rules(rules_file(rules, config, db))
    if explain:
        show_explanations(_texts(), known, form)
    elif form is output.Shape.JSON:
        with Classifier(known, _rest_of_object) as classifier:
            sys.stdout.writelines(f'{{"text": {output.encode(text)}, {rest}' for text, rest in _judged(classifier))
    else:
        with Classifier(known, operator.itemgetter(*_COLUMNS[:-1])) as classifier:
            output.table(_COLUMNS, ((*verdict, text) for text, verdict in _judged(classifier)), form)


def _rest_of_object(verdict: dict[str, Any]) -> str:
    """Return what follows the text: a template's is encoded once, for all of its texts."""
    return output.encode(verdict).removeprefix("{") + "\n"


def _judged(classifier: Classifier[T]) -> Iterator[tuple[str, T]]:
    texts = _texts()
    while block := list(itertools.islice(texts, _BLOCK)):
        yield from zip(block, classifier.texts(block), strict=True)


def _texts() -> Iterator[str]:
    if sys.stdin is None:  # it was closed (`<&-`)
        raise InputError("standard input is closed")
    return (line[:_LONGEST].decode("utf-8", "replace").rstrip("\r\n") for line in sys.stdin.buffer)
