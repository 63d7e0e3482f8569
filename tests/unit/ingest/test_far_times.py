"""A damaged or hostile stamp can name a year that DuckDB knows and Python does not: nothing stops, the line is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.ingest.state import Memory

if TYPE_CHECKING:
    from pathlib import Path

TO = "4F1B2C: to=<a@dom.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (x)"
JOURNAL = {"_HOSTNAME": "mx1", "SYSLOG_IDENTIFIER": "postfix/smtp", "MESSAGE": TO}
FIELDS = {"program": "postfix/smtp", "host": "mx1", "message": TO}
KUMO = {"type": "Bounce", "id": "1", "recipient": "a@dom.example", "response": {"code": 550, "content": "no"}}


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize(
    ("mta", "line"),
    [
        ("postfix", f"20260-11-20T10:00:00Z mx1 postfix/smtp[7]: {TO}"),
        ("postfix", f"9999-12-31T23:59:59 mx1 postfix/smtp[7]: {TO}"),
        ("postfix", f"0000-01-01T00:00:00+14:00 mx1 postfix/smtp[7]: {TO}"),
        ("postfix", f"<22>1 20260-11-20T10:00:00Z mx1 postfix/smtp 7 - - {TO}"),
        ("postfix", f"Dec 31 9999 23:59:59 mx1 postfix/smtp[7]: {TO}"),
        ("postfix", json.dumps(JOURNAL | {"__REALTIME_TIMESTAMP": "9223372036854775807"})),
        ("postfix", json.dumps(FIELDS | {"timestamp": 9.99e15, "time": "99999-01-01T00:00:00Z"})),
        ("exim", "9999-12-31 23:59:59 1wAbCd-0000aB-1c ** a@dom.example R=r T=t H=h [192.0.2.1]: 550 no"),
        ("kumomta", json.dumps(KUMO | {"timestamp": "20260-11-20T10:00:00Z"})),
        ("powermta", "type,timeLogged,rcpt,dsnStatus\nb,20260-11-20 10:00:00+0000,a@dom.example,5.1.1"),
    ],
)
def test_a_year_out_of_reach(tmp_path: Path, mta: str, line: str, zone: str) -> None:
    (tmp_path / "a.log").write_text(f"{line}\n")
    database = Memory(timezone=zone)
    result = database.ingest(tmp_path / "a.log", mta)
    assert result.attempts + result.unparsed == 1
    assert database.pipeline.connection.execute("from sources").fetchall()
