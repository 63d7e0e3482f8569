"""Reply texts as logs have them, no two alike.

What rules.yaml shows as hits and misses and what the sample logs hold, each with an address, IP, host, id and number of
its own, and the words that Postfix or Exim put around it. Some are common and most are rare, as in a log (Zipf's law).

python -m tests.bench.distinct FILE [--texts 400000] [--seed 7]
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce import shipped
from logbounce.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOGS = ("postfix.log", "exim_mainlog", "powermta.csv", "kumomta.jsonl")
# Of a hundred replies, so many as Postfix logs them, as Exim does, and bare (PowerMTA, KumoMTA).
WRAPPERS = {"postfix": 50, "exim": 20, "bare": 30}
STAGES = ("RCPT TO", "RCPT TO", "RCPT TO", "MAIL FROM", "end of DATA")
RELAYS = (
    "gmail-smtp-in.l.google.com",
    "{word}-com.mail.protection.outlook.com",
    "mta{n}.am0.yahoodns.net",
    "mx{n}.{word}.example",
    "mail.{word}{n}.example",
)
_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_IP = r"\b(?:\d{1,3}\.){3}\d{1,3}\b"
# Not what stands the same in every reply of a kind: hosts and pages of URLs, markers in brackets, numbers of RFCs.
_HOST = r"(?<![/.\w-])(?:[\w-]+\.)*example\.(?:com|org|net|invalid)\b"
_ID = r"(?<![(/.\w-])(?![245]\d\d-)(?=[\w-]*[a-zA-Z])(?=[\w-]*\d[\w-]*\d[\w-]*\d)[a-zA-Z0-9-]{10,}\b"
_NUMBER = r"(?<![\w.#/(=-])(?<!RFC )\d{4,}(?![\w.-])"
_VARIABLE = re.compile(f"(?P<address>{_ADDRESS})|(?P<ip>{_IP})|(?P<host>{_HOST})|(?P<id>{_ID})|(?P<number>{_NUMBER})")


class Varying:
    """Makes each copy of a reply unlike the others."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._kinds: dict[str, Callable[[str], str]] = {
            "address": lambda _: self._address(),
            "ip": lambda _: self._ip(),
            "host": lambda _: f"mx{self._random.randrange(20)}.{self._word()}.example.org",
            "id": self._same_shape,
            "number": self._same_shape,
        }

    def copy(self, reply: str) -> str:
        """Return the reply to somebody else, from somewhere else, as one of the mail servers logs it."""
        bare = _VARIABLE.sub(lambda found: self._kinds[str(found.lastgroup)](found[0]), reply)
        if "said:" in bare or "SMTP error" in bare:  # a sample log's text has its wrapper
            return bare
        wrapper = self._random.choices(list(WRAPPERS), list(WRAPPERS.values()))[0]
        if wrapper == "postfix" or bare == reply:  # of a bare text without a variable part there is only one
            said = random.Random(reply)
            relay = said.choice(RELAYS).format(word=self._word(), n=self._random.randrange(1, 9))
            return f"host {relay}[{self._ip()}] said: {bare} (in reply to {said.choice(STAGES)} command)"
        if wrapper == "exim":
            return f"SMTP error from remote mail server after RCPT TO:<{self._address()}>: {bare}"
        return bare

    def _word(self) -> str:
        return "".join(self._random.choices(string.ascii_lowercase, k=self._random.randint(4, 10)))

    def _address(self) -> str:
        return f"{self._word()}.{self._word()}{self._random.randrange(100)}@{self._word()}.example.org"

    def _ip(self) -> str:
        return ".".join(str(self._random.randint(1, 254)) for _ in range(4))

    def _same_shape(self, found: str) -> str:
        kinds = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
        return "".join(next((self._random.choice(kind) for kind in kinds if char in kind), char) for char in found)


def known() -> list[str]:
    """Return every hit and miss of the shipped rules, and every failure of the sample logs."""
    examples = [example.text for rule in load_rules().rules for example in (*rule.hits, *rule.misses)]
    paths = [str(shipped.sample_logs() / name) for name in LOGS]
    parsed = subprocess.run((sys.executable, "-m", "logbounce", "parse", *paths), capture_output=True, check=True)
    events = map(json.loads, parsed.stdout.splitlines())
    logged = [event["response"] for event in events if event.get("outcome") not in {None, "delivered", "relayed"}]
    return sorted({" ".join(text.split()) for text in (*examples, *filter(None, logged))})


def texts(count: int, seed: int = 7) -> Iterator[str]:
    """Yield `count` replies, no two alike."""
    replies = known()
    varying = Varying(seed)
    chance = random.Random(seed)
    chance.shuffle(replies)
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(replies))))
    seen: set[str] = set()
    while len(seen) < count:
        text = varying.copy(chance.choices(replies, cum_weights=weights)[0])
        if text not in seen:
            seen.add(text)
            yield text


def main() -> None:
    """Write the file."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", type=Path)
    options.add_argument("--texts", type=int, default=400_000)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    with given.file.open("w", encoding="utf-8") as file:
        file.writelines(text + "\n" for text in texts(given.texts, given.seed))


if __name__ == "__main__":
    main()
