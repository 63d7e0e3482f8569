"""Checks that need no more than the words of the rules themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logbounce.lint.finding import Finding
from logbounce.rules import is_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.rules import Example, Rule, Rules

_SYNTAX = re.compile(r"[\\^$.|?*+()\[\]{}]")


def needless(rule: Rule) -> Iterator[Finding]:
    """Yield each phrase that another phrase of the same list makes needless."""
    for key, words in (("text", rule.text), ("all", rule.every), ("not", rule.none)):
        phrases = [word for word in words if not is_pattern(word)]
        for phrase in dict.fromkeys(phrases):
            if phrases.count(phrase) > 1:
                yield Finding(rule, f'{key}: "{phrase}" stands there twice: drop one')
            if (other := _within(phrase, phrases)) is not None:
                drop, because = (other, phrase) if key == "all" else (phrase, other)
                yield Finding(rule, f'{key}: "{drop}" is needless beside "{because}": drop it')


def _within(phrase: str, phrases: list[str]) -> str | None:
    """Return another phrase that is part of this one."""
    return next((each for each in phrases if each != phrase and each in phrase), None)


def repeated(rules: Rules) -> Iterator[Finding]:
    """Yield each word of `text` that an earlier rule of the same file has under the same other conditions."""
    seen: dict[tuple[object, ...], Rule] = {}
    for rule in rules.rules:
        for word in dict.fromkeys(rule.text):
            key = (word, rule.origin, *_others(rule))
            if key in seen:
                yield Finding(
                    rule, f"text: {_quoted(word)} stands in rule {seen[key].id} above, which takes it: drop it here"
                )
            seen.setdefault(key, rule)


def plain_patterns(rule: Rule) -> Iterator[Finding]:
    """Yield each /pattern/ that is a phrase."""
    for pattern in rule.patterns:
        if not _SYNTAX.search(pattern[1:-1]):
            yield Finding(rule, f"{pattern} has no pattern in it: write it without the slashes")


def examples(rule: Rule) -> Iterator[Finding]:
    """Yield each text that is both a hit and a miss, or one of them twice."""
    misses = {_folded(miss) for miss in rule.misses}
    for hit in rule.hits:
        if _folded(hit) in misses:
            yield Finding(rule, f"the same text is a hit and a miss, {hit.text!r}: one of them is wrong")
    for kind, several in (("hit", rule.hits), ("miss", rule.misses)):
        if len({_folded(example) for example in several}) < len(several):
            yield Finding(rule, f"the same text is a {kind} twice: drop one")


def _others(rule: Rule) -> tuple[object, ...]:
    columns = (rule.code, rule.status, rule.provider, rule.smtp_stage, rule.mta, rule.every, rule.none)
    return (*(frozenset(words) for words in columns), rule.sql)


def _folded(example: Example) -> tuple[str | None, ...]:
    return (" ".join(example.text.lower().split()), example.provider, example.smtp_stage, example.mta)


def _quoted(word: str) -> str:
    return word if is_pattern(word) else f'"{word}"'
