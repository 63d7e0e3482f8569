"""The files of a journal, as `journalctl --header` tells of them, and what was removed with those that have gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True)
class JournalFile:
    """A file with some of the entries of a sequence: the numbers of its first one (0: it has none) and its last one."""

    path: str
    sequence: str
    head: int
    tail: int  # in a file without entries: of the last one in the file before it

    @property
    def first(self) -> int:
        """Return the number of its first entry, as it is or will be."""
        return self.head or self.tail + 1

    @property
    def written(self) -> bool:
        """Tell whether more will come: an archived file is called NAME@SEQUENCE-NUMBER-TIME.journal."""
        return "@" not in Path(self.path).name

    @property
    def of_a_user(self) -> bool:
        """Tell whether it has what one person's programs log, few entries now and then, and not the services'."""
        return Path(self.path).name.startswith("user-")


@dataclass(frozen=True)
class Removed:
    """Entries between the last number that was read and the first that is still there: None if nothing is."""

    after: int
    first: int | None


def listed(header: str) -> list[JournalFile]:
    """Return the files that `journalctl --header` tells of: for each a paragraph of `Name: value` lines."""
    paragraphs = (
        {name: value for name, _, value in (line.partition(": ") for line in paragraph.splitlines())}
        for paragraph in header.split("\n\n")
    )
    return [
        JournalFile(
            told["File path"],
            told["Sequential number ID"],
            *(int(told[f"{which} sequential number"].split()[0]) for which in ("Head", "Tail")),
        )
        for told in paragraphs
        if "File path" in told
    ]


def reach(files: Iterable[JournalFile]) -> dict[str, int]:
    """Return the number of the last entry of each sequence that is still written."""
    numbers: dict[str, int] = {}
    for file in files:
        numbers[file.sequence] = max(file.tail, numbers.get(file.sequence, 0))
    written = {file.sequence for file in files if file.written}
    return {sequence: number for sequence, number in sorted(numbers.items()) if sequence in written}


def removed(read: Mapping[str, int], files: Sequence[JournalFile]) -> dict[str, Removed]:
    """Return the sequences of which entries were removed that came after the last number that was `read`.

    The oldest files are removed first, so that nothing is missing behind an entry that is there. The files of users
    do not tell: they go back further, with few entries.
    """
    found: dict[str, Removed] = {}
    for sequence, number in read.items():
        rest = [file for file in files if file.sequence == sequence]
        first = min((file.first for file in rest if not file.of_a_user), default=None)
        if not rest or (first is not None and first > number + 1):
            found[sequence] = Removed(number, first)
    return found if files else {}  # a journal that cannot be read may have everything
