"""The workload's truth by domain and sending IP, exactly, for three MTAs; and twice read is once stored."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.bench import truth
from tests.bench.workload import WRITERS, generate

if TYPE_CHECKING:
    from pathlib import Path

LINES = 20_000


@pytest.fixture(scope="module")
def workload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workload")
    generate(folder, LINES)
    return folder


@pytest.mark.parametrize("mta", WRITERS)
def test_truth_by_domain_and_ip(mta: str, workload: Path, tmp_path: Path) -> None:
    database, log = tmp_path / "truth.duckdb", workload / WRITERS[mta][0]
    subprocess.run(truth.ingest_command(database, log), check=True)
    assert truth.differences(database, workload) == []
    before = truth.attempts(database)
    subprocess.run(truth.ingest_command(database, log), check=True)
    assert truth.attempts(database) == before
    assert 10 < int(str(truth.templates(database))) < 100  # of some 20 replies, each from several providers


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    logs = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        generate(folder, 500, seed=3)
        logs.append([(folder / name).read_bytes() for name, _ in WRITERS.values()])
    assert logs[0] == logs[1]


def test_a_workload_holds_every_outcome(workload: Path) -> None:
    text = (workload / "truth.json").read_text()
    assert all(f'"{outcome}"' in text for outcome in ("delivered", "deferred", "bounced", "expired"))
