"""What the samples of PowerMTA cannot show: that one thing equals another, and what must not be read."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from logbounce.errors import InputError
from logbounce.parse import formats
from logbounce.settings import Source
from tests.golden.reading import SETTINGS, Event, events_in

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (
    "type,timeLogged,timeQueued,orig,rcpt,dsnStatus,dsnDiag,dsnMta,bounceCat,dlvType,jobId,envId,header_Message-Id"
)
QUEUED = "2026-09-14 08:00:00+0000"


def row(**fields: str) -> str:
    """Write a row of COLUMNS: a delivery, but for `fields`."""
    usual = {
        "type": "d",
        "timeLogged": "2026-09-14 08:00:02+0000",
        "timeQueued": QUEUED,
        "orig": "news@news.example",
        "rcpt": "anna@bakery.example",
        "dsnStatus": "2.0.0 (success)",
        "dsnDiag": "smtp;250 Ok",
    }
    return ",".join({**usual, **fields}.get(name, "") for name in COLUMNS.split(","))


def read(folder: Path, *lines: str, header: str = COLUMNS) -> list[Event]:
    return events_in(folder / "acct.csv", "\n".join((header, *lines)) + "\n")


def read_one(folder: Path, **fields: str) -> Event:
    (event,) = read(folder, row(**fields))
    return event


def said(event: Event) -> Event:
    return {name: value for name, value in event.items() if name not in {"pos", "line_id"}}


def test_an_empty_originator_is_the_null_reverse_path(tmp_path: Path) -> None:
    assert read_one(tmp_path, orig="")["sender"] == ""
    assert "sender" not in read_one(tmp_path, orig="", type="rb")
    header = "type,timeLogged,rcpt"
    (event,) = read(tmp_path, f"d,{QUEUED},anna@bakery.example", header=header)
    assert "sender" not in event


def test_columns_go_by_their_names(tmp_path: Path) -> None:
    (plain,) = read(tmp_path, row(jobId="j"))
    names, values = COLUMNS.split(","), row(jobId="j").split(",")
    turned = ",".join((names[0], *reversed(names[1:]))).upper()
    (other,) = read(tmp_path, ",".join((values[0], *reversed(values[1:]))), header=turned)
    assert said(other) == said(plain)


@pytest.mark.parametrize(
    "written",
    [
        row().replace(",", ", "),
        row().replace(",", " ,"),
        row() + "\r",
        '"' + row().replace(",", '","') + '"',
        '"' + row().replace(",", '", "') + '"\r',
    ],
)
def test_a_row_may_be_written_otherwise(tmp_path: Path, written: str) -> None:
    (plain,) = read(tmp_path, row())
    (other,) = read(tmp_path, written)
    assert said(other) == said(plain)


@pytest.mark.parametrize(
    ("quoted", "meant"),
    [
        ('"smtp;550 a, b, c"', "550 a, b, c"),
        ('"smtp;550 ""a"", ""b"""', '550 "a", "b"'),
        ('"smtp;550 """""', '550 ""'),
        ('"smtp;550 5,000 a , b"', "550 5,000 a , b"),
        ("smtp;550 it\x1fs", "550 it,s"),
    ],
)
def test_quoted_text_comes_out_as_it_was(tmp_path: Path, quoted: str, meant: str) -> None:
    assert read_one(tmp_path, type="b", dsnDiag=quoted)["response"] == meant


def test_columns_may_stand_in_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "acct.csv"
    source = Source(name="pmta", format="powermta", path=str(path), columns=tuple(COLUMNS.split(",")))
    (event,) = events_in(path, row() + "\n", dataclasses.replace(SETTINGS, sources=(source,)))
    (plain,) = read(tmp_path, row())
    assert said(event) == said(plain)


def test_without_a_header_columns_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="columns:"):
        events_in(tmp_path / "acct.csv", row() + "\n")


def test_the_header_again_is_nothing(tmp_path: Path) -> None:
    again = read(tmp_path, row(), COLUMNS, COLUMNS.upper(), COLUMNS.replace(",", ", "), row(jobId="2"))
    assert [event["kind"] for event in again] == ["attempt", "attempt"]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-09-14 08:00:02+0000", "2026-09-14 08:00:02"),
        ("2026-09-14 04:00:02-0400", "2026-09-14 08:00:02"),
        ("2026-09-14 13:30:02+0530", "2026-09-14 08:00:02"),
        ("2026-09-14 10:00:02+02:00", "2026-09-14 08:00:02"),
        ("2026-09-14T08:00:02Z", "2026-09-14 08:00:02"),
        ("2026-09-14 10:00:02", "2026-09-14 08:00:02"),  # Berlin's summer
        ("2026-11-14 10:00:02", "2026-11-14 09:00:02"),  # and winter
        ("1789372802", "2026-09-14 08:00:02"),
    ],
)
def test_times_are_utc(tmp_path: Path, written: str, utc: str) -> None:
    assert read_one(tmp_path, timeLogged=written)["event_time"] == datetime.fromisoformat(utc)


