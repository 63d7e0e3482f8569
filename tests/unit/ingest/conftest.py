"""One database for the tests of a file: to make one takes longer than to read a small log."""

from __future__ import annotations

import pytest

from tests.unit.ingest.state import Memory


@pytest.fixture(scope="module")
def opened() -> Memory:
    return Memory()


@pytest.fixture
def database(opened: Memory) -> Memory:
    """Return the database, empty."""
    opened.empty()
    return opened
