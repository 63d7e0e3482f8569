"""Tells systemd how the service is: sd_notify(3), in its own words."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Send READY=1, WATCHDOG=1, RELOADING=1 or STOPPING=1, if somebody asked for it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket (unix(7))
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        try:
            notices.sendto(state.encode(), socket.MSG_DONTWAIT, address)
        except OSError:  # the manager has gone, or reads nothing: the work goes on
            return
