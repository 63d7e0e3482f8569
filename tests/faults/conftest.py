"""A log that is followed, and the end of whatever followed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.rotation import Logrotate, logrotate_is_missing
from tests.faults.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
