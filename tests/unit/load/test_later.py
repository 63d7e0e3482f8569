"""What is said of a message when it has long left: expiries and later reports, in whatever order they are read."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.ingest.logs import Lab

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = "type,timeLogged,timeQueued,orig,rcpt,dsnStatus,dsnDiag,dsnMta,dlvSourceIp,vmta,jobId,envId,header_Message-Id"
BLOCKED = "smtp;450 4.7.1 Service unavailable; client [198.51.100.10] blocked using zen.spamhaus.org"
KUMOMTA = '{"type":"%s","id":"%s","sender":"news@s.example","recipient":"ann@x.example","timestamp":%d,"created":%d%s}'


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def row(kind: str, logged: str, queued: str = "", **more: str) -> str:
    """Write a row of COLUMNS about one sender and recipient; times are of November 2026, UTC."""
    fields = {
        "type": kind,
        "timeLogged": f"2026-11-{logged}+0000",
        "timeQueued": f"2026-11-{queued}+0000" if queued else "",
        "orig": "news@s.example",
        "rcpt": "ann@x.example",
        "header_Message-Id": more.pop("message_id", ""),
        **more,
    }
    return ",".join(fields.get(name, "") for name in COLUMNS.split(","))


def sent(logged: str, **more: str) -> str:
    """Write the row of a delivery to Google."""
    way = {"dsnMta": "aspmx.l.google.com (203.0.113.1)", "dlvSourceIp": "198.51.100.10", "vmta": "a"}
    said = {"dsnStatus": "2.0.0 (success)", "dsnDiag": "smtp;250 ok"}
    return row("d", logged, logged, **way, **said, **more)


def report(logged: str, **more: str) -> str:
    """Write the row of a later report."""
    return row("rb", logged, dsnStatus="5.1.1", dsnDiag="smtp;550 5.1.1 User unknown", **more)


def read(lab: Lab, *logs: list[str]) -> None:
    """Read logs, each in a run of its own."""
    for number, log in enumerate(logs):
        path = lab.folder / f"acct{number}.csv"
        path.write_text("\n".join((COLUMNS, *log)) + "\n")
        lab.run([path])


def outcomes(lab: Lab, columns: str) -> list[tuple[Any, ...]]:
    return lab.rows(f"select {columns} from outcomes order by first_time, last_time")  # noqa: S608 - names of this file


@pytest.mark.parametrize("apart", [False, True])
def test_who_was_given_up_after_blocks_is_not_to_blame(lab: Lab, *, apart: bool) -> None:
    log = []
    for day in ("01", "03", "05"):
        queued = f"{day} 09:59:58"
        log.append(row("t", f"{day} 10:00:00", queued, dsnStatus="4.7.1", dsnDiag=BLOCKED, dlvSourceIp="198.51.100.10"))
        log.append(row("b", f"{int(day) + 1:02} 10:00:01", queued, dsnStatus="4.4.7 (delivery time expired)"))
    read(lab, *([one] for one in log) if apart else [log])
    kept = ("expired", "reputation-block", "block", "198.51.100.10")
    assert outcomes(lab, "outcome, category, bounce_class, source_ip") == [kept] * 3
    assert lab.rows("from suppressions") == []


def test_a_message_of_kumomta_that_expired_keeps_its_last_try(lab: Lab) -> None:
    refused = ',"response":{"code":452,"content":"4.2.2 over quota"},"source_address":{"address":"198.51.100.9:1"}'
    (lab.folder / "old.jsonl").write_text(KUMOMTA % ("TransientFailure", "k1", 1795000000, 1794999990, refused) + "\n")
    expired = ',"response":{"code":551,"content":"5.4.7 KumoMTA internal: expired"}'
    (lab.folder / "new.jsonl").write_text(KUMOMTA % ("Expiration", "k1", 1795400000, 1794999990, expired) + "\n")
    for name in ("old", "new"):
        lab.run([lab.folder / f"{name}.jsonl"])
    assert outcomes(lab, "outcome, category, source_ip") == [("expired", "mailbox-full", "198.51.100.9")]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_expiry_keeps_the_last_try_whatever_is_read_first(lab: Lab, order: tuple[int, ...]) -> None:
    def line(day: int, text: str) -> str:
        return f"2026-11-{day:02} 10:00:00 1xNNua-00000p-AB {text}"

    refused = (
        "== ann@x.example R=r T=%s defer (-44): SMTP error from remote mail server after RCPT TO:<ann@x.example>: %s"
    )
    logs = [
        [line(1, "<= news@s.example U=app P=local S=5"), line(1, refused % ("one", "452 4.2.2 over quota"))],
        [line(2, refused % ("two", "450 4.7.1 blocked using zen.spamhaus.org"))],
        [line(5, "** ann@x.example: retry timeout exceeded"), line(5, "Completed")],
    ]
    for number in order:
        lab.read(logs[number], name=f"main{number}.log")
    kept = ("expired", "two", "reputation-block", "450 4.7.1 blocked using zen.spamhaus.org")
    assert outcomes(lab, "outcome, instance, category, response") == [kept]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_report_has_the_way_that_its_send_went(lab: Lab, *, swapped: bool) -> None:
    for mid in ("", "<m1@s.example>"):
        logs = [[sent("02 10:00:00", message_id=mid)], [report("02 11:00:00", message_id=mid)]]
        read(lab, *(reversed(logs) if swapped else logs))
        assert outcomes(lab, "outcome, source_ip, instance, provider, attempts") == [
            ("bounced", "198.51.100.10", "a", "google", 1)
        ]
        assert lab.rows("select address, reason from suppressions") == [("ann@x.example", "hard")]
        lab.settings.database.unlink()


def test_a_report_that_names_another_message_is_not_about_this_one(lab: Lab) -> None:
    old = [sent("01 10:00:00", message_id="<m1@s.example>")]
    new = [
        sent("02 10:00:00", message_id="<m2@s.example>"),
        report("02 11:00:00", message_id="<m1@s.example>"),
    ]
    read(lab, new)
    assert outcomes(lab, "message_id, outcome") == [("m2@s.example", "delivered"), ("m1@s.example", "bounced")]
    read(lab, new, old)
    assert outcomes(lab, "message_id, outcome") == [("m1@s.example", "bounced"), ("m2@s.example", "delivered")]


def test_a_report_that_names_its_envelope_is_about_that_one(lab: Lab) -> None:
    sends = [sent("01 10:00:00", jobId="j1", envId="e1"), sent("02 10:00:00", jobId="j2", envId="e2")]
    read(lab, [*sends, report("02 11:00:00", jobId="j1", envId="e1")])
    assert outcomes(lab, "envelope_id, outcome, source_ip") == [
        ("e1", "bounced", "198.51.100.10"),
        ("e2", "delivered", "198.51.100.10"),
    ]
    proved = lab.rows("select original_envelope_id, matched, proved from dsn_reports")
    assert proved == [("e1", "envelope_id", True)]


def test_a_report_that_nothing_proves_suppresses_nobody(lab: Lab) -> None:
    read(lab, [report("02 11:00:00", message_id="<m1@s.example>")])
    assert outcomes(lab, "outcome, bounce_class") == [("bounced", "hard")]
    assert lab.rows("select proved from dsn_reports") == [(False,)]
    assert lab.rows("from suppressions") == []
    read(lab, [], [sent("01 10:00:00", message_id="<m1@s.example>")])
    assert lab.rows("select address, reason from suppressions") == [("ann@x.example", "hard")]
