"""What the sample of KumoMTA cannot show: that one thing equals another, and what must not be read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.parse import formats
from tests.golden.reading import Event, events_in

if TYPE_CHECKING:
    from pathlib import Path

REPLY = {"code": 250, "enhanced_code": {"class": 2, "subject": 0, "detail": 0}, "content": "Ok", "command": "."}
RECORD: dict[str, Any] = {
    "type": "Delivery",
    "id": "1d98076abbbc11ed940250ebf67f93bd",
    "sender": "news@news.example",
    "recipient": "anna@bakery.example",
    "queue": "autumn:shop@bakery.example",
    "size": 1047,
    "response": REPLY,
    "peer_address": {"name": "mx1.bakery.example.", "addr": "203.0.113.80"},
    "timestamp": 1789372802,
    "created": 1789372800,
    "bounce_classification": "Uncategorized",
    "source_address": {"address": "198.51.100.30:40002"},
}


def read(folder: Path, *records: dict[str, Any] | str) -> list[Event]:
    """Write RECORD with each one's changes, or a line as it is, and read them; detection needs RECORD itself, first."""
    lines = [record if isinstance(record, str) else json.dumps({**RECORD, **record}) for record in ({}, *records)]
    return events_in(folder / "kumo.jsonl", "\n".join(lines) + "\n")[1:]


def read_one(folder: Path, **changes: object) -> Event:
    (event,) = read(folder, changes)
    return event


@pytest.mark.parametrize(
    ("type_", "outcome"),
    [
        ("Delivery", "delivered"),
        ("TransientFailure", "deferred"),
        ("Bounce", "bounced"),
        ("AdminBounce", "bounced"),
        ("Expiration", "expired"),
        ("OOB", "bounced"),
    ],
)
def test_outcomes(tmp_path: Path, type_: str, outcome: str) -> None:
    event = read_one(tmp_path, type=type_)
    assert (event["outcome"], event["asynchronous"]) == (outcome, type_ == "OOB")


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "Reception"},
        {"type": "Rejection"},
        {"type": "Delayed"},
        {"type": "AdminRebind"},
        {"type": "XferOut"},
        {"type": "SomethingNew"},
        {"reception_protocol": "LogRecord"},
    ],
)
def test_what_is_no_attempt(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert read(tmp_path, changes) == []


def test_a_record_is_the_same_with_its_keys_in_another_order(tmp_path: Path) -> None:
    turned = json.dumps(dict(reversed({**RECORD, "id": "2"}.items())), indent=None, separators=(", ", " : "))
    plain, other = read(tmp_path, {"id": "2"}, turned)
    assert {**plain, "pos": 0, "line_id": 0} == {**other, "pos": 0, "line_id": 0}


def test_each_recipient_of_a_line_is_an_attempt(tmp_path: Path) -> None:
    attempts = read(tmp_path, {"recipient": ["a@bakery.example", "b@bakery.example"]})
    assert [event["recipient"] for event in attempts] == ["a@bakery.example", "b@bakery.example"]
    assert len({event["line_id"] for event in attempts}) == 2
    assert len({event["message_key"] for event in attempts}) == 1


def test_a_list_of_one_recipient_is_that_recipient(tmp_path: Path) -> None:
    assert read_one(tmp_path, recipient=["a@bakery.example"])["recipient"] == "a@bakery.example"


def test_only_what_is_an_address_is_a_recipient(tmp_path: Path) -> None:
    assert read_one(tmp_path, recipient=["nobody", "a@bakery.example"])["recipient"] == "a@bakery.example"


@pytest.mark.parametrize(
    ("reply", "code", "enhanced", "response"),
    [
        (REPLY, 250, "2.0.0", "250 2.0.0 Ok"),
        ({"code": 550, "enhanced_code": None, "content": "No\nreally not"}, 550, None, "550 No really not"),
        (
            {"code": 550, "enhanced_code": {"class": 5, "subject": 1, "detail": 10}, "content": ""},
            550,
            "5.1.10",
            "550 5.1.10",
        ),
        (
            {"code": 550, "enhanced_code": {"class": 5, "subject": 1, "detail": 1}, "content": "5.1.1 Gone"},
            550,
            "5.1.1",
            "550 5.1.1 Gone",
        ),
        ({"code": 0, "content": "KumoMTA internal: no route"}, None, None, "KumoMTA internal: no route"),
        ({"code": "many", "content": "Gone"}, None, None, "Gone"),
        ({"content": "Gone"}, None, None, "Gone"),
    ],
)
def test_replies(tmp_path: Path, reply: dict[str, Any], code: int | None, enhanced: str | None, response: str) -> None:
    event = read_one(tmp_path, type="Bounce", response=reply)
    assert (event.get("smtp_code"), event.get("enhanced_status"), event["response"]) == (code, enhanced, response)


@pytest.mark.parametrize(
    ("command", "content", "stage"),
    [
        ("RCPT TO:<a@b.example>\r\n", "", "rcpt"),
        ("rcpt to", "", "rcpt"),
        (".", "", "eom"),
        (".\r\n", "", "eom"),
        ("DATA\r\n", "", "data"),
        (None, "failed to connect to any candidate hosts", "connect"),
        (None, "no MX", None),
        ("NOOP", "", None),
    ],
)
def test_stages(tmp_path: Path, command: str | None, content: str, stage: str | None) -> None:
    reply = {"code": 450, "content": content, "command": command}
    assert read_one(tmp_path, type="TransientFailure", response=reply).get("smtp_stage") == stage


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        (1789372802, "2026-09-14 08:00:02"),
        (1789372802.25, "2026-09-14 08:00:02.250"),
        ("2026-09-14T10:00:02+02:00", "2026-09-14 08:00:02"),
        ("2026-09-14T08:00:02Z", "2026-09-14 08:00:02"),
    ],
)
def test_times_are_utc(tmp_path: Path, written: object, utc: str) -> None:
    assert read_one(tmp_path, timestamp=written)["event_time"] == datetime.fromisoformat(utc)


