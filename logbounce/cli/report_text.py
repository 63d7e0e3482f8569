"""The report as text: of at most 100 columns or some more in cron's mail, of no more than a terminal has."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from logbounce.cli import output
from logbounce.report import Period, Report, Row, Section

_WIDTH = 96
_NAME = 30  # characters of an address, domain or provider
_UNKNOWN = "(unknown)"
_INTERVAL = "95 % interval"
# Columns that a narrow terminal can do without, the first ones first.
_SPARE = (_INTERVAL, "pending", "soft", "hard")


class Column(NamedTuple):
    """How a column is called, and what it tells of a row."""

    head: str
    tell: Callable[[Row], object]
    who: bool = False  # it has a line of its own above the others where a terminal is too narrow for all


# Of rows, beside those of before or not, in so many columns.
Layout = Callable[[tuple[Row, ...], bool, int], Iterable[str]]


def write(report: Report, zone: ZoneInfo) -> None:
    """Print the report."""
    sections = {section.name: section for section in report.sections}
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    sys.stdout.write("\n".join(_lines(report, sections, zone, room)) + "\n")


def _lines(report: Report, sections: Mapping[str, Section], zone: ZoneInfo, room: int) -> Iterator[str]:
    yield from _wrapped(span(report.period, zone), room, "logbounce report,")
    if report.previous:
        yield from _wrapped(span(report.previous, zone), room, "   compared with ")
    yield from ("", *_headline(report, room))
    compared = report.previous is not None
    for title, says, name, lay in _PARTS:
        if rows := sections[name].rows:
            yield from _titled(title, lay(rows, compared, room), room, says)
    if report.notes:
        yield from _titled("Notes", (line for note in report.notes for line in _wrapped(note, room)), room)


def _titled(title: str, lines: Iterable[str], room: int, says: str = "") -> Iterator[str]:
    if lines := list(lines):
        heading = f"{title} ({says})" if says else title
        if len(heading) <= room:
            yield from ("", heading, "-" * len(heading), *lines)
        else:
            yield from ("", title, "-" * len(title), *_wrapped(f"({says})", room, " "), *lines)


def _wrapped(note: str, room: int, line: str = "*") -> Iterator[str]:
    for word in output.visible(note).split():
        if len(line) + 1 + len(word) > min(_WIDTH, room) and line.strip(" *"):
            yield line
            line = " "
        line = f"{line} {word}"
    yield line


def span(period: Period, zone: ZoneInfo) -> str:
    """Return how the heading names a period."""
    if period.since is None and period.until is None:
        return "everything that was read"
    since = f"from {_local(period.since, zone)}" if period.since else "from the beginning"
    return f"{since} to {_local(period.until, zone)} {zone.key}" if period.until else f"{since} {zone.key} until now"


def _local(time: dt.datetime, zone: ZoneInfo) -> str:
    shown = time.astimezone(zone).replace(tzinfo=None)
    return shown.isoformat(" ", "seconds" if shown.second else "minutes")


# The headline ---------------------------------------------------------------------------------------------------------


def _headline(report: Report, room: int) -> Iterator[str]:
    yield f"Bounce rate {_percent(report.headline['rate']).strip()}: {report.verdict}"
    yield ""
    before = report.headline.get("previous")
    rows = [
        (label, tell(report.headline), tell(before) if isinstance(before, dict) else "") for label, tell in _HEADLINE
    ]
    rows = [*([("", "this period", "before")] if before else []), *rows]
    lines = _aligned(rows)
    yield from lines if _fits(lines, room) else _aligned([row for row in rows if row[0].strip() != _INTERVAL])


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        f"  {label:<{widths[0]}}  {now:>{max(widths[1], 11)}}  {then:>{max(widths[2], 11)}}".rstrip()
        for label, now, then in rows
    ]


def _count(name: str) -> Callable[[Row], str]:
    return lambda row: f"{row[name]:,}"


def _ratio(row: Row) -> str:
    ratio = row["hard_soft_ratio"]
    return f"{ratio:.2f}" if isinstance(ratio, float) else "-"


_HEADLINE: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("messages and recipients", _count("messages")),
    ("delivered", _count("delivered")),
    ("bounced", _count("bounced")),
    ("expired", _count("expired")),
    ("pending", _count("pending")),
    ("bounce rate", lambda row: _percent(row["rate"]).strip()),
    (f"  {_INTERVAL}", lambda row: _interval(row).strip()),
    ("failed hard", _count("hard")),
    ("failed soft", _count("soft")),
    ("blocked", _count("block")),
    ("hard per soft", _ratio),
    ("rejected as spam", _count("spam")),
    ("rejected for authentication", _count("auth")),
    ("rejected for reputation", _count("reputation")),
    ("complaints", _count("complaints")),
    ("newly suppressed", _count("suppressed")),
)


# The tables -----------------------------------------------------------------------------------------------------------


def _percent(rate: object) -> str:
    return f"{100 * rate:6.2f} %" if isinstance(rate, float) else f"{'-':>8}"


def _interval(row: Row) -> str:
    low, high = row["low"], row["high"]
    if not isinstance(low, float) or not isinstance(high, float):
        return f"{'-':>15}"
    return f"{100 * low:5.2f} - {100 * high:5.2f} %"


def _name(key: str, width: int = _NAME) -> Column:
    return _word(key, width)._replace(who=True)


def _word(key: str, width: int) -> Column:
    return Column(key.replace("_", " "), lambda row: _short(_UNKNOWN if row[key] is None else str(row[key]), width))


def _short(text: str, width: int) -> str:
    shown = output.visible(text)
    return shown if len(shown) <= width else shown[: width - 1] + "…"


def _file(key: str, width: int) -> Column:
    """Tell a path; a long one by its end, where the file's name is."""

    def tell(row: Row) -> str:
        shown = output.visible(str(row[key]))
        return shown if len(shown) <= width else "…" + shown[1 - width :]

    return Column(key.replace("_", " "), tell, who=True)


