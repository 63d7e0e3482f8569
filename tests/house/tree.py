"""The files of the project, as the house's tests look at them."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@cache
def files() -> tuple[Path, ...]:
    """Return every file that git tracks or would track."""
    # A checkout may belong to another user than the one that runs the tests, such as root in a container.
    git = ("git", "-c", "safe.directory=*", "-C", str(ROOT))
    command = (*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return tuple(path for name in sorted(set(names)) if name and (path := ROOT / name).is_file())


def python_files() -> tuple[Path, ...]:
    """Return those that are Python."""
    return tuple(path for path in files() if path.suffix == ".py")


def name(path: Path) -> str:
    """Return the path as people write it."""
    return path.relative_to(ROOT).as_posix()
