"""What can be set."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from logbounce.settings.account import Mailbox


@dataclass(frozen=True, slots=True)
class Source:
    """A log that the settings name."""

    name: str
    format: str  # the stem of a parser
    path: str = ""  # a file or a glob pattern, absolute; empty for a journal
    rotated: str | None = None  # a pattern of its rotated copies, where they are not beside it (logrotate's olddir)
    journal: str | None = None  # a systemd unit (a name with a dot, or a pattern of such) or a syslog identifier
    journal_directory: str | None = None  # where the journal is not this machine's own
    host: str | None = None  # for lines that name none
    carrier: str | None = None  # null: detected
    columns: tuple[str, ...] = ()  # of a PowerMTA accounting file without a header


@dataclass(frozen=True, slots=True)
class VerpKey:
    """A secret that envelope senders are signed with."""

    name: str
    secret: Callable[[], bytes]  # read when it is needed: a report needs none


@dataclass(frozen=True, slots=True)
class Verp:
    """How envelope senders are made: PREFIX, token and recipient, at DOMAIN. The first key signs, all are checked."""

    domain: str
    prefix: str
    days: int  # for so long a bounce is believed
    keys: tuple[VerpKey, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that logbounce.yaml, LOGBOUNCE_* and the flags decide."""

    database: Path
    timezone: str  # IANA name, for stamps that have none
    sources: tuple[Source, ...] = ()
    source_ips: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # instance to source IP
    rules: Path | None = None  # the user's own rules file
    mailboxes: tuple[Mailbox, ...] = ()
    verp: Verp | None = None
    file: Path | None = None  # the settings file that was read
