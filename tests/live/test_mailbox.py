"""Mailboxes of a real Dovecot: every way in, every refusal, and nothing lost or doubled."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.errors import MailboxError, TooLargeError
from logbounce.mailbox import QUARANTINE, Entry, open_mailbox, try_out
from logbounce.mailbox.imap_client import Client
from logbounce.settings import Action, After, Auth, Mailbox, Protocol, Secret, Tls
from tests.live.cutting import Proxy
from tests.live.dovecot import PASSWORD, Dovecot, running
from tests.unit.cli.command import logbounce

if TYPE_CHECKING:
    from pathlib import Path

SERVERS = [Protocol.IMAP, Protocol.POP3]
BODY = b"From: MAILER-DAEMON@example.org\r\nSubject: =?utf-8?q?Unzustellbar_f=C3=BCr_Sie?=\r\n\r\nno such user\r\n"
ODD = {
    "a long line": b"Subject: x\r\n\r\n" + b"y" * 300_000 + b"\r\n",
    "lines of CR alone": b"Subject: x\r\rbody\rmore\r\n",
    "dots": b"Subject: x\r\n\r\n.\r\n..\r\n...x\r\n.\r\n",
    "bytes": b"Subject: x\r\n\r\n\x01\xff\xfe\x80\r\n",  # no NUL: IMAP has none
    "parentheses": b'Subject: x\r\n\r\n)\r\n* 1 EXISTS\r\nA1 OK {10}\r\n"\\\r\n',
    "no body": b"Subject: x\r\n\r\n",
}


def entries(account: Mailbox) -> list[Entry]:
    with open_mailbox(account) as box:
        return list(box.entries())


def bodies(account: Mailbox) -> list[bytes]:
    with open_mailbox(account) as box:
        return [box.fetch(entry) for entry in box.entries()]


def flags(dovecot: Dovecot, user: str, folder: str = "INBOX") -> list[str]:
    """Return the flags of each message, without those that only Dovecot sets."""
    said = dovecot.admin("fetch", "-u", user, "flags", "mailbox", folder)
    return sorted(line.removeprefix("flags:").replace("\\Recent", "").strip() for line in said.splitlines() if line)


# Every way in


@pytest.mark.parametrize("tls", list(Tls))
@pytest.mark.parametrize("protocol", SERVERS)
def test_a_message_comes_as_it_is(dovecot: Dovecot, user: str, protocol: Protocol, tls: Tls) -> None:
    dovecot.deliver(user, BODY)
    account = dovecot.account(user, protocol, tls=tls)
    (entry,) = entries(account)
    assert entry.size == len(BODY)
    assert bodies(account) == [BODY]
    tried = try_out(account)
    assert tried.failure is None
    assert (tried.manner or "").startswith("no TLS" if tls is Tls.NONE else "TLSv1.")


WAYS = [(protocol, auth) for protocol in SERVERS for auth in Auth if (protocol, auth) != (Protocol.IMAP, Auth.APOP)]


@pytest.mark.parametrize(("protocol", "auth"), WAYS)
def test_each_mechanism(dovecot: Dovecot, user: str, protocol: Protocol, auth: Auth) -> None:
    dovecot.deliver(user, BODY)
    proof = {"token_file": str(dovecot.token(user))} if auth is Auth.XOAUTH2 else {}
    tried = try_out(dovecot.account(user, protocol, auth=auth, **proof))
    assert (tried.failure, tried.messages) == (None, 1)
    names = {Auth.AUTO: "AUTH PLAIN", Auth.LOGIN: "LOGIN" if protocol is Protocol.IMAP else "USER", Auth.APOP: "APOP"}
    assert (tried.manner or "").endswith(names.get(auth, f"AUTH {auth.upper()}"))


@pytest.mark.parametrize("protocol", SERVERS)
def test_in_the_clear_the_password_is_not_sent_where_the_server_can_do_without(
    dovecot: Dovecot, user: str, protocol: Protocol
) -> None:
    dovecot.deliver(user, BODY)
    assert try_out(dovecot.account(user, protocol, tls=Tls.NONE)).manner == "no TLS, AUTH CRAM-MD5"


@pytest.mark.parametrize("protocol", SERVERS)
@pytest.mark.parametrize("name", ODD)
def test_odd_messages_come_whole(dovecot: Dovecot, user: str, protocol: Protocol, name: str) -> None:
    dovecot.deliver(user, ODD[name])
    dovecot.deliver(user, BODY)
    assert sorted(bodies(dovecot.account(user, protocol))) == sorted([ODD[name], BODY])


# Every refusal is one line that says what to do


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "another host": ({"host": "127.0.0.2"}, "refused: the certificate of 127.0.0.2:{port} is not one for '127.0.0.2'"),
    "expired": ({"host": "127.0.0.3"}, "refused: the certificate of 127.0.0.3:{port} has expired"),
    "another authority": ({"host": "127.0.0.4"}, "is signed by an authority that is not known here: name"),
    "the system's authorities": ({"ca_file": None}, "is signed by an authority that is not known here: name"),
    "no name": ({"host": "nowhere.invalid"}, "the name 'nowhere.invalid' is not found"),
    "nobody listens": ({"port": 1}, "the connection is refused: nothing listens on this port"),
    "wrong password": ({"password": Secret("hunter2")}, "the login of '{user}' is refused ("),
    "wrong password in a challenge": (
        {"password": Secret("hunter2"), "auth": Auth.CRAM_MD5},
        "the login of '{user}' is refused (",
    ),
    "the server without TLS": (
        {"host": "127.0.0.6", "tls": Tls.STARTTLS},
        "and the password would go in the clear: use `tls: implicit`, or, if the way to the server is safe",
    ),
    "plain is refused": ({"host": "127.0.0.5", "tls": Tls.NONE, "auth": Auth.LOGIN}, ""),
}


@pytest.mark.parametrize("protocol", SERVERS)
@pytest.mark.parametrize("case", REFUSALS)
def test_refused(dovecot: Dovecot, user: str, protocol: Protocol, case: str) -> None:
    changes, says = REFUSALS[case]
    account = dovecot.account(user, protocol, **changes)
    failure = try_out(account).failure
    assert failure
    assert failure.startswith(f"mailbox {user} ({protocol} {account.host}:{account.port}): ")
    assert says.format(port=account.port, user=user) in failure
    assert "\n" not in failure
    assert "hunter2" not in failure
    with pytest.raises(MailboxError), open_mailbox(account):
        pass


@pytest.mark.parametrize("protocol", SERVERS)
@pytest.mark.parametrize("host", ["127.0.0.2", "127.0.0.3", "127.0.0.4"])
def test_starttls_verifies_too(dovecot: Dovecot, user: str, protocol: Protocol, host: str) -> None:
    failure = try_out(dovecot.account(user, protocol, host=host, tls=Tls.STARTTLS)).failure
    assert "refused: the certificate of" in (failure or "")


@pytest.mark.parametrize("protocol", SERVERS)
def test_words_between_starttls_and_tls_are_not_listened_to(dovecot: Dovecot, user: str, protocol: Protocol) -> None:
    """CVE-2011-0411: whoever is in between could put answers there that would pass for the server's own."""
    forged = (b"Begin TLS", b"* CAPABILITY IMAP4rev1\r\n" if protocol is Protocol.IMAP else b"+OK\r\n.\r\n")
    with Proxy(dovecot.ports[protocol], forged=forged) as proxy:
        failure = try_out(dovecot.account(user, protocol, port=proxy.port, tls=Tls.STARTTLS)).failure
    assert "the server sent something between STARTTLS and TLS" in (failure or "")


