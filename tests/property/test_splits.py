"""However a log is cut into blocks, runs and files, the rows are the same; what is read again adds nothing."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from logbounce.follow import blocks
from logbounce.ingest import pipeline
from tests.unit.ingest.logs import arrival, attempt, expired, line, removed
from tests.unit.ingest.state import Memory, differences

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.ingest.state import Stored

# An ingest of a few lines takes 0.1 to 0.2 s, nearly all of it for planning SQL: there is no time to shrink a log.
FEW = settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
QUEUE_IDS = ("A1B2C", "D3E4F", "0A0B0")
RECIPIENTS = ("a@example.org", "B.b@example.com", '"odd, one"@example.net', "d@bücher.example")
REASONS = (
    "host mx[192.0.2.1] said: 452 4.2.2 over quota (in reply to RCPT TO command)",
    "connect to mx.example.org[192.0.2.1]:25: Connection timed out",
    "delivery temporarily suspended: connect to mx.example.org[192.0.2.1]:25: Connection refused",
)
HARD = "host mx[192.0.2.1] said: 550 5.1.1 no (such) user (in reply to RCPT TO command)"


@st.composite
def messages(draw: st.DrawFn, start: int, queue_id: str) -> list[tuple[float, str]]:
    """Return the (second, line) of one message from its arrival, or from later on, to its removal, or to nothing."""
    sender = draw(st.sampled_from(["a@sender.example", "b@sender.example"]))
    found = [(start + n / 10, text) for n, text in enumerate(arrival(start, queue_id, sender))]
    for number, recipient in enumerate(
        draw(st.lists(st.sampled_from(RECIPIENTS), min_size=1, max_size=3, unique=True))
    ):
        for attempt_number in range(draw(st.integers(0, 2))):
            second = start + 1 + 300 * attempt_number + number
            found.append((second, attempt(second, queue_id, recipient, "deferred", draw(st.sampled_from(REASONS)))))
        status = draw(st.sampled_from(["sent", "bounced", None]))
        if status:
            reason = HARD if status == "bounced" else "250 2.0.0 Ok"
            found.append((start + 700, attempt(start + 700, queue_id, recipient, status, reason)))
    if draw(st.booleans()):  # our own report, told of before or after its lines
        told = start + 700 + draw(st.sampled_from([0.5, 3]))
        own = f"F{queue_id}"
        found.append((told, line(told, f"{queue_id}: sender non-delivery notification: {own}", "postfix/bounce")))
        report = [
            *arrival(start + 701, own, ""),
            attempt(start + 702, own, "a@sender.example"),
            removed(start + 702, own),
        ]
        found += [(start + 701 + n / 10, text) for n, text in enumerate(report)]
    end = start + 800
    if draw(st.booleans()):
        found.append((end, expired(end, queue_id)))
    if draw(st.booleans()):
        found.append((end + 0.1, removed(end, queue_id)))
    if draw(st.booleans()):
        text = attempt(0, queue_id, "r@example.org").partition(": ")[2]
        found.append((end + 0.05, line(end + 1, f"message repeated {draw(st.integers(0, 3))} times: [ {text}]")))
    return found[draw(st.integers(0, 3)) if start < 1000 else 0 :]


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """Return a log of messages whose lines stand between each other's; ids are used again after their removal."""
    lines: list[tuple[float, str]] = []
    for use in range(draw(st.integers(1, 2))):
        for queue_id in draw(st.lists(st.sampled_from(QUEUE_IDS), min_size=1, max_size=3, unique=True)):
            lines += draw(messages(use * 1000 + len(lines) % 7, queue_id))
    texts = [text for _, text in sorted(lines, key=lambda timed: timed[0])]
    noise = line(0, "connect from app.sender.example[192.0.2.9]", "postfix/smtpd")
    broken = attempt(5, "A1B2C", "x@example.org").removesuffix(")")
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    return end.join(text.encode() for text in [noise, *texts, broken]) + end


@pytest.fixture(scope="module")
def database() -> Memory:
    return Memory()


def read(database: Memory, log: Path, *parts: bytes) -> Stored:
    """Return what an empty database holds after one run for each content of a file."""
    database.empty()
    for part in parts:
        log.write_bytes(part)
        database.ingest(log, "postfix")
    return database.stored()


def lines_of(log: bytes) -> list[bytes]:
    return log.splitlines(keepends=True)


