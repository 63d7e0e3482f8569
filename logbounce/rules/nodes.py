"""YAML read as nodes, so that every complaint can name the file and the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import yaml

from logbounce.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# Every scalar stays text ("550" and "yes" are what was written); C code, because every command waits for it.
_DEEPEST = 50
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PERCENT = re.compile(r"\d{1,3}(?:\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """A YAML node and the name of its file."""

    file: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """The line that the node starts on, counted from 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def is_list(self) -> bool:
        """Tell whether this is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Tell whether this is `key: value` lines."""
        return isinstance(self.node, yaml.MappingNode)

    def refuse(self, what: str) -> NoReturn:
        """Raise the error that says where."""
        raise SettingsError(f"{self.file}:{self.line}: {what}")

    def items(self, what: str) -> list[Entry]:
        """Return the entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse(f"{what}: a list was expected, its entries starting with `- `")
        return [Entry(self.file, node) for node in self.node.value]

    def several(self, what: str) -> list[Entry]:
        """Return the entries of a list, or this one; an empty list is refused: it would be no condition."""
        entries = self.items(what) if self.is_list else [self]
        if not entries:
            self.refuse(f"{what}: the list is empty: at least one was expected")
        return entries

    def fields(self, what: str, allowed: Iterable[str] | None = None, required: Iterable[str] = ()) -> dict[str, Entry]:
        """Return a mapping's values by key; `allowed` None takes any key."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse(f"{what}: `key: value` lines were expected")
        known = None if allowed is None else tuple(allowed)
        found: dict[str, Entry] = {}
        for key, value in self.node.value:
            name = Entry(self.file, key).word(f"{what}: a key")
            if known is not None and name not in known:
                Entry(self.file, key).refuse(f"{what}: unknown key {name!r}: expected one of {', '.join(known)}")
            if name in found:
                Entry(self.file, key).refuse(f"{what}: {name!r} stands here a second time")
            found[name] = Entry(self.file, value)
        for name in required:
            if name not in found:
                self.refuse(f"{what}: {name!r} is missing")
        return found

    def word(self, what: str) -> str:
        """Return a scalar that is not empty."""
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value.strip():
            self.refuse(f"{what}: a word or text was expected")
        if "\0" in self.node.value:
            self.refuse(f"{what}: text without a NUL was expected")
        return str(self.node.value).strip()

    def words(self, what: str) -> tuple[str, ...]:
        """Return one scalar or a list of them."""
        return tuple(entry.word(what) for entry in self.several(what))

    def phrases(self, what: str) -> tuple[str, ...]:
        """Return what `words` does; blanks around one are refused, for nothing looks for them."""
        for entry in self.several(what):
            written = entry.node.value
            if isinstance(written, str) and written != written.strip():
                entry.refuse(
                    f"{what}: blanks around {written!r} are not looked for: write {written.strip()!r}, or a /pattern/"
                )
        return self.words(what)

    def identifier(self, what: str) -> str:
        """Return an id, as rules and alerts have them."""
        if not _ID.fullmatch(word := self.word(what)):
            self.refuse(f"{what}: an id is lower-case letters, digits and single hyphens")
        return word

    def choice(self, what: str, among: Iterable[str]) -> str:
        """Return a scalar that must be one of a few."""
        word, known = self.word(what), tuple(among)
        if word not in known:
            self.refuse(f"{what} {word!r} is unknown: expected one of {', '.join(known)}")
        return word

    def number(self, what: str) -> int:
        """Return a whole number, 0 or more."""
        word = self.word(what)
        if not (word.isascii() and word.isdigit() and len(word) <= 6):  # noqa: PLR2004 - a hundred years of hours
            self.refuse(f"{what}: a number from 0 to 999999 was expected, not {word!r}")
        return int(word)

    def share(self, what: str) -> float:
        """Return a percentage as a number from 0 to 1."""
        word = self.word(what)
        number = word.removesuffix("%").rstrip()
        if number == word or not _PERCENT.fullmatch(number) or float(number) > 100:  # noqa: PLR2004 - per cent
            self.refuse(f"{what}: a share from 0 % to 100 % was expected, such as 2.5 %, not {word!r}")
        return float(number) / 100


def parse(path: Path, text: str, *, foreign: bool = False) -> Entry:
    """Parse YAML text into its root node; one that is `foreign` may be made to break the parser."""
    try:
        if foreign:
            _refuse_depth(path, text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{path}:{line}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}:1: not YAML: {str(error).splitlines()[0]}") from error
    if node is None:
        raise SettingsError(f"{path}:1: is empty: `rules:` was expected, or categories, providers, policy or alerts")
    return Entry(str(path), node)


def optional(fields: Mapping[str, Entry], name: str) -> str | None:
    """Return the text of a key, or None when the key is not there."""
    return fields[name].word(name) if name in fields else None


def many(fields: Mapping[str, Entry], name: str) -> tuple[str, ...]:
    """Return the texts of a key, none when the key is not there."""
    return fields[name].words(name) if name in fields else ()


def phrases(fields: Mapping[str, Entry], name: str) -> tuple[str, ...]:
    """Return the phrases and patterns of a key, likewise."""
    return fields[name].phrases(name) if name in fields else ()


def _refuse_depth(path: Path, text: str) -> None:
    """Refuse what is nested so deep that libyaml's composer, which calls itself, would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise SettingsError(f"{path}:{line}: is nested deeper than {_DEEPEST} levels")
