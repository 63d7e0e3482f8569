"""Compare what logbounce says with what the workload's generator wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
LOGBOUNCE = (sys.executable, "-m", "logbounce")


def ingest_command(database: Path, log: Path) -> Sequence[str]:
    """Return the command that reads a workload's log, with the map of sending IPs beside it."""
    return (*LOGBOUNCE, "ingest", "--db", str(database), "--config", str(log.parent / "logbounce.yaml"), str(log))


def query(database: Path, sql: str) -> list[dict[str, object]]:
    """Return the rows of `logbounce query`."""
    command = (*LOGBOUNCE, "query", "--db", str(database), "--json", "--", sql)  # SQL may begin with a comment
    rows: list[dict[str, object]] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return rows


def attempts(database: Path) -> object:
    """Return how many attempts are stored."""
    return query(database, "select count(*) as n from attempts")[0]["n"]


def templates(database: Path) -> object:
    """Return how many templates the replies came down to."""
    return query(database, "select count(*) as n from response_templates")[0]["n"]


def differences(database: Path, workload: Path) -> list[str]:
    """Return one line for each domain, IP and outcome where the database and the truth differ."""
    truth = {(domain, ip, outcome): n for domain, ip, outcome, n in json.loads((workload / "truth.json").read_text())}
    rows = query(database, (HERE / "outcomes.sql").read_text())
    found = {(r["recipient_domain"], r["source_ip"], r["outcome"]): r["n"] for r in rows}
    return [
        f"{' '.join(map(str, key))}: {found.get(key, 0)}, should be {truth.get(key, 0)}"
        for key in sorted(truth.keys() | found.keys(), key=str)
        if truth.get(key) != found.get(key)
    ]
