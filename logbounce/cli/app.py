"""The command line as a whole: finds the command, runs it, and turns every ending into an exit code."""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO, cast

import typer
from typer.core import TyperCommand, TyperGroup

import logbounce
from logbounce.cli.output import say, visible
from logbounce.errors import Exit, LogbounceError, LogbounceWarning

_Typers = Any  # Typer does not export the classes of a context and of a help formatter
_UsageError: Any = typer.BadParameter.__base__  # likewise
_INTERRUPTED = 130  # 128 + SIGINT, as shells count
_BROKEN_PIPE = 141  # 128 + SIGPIPE
_BUG = 70  # EX_SOFTWARE of sysexits.h
_NO_OUTPUT = 74  # EX_IOERR
# DuckDB and Arrow look for these at every statement, in whatever thread. One that Ctrl-C stops in an import keeps the
# module's lock, and the other then waits for it for ever.
_NEVER_IMPORTED = ("pandas", "dateutil")
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a command is, and what the list of commands says of it."""

    name: str
    says: str
    function: str  # MODULE.FUNCTION below logbounce.cli

    def load(self) -> TyperCommand:
        """Import the command: only the one that runs, since DuckDB and Arrow take 0.2 s to import."""
        module, _, function = self.function.rpartition(".")
        only = typer.Typer(add_completion=False, rich_markup_mode=None)
        only.command(self.name)(getattr(importlib.import_module(f"logbounce.cli.{module}"), function))
        return cast("TyperCommand", typer.main.get_command(only))

    def stub(self) -> TyperCommand:
        """Return what a list of commands needs, with nothing imported."""
        return TyperCommand(self.name, help=self.says)


class _Lazy(TyperGroup):
    """A group whose commands are imported when they are called."""

    entries: tuple[_Entry, ...] = ()
    listing = False

    def list_commands(self, ctx: _Typers) -> list[str]:
        """Return the names in the order of `entries`."""
        return [entry.name for entry in self.entries] + super().list_commands(ctx)

    def get_command(self, ctx: _Typers, cmd_name: str) -> TyperCommand | None:
        """Return a command; in a list of commands, only what the list shows."""
        entry = next((entry for entry in self.entries if entry.name == cmd_name), None)
        if entry is None:
            return cast("TyperCommand | None", super().get_command(ctx, cmd_name))
        return entry.stub() if self.listing else entry.load()

    def format_commands(self, ctx: _Typers, formatter: _Typers) -> None:
        """List the commands without importing them."""
        self.listing = True
        super().format_commands(ctx, formatter)


class _Main(_Lazy):
    entries = (
        _Entry("ingest", "Read log files into the database.", "ingest.ingest"),
        _Entry("tail", "Follow the logs of the settings for ever, or once.", "tail.tail"),
        _Entry("fetch", "Read the bounce messages of mailboxes.", "fetch.fetch"),
        _Entry("parse", "Print what is read as JSON lines.", "parse.parse"),
        _Entry("classify", "Say why mail failed: reply texts on stdin, one a line.", "classify.classify"),
        _Entry("query", "Run one read-only SQL query.", "query.query"),
        _Entry("explain", "Say why an address is suppressed or not, to the log line.", "explain.explain"),
        _Entry("report", "Say who bounces, who blocks, and why.", "report.report"),
        _Entry("status", "Say what has been read, and what has not been understood.", "status.status"),
        _Entry(
            "doctor",
            "Say what is wrong here, and what mends it.",
            "doctor.doctor",
        ),
        _Entry("backup", "Copy the database to a file of its own, while `tail` runs.", "copies.backup"),
        _Entry("publish", "Put a copy of the database into a folder for analysts.", "copies.publish"),
        _Entry("compact", "Write the database anew, without the room of what was deleted.", "compact.compact"),
        _Entry("rebuild", "Make the database again from the logs.", "rebuild.rebuild"),
        _Entry("purge", "Delete what is older.", "erase.purge"),
        _Entry("forget", "Erase a person from the database and its file.", "erase.forget"),
        _Entry("init", "Write a logbounce.yaml for the mail servers found here.", "init.init"),
        _Entry("demo", "Read the sample logs of all formats and print the report.", "demo.demo"),
    )

    def make_context(self, *args: _Typers, **extra: _Typers) -> _Typers:
        """Read the options that stand before the command."""
        try:
            return super().make_context(*args, **extra)
        except _UsageError as error:
            raise _shown(error) from None

    def invoke(self, ctx: _Typers) -> None:
        """Run the command; turn its ending into an exit code."""
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except _UsageError as error:
            raise _shown(error) from None
        except KeyboardInterrupt:
            raise typer.Exit(_INTERRUPTED) from None
        except RuntimeError as error:
            if not isinstance(error.__cause__, KeyboardInterrupt):  # DuckDB's, of an interrupt while it was at work
                raise
            raise typer.Exit(_INTERRUPTED) from None
        except BrokenPipeError:
            raise typer.Exit(_broken_pipe()) from None
        except OSError as error:
            if error.errno not in _UNWRITABLE or error.filename is not None:
                raise
            raise typer.Exit(_unwritten(error)) from error
        except LogbounceError as error:
            raise typer.Exit(_failed(error)) from error


class _Rules(_Lazy):
    entries = (
        _Entry("list", "List the rules in the order in which they are tried.", "rules.list_rules"),
        _Entry("show", "Show one rule: where it stands, its conditions, why.", "rules_show.show_rule"),
        _Entry("test", "Run the examples of every rule.", "rules.test_rules"),
        _Entry(
            "lint",
            "Find what can never act in the rules, or says nothing.",
            "rules_lint.lint_rules",
        ),
        _Entry(
            "coverage",
            "Say which rules decide in your mail, and which never do.",
            "rules_coverage.show_coverage",
        ),
        _Entry(
            "suggest",
            "Print rules for the replies that no rule knows.",
            "rules_suggest.suggest_rules",
        ),
        _Entry("replay", "Say what `rules apply` would change.", "rule_versions.replay"),
        _Entry("apply", "Judge all that is stored by the rules as they are now.", "rule_versions.apply"),
        _Entry("undo", "Take back the last `rules apply`.", "rule_versions.undo"),
        _Entry(
            "disagreements",
            "List the responses on which codes and rule differ.",
            "disagreements.disagreements",
        ),
    )


class _Suppress(_Lazy):
    entries = (
        _Entry("list", "List the addresses not to mail.", "suppress.list_suppressed"),
        _Entry("check", "Say whether an address is suppressed: exit 0 or 1.", "suppress.check"),
    )


class _Verp(_Lazy):
    entries = (
        _Entry("sign", "Print the envelope sender for a message to an address.", "verp.sign"),
        _Entry("check", "Say whether an address is one that sign made: exit 0 or 1.", "verp.check"),
    )


app = typer.Typer(cls=_Main, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(
    typer.Typer(cls=_Rules, no_args_is_help=True, rich_markup_mode=None),
    name="rules",
    help="The rules that classify responses.",
)
app.add_typer(
    typer.Typer(cls=_Suppress, no_args_is_help=True, rich_markup_mode=None),
    name="suppress",
    help="The addresses not to mail.",
)
app.add_typer(
    typer.Typer(cls=_Verp, no_args_is_help=True, rich_markup_mode=None),
    name="verp",
    help="Envelope senders that prove a bounce.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"logbounce {logbounce.__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Tell hard bounces from soft ones and from blocks, from the logs of your mail servers."""


