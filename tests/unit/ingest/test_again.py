"""What was read once adds nothing, under whatever name, compressed, grown, cut into files or put together."""

from __future__ import annotations

import bz2
import gzip
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from logbounce import shipped
from tests.unit.cli.command import logbounce
from tests.unit.ingest.logs import arrival, attempt, removed
from tests.unit.ingest.state import Memory, differences

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.ingest.state import Stored

POSTFIX = shipped.sample_logs() / "postfix-pitfalls.log"
DATA = POSTFIX.read_bytes()
SAMPLES = ("exim_mainlog", "kumomta.jsonl", "postfix-pitfalls.log", "powermta.csv")
A = "a@example.org"


def _zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


def _log(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def _message(seconds: float, queue_id: str, reason: str = "try later") -> list[str]:
    return [
        *arrival(seconds, queue_id),
        attempt(seconds + 1, queue_id, A, "deferred", reason),
        removed(seconds + 2, queue_id),
    ]


def _whole(database: Memory, path: Path) -> Stored:
    """Return what an empty database holds after it read one log."""
    database.empty()
    database.ingest(path)
    return database.stored()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return Path(shutil.copy2(POSTFIX, tmp_path / "mail.log"))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_read_twice_adds_nothing(database: Memory, name: str) -> None:
    path = shipped.sample_logs() / name
    first = database.ingest(path, "powermta" if name.startswith("powermta") else None)
    before, sources = database.stored(), database.sources()
    second = database.ingest(path, "powermta" if name.startswith("powermta") else None)
    assert first.new > 0
    assert (second.lines, second.new) == (0, 0)
    assert (database.stored(), database.sources()) == (before, sources)


@pytest.mark.parametrize("name", SAMPLES)
def test_lines_that_come_again_under_other_first_bytes_add_nothing(database: Memory, tmp_path: Path, name: str) -> None:
    """Another file to the checkpoint: every line is read again, and every row is known."""
    path = Path(shutil.copy2(shipped.sample_logs() / name, tmp_path / name))
    database.ingest(path)
    before = database.stored()
    head, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(head + b"\n\n" + rest)
    second = database.ingest(path)
    assert second.lines == rest.count(b"\n") + 2
    assert second.new == 0
    assert differences(database.stored(), before) == {}


def test_of_a_grown_file_only_what_is_new_is_read(database: Memory, log: Path) -> None:
    half = DATA.index(b"\n", len(DATA) // 2) + 1
    log.write_bytes(DATA[:half])
    first = database.ingest(log)
    log.write_bytes(DATA)
    second = database.ingest(log)
    assert (first.lines, second.lines) == (DATA[:half].count(b"\n"), DATA[half:].count(b"\n"))
    (source,) = database.sources()
    assert source[:3] == (str(log), len(DATA), DATA.count(b"\n"))
    found = database.stored()
    assert differences(found, _whole(database, POSTFIX)) == {}


def test_counts_of_a_grown_file_are_those_of_the_whole(database: Memory, log: Path) -> None:
    database.ingest(log)
    expected = database.sources()
    database.empty()
    for cut in (500, 3000, 9001, 20_000, len(DATA)):
        log.write_bytes(DATA[:cut])
        database.ingest(log)
    assert database.sources() == expected


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, _zstd], ids=["plain", "gz", "bz2", "zst"])
def test_a_rotated_or_compressed_copy_adds_nothing(database: Memory, log: Path, pack: Callable[[bytes], bytes]) -> None:
    database.ingest(log)
    before = database.stored()
    log.unlink()
    copy = log.with_name("mail.log.1")
    copy.write_bytes(pack(DATA))
    second = database.ingest(copy)
    assert (second.lines, second.new) == (0, 0)
    assert database.stored() == before
    assert [row[:3] for row in database.sources()] == [(str(copy), len(DATA), DATA.count(b"\n"))]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, _zstd], ids=["plain", "gz", "bz2", "zst"])
