"""What the settings let an account do with its messages, its mailbox can do; the rest never reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.errors import SettingsError
from logbounce.mailbox.box import Box
from logbounce.mailbox.imap import ImapBox
from logbounce.mailbox.maildir import MaildirBox
from logbounce.mailbox.mbox import MboxBox
from logbounce.mailbox.pop3 import Pop3Box
from tests.unit.settings.test_mailboxes import IMAP, MAILDIR, MBOX, POP3, load

if TYPE_CHECKING:
    from pathlib import Path

BOXES = {IMAP: ImapBox, POP3: Pop3Box, MAILDIR: MaildirBox, MBOX: MboxBox}
SETTLED_BY = {
    "after: mark": "_mark",
    "after: {move: Done}": "_move",
    "after: delete": "_delete",
    "aside: Other": "_move",
}


@pytest.mark.parametrize("account", BOXES)
@pytest.mark.parametrize("given", SETTLED_BY)
def test_what_a_mailbox_cannot_do_the_settings_refuse(tmp_path: Path, account: str, given: str) -> None:
    name = SETTLED_BY[given]
    if getattr(BOXES[account], name) is getattr(Box, name):
        with pytest.raises(SettingsError):
            load(tmp_path, f"{account}, {given}")
    else:
        assert load(tmp_path, f"{account}, {given}")
