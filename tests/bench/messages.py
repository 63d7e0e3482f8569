"""Bounce messages a second: logbounce against flufl.bounce on the same messages, without start-up.

Ours are the sample messages over and over, each time to other recipients; a folder of labelled messages beside the
checkout is read as well. Each gets bytes and gives recipients, in one process: medians of RUNS turns. A message over
which flufl.bounce raises an error gives it no recipients.
"""

from __future__ import annotations

import contextlib
import email
import logging
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce import shipped
from logbounce.dsn import read_message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RUNS = 5
COPIES = 40
SHARED = Path(__file__).parent.parent.parent.parent / "shared" / "corpus" / "dsn"


def generated() -> list[bytes]:
    """Return the sample messages, COPIES times, to other recipients each time."""
    samples = [path.read_bytes() for path in sorted((shipped.sample_logs() / "messages").glob("*.eml"))]
    return [raw.replace(b"bob@", b"bob%d@" % copy) for copy in range(COPIES) for raw in samples]


def ours(messages: Sequence[bytes]) -> int:
    """Return how many recipients logbounce finds."""
    return sum(len(read_message(raw).records) for raw in messages)


def theirs(messages: Sequence[bytes]) -> int:
    """Return how many recipients flufl.bounce finds."""
    from flufl.bounce import all_failures  # noqa: PLC0415 - a peer, for `make bench` only

    found = 0
    for raw in messages:
        with contextlib.suppress(Exception):
            temporary, permanent = all_failures(email.message_from_bytes(raw))
            found += len(temporary) + len(permanent)
    return found


def rate(read: Callable[[Sequence[bytes]], int], messages: Sequence[bytes]) -> tuple[float, int]:
    """Return messages a second, and the recipients found."""
    found = read(messages)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        read(messages)
        times.append(time.perf_counter() - start)
    return len(messages) / statistics.median(times), found


def show(name: str, messages: Sequence[bytes]) -> None:
    """Print a line for each program."""
    speed, found = rate(ours, messages)
    peer, peers_found = rate(theirs, messages)
    print(f"{name:<18} {len(messages):>6} messages        messages/s  recipients", flush=True)
    print(f"{'':<9} logbounce                  {speed:10,.0f} {found:11,}", flush=True)
    print(f"{'':<9} flufl.bounce               {peer:10,.0f} {peers_found:11,}", flush=True)


def main() -> None:
    """Print the comparison on our own messages, and on those beside the checkout if there are any."""
    logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())
    logging.getLogger("flufl.bounce").propagate = False  # it tells each error at length
    show("sample messages", generated())
    if SHARED.is_dir():
        show("labelled messages", [path.read_bytes() for path in sorted(SHARED.glob("*/*.eml"))])


if __name__ == "__main__":
    main()
