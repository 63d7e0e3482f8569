"""Messages that name nine thousand recipients each take little memory, and a bounce beside them is read."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.test_17_long_line import MEASURED, MEGABYTE
from tests.unit.cli.command import environment, logbounce
from tests.unit.ingest.bounces import dsn
from tests.unit.ingest.logs import arrival, attempt, removed

if TYPE_CHECKING:
    from pathlib import Path

ANN = "ann@example.org"
SETTINGS = "database: logbounce.duckdb\nmailboxes: [{name: bounces, protocol: maildir, path: Maildir}]\n"
# What a report says of the whole message stands in the row of each recipient, as long as it may be.
WHOLE = (
    f"Reporting-MTA: dns; {'m' * 250}\nX-Postfix-Queue-ID: {'q' * 100}\n"
    f"Original-Envelope-Id: {'e' * 490}\nX-Original-Message-ID: <4TXA@sender.example>\n\n"
)
LIMITS = {"fetch": 400 * MEGABYTE, "tail": 300 * MEGABYTE}


def flood(number: int, proved: str) -> bytes:
    """Return a valid report of 4 parts with as many recipients as fit; `proved`: what each has beside its name."""
    parts = []
    for part in range(4):
        groups = "".join(f"Final-Recipient:a;{number}x{part}x{one}@b.c\n{proved}\n" for one in range(2500))
        parts.append(f"--q\nContent-Type: message/delivery-status\n\n{WHOLE}{groups}"[:65_000])
    head = "Subject: failure\nContent-Type: multipart/report; report-type=delivery-status; boundary=q\n\n"
    return (head + "\n".join(parts) + "\n--q--\n").encode()


@pytest.mark.parametrize("proved", ["", f"Original-Recipient:a;{ANN}\n"], ids=["strangers", "a send of ours"])
@pytest.mark.parametrize("command", LIMITS)
def test_a_flood_of_recipients(tmp_path: Path, command: str, proved: str) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    for number in range(10):
        (tmp_path / "Maildir/new" / f"{number:03}.flood").write_bytes(flood(number, proved))
    (tmp_path / "Maildir/new/999.bounce").write_bytes(dsn("bob@example.org", message_id="4TXB@sender.example"))
    (tmp_path / "logbounce.yaml").write_text(SETTINGS)
    sent = [
        *[*arrival(0, "4TXA"), attempt(1, "4TXA", ANN), removed(2, "4TXA")],
        *[*arrival(3, "4TXB"), attempt(4, "4TXB", "bob@example.org"), removed(5, "4TXB")],
    ]
    (tmp_path / "mail.log").write_text("".join(f"{line}\n" for line in sent))
    assert logbounce("ingest", "mail.log", cwd=tmp_path).returncode == 0
    arguments = [command, *(["--once"] if command == "tail" else [])]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(done.stderr) < LIMITS[command]
    assert logbounce("suppress", "check", "bob@example.org", cwd=tmp_path).returncode == 0
