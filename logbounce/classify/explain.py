"""Why a reply was classified as it was: each condition of the deciding rule, and the rules that came near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logbounce.classify.beyond import try_beyond
from logbounce.classify.decision import conditions, word_expression
from logbounce.classify.texts import classify_texts
from logbounce.database import memory, statement
from logbounce.rules import compiled, is_pattern, needs_more

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rule, Rules

_NEAR = 5  # rules that are told of as near
_NEAR_EARLIER = 3
_WORDS = ("text", "all")  # a rule is near when what it says of the words holds: any rule knows some code
_SECONDS = 0.1  # for a pattern that RE2 cannot run, as in beyond.py
_COLUMNS = {"code": "smtp_code", "status": "enhanced_status"}

Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule: what it asks for, whether it holds, and what of it is in the reply."""

    key: str
    asks: tuple[str, ...]
    holds: bool
    met_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that would have decided if it stood earlier, or if one condition held."""

    rule: Rule
    failed: Condition | None  # None: a later rule that matches too


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reply: its verdict as classify_texts gives it, what the rules saw, and why."""

    verdict: dict[str, Any]
    template: str
    words: str
    smtp_stage: str | None
    rule: Rule | None
    conditions: tuple[Condition, ...]
    near: tuple[Near, ...]
    was_hard: bool  # the category suppresses at once, but the reply says "try again"


def explain(texts: Sequence[str], rules: Rules) -> list[Explanation]:
    """Explain each text, in order."""
    verdicts = classify_texts(texts, rules)
    with memory() as connection:
        _see(connection, verdicts)
        beyond = try_beyond(connection, rules)
        keys, rows = _evaluated(connection, rules, word_expression(beyond))
        return [
            _explanation(connection, rules, verdict, seen, list(zip(keys, holds, strict=True)))
            for verdict, (seen, holds) in zip(verdicts, rows, strict=True)
        ]


def _see(connection: DuckDBPyConnection, verdicts: list[dict[str, Any]]) -> None:
    import pyarrow as pa  # noqa: PLC0415 - costs more to import than most commands take

    columns = {name: [verdict[name] for verdict in verdicts] for name in ("text", "provider", "enhanced_status")}
    lines = pa.table(
        {
            "number": pa.array(range(len(verdicts)), pa.int64()),
            "smtp_code": pa.array([verdict["smtp_code"] for verdict in verdicts], pa.int32()),
            **{name: pa.array(values, pa.string()) for name, values in columns.items()},
        }
    )
    connection.register("lines", lines)
    connection.execute(statement("classify_explain"))


def _evaluated(
    connection: DuckDBPyConnection, rules: Rules, text: Callable[[str], str]
) -> tuple[list[list[Key]], list[tuple[dict[str, Any], list[list[bool]]]]]:
    """Return each rule's conditions, and for each text what the rules saw and which of them hold."""
    several = [list(conditions(connection, rule, text)) for rule in rules.rules]
    lists = ", ".join(f"[{', '.join(f'coalesce({sql}, false)' for _, sql in each)}]" for each in several)
    asked = connection.execute(f"select * exclude (key), [{lists}] from explained order by key")  # noqa: S608 - decision.py quotes
    names = [column[0] for column in asked.description or ()][:-1]
    rows = [(dict(zip(names, row[:-1], strict=True)), row[-1]) for row in asked.fetchall()]
    return [[key for key, _ in each] for each in several], rows


def _explanation(
    connection: DuckDBPyConnection,
    rules: Rules,
    verdict: dict[str, Any],
    seen: dict[str, Any],
    tried: list[tuple[list[Key], list[bool]]],
) -> Explanation:
    decided = next((place for place, (_, holds) in enumerate(tried) if all(holds)), len(tried))
    rule = rules.rules[decided] if decided < len(tried) else None

    def told(place: int, failed_only: bool = False) -> tuple[Condition, ...]:  # noqa: FBT001, FBT002 - two ways to ask
        keys, holds = tried[place]
        return tuple(
            _condition(connection, rules.rules[place], (key, word), holding, seen)
            for (key, word), holding in zip(keys, holds, strict=True)
            if not (failed_only and holding)
        )

    earlier = [place for place in range(decided) if _nearly(*tried[place])]
    later = [place for place in range(decided + 1, len(tried)) if all(tried[place][1])]
    near = [Near(rules.rules[place], told(place, failed_only=True)[0]) for place in earlier[:_NEAR_EARLIER]]
    near += [Near(rules.rules[place], None) for place in later[: _NEAR - len(near)]]
    return Explanation(
        verdict=verdict,
        template=seen["template"],
        words=seen["text"],
        smtp_stage=seen["smtp_stage"],
        rule=rule,
        conditions=told(decided) if rule else (),
        near=tuple(near),
        was_hard=rules.categories[verdict["category"]].act == "H" and verdict["act"] != "H",
    )


def _nearly(keys: list[Key], holds: list[bool]) -> bool:
    """Tell whether all conditions but one hold, and one about the words is among those that do."""
    return holds.count(False) == 1 and any(held and key in _WORDS for (key, _), held in zip(keys, holds, strict=True))


def _condition(
    connection: DuckDBPyConnection,
    rule: Rule,
    key: Key,
    holds: bool,  # noqa: FBT001 - a value that was computed, not a way to behave
    seen: dict[str, Any],
) -> Condition:
    name, word = key
    asks = (word,) if word is not None else getattr(rule, name)
    return Condition(
        name, (asks,) if isinstance(asks, str) else asks, holds, tuple(_met_by(connection, key, asks, seen))
    )


def _met_by(connection: DuckDBPyConnection, key: Key, asks: tuple[str, ...], seen: dict[str, Any]) -> Iterator[str]:
    """Yield what in the reply the condition is about: words of its list that are there, or the value that was read."""
    name, _ = key
    if name in ("text", "all", "not"):
        for word in asks:
            if (found := _found(connection, word, seen["text"])) is not None:
                yield f"{word} in {found!r}" if is_pattern(word) else f'"{word}"'
    elif name != "sql" and (value := seen[_COLUMNS.get(name, name)]) is not None:
        yield str(value)


def _found(connection: DuckDBPyConnection, word: str, text: str) -> str | None:
    """Return the part of the text that a phrase or pattern matches."""
    if not is_pattern(word):
        return word if word in text else None
    if needs_more(connection, word):
        try:
            match = compiled(word).search(text, timeout=_SECONDS)
        except TimeoutError:
            return None
        return match[0] if match else None
    asked = "select case when regexp_matches($1, $2) then regexp_extract($1, $2) end"
    row = connection.execute(asked, [text, "(?i)" + word[1:-1]]).fetchone()
    return None if row is None else row[0]
