"""What is known of an address as text of at most 100 columns."""

from __future__ import annotations

import datetime as dt
import itertools
import operator
from collections.abc import Iterable, Iterator

from logbounce.cli.paragraph import paragraph
from logbounce.cli.suppress import because
from logbounce.explain import Explained, Row
from logbounce.suppress import Suppression

_LONGEST = 400  # characters of a reply; --json has all of it
_NAMED = 5  # addresses that mail went on to
_ACTS = {"B": "a block is the sender's fault", "S0": "it says nothing about the address", "-": "it is no failure"}
_WHY = {
    "counts": "counts until {time}",
    "repeated": "does not count again: its message did at {time}",
    "delivery": "does not count: mail was delivered at {time}, and the count began again",
    "window": "does not count any more: it left the window at {time}",
    "released": "does not count: the address was released at {time}",
    "no_limit": "does not count: the policy has no limit for it",
    "unproved": "does not count: nothing proves this report",
    "awaited": "does not count yet: the log is to tell of it",
}
_PROOFS = {
    "queue_id": "the queue id",
    "envelope_id": "the envelope id",
    "message_id": "the Message-ID",
    "sender": "the sender of an earlier delivery",
    "verp": "our signature in the address it was sent to",
    "trust": "the settings, which trust this mailbox",
}


def lines(found: Explained) -> Iterator[str]:
    """Yield what is known of the address."""
    yield from _state(found)
    yield from _titled("Decisions (UTC)", map(_decision, found.decisions))
    yield from _titled("What counts against it (UTC)", _against(found))
    yield from _titled(_mail_title(found), map(_message, found.mail))
    yield from _titled("Rules", (_row(2, f"{rule['rule_id']}: {_why(rule)}") for rule in found.rules))


def _titled(title: str, parts: Iterable[Iterable[str]]) -> Iterator[str]:
    if says := list(itertools.chain.from_iterable(parts)):
        yield from ("", title, "-" * len(title), *says)


def _row(indent: int, says: str) -> list[str]:
    return paragraph(says, indent) if says else []


