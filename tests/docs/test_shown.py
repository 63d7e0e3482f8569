"""The cutting and comparing that the other tests of the documentation rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.shown import Step, agrees, blocks, steps

if TYPE_CHECKING:
    from pathlib import Path


def test_blocks_of_one_language_with_their_lines(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n```sql\nselect 1\n```\n\n```console\n$ ls\n```\n\n<!-- not run: why -->\n```sql\nno\n```\n")
    assert [(block.line, block.text) for block in blocks(page, "sql")] == [(4, "select 1\n")]


def test_steps_have_continued_commands_and_output() -> None:
    text = '$ logbounce status\nfine\n$ logbounce query "\n> select 1"\n1\n$ cat a \\\n  b\n'
    assert list(steps(text)) == [
        Step("logbounce status", "fine"),
        Step('logbounce query "\nselect 1"', "1"),
        Step("cat a \\\n  b", ""),
    ]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a  b", "a b", True),
        ("a c", "a b", False),
        ("one\n...\nlast", "one\ntwo\nthree\nlast", True),
        ("one\n...\nlast", "one\nlast", True),
        ("one\n...", "one\ntwo", True),
        ("one\n...\nlast", "one\ntwo", False),
        ("read at 2026-09-01 10:00:00 in 0.3 s", "read at 2026-11-20 11:00:01 in 1.25 s", True),
        ("┏━━┓\n┃ a ┃", "a", True),
        ("12 rows", "13 rows", False),
    ],
)
def test_what_agrees(shown: str, printed: str, *, same: bool) -> None:
    assert agrees(shown, printed) is same
