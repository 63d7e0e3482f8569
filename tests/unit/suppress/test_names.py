from __future__ import annotations

import pytest

from logbounce.suppress import FORGOTTEN, mark, spellings


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
