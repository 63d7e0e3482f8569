"""A Maildir, with Maildir++ folders (https://cr.yp.to/proto/maildir.html)."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.errors import GoneError, MailboxError
from logbounce.mailbox.box import Box, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from logbounce.settings import Mailbox

_PARTS = ("tmp", "new", "cur")
_FLAGS = ":2,"
_READ = "S"
# A name may be a link to any file, or a pipe that nobody writes to: neither is a message.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class MaildirBox(Box):
    """The folders `new` and `cur`. Messages are known by their file names without flags."""

    def __init__(self, account: Mailbox) -> None:
        super().__init__(account, "files")
        self._root = Path(account.path)
        self._folder = self._root if account.folder == "INBOX" else self._root / f".{account.folder}"
        self._paths: dict[str, Path] = {}
        missing = [part for part in _PARTS[1:] if not (self._folder / part).is_dir()]
        if missing:
            raise MailboxError(f"{account}: {self._folder} is no Maildir: it has no folder '{missing[0]}'")

    def entries(self, after: str | None = None) -> Iterator[Entry]:
        """Yield the messages by name, which begins with the time in all that deliver to a Maildir."""
        del after  # a name may come late: two hosts, two clocks
        self._look()
        for key in sorted(self._paths):
            try:
                found = os.lstat(self._paths[key])
            except FileNotFoundError:  # taken away, or moved from `new` to `cur`: the next look finds it
                continue
            if stat.S_ISREG(found.st_mode):
                yield Entry(key, found.st_size)

    def fetch(self, entry: Entry) -> bytes:
        """Return the message."""
        self._check_size(entry.size)
        try:
            return self._read(self._path(entry))
        except FileNotFoundError:
            self._look()  # its flags have changed
        try:
            return self._read(self._path(entry))
        except FileNotFoundError:
            raise GoneError(f"{self.account}: the message {entry.key} is gone") from None

    def _read(self, path: Path) -> bytes:
        try:
            with os.fdopen(os.open(path, _OPEN), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise MailboxError(f"{self.account}: {path} is no file")
                body = file.read(self.account.max_bytes + 1)
        except FileNotFoundError:
            raise
        except OSError as error:
            says = "is a link" if error.errno == errno.ELOOP else error.strerror
            raise MailboxError(f"{self.account}: {path}: cannot be read: {says}") from error
        self._check_size(len(body))
        return body

    def _path(self, entry: Entry) -> Path:
        if entry.key not in self._paths:
            self._look()
        if entry.key not in self._paths:
            raise GoneError(f"{self.account}: the message {entry.key} is gone")
        return self._paths[entry.key]

    def _look(self) -> None:
        """See what is there. Of a name that is in both folders, the one in `cur` counts."""
        try:
            self._paths = {
                name.partition(":")[0]: self._folder / part / name
                for part in _PARTS[1:]
                for name in os.listdir(self._folder / part)  # noqa: PTH208 - a Path for each of 100,000 is slow
                if not name.startswith(".")
            }
        except OSError as error:
            raise MailboxError(f"{self.account}: {error.filename}: cannot be read: {error.strerror}") from error

    def _mark(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._rename(entry, self._folder / "cur", read=True)

    def _move(self, entries: Sequence[Entry], folder: str) -> None:
        """Move to a Maildir++ folder, which is made if there is none."""
        place = self._root / f".{folder}"
        try:
            for part in _PARTS:
                (place / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            (place / "maildirfolder").touch(mode=0o600)
        except OSError as error:
            raise MailboxError(f"{self.account}: {place}: cannot be made: {error.strerror}") from error
        for entry in entries:
            self._rename(entry, place / "cur", read=False)

    def _delete(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._change(entry, lambda path: path.unlink())

    def _rename(self, entry: Entry, folder: Path, *, read: bool) -> None:
        def rename(path: Path) -> None:
            _, _, flags = path.name.partition(_FLAGS)
            kept = "".join(sorted({*flags, _READ} if read else set(flags)))
            path.rename(folder / f"{entry.key}{_FLAGS}{kept}")

        self._change(entry, rename)

    def _change(self, entry: Entry, change: Callable[[Path], object]) -> None:
        """Change a message's file; one that is gone was changed already."""
        for _ in range(2):  # a second time where its flags, and so its name, have changed meanwhile
            try:
                change(self._path(entry))
            except GoneError:
                return
            except FileNotFoundError:
                self._look()
            except OSError as error:
                raise MailboxError(f"{self.account}: {entry.key}: cannot be changed: {error.strerror}") from error
            else:
                self._paths.pop(entry.key, None)
                return
