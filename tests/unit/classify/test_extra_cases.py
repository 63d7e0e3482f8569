"""The classes of real replies, where the optional folder of extra cases is there."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_real_replies_are_classified_as_their_labels_say(shared: Path, root: Path) -> None:
    corpus = shared / "corpus"
    command = [
        str(corpus / "score"),
        "replies",
        str(corpus / "replies.jsonl"),
        "--command",
        f"{sys.executable} -m logbounce",
    ]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    agreed = re.search(r"= ([\d.]+) three-way", done.stdout)
    blocks = re.search(r"blocks called hard (\d+)/(\d+)", done.stdout)
    assert agreed, done.stdout
    assert blocks, done.stdout
    assert float(agreed[1]) >= 0.95, done.stdout
    assert int(blocks[1]) == 0, done.stdout
