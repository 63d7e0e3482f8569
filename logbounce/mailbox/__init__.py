"""IMAP, POP3, Maildir and mbox to raw messages."""

from logbounce.mailbox.box import QUARANTINE, Box, Entry
from logbounce.mailbox.opening import check_local, open_mailbox
from logbounce.mailbox.trial import Sample, Tried, try_out

__all__ = ["QUARANTINE", "Box", "Entry", "Sample", "Tried", "check_local", "open_mailbox", "try_out"]
