"""`logbounce demo`: the main job on the sample logs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from logbounce import shipped
from logbounce.cli import output
from logbounce.cli.ingest import run
from logbounce.cli.options import Csv, Json, load_settings

# The samples' own servers: what `source_ips` in a logbounce.yaml says of real ones.
_SOURCE_IPS = {"postfix-ip1": "198.51.100.10", "smtp_ip1": "198.51.100.20", "smtp_ip2": "198.51.100.21"}


Kept = Annotated[
    Path | None,
    typer.Option(
        "--db",
        metavar="PATH",
        readable=False,
        help="Where to keep the database, to look into (default: it is thrown away).",
    ),
]
RulesOf = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        readable=False,
        help="The settings file whose `rules:` judge the samples (default: the shipped rules alone).",
    ),
]


def demo(as_json: Json = False, as_csv: Csv = False, db: Kept = None, config: RulesOf = None) -> None:
    """Read the sample logs of all formats and print the report."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    rules = load_settings(config, db).rules if config else None
    if db is not None:
        _show(db, rules, form)
        return
    with tempfile.TemporaryDirectory(prefix="logbounce-demo-") as folder:
        _show(Path(folder) / "demo.duckdb", rules, form)


def _show(database: Path, rules: Path | None, form: output.Shape) -> None:
    """Read the samples into `database` and print the report."""
    import datetime as dt  # noqa: PLC0415 - beside the imports that take time
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from logbounce.cli.report import show  # noqa: PLC0415
    from logbounce.database import connect  # noqa: PLC0415
    from logbounce.report import Period, build  # noqa: PLC0415
    from logbounce.settings import Settings  # noqa: PLC0415

    samples = sorted(str(path) for path in shipped.sample_logs().iterdir() if path.is_file() and path.suffix != ".md")
    settings = Settings(database=database, timezone="UTC", source_ips=_SOURCE_IPS, rules=rules)
    for result in run(settings, samples, None, []):
        counts = f"{result.lines} lines, {result.attempts} attempts, {result.unparsed} not understood"
        output.say(f"{Path(result.path).name}: {result.format}, {counts}")
    now = dt.datetime.now(dt.UTC)
    with connect(database, read_only=True) as connection:
        show(build(connection, Period.of(None, None, ZoneInfo("UTC"), now), now=now), form, "UTC")
