"""Examines an installation: its settings, rules, database, logs and their permissions."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce import settings as settings_room
from logbounce.doctor import data, logs, mailboxes
from logbounce.doctor.finding import Finding
from logbounce.errors import SettingsError
from logbounce.rules import load_rules
from logbounce.settings.reading import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from logbounce.settings import Settings


@dataclass(slots=True)
class Examination:
    """What was looked at, and what is wrong with it."""

    healthy: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def note(self, subject: str, findings: Iterable[Finding]) -> None:
        """Add the findings of one check; without any, its subject is healthy."""
        found = list(findings)
        self.findings += found
        if not found:
            self.healthy.append(subject)


def examine(
    config: Path | None, db: Path | None, files: list[str], environ: Mapping[str, str] = os.environ
) -> Examination:
    """Check everything that can be checked, and go on where one check fails."""
    done = Examination()
    try:
        settings = settings_room.load(config, database=db, environ=environ)
    except SettingsError as error:
        done.findings.append(_bad_settings(error))
        settings = settings_room.load(Path(os.devnull), database=db, environ={})
    else:
        done.note(f"settings {settings.file or '(no file, the defaults)'}", _settings(settings, environ))
    done.note("rules", _rules(settings))
    done.note(f"database {settings.database}", data.examine(settings.database))
    for source in settings.sources:
        done.note(
            f"source {source.name}: {source.path or f'journal {source.journal}'}", logs.examine_source(source, settings)
        )
    for account in settings.mailboxes:
        done.note(str(account), mailboxes.examine_mailbox(account))
    for file in files:
        done.note(f"file {file}", logs.examine_file(file, settings))
    return done


def _bad_settings(error: SettingsError) -> Finding:
    return Finding(
        str(error),
        "no command runs with settings that it cannot understand",
        "correct that line; `logbounce init` shows a whole file",
    )


def _settings(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    findings = [
        Finding(
            f"the variable {name} is set, and nothing reads it",
            "a setting that you rely on has no effect",
            f"unset {name}",
        )
        for name in sorted(environ)
        if name.startswith("LOGBOUNCE_") and name not in VARIABLES
    ]
    if settings.file and settings.file.stat().st_mode & 0o022:
        what = f"{settings.file}: others can write to it"
        findings.append(
            Finding(
                what, "they decide which files logbounce reads and what it suppresses", f"chmod go-w {settings.file}"
            )
        )
    return findings


def _rules(settings: Settings) -> list[Finding]:
    try:
        load_rules(settings.rules)
    except SettingsError as error:
        return [
            Finding(str(error), "no response can be classified", "correct that line, then run `logbounce rules test`")
        ]
    return []
