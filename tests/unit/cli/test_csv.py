"""`--csv` wherever a table is printed."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from tests.unit.cli.command import logbounce
from tests.unit.ingest.logs import arrival, attempt

if TYPE_CHECKING:
    from pathlib import Path


def rows(*arguments: str, cwd: Path, text: str | None = None) -> list[dict[str, str]]:
    """Return the rows of a command's CSV."""
    return list(csv.DictReader(logbounce(*arguments, "--csv", cwd=cwd, text=text).stdout.splitlines()))


def test_classify(tmp_path: Path) -> None:
    (row,) = rows("classify", cwd=tmp_path, text="550 5.1.1 User unknown\n")
    assert (row["category"], row["bounce_class"], row["text"]) == ("bad-mailbox", "hard", "550 5.1.1 User unknown")


def test_status_has_a_row_for_each_source(tmp_path: Path) -> None:
    lines = [*arrival(0, "4TXAAA"), attempt(1, "4TXAAA", "a@example.org")]
    (tmp_path / "mail.log").write_text("".join(f"{line}\n" for line in lines))
    assert logbounce("ingest", "mail.log", cwd=tmp_path).returncode == 0
    (row,) = rows("status", cwd=tmp_path)
    assert (row["source_name"], row["lines_read"], row["attempts"]) == ("mail.log", "3", "1")


def test_doctor_has_a_row_for_each_finding(tmp_path: Path) -> None:
    found = rows("doctor", "none.log", cwd=tmp_path)
    assert any("none.log" in row["what"] and row["mend"] for row in found)
