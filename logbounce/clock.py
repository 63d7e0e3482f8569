"""The time as columns have it: DuckDB's TIMESTAMP, in UTC and without a zone."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time in UTC, without zone."""
    return utc(datetime.now(UTC))


def utc(time: datetime) -> datetime:
    """Return a time that knows its zone (or is in the machine's) in UTC, without zone."""
    return time.astimezone(UTC).replace(tzinfo=None)
