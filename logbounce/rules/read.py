"""One rules file into its parts, on top of what an earlier file said."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from logbounce.rules.alerts import alerts
from logbounce.rules.model import Alert, Category, Example, Preset, Provider, Rule, Stream, is_pattern
from logbounce.rules.nodes import Entry, many, optional, phrases

if TYPE_CHECKING:
    from collections.abc import Iterable

# Which acts a class can have: a block that suppresses, or a soft bounce that does so at once, cannot be written down.
ACTS = {"hard": ("H",), "soft": ("S3", "S0"), "block": ("B",), "none": ("C", "-")}
STAGES = ("connect", "helo", "starttls", "auth", "mail", "rcpt", "data", "eom", "quit")
MTAS = ("postfix", "exim", "powermta", "kumomta")

CONDITIONS = ("code", "status", "text", "all", "not", "provider", "smtp_stage", "mta", "sql")
_RULE = ("id", "category", *CONDITIONS, "why", "source", "hit", "miss")
_LIMITS = ("hard_limit", "soft_limit", "window_hours", "repeat_hours", "any_limit")

_CODE = re.compile(r"[245](?:\d\d|\dx|xx)")
_STATUS = re.compile(r"[245x]\.(?:\d{1,3}|x)\.(?:\d{1,3}|x)")


@dataclass(slots=True)
class Draft:
    """What the files read so far say; a later file's word replaces an earlier one's."""

    categories: dict[str, Category] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    presets: dict[str, Preset] = field(default_factory=dict)
    preset: str | None = None
    streams: tuple[Stream, ...] = ()
    rules: tuple[Rule, ...] = ()
    alerts: dict[str, Alert] = field(default_factory=dict)


def read(root: Entry, draft: Draft) -> None:
    """Add one file to the draft: its rules come before those that are there, and replace those of the same id."""
    parts = root.fields("the file", ("categories", "policy", "providers", "alerts", "rules"))
    if "categories" in parts:
        draft.categories |= {n: _category(n, e) for n, e in parts["categories"].fields("categories").items()}
    if "providers" in parts:
        draft.providers |= {n: _provider(n, e) for n, e in parts["providers"].fields("providers").items()}
    if "policy" in parts:
        _policy(parts["policy"], draft)
    if "alerts" in parts:
        draft.alerts |= alerts(parts["alerts"])
    if "rules" in parts:
        mine = _rules(parts["rules"], draft)
        ids = {rule.id for rule in mine}
        draft.rules = (*mine, *(rule for rule in draft.rules if rule.id not in ids))


def _category(name: str, entry: Entry) -> Category:
    where = f"category {name}"
    keys = ("class", "act", "scope", "says")
    fields = entry.fields(where, keys, required=keys)
    bounce_class = fields["class"].choice(f"{where}: class", ACTS)
    act = fields["act"].choice(f"{where}: act of class {bounce_class}", ACTS[bounce_class])
    return Category(name, bounce_class, act, fields["scope"].word("scope"), fields["says"].word("says"))


def _provider(name: str, entry: Entry) -> Provider:
    fields = entry.fields(f"provider {name}", ("mx", "domains", "says"))
    if not fields:
        entry.refuse(f"provider {name}: `mx`, `domains` or `says` was expected")
    mx, domains = (tuple(word.lower() for word in many(fields, key)) for key in ("mx", "domains"))
    says = tuple(word if is_pattern(word) else word.lower() for word in phrases(fields, "says"))
    place = f"{entry.file}:{entry.line}: provider {name}"
    return Provider(name, tuple(suffix.strip(".") for suffix in mx), domains, says, place)


def _policy(entry: Entry, draft: Draft) -> None:
    fields = entry.fields("policy", ("preset", "streams", "presets"))
    if "presets" in fields:
        draft.presets |= {name: _preset(name, e) for name, e in fields["presets"].fields("presets").items()}
    if "preset" in fields:
        draft.preset = fields["preset"].choice("preset", draft.presets)
    if "streams" in fields:
        draft.streams = tuple(_stream(e, draft.presets) for e in fields["streams"].items("streams"))


def _preset(name: str, entry: Entry) -> Preset:
    where = f"preset {name}"
    fields = entry.fields(where, (*_LIMITS, "reset"), required=("reset",))
    limits = {key: fields[key].number(f"{where}: {key}") if key in fields else None for key in _LIMITS}
    if limits["soft_limit"] and not limits["window_hours"]:
        entry.refuse(f"{where}: soft_limit needs window_hours, the hours within which soft bounces are counted")
    return Preset(**limits, reset=fields["reset"].choice(f"{where}: reset", ("consecutive", "total")))


def _stream(entry: Entry, presets: Iterable[str]) -> Stream:
    keys = ("name", "sender", "preset")
    fields = entry.fields("a stream", keys, required=keys)
    return Stream(
        fields["name"].word("name"), fields["sender"].word("sender"), fields["preset"].choice("preset", presets)
    )


def _rules(entry: Entry, draft: Draft) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for each in entry.items("rules"):
        rule = _rule(each, draft)
        if rule.id in rules:
            each.refuse(f"rule {rule.id}: line {rules[rule.id].line} has a rule of this id already")
        rules[rule.id] = rule
    return tuple(rules.values())


def _rule(entry: Entry, draft: Draft) -> Rule:
    named = entry.fields("a rule", None, required=("id",))["id"].word("id")
    where = f"rule {named}"
    fields = entry.fields(where, _RULE, required=("id", "category", "hit", "miss"))
    fields["id"].identifier(where)
    if not any(key in fields for key in CONDITIONS):
        entry.refuse(f"{where}: a condition was expected: one of {', '.join(CONDITIONS)}")
    if "why" not in fields and "source" not in fields:
        entry.refuse(f"{where}: `why` or `source` was expected: a sentence, or where the reply is documented")
    return Rule(
        id=named,
        category=fields["category"].choice(f"{where}: category", draft.categories),
        code=_matching(fields, "code", _CODE, "a reply code such as 550, 55x or 5xx"),
        status=_matching(fields, "status", _STATUS, "an enhanced status code such as 5.1.1 or 5.1.x"),
        text=_patterns(fields, "text"),
        every=_patterns(fields, "all"),
        none=_patterns(fields, "not"),
        provider=_among(fields, "provider", draft.providers),
        smtp_stage=_among(fields, "smtp_stage", STAGES),
        mta=_among(fields, "mta", MTAS),
        sql=optional(fields, "sql"),
        why=optional(fields, "why"),
        source=optional(fields, "source"),
        hits=_examples(fields["hit"], "hit", draft),
        misses=_examples(fields["miss"], "miss", draft),
        origin=entry.file,
        line=entry.line,
    )


def _matching(fields: dict[str, Entry], key: str, shape: re.Pattern[str], expected: str) -> tuple[str, ...]:
    if key not in fields:
        return ()
    for each in fields[key].several(key):
        if not shape.fullmatch(each.word(key)):
            each.refuse(f"{key} {each.word(key)!r}: {expected} was expected")
    return fields[key].words(key)


def _among(fields: dict[str, Entry], key: str, known: Iterable[str]) -> tuple[str, ...]:
    return tuple(each.choice(key, known) for each in fields[key].several(key)) if key in fields else ()


def _patterns(fields: dict[str, Entry], key: str) -> tuple[str, ...]:
    """Phrases are folded as the text is (reply_words in sql/reply.sql); a /pattern/ is left alone."""
    return tuple(word if is_pattern(word) else _fold(word) for word in phrases(fields, key))


def _fold(phrase: str) -> str:
    return " ".join(phrase.lower().replace("_", " ").split())


def _examples(entry: Entry, key: str, draft: Draft) -> tuple[Example, ...]:
    return tuple(_example(each, draft) for each in entry.several(key))


def _example(entry: Entry, draft: Draft) -> Example:
    if not entry.is_mapping:
        return Example(entry.word("an example"))
    fields = entry.fields("an example", ("text", "provider", "smtp_stage", "mta"), required=("text",))
    return Example(
        fields["text"].word("text"),
        fields["provider"].choice("provider", draft.providers) if "provider" in fields else None,
        fields["smtp_stage"].choice("smtp_stage", STAGES) if "smtp_stage" in fields else None,
        fields["mta"].choice("mta", MTAS) if "mta" in fields else None,
    )