@pytest.mark.parametrize(
    ("changes", "job"),
    [
        ({"queue": "autumn:shop@bakery.example"}, "autumn"),
        ({"queue": "autumn:@bakery.example!mx.example"}, "autumn"),
        ({"queue": "shop@bakery.example"}, None),
        ({"queue": "bakery.example"}, None),
        ({"queue": ":shop@bakery.example"}, None),
        ({"queue": "shop@bakery.example:26"}, None),
        ({"meta": {"campaign": "spring", "tenant": "shop"}}, "spring"),
    ],
)
def test_the_job_is_the_campaign(tmp_path: Path, changes: dict[str, Any], job: str | None) -> None:
    assert read_one(tmp_path, **changes).get("job_id") == job


@pytest.mark.parametrize(
    ("address", "ip"),
    [
        ("198.51.100.30:40002", "198.51.100.30"),
        ("[2001:db8::1]:25", "2001:db8::1"),
        ("198.51.100.30", "198.51.100.30"),
        ("", None),
    ],
)
def test_the_source_is_an_ip_without_its_port(tmp_path: Path, address: str, ip: str | None) -> None:
    assert read_one(tmp_path, source_address={"address": address}).get("source_ip") == ip


@pytest.mark.parametrize(
    ("address", "ip"),
    [("203.0.113.8:2525", "203.0.113.8"), ("203.0.113.8", "203.0.113.8"), ("2001:db8::1", "2001:db8::1")],
)
def test_a_relay_is_an_ip_without_its_port(tmp_path: Path, address: str, ip: str) -> None:
    assert read_one(tmp_path, peer_address={"name": "mx.dom.example", "addr": address})["relay_ip"] == ip


