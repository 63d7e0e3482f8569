"""Replies that nobody knows, put together by their words; each cluster has phrases that all of its members share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ALIKE = 0.4  # of all words of two texts, the share that both have (Jaccard)
_LONGEST = 6  # words of a phrase: enough to be about one thing, few enough to survive another wording around it
_SHORTEST = 8  # letters of a phrase
_EDGES = frozenset(  # words that say nothing at either end of a phrase
    "a an and are as at be been by for from has have in is it of on or that the this to was with your you".split()  # noqa: SIM905 - reads better than 28 strings
)
_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, slots=True)
class Template:
    """A template that no rule knew."""

    number: int
    words: str  # as rules see it
    text: str
    smtp_code: int | None
    enhanced_status: str | None
    smtp_stage: str | None
    attempts: int
    providers: list[str]


@dataclass(slots=True)
class Cluster:
    """Templates that are alike, the most frequent first, and the phrases that all have, the longest first."""

    members: list[Template]
    phrases: list[str]
    words: frozenset[str] = field(default_factory=frozenset)


def clusters(templates: Iterable[Template]) -> tuple[list[Cluster], int]:
    """Return the clusters, and how many templates have no words to go by; the templates come most frequent first."""
    found: list[Cluster] = []
    without = 0
    for template in templates:
        words = vocabulary(template.words)
        if not (phrases := sorted(_phrases(template.words), key=lambda phrase: -len(phrase.split()))):
            without += 1
        elif not any(_join(cluster, template, words) for cluster in found):
            found.append(Cluster([template], phrases, words))
    return found, without


def vocabulary(words: str) -> frozenset[str]:
    """Return the different words of a text, without what stands for something masked."""
    return frozenset(_WORD.findall(re.sub(r"\{\w+\}", " ", words)))


def likeness(left: frozenset[str], right: frozenset[str]) -> float:
    """Return the share of the words of both that both have, from 0 to 1."""
    return len(left & right) / max(len(left | right), 1)


def _join(cluster: Cluster, template: Template, words: frozenset[str]) -> bool:
    """Add the template to the cluster if it is like its first member and shares a phrase with all."""
    if likeness(cluster.words, words) < _ALIKE:
        return False
    shared = [phrase for phrase in cluster.phrases if phrase in template.words]
    if not shared:
        return False
    cluster.members.append(template)
    cluster.phrases = shared
    return True


def _phrases(words: str) -> Iterator[str]:
    """Yield runs of words that hold nothing masked; they neither begin nor end with a small word."""
    for part in re.split(r"(?<!\S)\S*\{\w+\}\S*", words):
        tokens = part.split()
        for length in range(1, min(_LONGEST, len(tokens)) + 1):
            for start in range(len(tokens) - length + 1):
                run = tokens[start : start + length]
                phrase = " ".join(run).strip(".,;:!?()[]<>\"'")
                if _EDGES.isdisjoint((run[0], run[-1])) and len(re.sub(r"[\W\d_]", "", phrase)) >= _SHORTEST:
                    yield phrase
