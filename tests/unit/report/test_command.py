from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from logbounce.cli import report_text
from logbounce.database import connect
from logbounce.errors import Exit
from logbounce.escalate import escalate
from logbounce.report import Period, build
from logbounce.rules import load_rules, publish
from tests.unit.cli.rows import insert
from tests.unit.escalate.histories import Attempt, after, bounced, complain, delivered, policy, store

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "=cmd|'/c calc'!A1 \x1b[2J\x07 \u202e<script>"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "logbounce.duckdb"
    with connect(file) as connection:
        policy(connection, "", None, "standard")
        store(
            connection,
            [
                *(delivered(after(0), provider=HOSTILE, source_ip=HOSTILE) for _ in range(30)),
                *(bounced(after(1), recipient=f"{HOSTILE}@x.example", provider=HOSTILE) for _ in range(30)),
                *(bounced(after(1), "B", category="spam-content") for _ in range(30)),
                Attempt(after(2), act="S0", category="undetermined"),
            ],
        )
        connection.execute("update response_templates set sample = $1", [HOSTILE * 9])
        complain(connection, after(3), recipient=f"{HOSTILE}@x.example")
        escalate(connection)
    return file


def run(database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "logbounce", "report", "--db", str(database), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def test_the_text_fits_a_mail_and_nothing_in_it_acts(database: Path) -> None:
    done = run(database, "--since", "2026-03-01", "--until", "2026-03-02T12:00", "--compare")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 110
    assert all(char.isprintable() or char == "\n" for char in done.stdout)
    for title in (
        "Bounce rate 66.67 %: above 2 %",
        "By provider",
        "Blocks by provider",
        "By source IP",
        "In trouble",
        "Worst domains",
        "Why it failed",
        "Newly suppressed",
        "Complaints",
        "Unexplained responses",
        "Notes",
    ):
        assert f"\n{title}" in done.stdout


TIME = re.compile(r"\d{4}-\d\d-\d\d\s+\d\d:\d\d")


class Terminal(io.StringIO):
    """A terminal, as wide as COLUMNS says."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


def shown(database: Path, patch: pytest.MonkeyPatch, columns: int, *, compare: bool = False) -> str:
    """Return what a person at a terminal of so many columns sees."""
    terminal, now = Terminal(), after(40).replace(tzinfo=UTC)
    patch.setenv("COLUMNS", str(columns))
    patch.setattr(sys, "stdout", terminal)
    period = Period.of("2026-03-01", "2026-03-02T12:00", ZoneInfo("UTC"), now)
    with connect(database, read_only=True) as connection:
        report_text.write(build(connection, period, compare=compare, now=now), ZoneInfo("UTC"))
    patch.undo()
    return terminal.getvalue()


@pytest.mark.parametrize("compare", [False, True])
@pytest.mark.parametrize("columns", [60, 80])
def test_the_text_fits_a_narrow_terminal(
    database: Path, monkeypatch: pytest.MonkeyPatch, columns: int, compare: bool  # noqa: FBT001
) -> None:  # fmt: skip
    wide, narrow = (shown(database, monkeypatch, width, compare=compare) for width in (200, columns))
    assert max(map(len, wide.splitlines())) > columns
    assert max(map(len, narrow.splitlines())) <= columns
    # Whom and what a line is about is there, as long as before.
    name = HOSTILE.encode("unicode_escape").decode()[:29]
    for told in (f"\n  {name}", "\n  x.example", "spam-content", "undetermined", "66.67 %"):
        assert (told in wide, told in narrow) == (True, True), told
    assert TIME.findall(wide) == TIME.findall(narrow) != []
    assert [title for title in re.findall(r"\n\n(\w[^(\n]*\w)", wide) if f"\n\n{title}" not in narrow] == []


def test_a_narrow_terminal_leaves_out_what_is_needed_least(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = "sent failed pending rate 95 % interval hard soft block"
    for width, left in ((200, f"provider {rates}"), (80, rates), (60, rates.replace("95 % interval ", ""))):
        heads = shown(database, monkeypatch, width).partition("By provider\n")[2].splitlines()[1:3]
        assert " ".join(heads[-1 if width < 100 else 0].split()) == left
        assert heads[0].split()[0] == "provider"
    assert " pending" not in shown(database, monkeypatch, 50).partition("By provider\n")[2].partition("\n\n")[0]


def test_who_only_complained_has_no_rate(tmp_path: Path) -> None:
    with connect(tmp_path / "logbounce.duckdb") as connection:
        store(connection, [delivered(after(0))])
        complain(connection, after(1), recipient="other@elsewhere.example")
    text = run(tmp_path / "logbounce.duckdb").stdout
    assert "(unknown)" not in text.partition("\nComplaints")[0]
    assert "elsewhere.example" in text.partition("\nComplaints")[2]


def test_a_long_path_is_known_by_its_end(tmp_path: Path) -> None:
    with connect(tmp_path / "logbounce.duckdb") as connection:
        name = f"/{'deep/' * 20}mail.log"
        insert(connection, "sources", source_name=name, path=name, format="postfix", lines_read=9, unparsed=1)
    assert run(tmp_path / "logbounce.duckdb").stdout.count("deep/deep/mail.log\n") == 1


def test_the_text_begins_with_the_incidents(tmp_path: Path) -> None:
    week = [delivered(after(hour), provider=HOSTILE, source_ip=HOSTILE) for hour in range(200) for _ in range(5)]
    with connect(tmp_path / "logbounce.duckdb") as connection:
        publish(connection, load_rules())
        store(connection, week)
        for hour in (100, 150, 151, 199):
            trouble = {"provider": HOSTILE, "source_ip": HOSTILE, "category": "policy-block"}
            store(connection, [bounced(after(hour), "B", **trouble) for _ in range(2000)])
        connection.execute("update response_templates set sample = $1", [HOSTILE * 9])
    text = run(tmp_path / "logbounce.duckdb").stdout
    title, _, heading, *lines = text.partition("\nIncidents")[2].partition("\n\n")[0].splitlines()
    assert title == " (beyond what is usual and what rules.yaml allows)"
    assert heading.split() == ["alert", "id", "scope", "value", "first", "time", "(UTC)", "until", "failed", "usual"]
    assert [re.split(r"  +", line.strip())[-4:] for line in lines[::2]] == [
        ["2026-03-09 19:00", "goes on", "2000 of 2005", "86.21 %"],
        ["2026-03-07 18:00", "19:00", "4000 of 4010", "72.73 %"],
        ["2026-03-05 16:00", "16:00", "2000 of 2005", "0.00 %"],
    ]
    assert max(map(len, lines)) <= 110
    assert all(char.isprintable() or char == "\n" for char in text)
    told = run(tmp_path / "logbounce.duckdb", "--json").stdout
    assert [row["failed"] for row in json.loads(told)["incidents"]] == [2000, 4000, 2000]
    assert "\nincidents,block-rate '=cmd" not in run(tmp_path / "logbounce.duckdb", "--csv").stdout


def test_an_empty_period_is_a_report_too(database: Path) -> None:
    done = run(database, "--since", "2027-01-01")
    assert done.returncode == 0
    assert "nothing was delivered or failed" in done.stdout
    assert "no mail in this period: the database covers 2026-03-01" in done.stdout


def test_json_is_one_object_of_sections(database: Path) -> None:
    done = run(database, "--json", "--top", "1", "--since", "2026-03-01", "--until", "2026-03-02", "--compare")
    found = json.loads(done.stdout)
    assert found["headline"]["n"] == 90
    assert found["headline"]["previous"]["n"] == 0
    assert found["providers"][0]["previous"] is None
    assert found["suppressed"][0]["address"].startswith(HOSTILE)
    assert found["previous_period"]["until"] == found["period"]["since"]
    assert done.stdout.isascii()


def test_csv_is_one_table_in_which_formulas_are_inert(database: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(database, "--csv").stdout)))
    assert list(rows[0]) == ["section", "key", "metric", "value"]
    assert {"section": "headline", "key": "", "metric": "delivered", "value": "30"} in rows
    assert {row["section"] for row in rows} >= {"providers", "reasons", "suppressed", "complaints"}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    compared = run(database, "--csv", "--since", "2026-03-01", "--compare").stdout.splitlines()
    assert compared[0] == "section,key,metric,value,previous"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--since", "soon"], "logbounce: --since: 'soon' is no time, expected a date (2026-11-20)"),
        (["--compare"], "logbounce: --compare needs --since"),
    ],
)
def test_what_is_no_period_is_refused_in_one_line(database: Path, arguments: list[str], says: str) -> None:
    done = run(database, *arguments)
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert done.stderr.startswith(says)
    assert done.stderr.count("\n") == 1
