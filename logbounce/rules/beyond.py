"""Patterns that need more than RE2: lookaround, back-references, atomic groups.

They run in the package `regex`, which can take exponential time, so one that is slow on its own rule's examples or on
texts made to be slow is refused when the rules are loaded.
"""

from __future__ import annotations

import functools
import itertools
import re
import time
from typing import TYPE_CHECKING

import duckdb

from logbounce.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection
    from regex import Pattern

    from logbounce.rules.model import Rule

# What `regex` knows and RE2 does not: lookaround, atomic groups, back-references, conditions, recursion, possessive
# quantifiers. It may find too much ("\(?="), so RE2 has the last word.
_MARKS = re.compile(r"\(\?(?:[=!>|(&R]|<[=!]|P[=>]|[+-]?\d)|\\[1-9gkK]|[*+?}]\+")

LONGEST_TEXT = 1_000  # characters of a template (mask_reply in sql/reply.sql)
_PROBE_SECONDS = 0.05
_ALL_PROBES_SECONDS = 0.25
_PIECES = ("a", "0", " ", "a ", "ab", "a1", ".", "-", "a.", "a@")
_ENDS = ("", "!", "\t")


def needs_more(connection: DuckDBPyConnection, pattern: str) -> bool:
    """Tell whether a /pattern/ has something that RE2 lacks."""
    return _MARKS.search(pattern) is not None and re2_refuses(connection, pattern) is not None


def re2_refuses(connection: DuckDBPyConnection, pattern: str) -> str | None:
    """Return why RE2 does not compile a /pattern/; None when it does."""
    try:
        connection.execute("select regexp_matches('', $1)", [pattern[1:-1]])
    except duckdb.Error as error:
        return str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
    return None


@functools.cache
def compiled(pattern: str) -> Pattern[str]:
    """Compile a /pattern/ without regard to case."""
    import regex  # noqa: PLC0415 - hardly any rules need it, and every command would wait for it

    return regex.compile(pattern[1:-1], regex.IGNORECASE)


def check_beyond(connection: DuckDBPyConnection, rule: Rule, pattern: str) -> None:
    """Refuse a /pattern/ that does not compile, or that a text can keep busy."""
    import regex  # noqa: PLC0415 - as above

    try:
        searching = compiled(pattern)
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise SettingsError(f"{rule.place}: {pattern} does not compile, in RE2 or in regex: {error}") from error
    end = time.monotonic() + _ALL_PROBES_SECONDS
    for text in itertools.takewhile(lambda _: time.monotonic() < end, _probes(_words(connection, rule), pattern)):
        if _is_slow(searching, text) and _is_slow(searching, text):  # twice, for the machine may have been busy
            raise SettingsError(
                f"{rule.place}: {pattern} takes too long, more than {_PROBE_SECONDS * 1000:.0f} ms on a reply such as "
                f"{text[:24].strip()!r}...: write it so that it can match a text in one way only"
            )


def _is_slow(searching: Pattern[str], text: str) -> bool:
    try:
        searching.search(text, timeout=_PROBE_SECONDS)
    except TimeoutError:
        return True
    return False


def _words(connection: DuckDBPyConnection, rule: Rule) -> list[str]:
    """Return the rule's own examples as its patterns see them."""
    texts = [example.text for example in (*rule.hits, *rule.misses)]
    rows = connection.execute("select reply_words(mask_reply(unnest($1::varchar[])))", [texts]).fetchall()
    return [row[0] for row in rows]


def _probes(examples: list[str], pattern: str) -> Iterator[str]:
    """Yield the examples, and texts as long as can be in which some piece of the pattern is repeated."""
    yield from examples
    literals = re.sub(r"\\.", " ", pattern[1:-1])
    named = re.findall(r"[^\W_]+", literals)
    pieces = dict.fromkeys((*_PIECES, *(char for char in literals if char.isalnum()), *named))
    begins = dict.fromkeys(itertools.chain([""], *(_beginnings(text) for text in (*examples, " ".join(named)))))
    for begin, piece, end in itertools.product(begins, pieces, _ENDS):
        room = max(LONGEST_TEXT - len(begin) - len(end), 0)
        yield begin + (piece * room)[:room] + end


def _beginnings(text: str) -> Iterator[str]:
    """Yield the text up to each of its words."""
    for word in re.finditer(r"\S+", text):
        yield text[: word.end()]
        yield text[: word.end()] + " "
