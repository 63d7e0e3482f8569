"""`logbounce init`: a first logbounce.yaml."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from logbounce.cli.options import Config, Db
from logbounce.cli.output import say
from logbounce.init import look, write
from logbounce.settings.zone import machine_zone


def init(
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Write a logbounce.yaml for the mail servers found here."""
    path = config or Path("logbounce.yaml")
    machine = look()
    write(path, machine, timezone=machine_zone(os.environ), database=db, force=force)
    for log in machine.logs:
        say(f"found {log.format}: {log.path}")
    if not machine.logs:
        say("found no mail server's log: name yours in the file")
    say(f"wrote {path}: edit it, then run `logbounce doctor`")
