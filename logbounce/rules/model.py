"""What a rules file says, once it has been read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_pattern(word: str) -> bool:
    """Tell a /pattern/ from a phrase."""
    return len(word) > 2 and word.startswith("/") and word.endswith("/")  # noqa: PLR2004 - something between two slashes


@dataclass(frozen=True, slots=True)
class Category:
    """Why a delivery failed, and what follows from it."""

    name: str
    bounce_class: str  # hard, soft, block, none
    act: str  # H suppress now, S3 soft and counted, S0 soft and not counted, B block, C complaint, - ignore
    scope: str  # what is at fault: address, destination, sender, message, config, ...
    says: str


@dataclass(frozen=True, slots=True)
class Provider:
    """Who runs mail hosts, known by the names of its MX hosts, its recipient domains, or words in its replies."""

    name: str
    mx: tuple[str, ...]
    domains: tuple[str, ...]
    says: tuple[str, ...]
    place: str = ""  # file and line, for messages


@dataclass(frozen=True, slots=True)
class Example:
    """A reply, and what else the log knew of it."""

    text: str
    provider: str | None = None
    smtp_stage: str | None = None
    mta: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions, all of which must hold, and the category that then applies."""

    id: str
    category: str
    code: tuple[str, ...]
    status: tuple[str, ...]
    text: tuple[str, ...]  # any of these
    every: tuple[str, ...]  # `all`: each of these
    none: tuple[str, ...]  # `not`: none of these
    provider: tuple[str, ...]
    smtp_stage: tuple[str, ...]
    mta: tuple[str, ...]
    sql: str | None
    why: str | None
    source: str | None
    hits: tuple[Example, ...]
    misses: tuple[Example, ...]
    origin: str  # the file
    line: int

    @property
    def place(self) -> str:
        """Where the rule stands, for messages."""
        return f"{self.origin}:{self.line}: rule {self.id}"

    @property
    def patterns(self) -> tuple[str, ...]:
        """Its patterns, with their slashes; phrases are none."""
        return tuple(word for word in (*self.text, *self.every, *self.none) if is_pattern(word))


@dataclass(frozen=True, slots=True)
class Preset:
    """An escalation policy: how many bounces of which kind suppress an address."""

    hard_limit: int | None
    soft_limit: int | None
    window_hours: int | None
    repeat_hours: int | None
    any_limit: int | None
    reset: str  # consecutive, total


@dataclass(frozen=True, slots=True)
class Stream:
    """Mail whose sender matches a LIKE pattern, under a preset of its own."""

    name: str
    sender: str
    preset: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The preset for all mail, those of single streams, and what each preset means."""

    preset: str
    streams: tuple[Stream, ...]
    presets: Mapping[str, Preset]


@dataclass(frozen=True, slots=True)
class Alert:
    """What is unusual: a share of a scope's outcomes beyond a floor and beyond its own usual."""

    id: str
    measure: str  # failed, hard, soft, block, spam, auth, reputation, hard_soft
    scope: str  # domain, provider, source_ip, source_ip_provider, sender_domain
    threshold: float  # a share, from 0 to 1
    factor: int  # of the usual odds
    min_n: int
    min_failed: int
    min_messages: int
    why: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that the rules files say. The first rule that matches decides."""

    categories: Mapping[str, Category]
    providers: Mapping[str, Provider]
    policy: Policy
    rules: tuple[Rule, ...]
    alerts: Mapping[str, Alert]
    digest: str
