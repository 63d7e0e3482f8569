"""What the figures cannot show, said beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def notes(headline: Mapping[str, object], coverage: Mapping[str, object]) -> tuple[str, ...]:
    """Return the notes that apply to this report."""
    return (*_about_time(headline, coverage), *_about_mail(headline), *_about_logs(headline, coverage))


def _about_time(headline: Mapping[str, object], coverage: Mapping[str, object]) -> Iterator[str]:
    if not coverage["stored"]:
        yield "the database is empty: read a log with `logbounce ingest FILE...`"
    elif not headline["messages"]:
        yield f"no mail in this period: the database covers {coverage['first_time']} to {coverage['last_time']} UTC"


def _about_mail(headline: Mapping[str, object]) -> Iterator[str]:
    if pending := headline["pending"]:
        yield f"{pending} still pending: they are in no rate until they are delivered or given up"
    if headline["messages"]:
        yield "delivered is what the other server accepted: what it put into a spam folder is in no log"


def _about_logs(headline: Mapping[str, object], coverage: Mapping[str, object]) -> Iterator[str]:
    if without := coverage["without_source_ip"]:
        yield (
            f"source IP unknown for {without} of {headline['messages']}: "
            "name it by instance, transport or vmta under source_ips in logbounce.yaml"
        )
    mtas = coverage["without_deferrals"]
    if isinstance(mtas, list):
        for mta in mtas:
            yield f"no deferral in the {mta} logs: they may leave retries out, and then what waits is invisible"
    if unknown := coverage["unknown"]:
        yield f'unexplained responses: {unknown}, which suppress nobody: `logbounce query "from unknown_responses"`'
    if unproved := coverage["unproved"]:
        yield (
            f"{unproved} bounce reports in mailboxes that nothing proves, which change nothing: "
            '`logbounce query "from dsn_reports where not proved"`'
        )
    if unparsed := coverage["unparsed"]:
        yield f"{unparsed} of {coverage['lines_read']} lines read were not understood: see `logbounce status`"