@pytest.mark.parametrize(
    ("type_", "address", "content", "outcome"),
    [
        ("Delivery", "127.0.0.1", "Ok: queued as 5E1B2201C3", "relayed"),
        ("Delivery", "[::1]:10025", "Ok: queued as 5E1B2201C3", "relayed"),
        ("Delivery", "203.0.113.8", "Ok: queued as 5E1B2201C3", "delivered"),
        ("Delivery", "127.0.0.1", "Ok: saved", "delivered"),
        ("Bounce", "127.0.0.1", "no: not to be queued as spam", "bounced"),
    ],
)
def test_a_content_filter_hands_on(tmp_path: Path, type_: str, address: str, content: str, outcome: str) -> None:
    peer = {"name": "localhost", "addr": address}
    event = read_one(tmp_path, type=type_, peer_address=peer, response={"code": 250, "content": content})
    assert event["outcome"] == outcome


def test_a_bounce_report_keeps_neither_its_own_queue_id_nor_its_own_delay(tmp_path: Path) -> None:
    event = read_one(tmp_path, type="OOB")
    assert {"queue_id", "delay_seconds", "relay_ip"}.isdisjoint(event)


@pytest.mark.parametrize(
    ("report", "recipient"),
    [
        ({"original_rcpto_to": ["<a@b.example>", "<c@d.example>"]}, "a@b.example"),
        (
            {"original_rcpto_to": ["<hidden@b.example>"], "supplemental_trace": {"recipient": "a@b.example"}},
            "a@b.example",
        ),
        ({"original_rcpto_to": []}, None),
        ({}, None),
    ],
)
def test_whose_complaint_it_is(tmp_path: Path, report: dict[str, Any], recipient: str | None) -> None:
    event = read_one(tmp_path, type="Feedback", feedback_report={"feedback_type": "abuse", **report})
    assert (event["kind"], event["feedback_type"], event.get("recipient")) == ("complaint", "abuse", recipient)


def test_a_message_id_in_the_text_of_a_complaint_is_not_its_header(tmp_path: Path) -> None:
    report = {"feedback_type": "abuse", "original_message": "Subject: about Message-ID: <no@news.example>\r\n"}
    assert "message_id" not in read_one(tmp_path, type="Feedback", feedback_report=report)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not a JSON object with a type"),
        ("[]", "not a JSON object with a type"),
        ("null", "not a JSON object with a type"),
        ('{"type": null}', "not a JSON object with a type"),
        ("plain text", "not a JSON object with a type"),
        ("[" * 3000, "not a JSON object with a type"),
        ('{"type": "Delivery", "recipient": "a@b.example"}', "no time in timestamp"),
        ('{"type": "Delivery", "recipient": "a@b.example", "timestamp": 1e400}', "no time in timestamp"),
        ('{"type": "Delivery", "recipient": "a@b.example", "timestamp": -1}', "no time in timestamp"),
        ('{"type": "Feedback", "timestamp": {}}', "no time in timestamp"),
        ('{"type": "Delivery", "timestamp": 1789372802}', "no address in recipient"),
        ('{"type": "Delivery", "timestamp": 1789372802, "recipient": {"a": "@"}, "size": "big"}', None),
        ('{"type": "Delivery", "timestamp": 1789372802, "recipient": []}', "no address in recipient"),
        ('{"type": "Delivery", "timestamp": 1789372802, "recipient": [1, null]}', "no address in recipient"),
    ],
)
def test_what_is_not_understood_is_kept(tmp_path: Path, line: str, reason: str | None) -> None:
    (event,) = read(tmp_path, line)
    assert (event["kind"], event.get("reason")) == ("unparsed" if reason else "attempt", reason)


@pytest.mark.parametrize("line", ['{"log":"type","time":"2026"}', '{"type":"web","id":1}', 'Bounce {"type":"Bounce"}'])
def test_other_json_is_not_kumomtas(line: str) -> None:
    assert not formats()["kumomta"].detect.search(line)
