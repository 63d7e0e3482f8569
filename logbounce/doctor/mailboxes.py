"""Checks of mailbox accounts that need no server: `logbounce fetch --test` asks the server too."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from logbounce.doctor.finding import Finding
from logbounce.errors import LogbounceError
from logbounce.mailbox import check_local
from logbounce.settings import Tls

if TYPE_CHECKING:
    from logbounce.settings import Mailbox


def examine_mailbox(account: Mailbox) -> list[Finding]:
    """Return what is wrong with an account."""
    findings = []
    try:
        check_local(account)
    except LogbounceError as error:
        why = "its bounce messages are not read"
        findings.append(Finding(str(error), why, f"mend it, then run `logbounce fetch --test {account.name}`"))
    if account.tls is Tls.NONE and account.host and not _is_this_machine(account.host):
        findings.append(
            Finding(
                f"{account}: tls: none",
                "whoever is on the way to the server reads the password and the mail, and can forge bounces",
                "say `tls: implicit` or `tls: starttls`",
            )
        )
    return findings


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
