"""The words of reports that no program was meant to read: parsers/messages/*.yaml, each with its samples.

A word is plain text, looked for without case and with single blanks, or a /pattern/, as in rules.yaml. `{address}` in a
pattern stands for a mail address. Patterns are Python's, over texts of strangers: the tests try each for time.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce import shipped
from logbounce.dsn.address import MARKS
from logbounce.dsn.model import Kind
from logbounce.rules.nodes import Entry, many, optional, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

# Begins only where a word begins, so that a text without blanks is looked at once and not once for each letter.
ADDRESS = (
    r"(?:(?<![^\s<>()\[\],;:\"'=|*>" + MARKS + r"])"
    r"(?:\"[^\"\n]{1,64}\"|[^\s<>()\[\],;:\"@'=" + MARKS + r"][^\s<>()\[\],;:\"@" + MARKS + r"]{0,127})"
    r"@[^\s<>()\[\],;:\"'@" + MARKS + r"]{1,255})"
)
_PLACES = ("after", "before", "whole")
_KEYS = ("id", "kind", "source", "why", "from", "subject", "header", "text", "not")
_READS = ("begins", "recipient", "domain", "diagnostic", "said")


@dataclass(frozen=True, slots=True)
class Words:
    """What one part of a message may say: any of these."""

    plain: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]

    def __bool__(self) -> bool:
        return bool(self.plain or self.patterns)

    def match(self, text: str) -> bool:
        """Tell whether a text, lower-cased and with single blanks, holds any."""
        for word in self.plain:  # a generator for any() takes twice as long, and this is asked most often of all
            if word in text:
                return True
        return any(pattern.search(text) for pattern in self.patterns) if self.patterns else False


@dataclass(frozen=True, slots=True)
class Sample:
    """A message that a family knows, or does not: its words, and what is found in it."""

    text: str
    subject: str = ""
    sender: str = ""
    header: str = ""
    finds: tuple[tuple[str, str | None], ...] = ()  # recipient, diagnostic


@dataclass(frozen=True, slots=True)
class Family:
    """Reports that are worded alike. All its conditions must hold."""

    id: str
    kind: Kind | None  # None: a bounce, or a delay if it says so
    sender: Words
    subject: Words
    header: Words  # the names of header fields and `name: value`
    text: Words
    without: Words  # none of these in the text
    conditions: tuple[tuple[int, Words], ...]  # subject, sender, header, text: those that are given, by their place
    begins: re.Pattern[str] | None  # recipients and reasons stand behind this
    recipients: tuple[re.Pattern[str], ...]
    domain: str | None  # of recipients that are named without one
    place: str  # where the reason stands: after the recipient, before it, or anywhere (whole)
    said: tuple[re.Pattern[str], ...]  # the reason: the group `said`, else from the match to the end of the paragraph
    hits: tuple[Sample, ...]
    misses: tuple[Sample, ...]
    place_in_file: str

    def matches(self, sender: str, subject: str, header: str, text: str) -> bool:
        """Tell whether a message (everything lower-cased, with single blanks) is of this family."""
        texts = (subject, sender, header, text)
        for place, words in self.conditions:
            if not words.match(texts[place]):
                return False
        return not self.without.match(text)


@functools.cache
def families(name: str) -> tuple[Family, ...]:
    """Return the families of parsers/messages/NAME.yaml, in order: the first that matches decides."""
    path = shipped.parsers() / "messages" / f"{name}.yaml"
    root = parse(path, path.read_text(encoding="utf-8"))
    return tuple(_family(entry) for entry in root.items(name))


def _family(entry: Entry) -> Family:
    fields = entry.fields("a family", (*_KEYS, *_READS, "hit", "miss"), ("id", "hit", "miss"))
    (begins,) = _patterns(fields, "begins") or (None,)
    subject, sender, header, text = (_words(fields, name) for name in ("subject", "from", "header", "text"))
    return Family(
        id=fields["id"].identifier("id"),
        kind=Kind(fields["kind"].choice("kind", list(Kind))) if "kind" in fields else None,
        sender=sender,
        subject=subject,
        header=header,
        text=text,
        conditions=tuple(one for one in enumerate((subject, sender, header, text)) if one[1]),
        without=_words(fields, "not"),
        begins=begins,
        recipients=_patterns(fields, "recipient"),
        domain=optional(fields, "domain"),
        place=fields["diagnostic"].choice("diagnostic", _PLACES) if "diagnostic" in fields else "after",
        said=_patterns(fields, "said"),
        hits=_samples(fields["hit"]),
        misses=_samples(fields["miss"]),
        place_in_file=f"{entry.file}:{entry.line}",
    )


def _words(fields: Mapping[str, Entry], name: str) -> Words:
    words = many(fields, name)
    plain = tuple(word for word in words if not _is_pattern(word))
    return Words(plain, tuple(_compiled(word, fields[name]) for word in words if _is_pattern(word)))


def _patterns(fields: Mapping[str, Entry], name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_compiled(word, fields[name]) for word in many(fields, name))


def _is_pattern(word: str) -> bool:
    return len(word) > 2 and word[0] == word[-1] == "/"  # noqa: PLR2004 - two slashes and something between


def _compiled(word: str, entry: Entry) -> re.Pattern[str]:
    if not _is_pattern(word):
        entry.refuse(f"{word!r}: a /pattern/ was expected")
    try:
        return re.compile(word[1:-1].replace("{address}", ADDRESS), re.IGNORECASE | re.MULTILINE)
    except re.error as error:
        entry.refuse(f"{word}: {error}")


def _samples(entry: Entry) -> tuple[Sample, ...]:
    return tuple(_sample(one) for one in (entry.items("samples") if entry.is_list else [entry]))


def _sample(entry: Entry) -> Sample:
    if not entry.is_mapping:
        return Sample(entry.word("a sample"))
    fields = entry.fields("a sample", ("text", "subject", "from", "header", "finds"))
    finds = fields["finds"].fields("finds") if "finds" in fields else {}
    return Sample(
        text=optional(fields, "text") or "",
        subject=optional(fields, "subject") or "",
        sender=optional(fields, "from") or "",
        header=optional(fields, "header") or "",
        finds=tuple((name, value.word("finds") if value.node.value else None) for name, value in finds.items()),
    )