def _plain(key: str) -> Column:
    return Column(key.replace("_", " "), lambda row: row[key])


def _time(key: str) -> Column:
    def tell(row: Row) -> object:
        time = row[key]
        return f"{time:%Y-%m-%d %H:%M}" if isinstance(time, dt.datetime) else None

    return Column(f"{key.replace('_', ' ')} (UTC)", tell)


def _until(row: Row) -> str:
    """Tell when an incident ended; one that lasted into another day with its date."""
    first, last = row["first_time"], row["last_time"]
    if row["ongoing"] or not isinstance(first, dt.datetime) or not isinstance(last, dt.datetime):
        return "goes on"
    return f"{last:%H:%M}" if first.date() == last.date() else f"{last:%m-%d %H:%M}"


def _before(metric: str) -> Callable[[Row], object]:
    def tell(row: Row) -> object:
        previous = row["previous"]
        return previous[metric] if isinstance(previous, dict) else None

    return tell


_RATE: tuple[Column, ...] = (
    Column("sent", lambda row: row["messages"]),
    _plain("failed"),
    _plain("pending"),
    Column("    rate", lambda row: _percent(row["rate"])),
    Column(_INTERVAL, _interval),
    _plain("hard"),
    _plain("soft"),
    _plain("block"),
)
_RATE_BEFORE: tuple[Column, ...] = (
    Column("sent", lambda row: row["messages"]),
    Column("before", _before("messages")),
    _plain("failed"),
    Column("before", _before("failed")),
    Column("    rate", lambda row: _percent(row["rate"])),
    Column("  before", lambda row: _percent(_before("rate")(row))),
    _plain("hard"),
    _plain("soft"),
    _plain("block"),
)


def _table(rows: Iterable[Row], columns: Iterable[Column], room: int) -> list[str]:
    """Return the heading and each row; where that is too wide, who it is about stands above the rest."""
    rows, columns = list(rows), list(columns)
    lines = _grid(rows, columns, 2)
    if _fits(lines, room):
        return lines
    who, rest = [column for column in columns if column.who], [column for column in columns if not column.who]
    for spare in _SPARE:
        if not _fits(_grid(rows, rest, 4), room):
            rest = [column for column in rest if column.head != spare]
    above = ["  ".join(column.head for column in who), *("  ".join(str(one.tell(row)) for one in who) for row in rows)]
    return [f"  {_short(name, room - 2)}\n{line}" for name, line in zip(above, _grid(rows, rest, 4), strict=True)]


