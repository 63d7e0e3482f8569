"""Every ```sql block in the documentation runs on the database of the sample logs, in plain DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.docs.shown import PAGES, ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.shown import Block

SQL = [block for page in PAGES if page.exists() for block in blocks(page, "sql")]


@pytest.mark.parametrize("block", SQL, ids=lambda block: f"{block.page.relative_to(ROOT).as_posix()}:{block.line}")
def test_sql_block(block: Block, demo_folder: Path) -> None:
    with duckdb.connect(str(demo_folder / "logbounce.duckdb"), read_only=True) as connection:
        for statement in connection.extract_statements(block.text):
            connection.execute(statement).fetchall()


def test_the_sql_page_shows_sql() -> None:
    assert [block for block in SQL if block.page.name == "sql.md"]
