"""YAML that remembers its lines, so that an error can name the place."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import yaml

from logbounce.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_YAML_TAGS = "tag:yaml.org,2002:"
# Where a password, a token or a secret stands, or a whole account: nothing of it is repeated.
_PRIVATE = re.compile(
    r"(?:.*\.)?(?:password|token|secret)\w*(?:[.\[].*)?|mailboxes(?:\[\d+\])?|verp(?:\.keys(?:\[\d+\])?)?"
)
_PRIVATE_KEY = re.compile(r"((?:password|token|secret)[a-z_]*)\W", re.IGNORECASE)  # password:Hunter2, without a blank


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=_HasName)


class Value:
    """One value of the file, with its name (`sources[0].path`) and its line."""

    def __init__(self, file: Path, name: str, node: yaml.Node) -> None:
        self.file = file
        self.name = name
        self._node = node

    def error(self, says: str) -> SettingsError:
        """Return an error that points here."""
        return SettingsError(f"{self.file}:{self._node.start_mark.line + 1}: {says}")

    @property
    def empty(self) -> bool:
        """Tell whether nothing stands after the key."""
        return self._node.tag == _NULL

    def text(self) -> str:
        """Return the scalar as it was written; numbers count as text, `yes` and `no` do not."""
        if not isinstance(self._node, yaml.ScalarNode) or self._node.tag in (_NULL, _BOOL):
            hint = ": put it in quotes" if self._node.tag == _BOOL else ""
            raise self.error(f"{self.name}: expected text, not {self._kind()}{hint}")
        if not self._node.tag.startswith(_YAML_TAGS):
            raise self.error(f"{self.name}: expected text, not a tag (`!`): put it in quotes")
        return str(self._node.value)

    def beside(self) -> str:
        """Return a path; a relative one starts at the settings file's folder, so that cron finds it too."""
        return str(self.file.parent.absolute() / Path(self.text()).expanduser())

    @property
    def is_mapping(self) -> bool:
        """Tell whether this has keys of its own."""
        return isinstance(self._node, yaml.MappingNode)

    def elements(self) -> list[Value]:
        """Return the members of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.error(f"{self.name}: expected a list, not {self._kind()}")
        return [Value(self.file, f"{self.name}[{number}]", node) for number, node in enumerate(self._node.value)]

    def named(self, kind: str, read: Callable[[Value], Named]) -> tuple[Named, ...]:
        """Return what `read` makes of the members of a list; each has a name of its own."""
        found: dict[str, Named] = {}
        for element in self.elements():
            member = read(element)
            if member.name in found:
                raise element.error(f"{element.name}: the name '{member.name}' is taken by an earlier {kind}")
            found[member.name] = member
        return tuple(found.values())

    def entries(self) -> Iterator[tuple[Value, Value]]:
        """Yield the keys and values of a mapping; refuse a key that stands twice."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error(f"{self.name or 'the file'}: expected `key: value` lines, not {self._kind()}")
        seen: set[str] = set()
        for key_node, value_node in self._node.value:
            key = Value(self.file, "the key", key_node)
            if (name := key.text()) in seen:
                raise key.error(f"the key '{_shown(name)}' stands twice{self._where()}")
            seen.add(name)
            yield key, Value(self.file, f"{self.name}.{name}" if self.name else name, value_node)

    def section(self, expected: Collection[str]) -> dict[str, Value]:
        """Return a mapping whose keys are known; those with nothing after them are left out."""
        found: dict[str, Value] = {}
        for key, value in self.entries():
            if (name := key.text()) not in expected:
                close = difflib.get_close_matches(name, expected, n=1)
                guess = f" (did you mean '{close[0]}'?)" if close else ""
                wanted = ", ".join(sorted(expected))
                raise key.error(f"unknown key '{_shown(name)}'{self._where()}{guess}, expected one of {wanted}")
            if not value.empty:
                found[name] = value
        return found

    def _where(self) -> str:
        return f" in {self.name}" if self.name else ""

    def _kind(self) -> str:
        if self.is_mapping:
            return "a mapping"
        if isinstance(self._node, yaml.SequenceNode):
            return "a list"
        if self.empty:
            return "nothing"
        if _PRIVATE.fullmatch(self.name):
            return "a word for true or false" if self._node.tag == _BOOL else "text"
        return f"`{self._node.value}`"


def _shown(key: str) -> str:
    """Return a key's name, without a secret that has become a part of it."""
    found = _PRIVATE_KEY.match(key)
    return f"{found[1]}..." if found else key


def read(file: Path) -> Value | None:
    """Read a YAML file; None when it says nothing."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: is not UTF-8 text (byte {error.start})") from error
    node = _composed(file, text)
    return None if node is None else Value(file, "", node)


def _composed(file: Path, text: str) -> yaml.Node | None:
    """Parse; an error has no cause, since PyYAML's quotes the line, and a password may stand there."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise SettingsError(f"{file}: is nested too deep") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{file}:{line}: is not YAML: {_problem(error.problem or '')}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SettingsError(f"{file}:{line}: is not YAML: unacceptable character: {error.reason}") from None
    except (ValueError, OverflowError):  # "\U99999999", which PyYAML lets chr() refuse
        raise SettingsError(f"{file}: is not YAML: an escape of a character that does not exist") from None


def _problem(says: str) -> str:
    """Return PyYAML's words without what they quote of the file; the names of tokens (`'<stream end>'`) stay."""
    if says == "second occurrence":
        return "an anchor (`&`) stands twice"
    expected = re.split(r", but (?:found|got) (?:'(?!<[a-z ]+>'$)|\")", says, maxsplit=1)[0]
    if not expected.startswith("found"):
        return expected
    said = re.sub(r" (?:'.*'|\".*\")", "", expected, flags=re.DOTALL)
    return f"{said}: text that begins with a special character has to be in quotes" if said != expected else said