@FEW
@given(log=logs(), size=st.integers(60, 3000), commit=st.integers(1, 4))
def test_any_size_of_blocks_and_commits(database: Memory, tmp_path: Path, log: bytes, size: int, commit: int) -> None:
    expected = read(database, tmp_path / "mail.log", log)
    with pytest.MonkeyPatch.context() as patch:
        at_least = max(size, longest(log), len(log) // 5)
        patch.setattr(pipeline, "blocks", lambda stream, start: blocks(stream, start, at_least))
        patch.setattr(pipeline, "COMMIT_BYTES", commit * size)
        patch.setattr(pipeline, "DECIDE_BYTES", 3 * size)
        assert differences(read(database, tmp_path / "mail.log", log), expected) == {}


def longest(log: bytes) -> int:
    return max(map(len, lines_of(log)))


@FEW
@given(log=logs(), data=st.data())
def test_any_growth_of_a_file(database: Memory, tmp_path: Path, log: bytes, data: st.DataObject) -> None:
    expected = read(database, tmp_path / "mail.log", log)
    ends = sorted(data.draw(st.lists(st.integers(1, len(log)), max_size=3), label="read at"))
    assert differences(read(database, tmp_path / "mail.log", *(log[:end] for end in ends), log), expected) == {}


@FEW
@given(log=logs(), data=st.data())
def test_any_files_in_order(database: Memory, tmp_path: Path, log: bytes, data: st.DataObject) -> None:
    expected = read(database, tmp_path / "mail.log", log)
    lines = lines_of(log)
    cuts = sorted(
        {0, len(lines), *data.draw(st.lists(st.integers(0, len(lines)), max_size=3), label="cut after lines")}
    )
    files = [b"".join(lines[start:end]) for start, end in pairwise(cuts)]
    found = differences(read(database, tmp_path / "mail.log", *files), expected)
    found.pop("+suppressions", None)  # a decision on what was read so far stands (docs/how-it-works.md)
    assert found == {}


@FEW
@given(log=logs(), data=st.data())
def test_any_part_read_again_adds_nothing(database: Memory, tmp_path: Path, log: bytes, data: st.DataObject) -> None:
    expected = read(database, tmp_path / "mail.log", log)
    lines = lines_of(log)
    for number in range(2):
        start = data.draw(st.integers(0, len(lines) - 1), label="from line")
        end = data.draw(st.integers(start + 1, len(lines)), label="to line")
        again = tmp_path / f"again-{number}.log"
        again.write_bytes(b"".join(lines[start:end]))
        assert database.ingest(again, "postfix").new == 0
    assert differences(database.stored(), expected) == {}


def twins() -> bytes:
    """Return the log of two instances, each with a message of one queue id at one time."""
    one = [
        *arrival(0, "A1B2C", "one@sender.example", "one@sender.example"),
        attempt(5, "A1B2C", "a@example.org"),
        attempt(7, "A1B2C", "b@example.org", "deferred", "try later"),
        expired(20, "A1B2C"),
        removed(21, "A1B2C"),
    ]
    two = [
        *arrival(1, "A1B2C", "two@sender.example", "two@sender.example"),
        attempt(6, "A1B2C", "a@example.org", "bounced", HARD),
        attempt(8, "A1B2C", "c@example.org", "deferred", "try later"),
        attempt(22, "A1B2C", "c@example.org"),
        removed(23, "A1B2C"),
    ]
    texts = sorted(one + [text.replace(" postfix/", " postfix-out/") for text in two])
    return "".join(f"{text}\n" for text in texts).encode()


def test_two_instances_with_one_queue_id(database: Memory, tmp_path: Path) -> None:
    log = twins()
    expected = read(database, tmp_path / "mail.log", log)
    found = "select sender, recipient, outcome from attempts order by event_time"
    assert database.rows(found) == [
        ("one@sender.example", "a@example.org", "delivered"),
        ("two@sender.example", "a@example.org", "bounced"),
        ("one@sender.example", "b@example.org", "deferred"),
        ("two@sender.example", "c@example.org", "deferred"),
        ("one@sender.example", "b@example.org", "expired"),
        ("two@sender.example", "c@example.org", "delivered"),
    ]
    lines = lines_of(log)
    for cut in range(1, len(lines)):
        assert differences(read(database, tmp_path / "mail.log", b"".join(lines[:cut]), log), expected) == {}, cut
    grown = [b"".join(lines[:count]) for count in range(1, len(lines) + 1)]
    assert differences(read(database, tmp_path / "mail.log", *grown), expected) == {}


@FEW
@given(log=logs(), seed=st.integers())
def test_every_line_is_understood_unparsed_or_noise(database: Memory, tmp_path: Path, log: bytes, seed: int) -> None:
    lines = lines_of(log)[:1] * 20 + lines_of(log)  # first those by which the carrier is known
    lines += [b"\n", b"no header at all\n", b"\xff\xfe: to=<\n"] * random.Random(seed).randint(0, 5)  # noqa: S311 - any order will do
    lines[20:] = random.Random(seed).sample(lines[20:], len(lines) - 20)  # noqa: S311
    database.empty()
    (tmp_path / "mail.log").write_bytes(b"".join(lines))
    result = database.ingest(tmp_path / "mail.log", "postfix")
    assert (result.lines, result.unparsed) == (len(lines), sum(map(is_broken, lines)))
    assert result.noise == sum(text == b"\n" or b": connect from" in text for text in lines)


def is_broken(text: bytes) -> bool:
    """Tell whether the line has no header, or is the one that was cut short."""
    return not text.startswith((b"20", b"\n")) or b"x@example.org" in text