def main() -> NoReturn:
    """Run the command line and exit."""
    os.umask(0o077)  # databases, their write-ahead logs and settings hold addresses: for their owner only
    for name in ("stdout", "stderr"):  # None where they were closed (`>&-`)
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the end
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a locale such as ISO-8859-1 has no character for
    for name in _NEVER_IMPORTED:
        cast("dict[str, object]", sys.modules).setdefault(name, None)  # None says that there is no such module
    try:
        with _warnings():
            app(prog_name="logbounce")
    except Exception as error:  # noqa: BLE001 - the last net: a person gets one line and not a traceback
        sys.exit(_unexpected(error))
    sys.exit(Exit.OK)


@contextmanager
def _warnings() -> Iterator[None]:
    """Tell each warning of ours once, on one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("once", LogbounceWarning)
        warnings.showwarning = _warned
        yield


def _warned(  # noqa: PLR0917 - the parameters are those of warnings.showwarning, whose place it takes
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    if issubclass(category, LogbounceWarning):
        say(f"logbounce: warning: {message}")
    else:
        (file or sys.stderr).write(warnings.formatwarning(message, category, filename, lineno, line))


def _shown(error: _Typers) -> _Typers:
    """Return a usage error that repeats nothing which a terminal would act on. The help, one too, is our own."""
    if error.message and not (error.ctx and error.message == error.ctx.get_help()):
        error.message = visible(error.message)
    return error


def _failed(error: LogbounceError) -> int:
    say(f"logbounce: {error}")
    return error.exit


def _broken_pipe() -> int:
    """Be quiet when the reader of our output (`| head`) has left."""
    _write_nothing_more()
    return _BROKEN_PIPE


def _unwritten(error: OSError) -> int:
    """Say that the answer is not whole: its file's disk is full, or broken."""
    say(f"logbounce: standard output cannot be written: {error.strerror}")
    _write_nothing_more()
    return _NO_OUTPUT


def _write_nothing_more() -> None:
    """Have Python's own last flush do no harm."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception) -> int:
    if "duckdb" in sys.modules:
        from logbounce.database.refusals import at_work  # noqa: PLC0415 - DuckDB is imported only if it was used

        if known := at_work(error):
            return _failed(known)
    if os.environ.get("LOGBOUNCE_DEBUG"):
        traceback.print_exception(error)
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    say(f"logbounce: unexpected {said}: please report this, with what LOGBOUNCE_DEBUG=1 prints")
    return _BUG
