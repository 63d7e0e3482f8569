"""Guesses a category for replies that no rule knows, from their codes and from what became of the addresses.

A guess never suppresses good people: it is hard only where a rule that knows better called most of the addresses so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logbounce.learn.cluster import Template

_MOST = 0.5
_TOLD = 3  # categories
_FEWEST_HARD = 3  # addresses
# RFC 3463 section 2: what the second number of an enhanced status code is about. Addresses (1) and policy (7) say too
# little for more than a block, which costs nobody anything.
_SUBJECTS = {
    "2": "mailbox-full",
    "3": "remote-system",
    "4": "no-answer",
    "5": "protocol-error",
    "6": "content-invalid",
}


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of the addresses of which a cluster's replies were said."""

    attempts: int
    addresses: int
    delivered: int  # later
    suppressed: int
    known: Mapping[str, int]  # addresses by the category of the latest bounce that a rule knew

    @property
    def says(self) -> str:
        """The same in words."""
        often = sorted(self.known.items(), key=lambda item: (-item[1], item[0]))[:_TOLD]
        fates = [f"{count} bounced as {name}" for name, count in often]
        if self.delivered:
            fates.insert(0, f"{self.delivered} took mail later")
        if self.suppressed:
            fates.append(f"{self.suppressed} suppressed")
        return ", ".join(fates) or "nothing else is known"


def guess(first: Template, after: Aftermath, hard: frozenset[str]) -> tuple[str, str]:
    """Return a category and why; `hard` are the categories that suppress at once."""
    name, count = max(after.known.items(), key=lambda item: item[1], default=("", 0))
    temporary = 400 <= (first.smtp_code or 0) < 500 or (first.enhanced_status or "").startswith("4.")  # noqa: PLR2004 - 4xx
    if count > _MOST * after.addresses and not after.delivered and (name not in hard or count >= _FEWEST_HARD):
        return name, f"{count} of {after.addresses} addresses bounced as that too, and none took mail later"
    if after.delivered >= _MOST * after.addresses and temporary:
        return "greylisted", f"4xx, and {after.delivered} of {after.addresses} addresses took mail later"
    if after.delivered:
        return "policy-block", f"{after.delivered} of {after.addresses} addresses took mail later, so they are well"
    subject = (first.enhanced_status or "..").split(".")[1]
    if subject in _SUBJECTS:
        return _SUBJECTS[subject], f"enhanced status {first.enhanced_status}, and nothing better is known"
    if temporary:
        return "remote-system", "4xx, and nothing better is known"
    return "policy-block", "nothing tells, and a block costs no address"
