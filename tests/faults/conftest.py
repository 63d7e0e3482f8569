"""A log that is followed, and the end of whatever followed it; a mail server whose mailboxes are fetched."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.rotation import Logrotate, logrotate_is_missing
from tests.faults.site import Site
from tests.live import dovecot as dovecot_module
from tests.live.dovecot import Dovecot

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.end()


@pytest.fixture
def logrotate(tmp_path: Path) -> Logrotate:
    if reason := logrotate_is_missing():
        pytest.skip(reason)
    return Logrotate(tmp_path / "mail.log")


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    if reason := dovecot_module.missing():
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="logbounce-dovecot-", dir="/tmp"))
    folder.chmod(0o755)  # its processes run as users of their own
    server = Dovecot(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """Return a user that no other test has."""
    return re.sub(r"\W+", "-", request.node.name).strip("-").lower()
