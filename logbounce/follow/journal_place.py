"""Where a journal was left: at which entry, and how far everything was read that is ours."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logbounce.follow.journal_files import Removed

_SAME = ("b", "m", "t", "x")  # boot, clocks and contents: an entry that is copied to another file keeps them


@dataclass(frozen=True)
class Place:
    """The cursor (systemd.journal-fields(7)) of the last entry read, and up to which number of each sequence.

    A journal numbers its entries, whoever logs them. It begins a new sequence when it is made anew; in a folder with
    the journals of several machines each has one.
    """

    cursor: str | None = None
    reach: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> Place:
        """Return what `text` stands for, which may be no more than a cursor."""
        cursor, *pairs = (text or "").split() or [""]
        place = cls().at(cursor) if cursor else cls()
        stored = {sequence: int(number) for sequence, _, number in (pair.partition("=") for pair in pairs)}
        return replace(place, reach=stored) if stored else place

    @property
    def text(self) -> str:
        """Return it as it is stored: the cursor, then a pair for each sequence."""
        return " ".join([self.cursor or "", *(f"{sequence}={number}" for sequence, number in self.reach.items())])

    def at(self, cursor: str) -> Place:
        """Return the place after the entry at `cursor` was read, and so all that are ours before it."""
        fields = _fields(cursor)
        try:
            sequence, number = fields["s"], int(fields["i"], 16)
        except (KeyError, ValueError):  # as a journalctl of some future may write it
            return replace(self, cursor=cursor)
        reach = {**self.reach, sequence: max(number, self.reach.get(sequence, 0))}
        return Place(cursor, reach)

    def behind(self, removed: Mapping[str, Removed]) -> Place:
        """Return the place at which nothing is missing any more, once it was told what is."""
        kept = {name: number for name, number in self.reach.items() if name not in removed}
        return replace(self, reach=kept | {name: one.first - 1 for name, one in removed.items() if one.first})


def same_entry(one: str, other: str) -> bool:
    """Tell whether two cursors are of one entry, which may have been copied to another file and got another number."""
    mine, theirs = _fields(one), _fields(other)
    return one == other or all(name in mine and mine[name] == theirs.get(name) for name in _SAME)


def _fields(cursor: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition("=") for part in cursor.split(";"))}
