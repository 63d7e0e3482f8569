"""Files that hold secrets: refused where others can read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from logbounce.errors import SettingsError

# systemd gives a credential to the service alone; its group bits are the mask of an ACL (systemd.exec(5), acl(5)).
_CREDENTIALS = Path("/run/credentials")
_LONGEST = 65_536  # bytes of a file that may be any


def private_bytes(path: Path, refuse: Callable[[str], SettingsError]) -> bytes:
    """Return the beginning of a file; `refuse` makes an error of the words that say why it will not do."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO) and not path.is_relative_to(_CREDENTIALS):
                raise refuse(f"{path}: others can read it: `chmod 600 {path}`")
            return file.read(_LONGEST)
    except OSError as error:
        raise refuse(f"{path}: cannot be read: {error.strerror}") from error
