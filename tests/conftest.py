"""What every test shares: markers by folder, one profile for hypothesis, and skips that count as failures."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.live.dovecot import Dovecot

ROOT = Path(__file__).parent.parent
MAY_BE_ABSENT = {"shared", "booted"}  # fixtures for what not everybody can have
MARKED_FOLDERS = ("live", "bench", "docs")

# The machine's load must not decide whether a test passes; in CI the same examples run each time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the optional folder of extra cases beside the checkout."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder shared/ with extra cases beside the checkout")
    return folder


@pytest.fixture(scope="session")
def booted() -> None:
    """Skip where systemd is not the first process (sd_booted(3)): no container that builds and tests has it."""
    if not Path("/run/systemd/system").is_dir():
        pytest.skip("the machine was not booted with systemd")


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """Return a mail server with mailboxes."""
    from tests.live.dovecot import running  # noqa: PLC0415 - a project that only adds a format has none

    with running() as server:
        yield server


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """Return a user of it that no other test has."""
    return re.sub(r"\W+", "-", request.node.name).strip("-").lower()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in MARKED_FOLDERS:
            item.add_marker(folder)
        if folder == "live":  # one worker starts the servers, so that two never share a port or a spool
            item.add_marker(pytest.mark.xdist_group("live"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and _skip_is_failure(item):
        report.outcome = "failed"
        report.longrepr = f"skipped, and LOGBOUNCE_REQUIRE_LIVE is set: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and os.environ.get("LOGBOUNCE_REQUIRE_LIVE"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and LOGBOUNCE_REQUIRE_LIVE is set: {report.longrepr}"
    return report


def _skip_is_failure(item: pytest.Item) -> bool:
    exempt = MAY_BE_ABSENT.intersection(getattr(item, "fixturenames", ()))
    return bool(os.environ.get("LOGBOUNCE_REQUIRE_LIVE")) and not exempt
