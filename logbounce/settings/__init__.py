"""logbounce.yaml, the environment and the flags, as one frozen object."""

from logbounce.settings.account import Action, After, Auth, Mailbox, Protocol, Secret, Tls, Trust
from logbounce.settings.accounts import local
from logbounce.settings.model import Settings, Source, Verp
from logbounce.settings.reading import load

__all__ = [
    "Action",
    "After",
    "Auth",
    "Mailbox",
    "Protocol",
    "Secret",
    "Settings",
    "Source",
    "Tls",
    "Trust",
    "Verp",
    "load",
    "local",
]
