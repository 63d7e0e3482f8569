"""Unsigned VERP addresses of mailing lists: a hint."""

from __future__ import annotations

import pytest

from logbounce.verp import plain_recipient


@pytest.mark.parametrize(
    ("address", "recipient"),
    [
        ("list-bounces+ann=example.com@lists.example.org", "ann@example.com"),
        ("list-ann=example.com@lists.example.org", "ann@example.com"),
        ("news+Ann.Lee=Example.COM@example.org", "ann.lee@example.com"),
        ("bounces+12345+ann=example.com@example.org", "ann@example.com"),
        ("ann@example.com", None),
        ("list-bounces@lists.example.org", None),
        ("a=b@example.org", None),
        ("prvs=1234abcd=ann@example.org", None),  # BATV (draft-levine-smtp-batv): signs the sender
        ("srs0=hhh=tt=example.com=ann@example.org", None),  # SRS: a forwarder's
        ("", None),
    ],
)
def test_the_recipient_inside(address: str, recipient: str | None) -> None:
    assert plain_recipient(address) == recipient