@pytest.mark.parametrize("protocol", SERVERS)
def test_the_port_for_plain_connections(dovecot: Dovecot, user: str, protocol: Protocol) -> None:
    failure = try_out(dovecot.account(user, protocol, port=dovecot.ports[protocol])).failure
    assert "the server speaks no TLS on this port: `tls: starttls`" in (failure or "")


def test_the_port_for_tls(dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logbounce.mailbox.wire.QUIET_SECONDS", 0.5)
    failure = try_out(dovecot.account(user, tls=Tls.STARTTLS, port=dovecot.ports["imaps"])).failure
    assert "is `tls: implicit` meant?" in (failure or "")


def test_no_such_folder(dovecot: Dovecot, user: str) -> None:
    dovecot.maildir(user)
    failure = try_out(dovecot.account(user, folder="Bounces")).failure
    assert (failure or "").endswith("there is no folder Bounces; there is INBOX")


# What becomes of messages


@pytest.mark.parametrize("protocol", SERVERS)
def test_kept_mail_is_not_even_marked(dovecot: Dovecot, user: str, protocol: Protocol) -> None:
    dovecot.deliver(user, BODY)
    account = dovecot.account(user, protocol)
    before = entries(account)
    with open_mailbox(account) as box:
        box.fetch(before[0])
        box.settle(before, before)
    assert entries(account) == before
    if protocol is Protocol.IMAP:
        assert flags(dovecot, user) == [""]


def deliver_three(dovecot: Dovecot, user: str) -> None:
    """Deliver one to settle, one to leave, and one that somebody else has flagged as deleted."""
    for number in range(3):
        dovecot.deliver(user, b"Subject: %d\r\n\r\n" % number, f"{number}.test")
    dovecot.admin("flags", "add", "-u", user, "\\Deleted", "mailbox", "INBOX", "uid", "3")


def settled(account: Mailbox) -> None:
    with open_mailbox(account) as box:
        first, second = box.entries()
        assert box.fetch(first) == b"Subject: 0\r\n\r\n"
        box.settle([first], [second])
        box.settle([first], [second])  # as after a crash


@pytest.mark.parametrize("without", [(), ("MOVE",), ("MOVE", "UIDPLUS")])
@pytest.mark.parametrize("action", list(Action))
def test_settled(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch, action: Action, without: tuple[str, ...]
) -> None:
    has = Client.has_capability
    monkeypatch.setattr(Client, "has_capability", lambda self, name: name not in without and has(self, name))
    deliver_three(dovecot, user)
    settled(dovecot.account(user, after=After(action, "Done/2026" if action is Action.MOVE else "")))
    gone = action in (Action.MOVE, Action.DELETE)
    first = {Action.KEEP: [""], Action.MARK: ["\\Seen"]}.get(action, ["\\Deleted"] if "UIDPLUS" in without else [])
    assert flags(dovecot, user) == sorted([*first, "", "\\Deleted"])
    assert len(entries(dovecot.account(user))) == (1 if gone else 2)  # what is flagged as deleted is no more
    if action is Action.MOVE:
        assert bodies(dovecot.account(user, folder="Done/2026"))[0] == b"Subject: 0\r\n\r\n"


def test_messages_without_a_bounce_go_aside(dovecot: Dovecot, user: str) -> None:
    deliver_three(dovecot, user)
    settled(dovecot.account(user, after=After(Action.DELETE), aside="Außerdem & mehr"))
    assert flags(dovecot, user) == ["\\Deleted"]
    assert bodies(dovecot.account(user, folder="Außerdem & mehr")) == [b"Subject: 1\r\n\r\n"]


def test_quarantine_also_where_mail_is_kept(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, BODY)
    dovecot.deliver(user, ODD["dots"])
    with open_mailbox(dovecot.account(user)) as box:
        first, second = box.entries()
        assert box.quarantine(first) == QUARANTINE
        assert box.fetch(second) == ODD["dots"]
    assert bodies(dovecot.account(user)) == [ODD["dots"]]
    assert bodies(dovecot.account(user, folder=QUARANTINE)) == [BODY]


def test_quarantine_below_the_prefix_of_the_server(user: str) -> None:
    with running(prefix="INBOX.", separator=".") as server:
        server.deliver(user, BODY)
        with open_mailbox(server.account(user)) as box:
            (entry,) = box.entries()
            assert box.quarantine(entry) == f"INBOX.{QUARANTINE}"
        assert bodies(server.account(user, folder=f"INBOX.{QUARANTINE}")) == [BODY]


def test_pop3_deletes_when_the_session_ends(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, BODY, "1.test")
    dovecot.deliver(user, ODD["dots"], "2.test")
    account = dovecot.account(user, Protocol.POP3, after=After(Action.DELETE))
    with open_mailbox(account) as box:
        first, second = box.entries()
        box.settle([first, replace(second, size=second.size + 1)])  # another message under a UIDL that was given again
        box.settle([first])
    assert bodies(account) == [ODD["dots"]]


def test_a_server_that_keeps_deleted_mail(dovecot: Dovecot, user: str) -> None:
    """The line is cut at QUIT, so that nothing is deleted: the same messages come again under the same keys."""
    dovecot.deliver(user, BODY)
    with Proxy(dovecot.ports["pop3"], at=b"QUIT") as proxy:
        account = dovecot.account(user, Protocol.POP3, port=proxy.port, tls=Tls.NONE, after=After(Action.DELETE))
        with open_mailbox(account) as box:
            before = list(box.entries())
            box.settle(before)
        assert proxy.cuts == 1
    assert entries(dovecot.account(user, Protocol.POP3)) == before


# UIDs


def test_what_was_read_need_not_be_listed_again(dovecot: Dovecot, user: str) -> None:
    for number in range(5):
        dovecot.deliver(user, BODY, f"{number}.test")
    with open_mailbox(dovecot.account(user)) as box:
        first, second, *rest = box.entries()
        assert list(box.entries(after=second.key)) == rest
        assert list(box.entries(after=rest[-1].key)) == []
        assert list(box.entries(after="INBOX/1/4")) == [first, second, *rest]


def test_a_change_of_uidvalidity_gives_new_keys_and_settles_nothing_old(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, BODY)
    account = dovecot.account(user, after=After(Action.DELETE))
    old = entries(account)
    dovecot.admin("mailbox", "update", "-u", user, "--uid-validity", "77", "INBOX")
    with open_mailbox(account) as box:
        new = list(box.entries())
        box.settle(old)
    assert [entry.key for entry in new] == ["INBOX/77/1"]
    assert old[0].key != new[0].key
    assert entries(account) == new


def test_many_messages_come_in_the_order_of_their_uids(dovecot: Dovecot, user: str) -> None:
    for number in range(450):
        dovecot.deliver(user, b"Subject: %03d\r\n\r\n" % number, f"{number:03}.test")
    found = entries(dovecot.account(user))
    assert [int(entry.key.rsplit("/", 1)[1]) for entry in found] == list(range(1, 451))
    assert try_out(dovecot.account(user)).messages == 450


# IDLE


def test_idle_wakes_up(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, BODY)
    with open_mailbox(dovecot.account(user)) as box:
        assert box.wakes
        assert len(list(box.entries())) == 1
        assert not box.idle(0.2)  # Dovecot says `Still here` meanwhile: no news
        assert not box.idle(1.2)
        threading.Timer(0.5, dovecot.deliver, (user, BODY)).start()
        began = time.monotonic()
        assert box.idle(20)
        assert time.monotonic() - began < 10
        assert len(list(box.entries())) == 2


def test_idle_begins_anew_before_the_server_tires(dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Client] = []
    begin = Client.begin_idle

    def counted(self: Client) -> bool:
        begun.append(self)
        return begin(self)

    monkeypatch.setattr(Client, "begin_idle", counted)
    monkeypatch.setattr("logbounce.mailbox.imap._RENEWED", 0.3)
    dovecot.maildir(user)
    with open_mailbox(dovecot.account(user)) as box:
        list(box.entries())
        for _ in range(4):
            assert not box.idle(0.2)
    assert len(begun) == 2


def test_a_line_that_is_cut_ends_idle(dovecot: Dovecot, user: str) -> None:
    dovecot.maildir(user)
    with Proxy(dovecot.ports["imap"]) as proxy:
        account = dovecot.account(user, port=proxy.port, tls=Tls.NONE)
        with open_mailbox(account) as box:
            list(box.entries())
            threading.Timer(0.5, proxy.cut).start()
            with pytest.raises(MailboxError, match="the server hung up"):
                box.idle(20)


# Cuts and sizes


@pytest.mark.parametrize("protocol", SERVERS)
def test_a_cut_at_any_byte_loses_and_moves_nothing(dovecot: Dovecot, user: str, protocol: Protocol) -> None:
    """The line is cut ever later, until a whole session comes through."""
    messages = [b"Subject: %d\r\n\r\n" % number + b"x" * 70 + b"\r\n" for number in range(6)]
    for number, body in enumerate(messages):
        dovecot.deliver(user, body, f"{number}.test")
    came = []
    for after in range(40, 20_000, 230):
        with Proxy(dovecot.ports[protocol], after=after) as proxy:
            came.append(bodies_or_error(dovecot.account(user, protocol, port=proxy.port, tls=Tls.NONE)))
        if isinstance(came[-1], list):
            break
    assert len(came) > 3
    assert came[-1] == messages
    assert not any("\n" in error for error in came[:-1])
    assert bodies(dovecot.account(user, protocol)) == messages


def bodies_or_error(account: Mailbox) -> list[bytes] | str:
    try:
        return bodies(account)
    except MailboxError as error:
        return str(error)


@pytest.mark.parametrize("protocol", SERVERS)
def test_a_message_of_100_mb_is_never_fetched(dovecot: Dovecot, user: str, protocol: Protocol) -> None:
    size = 100 * 1024 * 1024
    name = dovecot.deliver(user, b"Subject: poison\r\n\r\n", f"1.test,S={size},W={size}")
    with (dovecot.maildir(user) / "new" / name).open("r+b") as file:
        file.truncate(size)  # sparse: nothing is written
    dovecot.deliver(user, BODY, "2.test")
    with Proxy(dovecot.ports[protocol]) as proxy:
        with open_mailbox(dovecot.account(user, protocol, port=proxy.port, tls=Tls.NONE)) as box:
            poison, good = box.entries()
            assert poison.size == size
            with pytest.raises(TooLargeError, match=f"a message of {size} bytes is not fetched: max_bytes is 10000000"):
                box.fetch(poison)
            assert box.fetch(good) == BODY
        assert proxy.received < 10_000
    tried = try_out(dovecot.account(user, protocol))
    assert tried.sample
    assert tried.sample.bytes == len(BODY)


# The command


def test_the_test_button(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, BODY)
    (tmp_path / "logbounce.yaml").write_text(
        f"mailboxes:\n- name: bounces\n  protocol: imap\n  host: localhost\n  port: {dovecot.ports['imaps']}\n"
        f"  user: {user}\n  password_env: BOUNCES\n  ca_file: {dovecot.ca_file}\n  after: {{move: Done}}\n"
    )
    done = logbounce("fetch", "--test", cwd=tmp_path, variables={"BOUNCES": PASSWORD})
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.splitlines()[:5] == [
        f"bounces: imap localhost:{dovecot.ports['imaps']} (TLSv1.3, AUTH PLAIN): 1 messages in INBOX",
        f"  read: {len(BODY)} bytes from MAILER-DAEMON@example.org: Unzustellbar für Sie",
        "  would: at most 10000 messages a run, none larger than 10000000 bytes",
        "  would: after its rows are committed, a bounce is moved to Done",
        "  would: a message that tells of no bounce stays where it is",
    ]
    assert flags(dovecot, user) == [""]
    wrong = logbounce("fetch", "--test", cwd=tmp_path, variables={"BOUNCES": "wrong-word"})
    assert (wrong.returncode, wrong.stdout) == (8, "")
    assert wrong.stderr.startswith(
        f"logbounce: mailbox bounces (imap localhost:{dovecot.ports['imaps']}): the login of"
    )
    assert "wrong-word" not in wrong.stderr
    assert wrong.stderr.count("\n") == 1


def test_the_maildir_of_the_server_itself(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, BODY)
    account = Mailbox(user, Protocol.MAILDIR, path=str(dovecot.maildir(user)))
    (entry,) = entries(account)
    entries(dovecot.account(user, after=After(Action.MARK)))  # Dovecot moves it from `new` to `cur`
    assert entries(account) == [entry]
    assert bodies(account) == [BODY]