@pytest.mark.parametrize(
    "written", ["", "178937280", "17893728022", "yesterday", "2026-13-14 08:00:02+0000", ":", "12:00"]
)
def test_what_is_no_time(tmp_path: Path, written: str) -> None:
    event = read_one(tmp_path, timeLogged=written)
    assert (event["kind"], event["reason"]) == ("unparsed", "no time in timeLogged")


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"type": "d"}, "delivered"),
        ({"type": "d", "dlvType": "discard"}, "relayed"),
        ({"type": "d", "dsnDiag": "smtp;250 Ok: queued as 5E1B", "dsnMta": "localhost (127.0.0.1)"}, "relayed"),
        ({"type": "d", "dsnDiag": "smtp;250 Ok: queued as 5E1B", "dsnMta": "localhost (::1)"}, "relayed"),
        ({"type": "d", "dsnDiag": "smtp;250 Ok: queued as 5E1B", "dsnMta": "mx.a.example (203.0.113.8)"}, "delivered"),
        ({"type": "d", "dsnDiag": "smtp;250 Ok", "dsnMta": "localhost (127.0.0.1)"}, "delivered"),
        ({"type": "t", "dsnStatus": "4.4.7 (delivery time expired)"}, "deferred"),
        ({"type": "b", "dsnStatus": "5.1.1 (bad destination mailbox address)"}, "bounced"),
        ({"type": "b", "dsnStatus": "5.4.6 (routing loop)", "bounceCat": "routing-errors"}, "bounced"),
        ({"type": "b", "dsnStatus": "4.4.7 (delivery time expired)"}, "expired"),
        ({"type": "b", "dsnStatus": "5.4.7 (delivery time expired)"}, "expired"),
        ({"type": "b", "dsnStatus": "5.0.0", "bounceCat": "message-expired"}, "expired"),
        ({"type": "b", "dsnStatus": "5.0.0", "dsnDiag": "smtp;delivery time expired"}, "expired"),
        ({"type": "rb", "dsnStatus": "5.4.7 (delivery time expired)"}, "bounced"),  # it was another server's queue
    ],
)
def test_outcomes(tmp_path: Path, fields: dict[str, str], outcome: str) -> None:
    event = read_one(tmp_path, **fields)
    assert (event["outcome"], event["asynchronous"]) == (outcome, fields["type"] == "rb")


@pytest.mark.parametrize("type_", ["tq", "r", "rs", "TQ"])
def test_what_is_no_attempt(tmp_path: Path, type_: str) -> None:
    assert read(tmp_path, row(type=type_)) == []


@pytest.mark.parametrize(
    ("status", "diagnosis", "enhanced", "response"),
    [
        ("5.1.1 (bad destination mailbox address)", "smtp;550 5.2.1 Disabled", "5.1.1", "550 5.2.1 Disabled"),
        ("5.0.0 (undefined status)", "smtp;550-5.2.1 Disabled", None, "550-5.2.1 Disabled"),
        ("5.0.0 (undefined status)", "SMTP; 550 Disabled", "5.0.0", "550 Disabled"),
        ("4.4.1 (no answer from host)", "", "4.4.1", "no answer from host"),
        ("5.0.0", "X-PowerMTA-Local;suppressed; on a list", "5.0.0", "suppressed; on a list"),
        ("5.7.1", "blocked; see a page", "5.7.1", "blocked; see a page"),
    ],
)
def test_replies(tmp_path: Path, status: str, diagnosis: str, enhanced: str | None, response: str) -> None:
    event = read_one(tmp_path, type="b", dsnStatus=status, dsnDiag=diagnosis)
    assert (event.get("enhanced_status"), event["response"]) == (enhanced, response)


@pytest.mark.parametrize("ids", [{"header_Message-Id": "<1@news.example>"}, {"envId": "e"}, {"jobId": "j"}, {}])
def test_the_rows_of_a_message_share_a_key(tmp_path: Path, ids: dict[str, str]) -> None:
    later = {"timeLogged": "2026-09-14 09:00:00+0000", "timeQueued": "2026-09-14 10:00:00+0200"}
    first, last = read(tmp_path, row(type="t", **ids), row(type="d", **later, **ids))
    assert first["message_key"] == last["message_key"]


