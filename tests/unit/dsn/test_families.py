"""Each family of parsers/messages knows its own samples, finds what they hold, and knows no other's."""

from __future__ import annotations

import time
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from logbounce.dsn import prose
from logbounce.dsn.families import Family, Sample, families
from logbounce.errors import SettingsError

if TYPE_CHECKING:
    import re
    from pathlib import Path

NAMES = ("reports", "hints", "delays", "answers")
ALL = [(name, family) for name in NAMES for family in families(name)]
IDS = [f"{name}/{family.id}" for name, family in ALL]
HOSTILE = ("a" * 40_000, " " * 40_000, "<" * 40_000, "@" * 40_000, "a@" * 20_000, "a@b " * 10_000, "<a@b.c>:\n" * 4000)
LINES = (
    "-" * 40_000,
    "\n " * 15_000 + "x\n\n.\n",
    "550 " * 10_000,
    "\n" * 40_000,
    "> " * 20_000,
    "\t-" * 20_000,
    '"' * 40_000,
    "[(" * 20_000,
    "x: y\n " * 7000,
)


def report(sample: Sample) -> prose.Report:
    return prose.Report(
        text=f"{sample.text}\n",
        subject=prose.flat(sample.subject),
        sender=prose.flat(sample.sender),
        header=prose.flat(sample.header),
        own=frozenset(),
        failed=(),
    )


@pytest.mark.parametrize(("name", "family"), ALL, ids=IDS)
def test_a_family_knows_its_samples_and_no_others(name: str, family: Family) -> None:
    assert family.hits
    assert family.misses
    assert all(prose.family_matches(family, report(sample)) for sample in family.hits), family.place_in_file
    for sample in family.misses:
        reading = prose.read(report(sample), name)
        assert reading is None or reading.family != family.id, family.place_in_file


@pytest.mark.parametrize(("name", "family"), [pair for pair in ALL if pair[0] in {"reports", "hints"}])
def test_the_first_family_that_finds_what_a_sample_holds_is_its_own(name: str, family: Family) -> None:
    for sample in family.hits:
        reading = prose.read(report(sample), name)
        assert reading is not None
        assert reading.family == family.id, family.place_in_file
        assert {one.recipient: one.diagnostic for one in reading.findings} == dict(sample.finds), family.place_in_file


def test_every_id_stands_once() -> None:
    ids = [family.id for _, family in ALL]
    assert sorted(ids) == sorted(set(ids))


def patterns(family: Family) -> list[re.Pattern[str]]:
    words = (family.sender, family.subject, family.header, family.text, family.without)
    begins = (family.begins,) if family.begins else ()
    return [*chain.from_iterable(one.patterns for one in words), *family.recipients, *family.said, *begins]


@pytest.mark.parametrize("text", [*HOSTILE, *LINES], ids=lambda text: repr(text[:9]))
def test_no_pattern_takes_long_over_any_text(text: str) -> None:
    for _, family in ALL:
        for pattern in patterns(family):
            for length, seconds in ((2048, 0.05), (32 * 1024, 0.5)):  # what is cubic must not get the long one
                start = time.process_time()
                for _ in zip(range(1000), pattern.finditer(text[:length]), strict=False):
                    pass
                assert time.process_time() - start < seconds, f"{family.place_in_file}: {pattern.pattern}"


def from_file(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Family, ...]:
    """Return the families of another reports.yaml."""
    (folder / "messages").mkdir()
    (folder / "messages" / "reports.yaml").write_text(text)
    with monkeypatch.context() as patched:
        patched.setattr("logbounce.shipped.parsers", lambda: folder)
        return families.__wrapped__("reports")


def test_the_page_s_example_works(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (root / "docs" / "messages.md").read_text()
    (family,) = from_file(text.split("```yaml\n")[1].split("```")[0], tmp_path, monkeypatch)
    (sample,), (other,) = family.hits, family.misses
    assert prose.family_matches(family, report(sample))
    found = prose.findings(family, report(sample))
    assert tuple((one.recipient, one.diagnostic) for one in found) == sample.finds
    assert not prose.family_matches(family, report(other)) or not prose.findings(family, report(other))


def test_a_word_where_a_pattern_is_needed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"reports.yaml:1: 'c': a /pattern/ was expected"):
        from_file("- {id: a, text: b, recipient: c, hit: d, miss: e}\n", tmp_path, monkeypatch)
