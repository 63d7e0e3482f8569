"""Servers that lie, babble and forget: one clear line, bounded memory, and no message under a wrong key."""

from __future__ import annotations

import base64
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.errors import GoneError, MailboxError, TooLargeError
from logbounce.mailbox import open_mailbox, try_out
from logbounce.settings import Action, After, Auth, Protocol, Secret
from tests.unit.mailbox.fake import PASSWORD, mailbox

if TYPE_CHECKING:
    from logbounce.settings import Mailbox

BODY = b"Subject: x\r\n\r\nyy"


def read(account: Mailbox) -> list[tuple[str, bytes]]:
    with open_mailbox(account) as box:
        return [(entry.key, box.fetch(entry)) for entry in box.entries()]


def test_servers_that_are_honest() -> None:
    with mailbox(Protocol.IMAP) as account:
        assert read(account) == [("INBOX/7/1", BODY)]
    with mailbox(Protocol.POP3) as account:
        assert read(account) == [("abc", BODY + b"\r\n")]


IMAP_SAYS = {
    "a greeting that is none": ({"": b"220 smtp.example.org ESMTP\r\n"}, "unexpected response"),
    "a greeting without end": ({"": b"* OK FLOOD"}, "longer than any sensible one"),
    "a farewell": ({"": b"* BYE too many connections\r\n"}, "too many connections"),
    "a login before the login": ({"": b"* PREAUTH welcome\r\n"}, "before we said who we are (PREAUTH)"),
    "the password": ({"LOGIN": b"TAG NO open-sesame is wrong for u\r\n"}, "LOGIN): *** is wrong for u"),
    "nothing but the end": ({"LOGIN": b""}, "the server hung up"),
    "a literal of 4 GB": (
        {"UID FETCH .*BODY": b"* 1 FETCH (UID 1 BODY[]<0> {4294967296}\r\n"},
        "sends 4294967296 bytes",
    ),
    "a body without end": ({"UID FETCH .*BODY": b"* 1 FETCH (UID 1 BODY[]<0> {16}\r\nFLOOD"}, "longer than any"),
    "a line without end": ({"UID SEARCH": b"* SEARCH 1FLOOD"}, "longer than any sensible one"),
    "lines without end": (
        {"UID SEARCH": (b"* SEARCH" + b" 1" * 5_000 + b"\r\n") * 200},
        "longer than any sensible one",
    ),
    "parentheses without end": (
        {"UID FETCH .*SIZE": b"* 1 FETCH " + b"(" * 99_999 + b"\r\nTAG OK done\r\n"},
        "is no IMAP",
    ),
    "words for numbers": ({"UID SEARCH": b"* SEARCH one two\r\nTAG OK done\r\n"}, "is no IMAP"),
    "a number of 100,000 digits": (
        {"UID SEARCH": b"* SEARCH " + b"9" * 100_000 + b"\r\nTAG OK done\r\n"},
        "is no IMAP",
    ),
    "no UIDVALIDITY": ({"SELECT|EXAMINE": b"* 1 EXISTS\r\nTAG OK done\r\n"}, "has no UIDVALIDITY for INBOX: use pop3"),
    "a billion messages": (
        {"SELECT|EXAMINE": b"* 1000000000 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nTAG OK done\r\n"},
        "more than 5000000 messages",
    ),
    "terminal escapes": ({"LOGIN": b"TAG NO \x1b[31mred\r\n"}, "LOGIN): "),
}


@pytest.mark.parametrize("case", IMAP_SAYS)
def test_an_imap_server_says(case: str) -> None:
    changes, says = IMAP_SAYS[case]
    _check(Protocol.IMAP, changes, says)


POP3_SAYS = {
    "a greeting that is none": ({"": b"* OK IMAP4 ready\r\n"}, "the server says: * OK IMAP4 ready"),
    "a greeting without end": ({"": b"+OK FLOOD"}, "longer than any sensible one"),
    "the password": ({"PASS": b"-ERR open-sesame is wrong\r\n"}, "USER): -ERR *** is wrong"),
    "nothing but the end": ({"PASS": b""}, "the server hung up"),
    "no UIDL": ({"UIDL": b"-ERR what?\r\n"}, "the server has no UIDL, by which to know a message: -ERR what?"),
    "a list without end": ({"UIDL": b"+OK\r\n" + b"1 x\r\n" * 10 + b"FLOOD"}, "longer than any sensible one"),
    "words for numbers": ({"LIST": b"+OK\r\none two\r\n.\r\n"}, "is no POP3 (ValueError)"),
    "half a list": ({"LIST": b"+OK\r\n1\r\n.\r\n"}, "is no POP3 (ValueError)"),
    "an empty capability": ({"CAPA": b"+OK\r\n\r\n.\r\n"}, "is no POP3 (IndexError)"),
    "a message without end": ({"RETR": b"+OK\r\nFLOOD"}, "where at most"),
}


