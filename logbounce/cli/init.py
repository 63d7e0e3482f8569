"""`logbounce init`: a first logbounce.yaml."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from logbounce.cli.options import Json
from logbounce.cli.output import document, say
from logbounce.init import Machine, hidden, look, program, write, write_service
from logbounce.settings.zone import machine_zone

NewDb = Annotated[
    Path | None,
    typer.Option("--db", metavar="PATH", readable=False, help="The database that the settings are to name."),
]
NewConfig = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        readable=False,
        help="The settings file to write (default: ./logbounce.yaml); with --systemd, the one that the service reads.",
    ),
]


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where --systemd writes to (default: this folder).")
    ] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    systemd: Annotated[
        bool, typer.Option("--systemd", help="Write units for systemd, and snippets for logrotate and cron, instead.")
    ] = False,
    as_json: Json = False,
    db: NewDb = None,
    config: NewConfig = None,
) -> None:
    """Write a logbounce.yaml for the mail servers found here, or what runs logbounce as a service."""
    machine = look()
    if systemd:
        written = _service(folder or Path(), machine, config, force=force)
    elif folder is not None:
        raise typer.BadParameter(f"{folder}: a folder goes with --systemd; --config names the settings file")
    else:
        written = _settings(config or Path("logbounce.yaml"), machine, db, force=force)
    if as_json:
        sources = [asdict(log) for log in machine.logs]
        document({"written": written, "sources": sources, "source_ips": machine.source_ips})


def _settings(path: Path, machine: Machine, db: Path | None, *, force: bool) -> list[Path]:
    write(path, machine, timezone=machine_zone(os.environ), database=db, force=force)
    for log in machine.logs:
        say(f"found {log.format}: {log.path}")
    if not machine.logs:
        say("found no mail server's log: name yours in the file")
    say(f"wrote {path}: edit it, then run `logbounce doctor`")
    return [path]


def _service(folder: Path, machine: Machine, config: Path | None, *, force: bool) -> list[Path]:
    called = program()
    written = write_service(folder, machine, called=called, config=config, force=force)
    for file in written:
        say(f"wrote {file}")
    if hidden(called):
        say(f"{called} is where the service cannot see it: install logbounce for all users, as docs/operations.md says")
    return written
