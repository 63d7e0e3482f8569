"""What the receiving servers of a workload answer: texts from the providers' own pages and the MTAs' sources."""

from __future__ import annotations

from dataclasses import dataclass

NO_CONNECTION = "Connection timed out"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; {rcpt}, {ip} and {token} in its text are filled in for each recipient."""

    stage: str  # as Postfix names it: RCPT TO, MAIL FROM, end of DATA; empty when no connection was made
    enhanced: str
    text: str
    pmta_category: str


_GONE = Reply(
    "RCPT TO",
    "5.1.1",
    "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown in local recipient table",
    "bad-mailbox",
)
_LISTED = Reply(
    "RCPT TO",
    "5.7.1",
    "554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.spamhaus.org",
    "spam-related",
)
_FULL = Reply("RCPT TO", "5.2.2", "552 5.2.2 <{rcpt}>: mailbox quota exceeded", "quota-issues")
_GREY = Reply("RCPT TO", "4.2.0", "450 4.2.0 <{rcpt}>: Recipient address rejected: Greylisted, see {token}", "other")
_SILENT = Reply("", "4.4.1", NO_CONNECTION, "no-answer-from-host")

REFUSALS = {
    "google": (
        Reply(
            "RCPT TO",
            "5.1.1",
            "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 "
            "double-checking the recipient's email address for typos or 550-5.1.1 unnecessary spaces. For more "
            "information, go to 550 5.1.1  https://support.google.com/mail/?p=NoSuchUser {token} - gsmtp",
            "bad-mailbox",
        ),
        Reply(
            "RCPT TO",
            "5.2.1",
            "550 5.2.1 The email account that you tried to reach is inactive. {token} - gsmtp",
            "inactive-mailbox",
        ),
        Reply(
            "end of DATA",
            "5.7.26",
            "550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550 5.7.26  "
            "https://support.google.com/mail/answer/81126#authentication {token} - gsmtp",
            "policy-related",
        ),
    ),
    "microsoft": (
        Reply(
            "RCPT TO",
            "5.5.0",
            "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
            "bad-mailbox",
        ),
        Reply(
            "MAIL FROM",
            "5.7.1",
            "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider "
            "since part of their network is on our block list (S3150).",
            "policy-related",
        ),
    ),
    "yahoo": (
        Reply("end of DATA", "5.0.0", "554 delivery error: dd This mailbox is disabled (554.30).", "inactive-mailbox"),
        Reply("RCPT TO", "5.0.0", "552 1 Requested mail action aborted, mailbox not found", "bad-mailbox"),
    ),
    "": (_GONE, _LISTED, _FULL),
}
DEFERRALS = {
    "google": (
        Reply(
            "RCPT TO",
            "4.2.2",
            "452-4.2.2 The recipient's inbox is out of storage space. 452 4.2.2  "
            "https://support.google.com/mail/?p=OverQuotaTemp {token} - gsmtp",
            "quota-issues",
        ),
        Reply(
            "end of DATA",
            "4.7.28",
            "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating "
            "from your IP address {ip}. - gsmtp",
            "policy-related",
        ),
    ),
    "yahoo": (
        Reply(
            "MAIL FROM",
            "4.7.0",
            "421 4.7.0 [TSS04] Messages from {ip} temporarily deferred due to unexpected volume or user complaints - "
            "4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
            "policy-related",
        ),
    ),
    "": (_GREY, _SILENT),
}


def refusals(provider: str) -> tuple[Reply, ...]:
    """Return the provider's permanent replies."""
    return REFUSALS.get(provider, REFUSALS[""])


def deferrals(provider: str) -> tuple[Reply, ...]:
    """Return the provider's temporary replies, and what silence looks like."""
    return DEFERRALS.get(provider, DEFERRALS[""])