@pytest.mark.parametrize("case", POP3_SAYS)
def test_a_pop3_server_says(case: str) -> None:
    changes, says = POP3_SAYS[case]
    _check(Protocol.POP3, changes, says)


# What the password is, what the server says of it, and what is left of that.
REPEATED = {
    "in quotes": ('quo"te\\Hunter2', 'LOGIN "u" "quo\\"te\\\\Hunter2" is wrong', "is wrong"),
    "as it is": ('quo"te\\Hunter2', 'PASS quo"te\\Hunter2 is wrong', "PASS *** is wrong"),
    "with a backslash": ("back\\slashHunter2", 'no "back\\\\slashHunter2"', "no ***"),
    "with two blanks": ("dbl  Hunter2", "PASS dbl  Hunter2 is wrong", "PASS *** is wrong"),
    "with blanks that were collapsed": ("dbl  Hunter2", "PASS dbl Hunter2 is wrong", "PASS *** is wrong"),
    "with blanks around": (" leadHunter2 ", "PASS  leadHunter2  is wrong", "PASS *** is wrong"),
    "in capitals": ("Hunter2", "PASS HUNTER2 IS WRONG", "PASS *** IS WRONG"),
    "in UTF-8": ("hünter2Hunter2", "hünter2Hunter2 is wrong", "*** is wrong"),
    "in modified UTF-7": ("hünter2Hunter2", "h&APw-nter2Hunter2 is wrong", "*** is wrong"),
    "as AUTH PLAIN sends it": ("open-sesame", base64.b64encode(b"\0u\0open-sesame").decode(), "***"),
    "as AUTH LOGIN would": ("open-sesame", base64.b64encode(b"open-sesame").decode(), "***"),
    "as XOAUTH2 sends it, cut short": (
        "ya29.Hunter2" + "x" * 400,
        "line too long: " + base64.b64encode(b"user=u\1auth=Bearer ya29.Hunter2" + b"x" * 400).decode()[:120],
        "line too long: ***",
    ),
    "again and again": ("Hunter2" * 50, f"{'Hunter2' * 50} " * 200, "***"),
}


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
@pytest.mark.parametrize("answer", ["NO", "BAD"])
@pytest.mark.parametrize("case", REPEATED)
def test_a_server_repeats_the_password(protocol: Protocol, answer: str, case: str) -> None:
    password, says, left = REPEATED[case]
    said = f"TAG {answer} {says}\r\n" if protocol is Protocol.IMAP else f"-ERR {says}\r\n"
    changes = {"LOGIN": said.encode(), "PASS": said.encode()}
    with (
        mailbox(protocol, changes, password=Secret(password), auth=Auth.LOGIN) as account,
        pytest.raises(MailboxError) as caught,
    ):
        read(account)
    shown = str(caught.value)
    assert "unter2" not in shown.lower()
    assert not [shown for part in says.split() if len(part) > 14 and part in shown]
    assert left in shown or "ü" in password  # IMAP's LOGIN takes ASCII only, and says so


@pytest.mark.parametrize("password", ['quo"te\\Hunter2', "dbl  Hunter2"])
def test_a_server_calls_a_folder_like_the_password(password: str) -> None:
    listed = f'* LIST () "/" {{{len(password)}}}\r\n{password}\r\nTAG OK done\r\n'.encode()
    changes = {"SELECT|EXAMINE": f"TAG NO no {password}\r\n".encode(), "LIST": listed}
    with (
        mailbox(Protocol.IMAP, changes, password=Secret(password)) as account,
        pytest.raises(MailboxError, match=r"there is no folder INBOX; there is \*\*\*"),
    ):
        read(account)


def test_a_greeting_that_almost_offers_apop_takes_no_time() -> None:
    greeting = b"+OK <" + b"@" * 100_000 + b"\r\n"
    start = time.process_time()
    with mailbox(Protocol.POP3, {"": greeting}) as account:
        assert read(account) == [("abc", BODY + b"\r\n")]
    assert time.process_time() - start < 2


