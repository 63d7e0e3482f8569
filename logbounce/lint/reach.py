"""Words that no reply can have by the time the rules see it: what the mask takes, or reply_words (sql/reply.sql)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logbounce.lint.finding import Finding
from logbounce.lint.samples import samples
from logbounce.rules import compiled, is_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rule, Rules

# Where a word can stand in a reply. The mask leaves URLs alone, so what has no blank in it may stand in one.
_FRAMES = ("{}", "550 {}", "550 5.7.1 said {} here", "550 5.7.1 said {}: here", "550 5.7.1 ({})", "550 said: {}. Bye")
_URLS = ("550 see http://{}", "550 see http://www.example.com/{}")
_SECONDS = 0.05
# What the mask or reply_words put in the place of a word, and why.
_REASONS = {
    "{address}": "an address is masked: say what stands beside it",
    "{ip}": "an IP address is masked: say what stands beside it",
    "{host}": "a host name is masked, but for blocklists, known providers and URLs: say what stands beside it",
    "{time}": "a time is masked: say what stands beside it",
    "{number}": "a number is masked: leave it out",
    "{id}": "what looks like an id is masked: leave it out",
}
_CODES = "reply codes and what our own MTA puts round a reply are taken off: use `code` or `status`"


def unreachable(connection: DuckDBPyConnection, rules: Rules) -> Iterator[Finding]:
    """Yield each phrase or pattern that can never match."""
    wanted = [(rule, key, word) for rule in rules.rules for key, word in _words(rule)]
    said = [list(_framed(word)) for _, _, word in wanted]
    examples = [[example.text for example in (*rule.hits, *rule.misses)] for rule, _, _ in wanted]
    seen = _seen(connection, {text for texts in (*said, *examples) for text in texts})
    for (rule, key, word), framed, shown in zip(wanted, said, examples, strict=True):
        if framed and not any(_met(word, seen[text]) for text in (*shown, *framed)):
            quoted = word if is_pattern(word) else f'"{word}"'
            yield Finding(rule, f"{key}: {quoted} never matches: {_reason(seen[framed[2]])}")


def _seen(connection: DuckDBPyConnection, texts: set[str]) -> dict[str, str]:
    """Return what the rules see of each text."""
    import pyarrow as pa  # noqa: PLC0415 - costs more to import than most commands take

    connection.register("replies_of_lint", pa.table({"text": pa.array(sorted(texts), pa.string())}))
    rows = connection.execute("select text, reply_words(mask_reply(text)) from replies_of_lint").fetchall()
    connection.unregister("replies_of_lint")
    return dict(rows)


def _met(word: str, text: str) -> bool:
    if not is_pattern(word):
        return word in text
    try:
        return compiled(word).search(text, timeout=_SECONDS) is not None
    except TimeoutError:  # of what RE2 runs in no time
        return True


def _words(rule: Rule) -> Iterator[tuple[str, str]]:
    for key, words in (("text", rule.text), ("all", rule.every), ("not", rule.none)):
        yield from ((key, word) for word in words)


def _framed(word: str) -> Iterator[str]:
    """Yield replies that hold the word, or what the pattern matches, in every way that could matter."""
    for sample in samples(word) if is_pattern(word) else [word]:
        frames = _FRAMES if " " in sample else (*_FRAMES, *_URLS)
        for written in dict.fromkeys((sample, sample.upper(), sample.title())):
            yield from (frame.replace("{}", written) for frame in frames)


def _reason(seen: str) -> str:
    found = re.search(r"\{\w+\}", seen)
    return _REASONS.get(found[0], _CODES) if found else _CODES
