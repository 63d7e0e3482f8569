"""Every way that a command can end, and the errors that lead there."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes: a contract with cron jobs and monitoring, so a number never changes its meaning."""

    OK = 0
    NO = 1  # the answer is no: not suppressed, a rule's example failed, something needs attention
    USAGE = 2  # the command line is wrong (Typer's own code)
    INPUT = 3  # a log or message cannot be read or understood
    SETTINGS = 4  # logbounce.yaml or rules.yaml is wrong
    DATABASE = 5  # not a database, a newer schema, no permission, disk full
    LOCKED = 6  # another process holds the database
    QUERY = 7  # a query that writes, holds two statements or is not SQL
    MAILBOX = 8  # a mailbox cannot be reached, entered or read


class LogbounceError(Exception):
    """An error that a person can mend: its text is one line that says where, what, and what was expected."""

    exit = Exit.INPUT


class InputError(LogbounceError):
    """A log or message file cannot be read or is of no known format."""


class EmptyLogError(InputError):
    """A log file holds nothing: one that was just rotated."""


class MissingLogError(InputError):
    """A log file is not there: not yet, or not any more."""


class DamagedLogError(InputError):
    """A compressed log breaks off: damaged, or still being written."""


class SettingsError(LogbounceError):
    """logbounce.yaml or rules.yaml says something that cannot be meant."""

    exit = Exit.SETTINGS


class DatabaseError(LogbounceError):
    """The database file is missing, damaged, newer than this program or not permitted."""

    exit = Exit.DATABASE


class DamagedError(DatabaseError):
    """The database file cannot be read any more, or not all of it."""


class LockedError(DatabaseError):
    """Another process holds the database."""

    exit = Exit.LOCKED


class QueryError(LogbounceError):
    """The SQL is not one read-only statement, or it fails."""

    exit = Exit.QUERY


class MailboxError(LogbounceError):
    """A mailbox cannot be reached, entered or read: the text names the account and says what mends it."""

    exit = Exit.MAILBOX


class GoneError(MailboxError):
    """A message is not in its mailbox any more."""


class TooLargeError(MailboxError):
    """A message is larger than the account's `max_bytes`."""


class LogbounceWarning(UserWarning):
    """What a person should know though the work goes on: one line that says where, what, and what follows."""