def _check(protocol: Protocol, changes: dict[str, bytes], says: str) -> None:
    tracemalloc.start()
    try:
        with mailbox(protocol, changes, max_bytes=1_000_000) as account, pytest.raises(MailboxError) as caught:
            read(account)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    said = str(caught.value)
    assert said.startswith(f"mailbox box ({protocol} 127.0.0.1:{account.port}): ")
    assert says in said
    assert "\n" not in said
    assert PASSWORD not in said
    assert caught.value.__cause__ is None  # which a traceback would show
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert peak < 100_000_000


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
def test_a_server_that_says_nothing(protocol: Protocol, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logbounce.mailbox.wire.QUIET_SECONDS", 0.3)
    with mailbox(protocol, {"": b" "}) as account:
        assert "no answer within 0 s; a port for implicit TLS is silent like this" in (try_out(account).failure or "")


def test_an_answer_that_trickles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logbounce.mailbox.wire.ANSWER_SECONDS", -4.0)  # 3.3 s are granted for 64 KiB of literals
    with mailbox(Protocol.IMAP, {"": b"* OK"}) as account:
        assert "the answer takes too long" in (try_out(account).failure or "")


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
def test_after_an_error_nothing_is_read_any_more(protocol: Protocol) -> None:
    """The rest of an answer that was too long would pass for the next answers."""
    changes = {
        "UID FETCH .*BODY": b"* 1 FETCH (UID 1 BODY[]<0> {999999}\r\n" + b"x" * 999_999 + b")\r\nTAG OK done\r\n",
        "RETR": b"+OK\r\n" + b"x" * 999_999 + b"\r\n.\r\n",
    }
    with mailbox(protocol, changes, max_bytes=1_000) as account, open_mailbox(account) as box:
        (entry,) = box.entries()
        with pytest.raises(MailboxError, match="bytes or more where at most"):
            box.fetch(entry)
        for _ in range(2):
            with pytest.raises(MailboxError, match="the connection was given up after an error"):
                box.fetch(entry)


# Sizes


def test_a_body_that_is_larger_than_its_size_says() -> None:
    """The partial FETCH ends it at one byte more than is allowed; POP3 has to hang up."""
    big = b"* 1 FETCH (UID 1 BODY[]<0> {101}\r\n" + b"x" * 101 + b")\r\nTAG OK done\r\n"
    imap = mailbox(Protocol.IMAP, {"UID FETCH .*BODY": big}, max_bytes=100)
    with imap as account, pytest.raises(TooLargeError, match="a message of 101 bytes is not fetched: max_bytes is 100"):
        read(account)
    pop3 = mailbox(Protocol.POP3, {"RETR": b"+OK\r\n" + b"x" * 101 + b"\r\n.\r\n"}, max_bytes=100)
    with pop3 as account, pytest.raises(TooLargeError, match="a message of 103 bytes is not fetched: max_bytes is 100"):
        read(account)


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
def test_the_size_is_asked_before_the_body(protocol: Protocol) -> None:
    said: list[str] = []
    sizes = {
        "UID FETCH .*SIZE": b"* 1 FETCH (UID 1 RFC822.SIZE 104857600)\r\nTAG OK done\r\n",
        "LIST": b"+OK\r\n1 104857600\r\n.\r\n",
    }
    with mailbox(protocol, sizes, said=said) as account, pytest.raises(TooLargeError, match="of 104857600 bytes"):
        read(account)
    assert not [line for line in said if "BODY" in line or "RETR" in line]


# Keys


def uids(search: bytes, sizes: bytes) -> dict[str, bytes]:
    return {
        "UID SEARCH": b"* SEARCH " + search + b"\r\nTAG OK done\r\n",
        "UID FETCH .*SIZE": sizes + b"TAG OK done\r\n",
    }


def test_repeated_uids_are_one_message() -> None:
    size = b"* 1 FETCH (UID 1 RFC822.SIZE 16)\r\n"
    with mailbox(Protocol.IMAP, uids(b"1 1 1 0 99999999999", size * 3)) as account:
        assert read(account) == [("INBOX/7/1", BODY)]


def test_sizes_of_other_messages_are_not_listened_to() -> None:
    other = b"* 2 FETCH (UID 2 RFC822.SIZE 1)\r\n* 3 FETCH (UID 3 RFC822.SIZE (1))\r\n"
    with mailbox(Protocol.IMAP, uids(b"1 3", other)) as account:
        assert read(account) == []


def test_a_body_of_another_message_is_none() -> None:
    other = b"* 2 FETCH (UID 2 BODY[]<0> {2}\r\nno)\r\nTAG OK done\r\n"
    with (
        mailbox(Protocol.IMAP, {"UID FETCH .*BODY": other}) as account,
        pytest.raises(GoneError, match="INBOX/7/1 is gone"),
    ):
        read(account)


def test_repeated_uidls_are_messages_of_their_own() -> None:
    lists = {"LIST": b"+OK\r\n1 16\r\n2 16\r\n3 9\r\n.\r\n", "UIDL": b"+OK\r\n1 a\r\n2 a\r\n3 \xff b\r\n9 c\r\n.\r\n"}
    with mailbox(Protocol.POP3, lists) as account, open_mailbox(account) as box:
        assert [(entry.key, entry.size) for entry in box.entries()] == [("a", 16), ("a#2", 16), ("\\xff b", 9)]


def test_a_message_that_is_gone() -> None:
    with mailbox(Protocol.POP3, {"RETR": b"-ERR no such message\r\n"}) as account, pytest.raises(GoneError):
        read(account)


def test_a_message_that_ends_itself_does_not_end_the_answer() -> None:
    """Between bare LFs a dot is a line of the message: what follows is no answer of the server."""
    forged = b"Subject: x\r\n\r\n\n.\n+OK\n1 forged\n.\n\r\n"
    with mailbox(Protocol.POP3, {"RETR": b"+OK\r\n" + forged + b".\r\n"}) as account:
        assert read(account) == [("abc", forged)]


def test_a_server_that_ends_lines_with_lf_alone() -> None:
    with mailbox(Protocol.POP3, {"RETR": b"+OK\nSubject: x\n\n..y\n.\n"}) as account:
        assert read(account) == [("abc", b"Subject: x\n\n.y\n")]


# Commands


def test_no_expunge_but_of_our_own() -> None:
    said: list[str] = []
    bare = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n", "": b"* OK ready\r\n"}
    server = mailbox(Protocol.IMAP, bare, said=said, after=After(Action.DELETE))
    with server as account, open_mailbox(account) as box:
        box.settle(list(box.entries()))
    assert any("UID STORE 1 +FLAGS.SILENT (\\Deleted)" in line for line in said)
    assert not any("EXPUNGE" in line or "CLOSE" in line for line in said)


def test_a_folder_that_can_only_be_read() -> None:
    read_only = {"SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nTAG OK [READ-ONLY] done\r\n"}
    server = mailbox(Protocol.IMAP, read_only, after=After(Action.DELETE))
    with server as account, pytest.raises(MailboxError, match="INBOX can only be read: say `after: keep`"):
        read(account)


def test_names_and_passwords_are_quoted() -> None:
    said: list[str] = []
    with mailbox(Protocol.IMAP, said=said, user='a "b" \\c') as account:
        read(account)
    assert any(line.endswith(f'LOGIN "a \\"b\\" \\\\c" "{PASSWORD}"') for line in said)


def test_a_name_beyond_ascii_needs_sasl() -> None:
    with mailbox(Protocol.IMAP, user="jürgen") as account:
        assert "the server does not offer a way to log in" in (try_out(account).failure or "")
    said: list[str] = []
    plain = {
        "": b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n",
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n",
        "AUTHENTICATE": b"+ \r\n",
        "AGrD": b"TAG OK in\r\n",
    }
    with mailbox(Protocol.IMAP, plain, user="jürgen", said=said) as account:
        assert try_out(account).manner == "no TLS, AUTH PLAIN"
    assert any("AUTHENTICATE PLAIN" in line for line in said)


def test_a_refused_token_is_answered_and_told() -> None:
    """The server's second challenge is its error, which nothing but an empty answer ends."""
    said: list[str] = []
    changes = {
        "CAPA": b"+OK\r\nSASL XOAUTH2\r\n.\r\n",
        "AUTH": b"+ \r\n",
        "dXNl": b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n",
        "$": b"-ERR invalid token\r\n",
    }
    settings: dict[str, Any] = {"auth": Auth.XOAUTH2, "password": None, "token_command": "echo a-token"}
    with mailbox(Protocol.POP3, changes, said=said, **settings) as account:
        failure = try_out(account).failure or ""
    assert "the login of 'u' is refused (XOAUTH2): -ERR invalid token" in failure
    assert said[-1] == ""