@pytest.mark.parametrize(
    "other", [{"timeQueued": "2026-09-14 08:00:01+0000"}, {"orig": "a@news.example"}, {"envId": "e"}, {"jobId": "j"}]
)
def test_another_message_has_another_key(tmp_path: Path, other: dict[str, str]) -> None:
    first, second = read(tmp_path, row(), row(**other))
    assert first["message_key"] != second["message_key"]


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-07-01 10:00:00", "2026-07-01 08:00:00"),
        ("2026-03-29 01:30:00", "2026-03-29 00:30:00"),
        ("2026-03-29 03:30:00", "2026-03-29 01:30:00"),  # an hour before, there was no such time
        ("2026-10-25 01:30:00", "2026-10-24 23:30:00"),
        ("2026-10-25 02:30:00", "2026-10-25 00:30:00"),  # and an hour later
        ("2026-10-25 03:30:00", "2026-10-25 02:30:00"),
        ("1792888200", "2026-10-25 00:30:00"),
    ],
)
@pytest.mark.parametrize("hour", ["00:50", "01:50", "02:50"])  # the row's own pass, or neither
def test_a_key_has_the_first_time_that_a_queue_time_can_be(tmp_path: Path, local: str, utc: str, hour: str) -> None:
    event = read_one(tmp_path, timeQueued=local, timeLogged=f"2026-10-25 {hour}:00+0000")
    micros = int(datetime.fromisoformat(f"{utc}+00:00").timestamp()) * 1_000_000
    assert event["message_key"] == f"{micros}\x1fnews@news.example"


def test_a_later_bounce_is_of_the_message_with_its_message_id(tmp_path: Path) -> None:
    name = {"header_Message-Id": "<1@news.example>"}
    delivered, bounced = read(
        tmp_path, row(**name), row(type="rb", timeQueued="", timeLogged="2026-09-15 08:00:00+0000", **name)
    )
    assert delivered["message_key"] == bounced["message_key"]


def test_without_ids_each_row_is_its_own_message(tmp_path: Path) -> None:
    # else every mail to an address would be one message for ever
    rows = [row(timeQueued="", timeLogged=f"2026-09-14 08:00:0{n}+0000") for n in range(2)]
    assert len({event["message_key"] for event in read(tmp_path, *rows)}) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (row(type="q"), "an unknown type of record"),
        (row() + ",", "not as many fields as there are columns"),
        (row()[:60], "not as many fields as there are columns"),
        (row(rcpt="anna"), "no address in rcpt"),
        (row(rcpt=""), "no address in rcpt"),
        ("type,rcpt", "a header line with other columns than the first"),
        ('"', "an unknown type of record"),
        ("," * 5000, "an unknown type of record"),
        ('d,"' * 2000, "not as many fields as there are columns"),
    ],
)
def test_what_is_not_understood_is_kept(tmp_path: Path, line: str, reason: str) -> None:
    good, bad = read(tmp_path, row(), line)
    assert (good["kind"], bad["kind"], bad["reason"], bad["line"]) == ("attempt", "unparsed", reason, line)


@pytest.mark.parametrize(
    "line",
    [
        "Nov 21 10:00:00 mx postfix/smtp[1]: ABC: to=<a@b.example>, relay=none, dsn=4.4.1, status=deferred (x)",
        "2026-09-14 08:00:02 1xUuFa-00000M-16 => a@b.example R=dnslookup T=smtp",
        "date,type,2026-09-14 08:00:02",
        "typewriter,timeLogged,rcpt",
    ],
)
def test_other_logs_are_not_powermtas(line: str) -> None:
    parser = formats()["powermta"]
    assert parser.header
    assert not parser.detect.search(line)
    assert not parser.header.search(line)


@pytest.mark.parametrize(
    ("protocol", "cipher", "tls"),
    [
        ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "TLSv1.3 TLS_AES_256_GCM_SHA384"),
        ("TLSv1.2", "", "TLSv1.2"),
        ("", "", None),
    ],
)
def test_what_a_delivery_was_encrypted_by(tmp_path: Path, protocol: str, cipher: str, tls: str | None) -> None:
    header = f"{COLUMNS},dlvTlsProtocol,dlvTlsCipher"
    (event,) = read(tmp_path, f"{row()},{protocol},{cipher}", header=header)
    assert event.get("tls") == tls
