"""Where the data files are: inside the wheel when installed, else beside the package in the checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def _locate(name: str) -> Path:
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.exists() else _PACKAGE.parent / name


def parsers() -> Path:
    """Return the folder of parser .sql files."""
    return _locate("parsers")


def rules_file() -> Path:
    """Return the shipped rules.yaml."""
    return _locate("rules.yaml")


def sample_logs() -> Path:
    """Return the folder of sample logs that `logbounce demo` reads."""
    return _locate("sample_logs")
