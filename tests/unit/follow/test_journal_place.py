"""Where a journal was left, and whether what came after it is still there."""

from __future__ import annotations

import pytest

from logbounce.follow.journal_files import JournalFile, Removed, listed, reach, removed
from logbounce.follow.journal_place import Place, same_entry

CURSOR = "s=aa;i=1f;b=b;m=1;t=2;x=3"


def test_a_place_is_stored_as_text() -> None:
    place = Place(CURSOR, {"aa": 40, "bb": 7})
    assert place.text == f"{CURSOR} aa=40 bb=7"
    assert Place.read(place.text) == place
    assert Place.read(None) == Place()


def test_a_place_that_is_a_cursor_only() -> None:
    assert Place.read(CURSOR) == Place(CURSOR, {"aa": 31})


@pytest.mark.parametrize("cursor", ["none", "s=aa;b=b", "s=aa;i=no"])
def test_a_cursor_that_has_no_number(cursor: str) -> None:
    assert Place.read(cursor) == Place(cursor)


def test_a_place_moves_on() -> None:
    place = Place(CURSOR, {"aa": 40, "bb": 7})
    assert place.at("s=aa;i=20") == Place("s=aa;i=20", {"aa": 40, "bb": 7})
    assert place.at("s=bb;i=20") == Place("s=bb;i=20", {"aa": 40, "bb": 32})
    assert place.behind({"aa": Removed(40, 51), "bb": Removed(7, None)}) == Place(CURSOR, {"aa": 50})


def test_an_entry_is_known_again_in_another_file() -> None:
    assert same_entry(CURSOR, CURSOR.replace("s=aa;i=1f", "s=cc;i=2"))
    assert not same_entry(CURSOR, CURSOR.replace("x=3", "x=4"))
    assert not same_entry("s=1;i=1", "s=1;i=2")


HEADER = """File path: /j/system@aa-1-5.journal
File ID: f1
Sequential number ID: aa
State: ARCHIVED
Head sequential number: 1 (1)
Tail sequential number: 26 (1a)
Disk usage: 8.0M

File path: /j/system.journal
Sequential number ID: aa
Head sequential number: 0 (0)
Tail sequential number: 26 (1a)
"""


def test_what_journalctl_says_of_files() -> None:
    archived, current = listed(HEADER)
    assert archived == JournalFile("/j/system@aa-1-5.journal", "aa", 1, 26)
    assert current == JournalFile("/j/system.journal", "aa", 0, 26)
    assert (archived.written, archived.first) == (False, 1)
    assert (current.written, current.first) == (True, 27)
    assert listed("") == []


def file(name: str, head: int, tail: int, sequence: str = "aa") -> JournalFile:
    return JournalFile(f"/j/{name}.journal", sequence, head, tail)


def test_how_far_a_journal_goes() -> None:
    files = [file("system@1", 1, 20), file("system", 21, 26), file("user-1000", 3, 30), file("old@1", 1, 90, "bb")]
    assert reach(files) == {"aa": 30}


@pytest.mark.parametrize(
    ("files", "lost"),
    [
        ([file("system@1", 1, 50), file("system", 51, 60)], {}),
        ([file("system", 51, 60)], {}),  # what was read has gone, and nothing else
        ([file("system", 41, 60)], {}),
        ([file("system", 52, 60)], {"aa": Removed(50, 52)}),
        ([file("system@1", 1, 45), file("system", 60, 70)], {}),  # the older would have gone first
        ([file("system", 0, 50)], {}),  # begun anew, and nothing has come
        ([file("system", 0, 55)], {"aa": Removed(50, 56)}),
        ([file("user-1000", 3, 70), file("system", 60, 80)], {"aa": Removed(50, 60)}),
        ([file("user-1000", 60, 70), file("system", 40, 80)], {}),
        ([file("user-1000", 60, 70)], {}),  # the others cannot be read
        ([file("system", 1, 5, "bb")], {"aa": Removed(50, None)}),
        ([], {}),  # cannot be read
    ],
)
def test_what_was_removed_before_it_was_read(files: list[JournalFile], lost: dict[str, Removed]) -> None:
    assert removed({"aa": 50}, files) == lost


def test_each_sequence_by_itself() -> None:
    files = [file("a", 9, 10), file("b", 9, 10, "bb"), file("c", 5, 6, "cc")]
    assert removed({"aa": 8, "bb": 3}, files) == {"bb": Removed(3, 9)}
