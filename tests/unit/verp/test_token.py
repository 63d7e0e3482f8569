"""Signed envelope senders: ours are known again, and nobody else's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbounce.errors import SettingsError
from logbounce.verp import Key, Proof, Signer, Verdict

TODAY = date(2026, 11, 22)
OLD, NEW = Key("a", b"the first secret of ours"), Key("b", b"the second secret of ours")
SIGNER = Signer("b+", "bounces.example.org", (OLD,), days=30)
LOCALS = st.text(st.characters(exclude_characters="@", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)


def signed(recipient: str = "ann@example.com", signer: Signer = SIGNER) -> str:
    return signer.sign(recipient, TODAY)


def verdict(address: str, today: date = TODAY, signer: Signer = SIGNER) -> Verdict:
    return signer.check(address, today).verdict


@given(LOCALS)
def test_any_recipient_comes_back(local: str) -> None:
    recipient = f"{local}@example.com"
    try:
        address = signed(recipient)
    except ValueError:  # too long for a local part
        return
    assert len(address.rpartition("@")[0]) <= 64
    assert SIGNER.check(address, TODAY) == Proof(Verdict.GOOD, recipient.lower(), TODAY + timedelta(days=30))


def test_mail_systems_may_change_the_case() -> None:
    assert verdict(signed().upper()) is Verdict.GOOD


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (signed().replace("ann=", "bob="), Verdict.FORGED),
        (signed().replace("example.com", "example.net"), Verdict.FORGED),
        (signed(signer=Signer("b+", "bounces.example.org", (Key("a", b"somebody else's secret"),))), Verdict.FORGED),
        (signed(signer=Signer("b+", "bounces.example.org", (NEW,))), Verdict.UNKNOWN_KEY),
        (signed().replace("@bounces.example.org", "@example.org"), Verdict.NOT_OURS),
        (signed().replace("b+", "c+"), Verdict.NOT_OURS),
        ("b+ann=example.com@bounces.example.org", Verdict.NOT_OURS),
        ("ann@example.com", Verdict.NOT_OURS),
        ("", Verdict.NOT_OURS),
    ],
)
def test_what_we_did_not_sign(address: str, expected: Verdict) -> None:
    assert SIGNER.check(address, TODAY) == Proof(expected)


@given(st.text(max_size=100))
def test_any_text_has_a_verdict_and_none_is_good(text: str) -> None:
    assert verdict(f"b+{text}@bounces.example.org") is not Verdict.GOOD


def test_each_changed_letter_is_noticed() -> None:
    address = signed()
    at = address.index("@")
    for place in range(2, at):
        changed = address[:place] + ("q" if address[place] != "q" else "r") + address[place + 1 :]
        assert verdict(changed) is not Verdict.GOOD, changed


def test_it_is_good_up_to_its_last_day() -> None:
    assert verdict(signed(), TODAY + timedelta(days=30)) is Verdict.GOOD
    assert verdict(signed(), TODAY + timedelta(days=31)) is Verdict.EXPIRED


def test_an_older_key_is_still_checked_after_a_new_one_signs() -> None:
    both = Signer("b+", "bounces.example.org", (NEW, OLD))
    assert verdict(signed(), signer=both) is Verdict.GOOD
    assert signed(signer=both).startswith("b+b")


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="too long for a local part of 64 octets"):
        signed("a" * 40 + "@" + "d" * 40 + ".example")


@pytest.mark.parametrize(("name", "secret"), [("ab", b"x" * 16), ("1", b"x" * 16), ("", b"x" * 16), ("a", b"short")])
def test_keys_that_would_not_do(name: str, secret: bytes) -> None:
    with pytest.raises(SettingsError, match="the VERP key"):
        Key(name, secret)


def test_secrets_are_not_shown() -> None:
    assert "secret of ours" not in repr(SIGNER)
