"""The text of the .sql files that ship with the program."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "sql"


@cache
def statement(name: str) -> str:
    """Return the text of logbounce/sql/NAME.sql."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
