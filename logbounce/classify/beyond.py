"""Tries the patterns that RE2 cannot run, once for each text, before the rules are one CASE.

`regex` can take exponential time, and the texts come from strangers: each text has a time limit, and so have all
together. What is not found in time counts as no match.
"""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING

from logbounce.errors import LogbounceWarning
from logbounce.rules import compiled, needs_more

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules

_TEXT_SECONDS = 0.1
_ALL_SECONDS = 2.0  # of one pattern, for all texts that are judged together


def try_beyond(connection: DuckDBPyConnection, rules: Rules) -> list[str]:
    """Return the patterns that RE2 cannot run, and make the temporary table `beyond`.

    Its rows are the keys of `replies` whose words match, with the pattern's place in what is returned.
    """
    owners = {pattern: rule for rule in reversed(rules.rules) for pattern in rule.patterns}
    patterns = [pattern for pattern in owners if needs_more(connection, pattern)]
    if not patterns:
        return []
    texts = connection.execute("select reply_words(reply), list(key) from replies group by all").fetchall()
    found: list[tuple[int, int]] = []
    for number, pattern in enumerate(patterns):
        matched, late = _matching(pattern, [text for text, _ in texts])
        found += [(number, key) for (_, keys), hit in zip(texts, matched, strict=True) if hit for key in keys]
        if late:
            where = f"{owners[pattern].place}: {pattern}"
            warnings.warn(f"{where} takes too long on some replies: no match there", LogbounceWarning, stacklevel=2)
    _store(connection, found)
    return patterns


def _matching(pattern: str, texts: list[str]) -> tuple[list[bool], bool]:
    """Return which texts match, and whether time ran out for any."""
    searching = compiled(pattern)
    matched, late = [], False
    end = time.monotonic() + _ALL_SECONDS
    for text in texts:
        try:
            left = min(_TEXT_SECONDS, end - time.monotonic())
            matched.append(left > 0 and searching.search(text, timeout=left) is not None)
            late = late or left <= 0
        except TimeoutError:
            matched.append(False)
            late = True
    return matched, late


def _store(connection: DuckDBPyConnection, found: list[tuple[int, int]]) -> None:
    import pyarrow as pa  # noqa: PLC0415 - costs more to import than most commands take

    rows = pa.table(
        {
            "pattern": pa.array([number for number, _ in found], pa.int32()),
            "key": pa.array([key for _, key in found], pa.uint64()),
        }
    )
    connection.register("found_beyond", rows)
    connection.execute("create or replace temp table beyond as from found_beyond")
    connection.unregister("found_beyond")
