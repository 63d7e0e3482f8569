"""Runs logbounce as a user does, and compares what it stored with what is true."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.live.namespace import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.live.cases import Case

Row = dict[str, Any]

ATTEMPTS = (
    "select * exclude (attempt_id, delivery_id, source_name, source_offset)"
    " replace (date_trunc('second', event_time) as event_time) from attempts order by all"
)


def logbounce(*arguments: str | Path) -> str:
    """Run the command and return its standard output; its standard error is the failure's text."""
    command = [sys.executable, "-m", "logbounce", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout


def ingest(database: Path, *logs: Path) -> None:
    logbounce("ingest", "--db", database, *logs)


def query(database: Path, sql: str) -> list[Row]:
    rows: list[Row] = json.loads(logbounce("query", "--db", database, "--json", sql))
    return rows


def attempts(database: Path) -> list[Row]:
    """Return what must be the same whatever way the log came; ids know of fractions of a second, where written."""
    return query(database, ATTEMPTS)


def key(row: Row) -> tuple[str, str]:
    return str(row["message_id"]).strip("<>"), row["recipient"].lower()


def check(case: Case, rows: Iterable[Row]) -> None:
    """Compare the one outcome of a case with its truth."""
    mine = [
        row for row in rows if key(row) == case.key and (row["outcome"] == "relayed") == (case.outcome == "relayed")
    ]
    if case.outcome is None:
        assert mine == []
        return
    assert len(mine) == 1, f"{len(mine)} outcomes: {mine}"
    row = mine[0]
    told = {
        "outcome": row["outcome"],
        "status": row["enhanced_status"],
        "code": row["smtp_code"],
        "sender": row["sender"],
    }
    assert told == {"outcome": case.outcome, "status": case.status, "code": case.code, "sender": case.sender}, case.why
    assert row["recipient"] == case.address
    assert row["attempts"] == case.tries or (case.or_more and row["attempts"] > case.tries), f"{row['attempts']} tries"
    assert case.says in (row["response"] or "")
    if case.original:
        assert row["original_recipient"] == case.original
    if case.relay:
        assert row["relay_ip"] == case.relay
    if case.source_ip:
        assert row["source_ip"] == case.source_ip


def expected(cases: Iterable[Case]) -> set[tuple[str, str]]:
    """Return the identities of all outcomes that are no hops."""
    return {case.key for case in cases if case.outcome not in {None, "relayed"}}
