"""What has been read, and what could not be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logbounce.clock import utc_now
from logbounce.database import connect, records, statement
from logbounce.doctor import lag
from logbounce.revise import unapplied

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules

Record = dict[str, Any]
_NAMED_INSTANCES = 5


@dataclass(frozen=True, slots=True)
class Status:
    """A database as it stands."""

    database: str
    database_bytes: int
    totals: Record
    sources: list[Record]
    gaps: list[Record]
    instances_without_ip: list[Record]
    notes: list[str]

    def well(self, max_lag: float | None) -> bool:
        """Tell whether nothing was lost that nobody knows of, and no source is more than `max_lag` seconds behind."""
        return not self.gaps and not _late(self.sources, max_lag)


def read_status(
    path: Path, named: Iterable[str] = (), rules: Rules | None = None, max_lag: float | None = None
) -> Status:
    """Read how the database stands; `named` are the sources of the settings, `rules` those in force.

    Sources that are more than `max_lag` seconds behind are named in the notes.
    """
    with connect(path, read_only=True) as connection:
        totals = records(connection, "status_totals")[0]
        sources = [lag.add(row) for row in records(connection, "status_sources")]
        gaps = records(connection, "status_gaps")
        instances = records(connection, "status_instances")
        judged = _rule_notes(connection, rules) if rules else []
    unread = [
        f"{name}: nothing of it has been read yet" for name in named if name not in {s["source_name"] for s in sources}
    ]
    notes = [
        *_gap_notes(gaps),
        *_lag_notes(sources, max_lag),
        *unread,
        *_address_notes(totals, instances),
        *_source_notes(sources),
        *_response_notes(totals),
        *judged,
    ]
    return Status(str(path), path.stat().st_size, totals, sources, gaps, instances, notes)


def accept_gaps(path: Path) -> None:
    """Note that a person knows of what was lost."""
    with connect(path, make=False) as connection:
        connection.execute(statement("status_accept_gaps"), {"now": utc_now()})


def _gap_notes(gaps: list[Record]) -> list[str]:
    notes = [
        f"lost: {gap['source_name']}: {gap['path']} {gap['reason']}: what came after {_place(gap)}"
        f" cannot be had (the last line that was read is of {gap['last_time']} UTC)"
        for gap in gaps
    ]
    return [*notes, "`logbounce status --accept-gaps` takes note of what was lost"] if notes else []


def _late(sources: list[Record], max_lag: float | None) -> list[Record]:
    return [row for row in sources if max_lag is not None and (row["lag_seconds"] or 0) > max_lag]


def _lag_notes(sources: list[Record], max_lag: float | None) -> list[str]:
    return [
        f"{row['source_name']}: {row['lag_seconds']:.0f} seconds behind its log, {row['lag_bytes']} bytes are not read"
        for row in _late(sources, max_lag)
    ]


def _place(gap: Record) -> str:
    """Return where what is lost began: a journal has no bytes, but numbers of entries."""
    return f"{'entry' if gap['path'].startswith('journal:') else 'byte'} {gap['from_position']}"


def _address_notes(totals: Record, instances: list[Record]) -> list[str]:
    """Say how to name the sending IP: Postfix never logs it, Exim only with +outgoing_interface."""
    if not totals["without_source_ip"]:
        return []
    names = [str(row["instance"]) for row in instances if row["instance"]]
    example = ", ".join(f"{name}: IP" for name in names[:_NAMED_INSTANCES])
    more = f" and {len(names) - _NAMED_INSTANCES} more" if len(names) > _NAMED_INSTANCES else ""
    told = f"{totals['without_source_ip']} of {totals['attempts']} attempts have no source_ip"
    if not names:
        return [f"{told}, and no instance name to map to one"]
    return [f"{told}: say in logbounce.yaml which IP each instance sends from: source_ips: {{{example}}}{more}"]


def _source_notes(sources: list[Record]) -> list[str]:
    notes = [
        f"{row['source_name']}: PowerMTA logs deliveries and bounces only, so deferrals are invisible:"
        " add `records d,b,t,tq,rb,f` to its <acct-file>"
        for row in sources
        if row["deferrals_invisible"]
    ]
    if unparsed := sum(row["unparsed"] for row in sources):
        notes.append(f'{unparsed} lines were not understood: `logbounce query "from unparsed_lines"` lists them')
    return notes


def _response_notes(totals: Record) -> list[str]:
    if not (count := totals["unknown_responses"]):
        return []
    return [f'unexplained responses: {count}: `logbounce query "from unknown_responses"` lists them']


def _rule_notes(connection: DuckDBPyConnection, rules: Rules) -> list[str]:
    """Say that what is stored was judged by other rules, or another policy, than those that judge what comes."""
    found = unapplied(connection, rules)
    other = [
        *([f"{found.templates} of {found.templates_judged} responses another class"] if found.templates else []),
        *(["addresses another policy"] if found.policy else []),
    ]
    if not other:
        return []
    return [f"the rules in force give {' and '.join(other)}: `logbounce rules replay` says what that would change"]