def test_a_rotated_copy_that_grew_before_it_was_rotated_gives_its_last_lines(
    database: Memory, log: Path, pack: Callable[[bytes], bytes]
) -> None:
    log.write_bytes(DATA[:20_000])
    database.ingest(log)
    log.write_bytes(pack(DATA))
    second = database.ingest(log)
    assert second.lines == DATA.count(b"\n") - DATA[:20_000].count(b"\n")
    found = database.stored()
    assert differences(found, _whole(database, POSTFIX)) == {}


@pytest.mark.parametrize("name", SAMPLES)
def test_files_put_together_are_the_files_one_after_the_other(database: Memory, tmp_path: Path, name: str) -> None:
    data = (shipped.sample_logs() / name).read_bytes()
    cut = data.index(b"\n", len(data) // 2) + 1
    header = data[: data.index(b"\n") + 1] if name.startswith("powermta") else b""
    (tmp_path / "a").write_bytes(data[:cut])
    (tmp_path / "b").write_bytes(header + data[cut:])
    (tmp_path / "ab").write_bytes(data[:cut] + header + data[cut:])
    expected = None
    for run in (("a", "b"), ("ab",), ("a", "ab"), ("a", "b", "ab")):
        database.empty()
        for part in run:
            database.ingest(tmp_path / part)
        expected = expected or database.stored()
        assert differences(database.stored(), expected) == {}, run


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_put_together_with_itself_is_the_file(database: Memory, tmp_path: Path, name: str) -> None:
    data = (shipped.sample_logs() / name).read_bytes()
    expected = _whole(database, shipped.sample_logs() / name)
    cut = data.index(b"\n", len(data) // 3) + 1
    for twice in (data + data, data + data[cut:], data[:cut] * 3 + data[cut:]):
        (tmp_path / name).write_bytes(twice)
        found = _whole(database, tmp_path / name)
        assert differences(found, expected) == {}
        assert len(found["attempts"]) == len(expected["attempts"])


def test_a_message_that_begins_twice_in_a_second_is_one(database: Memory, tmp_path: Path) -> None:
    begins = arrival(0, "4TXAAA")[0]
    log = _log(tmp_path / "mail.log", [begins, begins.replace("[7]", "[8]"), *_message(0, "4TXAAA")])
    assert database.ingest(log).new == 1
    assert database.rows("select count(*) from attempts") == [(1,)]


def test_exports_that_overlap_add_what_is_new(database: Memory, tmp_path: Path) -> None:
    lines = DATA.splitlines(keepends=True)
    for start, end in ((0, 80), (40, 120), (100, len(lines)), (20, 90)):
        part = tmp_path / f"export-{start}.log"
        part.write_bytes(b"".join(lines[start:end]))
        database.ingest(part)
    found = database.stored()
    assert differences(found, _whole(database, POSTFIX)) == {}


def test_a_file_that_was_cut_off_and_written_anew_is_read_from_its_start(database: Memory, tmp_path: Path) -> None:
    log = _log(tmp_path / "mail.log", _message(0, "4TXAAA") + _message(100, "4TXBBB"))
    database.ingest(log)
    _log(log, _message(200, "4TXCCC"))
    assert database.ingest(log).new == 1
    assert database.rows("select count(*) from attempts") == [(3,)]


@pytest.mark.parametrize("length", [40, 200, 400], ids=["shorter", "as long", "longer"])
def test_a_file_with_the_same_first_bytes_and_other_lines_after_them_is_read_whole(
    database: Memory, tmp_path: Path, length: int
) -> None:
    """As copytruncate leaves it when a program repeats itself: only the last bytes that were read tell."""
    same = [line for n in range(5) for line in _message(n, f"4TXA0{n}")]
    log = _log(tmp_path / "mail.log", same + [line for n in range(200) for line in _message(100 + n, f"4TXB{n:03}")])
    database.ingest(log)
    other = [line for n in range(length) for line in _message(5000 + n, f"4TXC{n:03}")]
    assert len("".join(same)) > 1024
    assert database.ingest(_log(log, same + other)).new == length
    assert database.rows("select count(*) from attempts") == [(205 + length,)]
    assert database.ingest(log).lines == 0


def test_tiny_files_are_not_confused(database: Memory, tmp_path: Path) -> None:
    for n in range(4):
        for name in ("one.log", "two.log"):
            _log(tmp_path / name, [attempt(i, f"4TX{name[:3].upper()}", A) for i in range(n)] or [""])
            if n:
                assert database.ingest(tmp_path / name).new == 1
    assert [row[1:4] for row in database.sources()] == [
        ((tmp_path / name).stat().st_size, 3, 3) for name in ("one.log", "two.log")
    ]


def test_powermta_files_that_share_their_header_are_told_apart(database: Memory, tmp_path: Path) -> None:
    header = "type,timeLogged,orig,rcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,vmta,jobId"
    row = (
        "d,2026-11-20 10:00:{:02}+0000,a@sender.example,{}{}@example.org,relayed,2.0.0,smtp;250 Ok,mx (192.0.2.1),v1,j1"
    )
    names = ("acct-1.csv", "acct-2.csv")
    for grown in range(5):  # at first each is its header, and then each grows
        for name in names:
            _log(tmp_path / name, [header, *(row.format(n, name[5], n) for n in range(grown))])
            if grown or name == names[0]:
                assert database.ingest(tmp_path / name).new == (1 if grown else 0)
    assert [row[0] for row in database.sources()] == [str(tmp_path / name) for name in names]
    assert database.rows("select count(*) from attempts") == [(8,)]


def test_standard_input_read_twice_adds_nothing(database: Memory, tmp_path: Path) -> None:
    for _ in range(2):
        done = logbounce("ingest", "-", "--json", cwd=tmp_path, text=DATA.decode())
        assert done.returncode == 0, done.stderr
    sql = "select count(*) as n from attempts"
    count = logbounce("query", sql, "--csv", cwd=tmp_path).stdout
    database.ingest(POSTFIX)
    assert count == f"n\r\n{database.rows(sql)[0][0]}\r\n"


def test_a_reduced_line_is_as_many_tries_as_it_says_once(database: Memory, tmp_path: Path) -> None:
    told = attempt(0, "4TXAAA", A, "deferred", "try later")
    head, _, text = attempt(9, "4TXAAA", A, "deferred", "try later").partition(": ")
    log = _log(tmp_path / "mail.log", [told, f"{head}: message repeated 3 times: [ {text}]"])
    assert database.ingest(log).new == 4
    _log(log, ["", told, f"{head}: message repeated 3 times: [ {text}]"])
    assert database.ingest(log).new == 0
    assert database.rows("select attempts from outcomes") == [(4,)]


def test_a_log_that_was_read_as_another_formats_is_read_when_its_own_is_said(database: Memory, log: Path) -> None:
    expected = _whole(database, log)
    database.empty()
    assert database.ingest(log, "exim").new == 0
    database.ingest(log)
    found = differences(database.stored(), expected)
    assert set(found) <= {"+unparsed", "-unparsed"}  # what Exim's parser said of a line stands


def test_a_log_of_two_mail_servers_is_read_once_for_each(database: Memory, tmp_path: Path) -> None:
    """A host with both writes them to one file of syslog."""
    logs = [shipped.sample_logs() / "postfix.log", shipped.sample_logs() / "exim-syslog.log"]
    both = tmp_path / "mail.log"
    both.write_bytes(b"".join(path.read_bytes() for path in logs))
    new = [database.ingest(both, name).new for name in ("postfix", "exim", "postfix", "exim")]
    alone = [database.ingest(path).attempts for path in logs]
    assert new == [*alone, 0, 0]
    assert min(alone) > 0
