"""No bytes crash a parser: they are read and counted, or refused with an error that a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from logbounce import shipped
from logbounce.errors import InputError
from logbounce.parse import formats
from tests.unit.ingest.state import Memory

if TYPE_CHECKING:
    from pathlib import Path

FEW = settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SAMPLES = {
    "exim": ("exim-pitfalls.log", "exim_mainlog"),
    "kumomta": ("kumomta.jsonl",),
    "postfix": ("postfix-pitfalls.log",),
    "powermta": ("powermta-pitfalls.csv",),
}
# What decoders and terminals stumble over, beside any bytes.
TEXT = (b"", b"\0", b"\r", b"\n", b"\x1b[2J", b'"', b"\\", b",", b"{", b"<>", b"[[", b"9" * 40, b"\xf0\x9f\x93\xa7")
NO_TEXT = (b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf")
ODD = st.sampled_from((*TEXT, *NO_TEXT))
NOISE = st.one_of(ODD, st.binary(max_size=20))


@pytest.fixture(scope="module")
def database() -> Memory:
    return Memory()


def read(database: Memory, log: Path, data: bytes, wanted: str) -> None:
    """Read a log, and check that each of its lines was counted; or that it was refused with one line."""
    database.empty()
    log.write_bytes(data)
    try:
        result = database.ingest(log, wanted)
    except InputError as error:
        assert str(error).startswith(str(log))  # noqa: PT017 - either may happen
        assert "\n" not in str(error).removeprefix(str(log))  # noqa: PT017
        return
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    assert result.lines == lines
    assert 0 <= result.unparsed <= lines
    assert 0 <= result.noise <= lines
    (stored,) = database.rows("select count(*) from unparsed_lines")
    assert (stored[0] > 0) is (result.unparsed > 0)
    again = database.ingest(log, wanted)
    assert again.new == 0


def test_every_format_has_its_samples_here() -> None:
    assert list(SAMPLES) == list(formats())


@pytest.mark.parametrize("wanted", SAMPLES)
@FEW
@given(data=st.lists(NOISE, min_size=1, max_size=30).map(b"".join))
def test_any_bytes(database: Memory, tmp_path: Path, wanted: str, data: bytes) -> None:
    read(database, tmp_path / "any.log", data, wanted)


@pytest.mark.parametrize("wanted", SAMPLES)
@FEW
@given(data=st.data())
def test_a_log_with_any_bytes_anywhere(database: Memory, tmp_path: Path, wanted: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SAMPLES[wanted]))
    log = bytearray((shipped.sample_logs() / name).read_bytes()[:12_000])
    for _ in range(data.draw(st.integers(1, 60))):
        at = data.draw(st.integers(0, len(log)))
        log[at : at + data.draw(st.integers(0, 4))] = data.draw(NOISE)
    read(database, tmp_path / "odd.log", bytes(log), wanted)


@pytest.mark.parametrize("wanted", SAMPLES)
@FEW
@given(data=st.data())
def test_lines_cut_anywhere(database: Memory, tmp_path: Path, wanted: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SAMPLES[wanted]))
    lines = (shipped.sample_logs() / name).read_bytes().splitlines()[:60]
    first = lines[:1] if wanted == "powermta" else []
    cut = [line[data.draw(st.sampled_from([0, 0, 1, 20])) : data.draw(st.integers(0, len(line)))] for line in lines]
    read(database, tmp_path / "cut.log", b"\n".join([*first, *cut]) + b"\n", wanted)
