"""Suggested rules as a rules file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from logbounce.learn.suggest import Suggestion


def written(made: Sequence[Suggestion], notes: Iterable[str] = ()) -> str:
    """Return a rules file that holds these rules; what a stranger wrote in it acts on no terminal."""
    lines = [f"# {_visible(note)}" for note in notes]
    lines.append("rules:" if made else "rules: []")
    for each in made:
        lines += ["", *_rule(each)]
    return "\n".join(lines) + "\n"


def _rule(each: Suggestion) -> Iterator[str]:
    after = each.after
    counts = ", ".join(
        (_count(after.attempts, "attempt"), _count(after.addresses, "address"), _count(each.templates, "template"))
    )
    at = f", at {', '.join(each.providers)}" if each.providers else ""
    yield f"  # {counts}{_visible(at)}"
    yield f"  # of the addresses: {after.says}"
    yield f"  - id: {each.rule_id}"
    yield f"    category: {each.category}  # a guess: {each.because}"
    if each.also_matches:
        yield f"    # also in {each.also_matches} other replies, which this rule would take: say more"
    yield f"    text: {_quoted(each.phrase)}"
    yield f"    why: {_quoted('guessed: ' + each.because)}"
    yield from _examples("hit", each.hits)
    yield from _examples("miss", (each.miss,))


def _count(number: int, what: str) -> str:
    plural = "es" if what.endswith("s") else "s"
    return f"{number} {what}{'' if number == 1 else plural}"


def _examples(key: str, texts: Sequence[str]) -> Iterator[str]:
    if len(texts) == 1:
        yield f"    {key}: {_quoted(texts[0])}"
        return
    yield f"    {key}:"
    yield from (f"      - {_quoted(text)}" for text in texts)


def _quoted(text: str) -> str:
    r"""Quote for YAML 1.1 section 5.6, whose escapes \xNN, \uNNNN and \UNNNNNNNN are Python's."""
    return '"' + _visible(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
