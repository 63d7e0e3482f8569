"""YAML that remembers its lines, so that an error can name the place."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import yaml

from logbounce.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"


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
                raise key.error(f"the key '{name}' stands twice{self._where()}")
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
                raise key.error(f"unknown key '{name}'{self._where()}{guess}, expected one of {wanted}")
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
        return "nothing" if self.empty else f"`{self._node.value}`"


def read(file: Path) -> Value | None:
    """Read a YAML file; None when it says nothing."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: is not UTF-8 text (byte {error.start})") from error
    except RecursionError:
        raise SettingsError(f"{file}: is nested too deep") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{file}:{line}: is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{file}: is not YAML: {str(error).splitlines()[0]}") from error
    return None if node is None else Value(file, "", node)
