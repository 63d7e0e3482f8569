"""Rules for replies that no rule knows: clusters of them, each with a ready rule that its own examples prove."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.classify.examples import failures
from logbounce.clock import utc
from logbounce.database import memory, statement
from logbounce.errors import SettingsError
from logbounce.learn.cluster import Cluster, Template, clusters, likeness, vocabulary
from logbounce.learn.guess import Aftermath, guess
from logbounce.learn.writing import written
from logbounce.rules import load_rules

if TYPE_CHECKING:
    import datetime as dt

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules

_MOST_TEMPLATES = 5_000
_HITS = 3
# Names and numbers that are nobody's: RFC 2606, RFC 5737.
_FILLED = {
    "address": "bob@example.org",
    "ip": "192.0.2.7",
    "host": "mx.example.org",
    "id": "4F2A11C0B3",
    "time": "10:00:00",
    "number": "10485760",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule to paste, and what speaks for it."""

    rule_id: str
    category: str
    because: str
    phrase: str
    also_matches: int  # other templates and other rules' hits that hold the phrase
    hits: tuple[str, ...]
    miss: str
    templates: int
    providers: tuple[str, ...]
    after: Aftermath


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The busiest first; `wordless` templates say too little for a rule."""

    rules: tuple[Suggestion, ...]
    clusters: int
    wordless: int


def suggest(connection: DuckDBPyConnection, rules: Rules, since: dt.datetime | None, limit: int) -> Suggestions:
    """Return at most `limit` rules for what was said from `since` on and no rule knew."""
    unknown = _unknown(connection, since)
    found, wordless = clusters(template for template in unknown if "\0" not in template.text)
    found.sort(key=lambda cluster: -sum(member.attempts for member in cluster.members))
    hits = _hits(rules)
    others = {*(row[0] for row in connection.execute(statement("learn_others")).fetchall()), *(hits.values())}
    after = _aftermath(connection, found[:limit], since)
    hard = frozenset(category.name for category in rules.categories.values() if category.act == "H")
    made = []
    for cluster, fate in zip(found, after, strict=False):
        strange = [each.words for other in found if other is not cluster for each in other.members]
        category, because = guess(cluster.members[0], fate, hard)
        made.append(_rule(cluster, (category, because), fate, [*others, *strange], hits))
    return Suggestions(_proved(_named(made, rules)), len(found), wordless)


def _unknown(connection: DuckDBPyConnection, since: dt.datetime | None) -> list[Template]:
    asked = {"since": since and utc(since), "most": _MOST_TEMPLATES}
    rows = connection.execute(statement("learn_unknown"), asked).fetchall()
    return [Template(*row) for row in rows]


def _hits(rules: Rules) -> dict[str, str]:
    """Return the words of every rule's hits, by their texts."""
    texts = [hit.text for rule in rules.rules for hit in rule.hits]
    with memory() as connection:
        asked = "select t, reply_words(mask_reply(t)) from (select unnest($1::varchar[]) as t)"
        return dict(connection.execute(asked, [texts]).fetchall())


def _aftermath(connection: DuckDBPyConnection, found: list[Cluster], since: dt.datetime | None) -> list[Aftermath]:
    import pyarrow as pa  # noqa: PLC0415 - costs more to import than most commands take

    pairs = [(number, member.number) for number, cluster in enumerate(found) for member in cluster.members]
    members = pa.table(
        {
            "cluster": pa.array([cluster for cluster, _ in pairs], pa.int32()),
            "template_id": pa.array([number for _, number in pairs], pa.uint64()),
        }
    )
    connection.register("members", members)
    rows = connection.execute(statement("learn_aftermath"), {"since": since and utc(since)}).fetchall()
    connection.unregister("members")
    return [Aftermath(*row[1:]) for row in rows]


def _rule(
    cluster: Cluster, guessed: tuple[str, str], after: Aftermath, others: list[str], hits: dict[str, str]
) -> Suggestion:
    """Make the rule; it gets its name when all are there."""
    phrase, also = min(((phrase, _held(phrase, others)) for phrase in cluster.phrases), key=lambda found: found[1])
    near = sorted(hits, key=lambda text: (-likeness(cluster.words, vocabulary(hits[text])), text))
    return Suggestion(
        rule_id="-".join(re.findall(r"[a-z0-9]+", phrase.encode("ascii", "ignore").decode())[:5]),
        category=guessed[0],
        because=guessed[1],
        phrase=phrase,
        also_matches=also,
        hits=tuple(dict.fromkeys(_filled(member.text) for member in cluster.members[:_HITS])),
        miss=next((text for text in near if phrase not in hits[text]), "250 2.0.0 Ok"),
        templates=len(cluster.members),
        providers=tuple(sorted({provider for member in cluster.members for provider in member.providers})),
        after=after,
    )


def _held(phrase: str, texts: list[str]) -> int:
    return sum(phrase in text for text in texts)


def _filled(template: str) -> str:
    """Return the template with nobody's address, IP and so on in it."""
    return re.sub(r"\{(\w+)\}", lambda match: _FILLED.get(match[1], match[0]), template).strip()


def _named(made: list[Suggestion], rules: Rules) -> list[Suggestion]:
    """Give each rule an id that no other has."""
    taken = {rule.id for rule in rules.rules}
    named = []
    for each in made:
        base = f"suggested-{each.rule_id}" if each.rule_id else "suggested"
        numbered = (f"{base}-{number}" for number in range(2, len(made) + len(taken) + 3))
        rule_id = next(name for name in (base, *numbered) if name not in taken)
        taken.add(rule_id)
        named.append(replace(each, rule_id=rule_id))
    return named


def _proved(made: list[Suggestion]) -> tuple[Suggestion, ...]:
    """Leave out what does not hold as a rules file by itself: words that the mask changes once more, and the like."""
    if not _failing(made):
        return tuple(made)
    kept = [each for each in made if not _failing([each])]
    while failing := _failing(kept):
        kept = [each for each in kept if each.rule_id not in failing]
    return tuple(kept)


def _failing(made: list[Suggestion]) -> set[str]:
    """Return the ids of the rules whose examples fail."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "suggested.yaml"
        file.write_text(written(made), encoding="utf-8")
        try:
            return {failure.rule.id for failure in failures(load_rules(file)) if failure.rule.origin == str(file)}
        except SettingsError:
            return {each.rule_id for each in made}