def _time(time: dt.datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else ""


# The state now --------------------------------------------------------------------------------------------------------


def _state(found: Explained) -> Iterator[str]:
    for row in found.in_force:
        yield from _row(0, f"{found.address}: suppressed{_of_stream(row)}: {_because(row, found.address)}")
    if not found.suppressed_for_all:
        yield from _row(0, f"{found.address}: not suppressed{' for other mail' if found.in_force else ''}")
    if not found.mail and not found.summary["went_on_to"]:
        yield from _row(0, "no mail to it is stored")
    if found.summary["undecided"]:
        yield from _row(0, "something new of it is stored and not judged yet: the next `ingest` or `tail` does so")
    if onward := found.summary["went_on_to"]:
        more = f" and {len(onward) - _NAMED} more" if len(onward) > _NAMED else ""
        yield from _row(0, f"mail to it went on to {', '.join(onward[:_NAMED])}{more}, each judged by itself")


def _of_stream(row: Row) -> str:
    return f" for the stream {row['stream']}" if row["stream"] else ""


def _because(row: Row, address: str) -> str:
    return because(Suppression._make(address if name == "address" else row[name] for name in Suppression._fields))


# Decisions and their evidence -----------------------------------------------------------------------------------------


def _decision(row: Row) -> Iterator[str]:
    did = {"suppress": "suppressed", "release": "released"}.get(row["action"], row["action"])
    rule, policy = row["rule_id"] and f"rule {row['rule_id']}", row["policy"] and f"policy {row['policy']}"
    said = filter(None, (row["reason"], row["category"], rule, policy))
    state = ", in force" if row["in_force"] else ""
    note = f": {row['note']}" if row["note"] else ""
    yield from _row(2, f"{_time(row['decided_at'])}  {did}{_of_stream(row)} ({', '.join(said)}){state}{note}")
    for each in row["evidence"]:
        yield from _row(4, f"{_time(each['event_time'])}  {_verdict(each)}")
        yield from _details(each, 8)
    if gone := row["evidence_gone"]:
        yield from _row(4, f"{gone} of {gone + len(row['evidence'])} bounces are not stored any more (purged)")


def _verdict(row: Row) -> str:
    """Tell what came of a try, and which rule calls it so."""
    rule = f", rule {row['rule_id']}" if row["rule_id"] else ""
    return f"{row['outcome']}: {row['category']} ({row['bounce_class']}, act {row['act']}){rule}"


def _details(row: Row, indent: int) -> Iterator[str]:
    reports = row.get("reports") or []
    yield from _row(indent, _reply(row))
    if not any(report["entry"] and report["source_name"] == row["source_name"] for report in reports):
        yield from _row(indent, _place(row))
    for report in reports:
        yield from _row(indent, _report(report))


def _reply(row: Row) -> str:
    said = row["response"] or ""
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def _place(row: Row) -> str:
    """Tell where the line stands: in a file by its byte. A journal has no bytes, and a mailbox no lines."""
    queue_id = f" (queue id {row['queue_id']})" if row["queue_id"] else ""
    if row["source_offset"] is None:
        where, byte = row["paths"] or [f"mailbox {row['source_name']}"], ""
    else:
        where, byte = row["paths"] or [row["source_name"]], f", byte {row['source_offset']}"
    return f"{' or '.join(where)}{byte}{queue_id}"


def _report(report: Row) -> str:
    place = f" in {report['source_name']} {report['entry']}" if report["entry"] else ""
    by = f" by {report['reporting_mta']}" if report["reporting_mta"] else ""
    proof = f"proved by {_PROOFS.get(report['matched'], report['matched'])}" if report["proved"] else "not proved"
    signed = f", VERP: {report['verp']}" if report["verp"] else ""
    return f"reported{by}{place}: {report['kind']}, {proof}{signed}"


# What counts, and what does not ---------------------------------------------------------------------------------------


def _against(found: Explained) -> Iterator[Iterable[str]]:
    for _, several in itertools.groupby(found.limits, operator.itemgetter("stream")):
        yield _limits(list(several))
    yield from map(_bounce, found.bounces)
    if found.left_out:
        yield _row(2, f"not shown: {found.left_out} earlier, none of which counts")


def _limits(rows: list[Row]) -> Iterator[str]:
    first = rows[0]
    who = f"stream {first['stream']}: " if first["stream"] else ""
    reached = [_reached(row) for row in rows if row["reason"]] or ["bounces never suppress"]
    policy = f" (policy {first['policy']})" if first["policy"] else ""
    yield from _row(2, f"{who}{'; '.join(reached)}{policy}")
    for row in rows:
        if row["reached_at"]:
            when = _time(row["reached_at"])
            yield from _row(
                4, f"reached at {when}: suppressed when it is judged next, at news or by `logbounce rules apply`"
            )
        elif row["leaves_at"]:
            yield from _row(4, f"the oldest leaves the window at {_time(row['leaves_at'])}")


def _reached(row: Row) -> str:
    kind = "" if row["reason"] == "any" else f"{row['reason']} "
    within = f" within {row['window_hours']} hours" if row["window_hours"] else ""
    if row["needed"] == 1:
        return f"one {kind}bounce suppresses"
    return f"{row['counted']} of {row['needed']} {kind}bounces{within}"


def _bounce(row: Row) -> Iterator[str]:
    until = f" to {_time(row['event_time'])}, {row['times']} times" if row["times"] > 1 else ""
    stream = f" (stream {row['stream']})" if row["stream"] else ""
    yield from _row(2, f"{_time(row['first_time'])}{until}  {_standing(row)}{stream}")
    yield from _row(6, _verdict(row))
    yield from _details(row, 6)


def _standing(row: Row) -> str:
    if row["standing"] in ("block", "not_counted"):
        unknown = row["category"] == "undetermined"
        return f"does not count: {'no rule knows this reply' if unknown else _ACTS.get(row['act'], _ACTS['-'])}"
    if row["standing_time"] is None:
        return _WHY[row["standing"]].partition(" until")[0]
    return _WHY[row["standing"]].format(time=_time(row["standing_time"]))


# The mail -------------------------------------------------------------------------------------------------------------


def _mail_title(found: Explained) -> str:
    each = ", ".join(f"{number} {outcome}" for outcome, number in (found.summary["outcomes"] or {}).items())
    number = found.summary["messages"]
    last = f"; the last {len(found.mail)}" if len(found.mail) < number else ""
    return f"Mail to it (UTC): {number} message{'' if number == 1 else 's'}, {each}{last}"


def _message(row: Row) -> Iterator[str]:
    tries = f", {row['attempts']} tries" if row["attempts"] > 1 else ""
    first = f", first logged {_time(row['first_time'])}" if row["first_time"] != row["last_time"] else ""
    reported = ", as a later report says" if row["asynchronous"] else ""
    sender = "" if row["sender"] is None else f", from {row['sender'] or '<>'}"
    alias = row["original_recipient"] not in (None, row["recipient"])
    sent_to = f", sent to {row['original_recipient']}" if alias else ""
    yield from _row(2, f"{_time(row['last_time'])}  {row['outcome']}{reported}{tries}{first}{sender}{sent_to}")
    if row["message_id"]:
        yield from _row(6, f"<{row['message_id']}>")
    if row["act"] != "-" or row["rule_id"]:
        yield from _row(6, _verdict(row).partition(": ")[2])
    yield from _details(row, 6)


def _why(rule: Row) -> str:
    return ", ".join(filter(None, (rule["category"], rule["why"], rule["source"])))