def _grid(rows: Iterable[Row], columns: Iterable[Column], indent: int) -> list[str]:
    written = io.StringIO()
    table = [[column.tell(row) for column in columns] for row in rows]
    output.table([column.head for column in columns], table, output.Shape.TEXT, written)
    return [" " * indent + line for line in written.getvalue().splitlines()]


def _fits(lines: Iterable[str], room: int) -> bool:
    return all(len(line) <= room for line in lines)


def _rates(*keys: str) -> Layout:
    """Lay out the rows with mail; those of complaints alone have a table of their own."""
    names = [_name(key, _NAME if len(keys) == 1 else 20) for key in keys]

    def lay(rows: tuple[Row, ...], compared: bool, room: int) -> Iterable[str]:
        mailed = [row for row in rows if row["messages"]]
        return _table(mailed, [*names, *(_RATE_BEFORE if compared else _RATE)], room) if mailed else ()

    return lay


def _list(*columns: Column) -> Layout:
    return lambda rows, _, room: _table(rows, columns, room)


def _quoted(*columns: Column, before: str = "") -> Layout:
    """Lay out rows each of which is followed by what the server said."""

    def lay(rows: tuple[Row, ...], compared: bool, room: int) -> Iterator[str]:
        added = [Column("before", _before(before))] if compared and before else []
        head, *lines = _table(rows, [*columns[:1], *added, *columns[1:]], room)
        yield head
        for line, row in zip(lines, rows, strict=True):
            yield line
            yield f"      {_short(str(row['sample'] or 'no text'), min(_WIDTH, room) - 6)}"

    return lay


def _blocks(rows: tuple[Row, ...], _: bool, room: int) -> Iterable[str]:
    blocked = [row for row in rows if row["block"]]
    columns = (_name("provider"), *map(_plain, ("block", "spam", "auth", "reputation")))
    return _table(blocked, columns, room) if blocked else ()


_PARTS: tuple[tuple[str, str, str, Layout], ...] = (
    (
        "Incidents",
        "beyond what is usual and what rules.yaml allows",
        "incidents",
        _quoted(
            _name("alert_id", 16),
            _name("scope_value"),
            _time("first_time"),
            Column("until", _until),
            Column("failed", lambda row: f"{row['failed']} of {row['n']}"),
            Column("   usual", lambda row: _percent(row["usual_rate"])),
        ),
    ),
    ("By provider", "", "providers", _rates("provider")),
    ("Blocks by provider", "the sender's fault: these addresses stay", "providers", _blocks),
    ("By source IP", "", "source_ips", _rates("source_ip")),
    ("In trouble", "surely above 2 %, or a fifth still pending", "trouble", _rates("source_ip", "provider")),
    ("Worst domains", "of those with at least 20 delivered or failed", "domains", _rates("recipient_domain")),
    (
        "Why it failed",
        "",
        "reasons",
        _quoted(
            _plain("failed"),
            _plain("pending"),
            _word("bounce_class", _NAME),
            _plain("category"),
            _name("rule_id", 40),
            before="failed",
        ),
    ),
    (
        "Newly suppressed",
        "",
        "suppressed",
        _list(_name("address", 40), _plain("reason"), _word("category", 20), _plain("bounces"), _time("last_evidence")),
    ),
    (
        "Rules that may be wrong",
        "of the addresses that they called hard, so many accepted mail afterwards",
        "rule_errors",
        _list(
            _name("rule_id", 40),
            _word("category", 20),
            Column("called hard", lambda row: row["addresses"]),
            Column("accepted mail", lambda row: row["accepted"]),
            Column("    rate", lambda row: _percent(row["rate"])),
            Column(_INTERVAL, _interval),
        ),
    ),
    (
        "Complaints",
        "",
        "complaints",
        _list(
            _plain("complaints"),
            _word("provider", 20),
            _name("recipient_domain"),
            _word("feedback_type", 12),
            _name("source_ip"),
        ),
    ),
    (
        "Unexplained responses",
        "no rule knows them, and they suppress nobody",
        "unknown",
        _quoted(_plain("deliveries"), _plain("attempts"), _word("mta", 10), _word("smtp_stage", 10)),
    ),
    (
        "Lines that were not understood",
        "of all that was read",
        "unread",
        _list(_plain("unparsed"), _plain("lines_read"), _word("format", 12), _file("source_name", 50)),
    ),
)
