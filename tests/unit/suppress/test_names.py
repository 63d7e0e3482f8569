from __future__ import annotations

import pytest

from logbounce.suppress import FORGOTTEN, AddressError, as_written, mark, spellings


@pytest.mark.parametrize(
    ("address", "known_as"),
    [
        ("Ann@Example.ORG", ["ann@example.org"]),
        (" ann@example.org\n", ["ann@example.org"]),
        ("ann@Bücher.example", ["ann@xn--bcher-kva.example", "ann@bücher.example"]),
        ("ann@xn--bcher-kva.example", ["ann@xn--bcher-kva.example", "ann@bücher.example"]),
        ("JÜRG@example.org", ["jürg@example.org"]),
        ('"a@b"@example.org', ['"a@b"@example.org']),
        ("ann@[192.0.2.1]", ["ann@[192.0.2.1]"]),
        ("postmaster", ["postmaster"]),
    ],
)
def test_spellings(address: str, known_as: list[str]) -> None:
    assert spellings(address) == known_as


def test_a_mark_is_the_same_for_all_spellings_and_differs_between_databases() -> None:
    first = mark("ann@bücher.example", "00" * 32)
    assert first == mark("ANN@XN--BCHER-KVA.example", "00" * 32)
    assert first.startswith(FORGOTTEN)
    assert len({first, mark("ann@bücher.example", "01" * 32), mark("bob@bücher.example", "00" * 32)}) == 3


@pytest.mark.parametrize(
    "given",
    [
        "bob@example.org", " <bob@example.org>", "Bob <bob@example.org>", '"Bob, Jr." <bob@example.org>',
        "mailto:bob@example.org", "MAILTO:bob%40example.org?subject=x", "bob@example.org.",
    ],
)  # fmt: skip
def test_an_address_may_be_written_as(given: str) -> None:
    assert as_written(given) == "bob@example.org"


def test_a_local_part_in_quotes_stays() -> None:
    assert as_written('"a <b> c"@example.org') == '"a <b> c"@example.org'


@pytest.mark.parametrize("given", ["", "-", "Bob Example", "<bob", "a@b.example, c@d.example", "<bob@>", "bob@."])
def test_nothing_else_is_an_address(given: str) -> None:
    with pytest.raises(AddressError):
        as_written(given)
