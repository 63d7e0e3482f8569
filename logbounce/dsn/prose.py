"""Recipients and reasons in a report that only people were meant to read."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from logbounce.dsn import address, words
from logbounce.dsn.families import ADDRESS, families
from logbounce.dsn.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logbounce.dsn.families import Family

_MOST = 1000  # recipients of one report
_TRIED = 4  # families that claim the same text: more is a text made to cost time
_READ = 32 * 1024  # characters
# A reply of a server on a line of its own, behind the marks of a transcript, or behind a word that announces it.
_REPLY = re.compile(
    r"^[ \t>*|\"'(\[#-]{0,12}(?:(?:[A-Z][a-z]{2} )?[\d:. -]{8,30}: )?(?:<<<|<--)?[ \t]*(?:SMTP;[ \t]*)?"
    r"(?P<line>[45]\d\d(?:[ -]|: ).*)"
    r"|(?:said|says|replied|returned|responded|response|answer|answered|was|error|reason|code|with|detail|details)"
    r"(?: is)?[ \t]*:[ \t]*[\"'(\[<]?(?P<inline>[45]\d\d(?:[ -]|: ).*)"
    # With an enhanced status code it is a reply, whatever the language of what announces it.
    r"|[:;\uff1a'\"(\[>][ \t]*(?P<coded>[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b.*)",
    re.MULTILINE | re.IGNORECASE,
)
_SEVERAL = re.compile(r"([45]\d\d)-")
_BLANK_LINE = re.compile(r"\n[ \t>]*\n")
# A paragraph that only says that a reason comes next.
_ANNOUNCES = re.compile(
    r"[^\n.]{1,40}[:\uff1a]|(?:(?:could(?:n['\u2019]t| not) be|was(?:n['\u2019]t| not)) delivered|failed)\.?"
    r"|[\s\S]{0,300}\b(?:following|below)(?:\s+\w{1,20}){0,2}[ \t]*[.:]*",
    re.IGNORECASE,
)
_RULE = re.compile(r"^[ \t]*[-=_*#]{4,}[^\n]*$", re.MULTILINE)
# Addresses on such lines are not the ones that failed.
_OTHERS = re.compile(
    r"^[ \t>*]*+(?:from|sender|reply-to|return-path|message-id|references|cc|mail from"
    r"|(?:(?<=>>>)|(?<=>>> ))mail|original sender|contact|subject|for (?:further|more)|please|if you|postmaster"
    r"|received|x-[a-z-]{1,40}|envelope-from|sent by)\b",
    re.IGNORECASE,
)
# So are those that somebody is told to write to, or that the message came from.
_TOWARDS = re.compile(
    r"(?:\b(?:from|sender|by|von|absender(?:adresse)?|exp[ée]diteur|remitente|mittente|remetente|afzender)"
    r"|(?:发件人|寄件者|差出人|送信者|отправител[ья]))[ \t]*[:\uff1a]?[ \t]*[<\"'(\[]{0,2}$"
    r"|\b(?:contact|write to|reply to|questions? to|assistance|wenden sie sich|kontaktieren sie|contactez|contacter"
    r"|contacte|contactar|contattare|please try|moved to|new (?:e-?mail )?address(?: is)?|instead)\b[^@\n.!?]{0,40}$",
    re.IGNORECASE,
)
_STAFF = re.compile(
    r"^(?:mailer-daemon|postmaster|hostmaster|abuse|support|help|helpdesk|noc|no-?reply|contact)@", re.IGNORECASE
)


class Whole:
    """A text that is asked for the reason of each of its recipients, who may be a thousand: it is searched once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._said: dict[re.Pattern[str], str | None] = {}

    def said(self, pattern: re.Pattern[str], *, last: bool) -> str | None:
        """Return what a pattern finds as the reason; empty text if it finds that none is given."""
        if pattern not in self._said:
            self._said[pattern] = _said_in(self.text, pattern, last=last)
        return self._said[pattern]

    @cached_property
    def reply(self) -> str | None:
        """The first reply of a mail server in it."""
        return reply(self.text)

    @cached_property
    def first(self) -> str:
        """Its first paragraph that says something."""
        return first(self.text)


@dataclass(frozen=True)
class Report:
    """The text of a report, up to the message that it returns, and what its header says."""

    text: str
    subject: str
    sender: str
    header: str  # the names of all fields, and some of their values
    own: frozenset[str]  # addresses, lower-cased, that the report comes from or goes to
    failed: tuple[str, ...]  # X-Failed-Recipients
    mailed: tuple[str, ...] = ()  # whom the message went to that is returned

    @cached_property
    def flat(self) -> str:
        """The text as words are looked for in it."""
        return flat(self.text[:_READ])

    @cached_property
    def whole(self) -> Whole:
        """The text, to be searched for reasons."""
        return Whole(self.text)


@dataclass(frozen=True, slots=True)
class Finding:
    """A recipient and why it failed, in the report's words."""

    recipient: str
    diagnostic: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a report comes to."""

    family: str
    kind: Kind
    findings: tuple[Finding, ...]
    said: str | None = None  # the reason, where no recipient is found


def flat(text: str) -> str:
    """Return a text lower-cased and with single blanks."""
    return " ".join(text.lower().split())


def read(report: Report, name: str = "reports") -> Reading | None:
    """Return what the first family of parsers/messages/NAME.yaml says that knows the report and finds a recipient.

    Where none finds one, whatever address there is counts for the first family that knows the report.
    """
    known = list(itertools.islice((one for one in families(name) if family_matches(one, report)), _TRIED))
    for family in known:
        if found := findings(family, report):
            return Reading(family.id, family.kind or _kind(report), tuple(found))
    if not known:
        return None
    kind = known[0].kind or _kind(report)
    if found := _anywhere(known[0], report):
        return Reading(known[0].id, kind, tuple(found))
    whole = report.whole
    said = _said(known[0], whole.text, whole) or whole.reply or words.one_line(whole.first)
    return Reading(known[0].id, kind, tuple(Finding(one, said) for one in _itself(report)), said)


def _itself(report: Report) -> tuple[str, ...]:
    """Return who reports, if it is the mailbox that failed and not somebody's program: the text names nobody else."""
    named = address.bare(report.sender)
    return (named,) if named and not _STAFF.match(named) and named in report.flat else ()


def family_matches(family: Family, report: Report) -> bool:
    """Tell whether a report is of a family."""
    return family.matches(report.sender, report.subject, report.header, report.flat)


def _kind(report: Report) -> Kind:
    said = (family.kind for family in families("delays") if family_matches(family, report))
    return next(said, None) or Kind.BOUNCE


def findings(family: Family, report: Report) -> list[Finding]:
    """Return the recipients that a family's own patterns find in a report, each once."""
    return _by_patterns(family, report, family.recipients)


def _anywhere(family: Family, report: Report) -> list[Finding]:
    """Return whom X-Failed-Recipients names, else whatever address stands in the report as one that failed."""
    text = _behind(family, report)
    if report.failed:
        mailed = report.mailed if len(report.mailed) == 1 and not _named(report.failed, report) else ()
        reason = _reason(family, "", text, Whole(text)) or None
        return [Finding(one, reason) for one in mailed or report.failed]
    if not family.recipients:
        return _by_patterns(family, report, _ANYWHERE)
    # A family that has patterns says where its recipients stand: a line of their own may be a variant, no other place,
    # unless it is the only address that there is.
    if found := _by_patterns(family, report, _ANYWHERE[:-1]):
        return found
    found = _by_patterns(family, report, _ANYWHERE[-1:])
    return found if len(found) == 1 else []


def _named(failed: Sequence[str], report: Report) -> bool:
    """Tell whether the report names one, by its local part at least."""
    return any(one.rpartition("@")[0].lower() in report.flat for one in failed)


def _behind(family: Family, report: Report) -> str:
    start = family.begins.search(report.text) if family.begins else None
    return report.text[start.end() if start else 0 :][:_READ]


def _by_patterns(family: Family, report: Report, patterns: Iterable[re.Pattern[str]]) -> list[Finding]:
    text = _behind(family, report)
    for pattern in patterns:
        if found := list(_found(pattern, text, family, report)):
            return list(_distinct(found))
    return []


def _found(pattern: re.Pattern[str], text: str, family: Family, report: Report) -> Iterable[Finding]:
    matches = [
        (match, recipient)
        for match in itertools.islice(pattern.finditer(text), _MOST)
        if (recipient := _recipient(match, family, report)) and _may_be(recipient, match, pattern, report)
    ]
    if pattern in _ANYWHERE:
        matches = _likely(matches, report)
    alone = len({recipient.lower() for _, recipient in matches}) == 1
    ends = [0, *(match.end() for match, _ in matches)]
    starts = [*(match.start() for match, _ in matches), len(text)]
    every = Whole(text)
    for number, (match, recipient) in enumerate(matches):
        region = {
            "after": text[match.end() : starts[-1 if alone and not number else number + 1]],
            "before": text[ends[number] : match.start()],
            "whole": text if alone else text[match.end() : starts[number + 1]],
        }[family.place]
        own = match.groupdict().get("diagnostic") or ""
        whole = every if family.place == "whole" or (alone and not number) else Whole(region)
        reason = _reason(family, own, region, whole)
        if reason is None:
            before = text[ends[number] : match.start("recipient")]
            reason = words.one_line(_last(before) if pattern in _ANYWHERE else _of_all(family, report))
        yield Finding(recipient, reason or None)


def _of_all(family: Family, report: Report) -> str:
    """Return what the whole report begins with, where a family's reason may stand anywhere."""
    return report.whole.first if family.place == "whole" else ""


def _likely(matches: list[tuple[re.Match[str], str]], report: Report) -> list[tuple[re.Match[str], str]]:
    """Return, of addresses that stand just anywhere, those that may be meant.

    These are the ones that the message went to, and those that a list has with one of them. Where that is not known:
    no quoted ones if there are others, those of the first one's paragraph or of a server's reply, and those before
    which the same words stand as before the first. Another may be whom to ask.
    """
    mailed = {one.lower() for one in report.mailed}
    if known := next((match for match, recipient in matches if recipient.lower() in mailed), None):
        return [
            (match, recipient) for match, recipient in matches if recipient.lower() in mailed or _beside(match, known)
        ]
    matches = [(match, recipient) for match, recipient in matches if ">" not in _before(match)] or matches
    if not matches:
        return []
    first = matches[0][0]
    blank = _BLANK_LINE.search(first.string, first.end())
    end = blank.start() if blank else len(first.string)
    same = _letters(_before(first))
    return [
        (match, recipient)
        for match, recipient in matches
        if match.start() < end or _letters(_before(match)) == same or _REPLY.match(_before(match))
    ]


def _beside(match: re.Match[str], known: re.Match[str]) -> bool:
    """Tell whether an address begins a line just as a known one does, in the same paragraph."""
    first, last = sorted((match, known), key=lambda one: one.start())
    lead = _before(known)
    return (
        _before(match) == lead
        and not _letters(lead)
        and match.string[match.end() :][:1] == known.string[known.end() :][:1]
        and not _BLANK_LINE.search(match.string, first.end(), last.start())
    )


def _before(match: re.Match[str]) -> str:
    """Return what stands on its line before a recipient."""
    begin = match.string.rfind("\n", 0, match.start("recipient")) + 1
    return match.string[begin : match.start("recipient")]


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text[:200])).lower()


def _recipient(match: re.Match[str], family: Family, report: Report) -> str | None:
    """Return the address that was mailed, where the report tells it (group `original`) beside one known inside only."""
    found = match["recipient"]
    if family.domain and "@" not in found:
        return _completed(found, family.domain, report)
    named = address.bare(address.in_sentence(found))
    mailed = address.bare(match.groupdict().get("original") or "")
    return address.mailed(named, mailed)


def _completed(name: str, domain: str, report: Report) -> str | None:
    """Return a local part with the domain that the message went to, else the one that the family has."""
    known = (one for one in report.mailed if one.lower().startswith(f"{name.lower()}@"))
    return next(known, None) or address.bare(f"{name}@{domain}")


def _may_be(recipient: str, match: re.Match[str], pattern: re.Pattern[str], report: Report) -> bool:
    """Tell whether an address that stands just anywhere may be meant."""
    if pattern not in _ANYWHERE:
        return True
    line = _before(match)
    return (
        recipient.lower() not in report.own
        and not _OTHERS.match(line)
        and not _TOWARDS.search(line[-120:])
        and not _STAFF.match(recipient)
    )


def _distinct(found: Sequence[Finding]) -> Iterable[Finding]:
    """Yield each recipient once, with the first reason that is given for it."""
    reasons: dict[str, Finding] = {}
    for finding in found:
        known = reasons.setdefault(finding.recipient.lower(), finding)
        if known.diagnostic is None and finding.diagnostic:
            reasons[finding.recipient.lower()] = finding
    return reasons.values()


def _said(family: Family, region: str, whole: Whole) -> str | None:
    """Return the reason that a family's own patterns find; empty text if they find that none is given."""
    last = family.place == "before"
    for pattern in family.said:
        begins = family.place == "whole" and pattern.pattern.startswith(r"\A")
        found = None if begins or region is whole.text else _said_in(region, pattern, last=last)
        found = whole.said(pattern, last=last) if found is None else found
        if found is not None:
            return found
    return None


def _said_in(text: str, pattern: re.Pattern[str], *, last: bool) -> str | None:
    match = _search(pattern, text, last=last)
    return (words.one_line(_given(match)) or "") if match else None


def _reason(family: Family, own: str, region: str, whole: Whole) -> str | None:
    """Return why a recipient failed; empty text if the family's patterns find that no reason is given."""
    said = _said(family, region, whole)
    if said is not None:
        return said
    if own.strip():
        return words.one_line(own + _continued(own, region))
    if region is whole.text:
        return whole.reply or words.one_line(whole.first)
    return reply(region) or whole.reply or words.one_line(first(region))


def _search(pattern: re.Pattern[str], text: str, *, last: bool) -> re.Match[str] | None:
    if not last:
        return pattern.search(text)
    return next(reversed(list(itertools.islice(pattern.finditer(text), _MOST))), None)


def _given(match: re.Match[str]) -> str:
    if "said" in match.re.groupindex:
        return match["said"]
    return paragraph(match.string[match.end() :].lstrip())


def _continued(own: str, region: str) -> str:
    """Return the lines that go on with one: indented ones, and those of a reply of several lines."""
    several = _SEVERAL.match(own.lstrip())
    lines = itertools.takewhile(
        lambda line: (line[:1] in {" ", "\t"} and line.strip()) or (several and line.startswith(several[1])),
        region[: 4 * words.LONGEST].removeprefix("\n").split("\n"),  # more of it is not kept
    )
    return "\n" + "\n".join(itertools.islice(lines, _MOST))


def paragraph(text: str) -> str:
    """Return a text up to its first blank line."""
    return _BLANK_LINE.split(text, 1)[0]


def reply(text: str) -> str | None:
    """Return the first reply of a mail server in a text, with the lines that go on with it."""
    match = _REPLY.search(text)
    if match is None:
        return None
    start = match.start(match.lastgroup or 0)
    return words.one_line(_BLANK_LINE.split(text[start : start + 4 * words.LONGEST], 1)[0])


def first(text: str) -> str:
    """Return the first paragraph that says something, without rules, brackets, header lines and lone addresses."""
    for part in _BLANK_LINE.split(text, 20):
        lines = (line for line in _RULE.sub("", part).split("\n") if not _NO_REASON.match(line))
        said = "\n".join(lines).strip(" \t\n>:;,.*'\"(")
        if len(said) > 3 and not _ANNOUNCES.fullmatch(part.strip()):  # noqa: PLR2004 - shorter is no reason
            return said if "(" in said else said.rstrip(")")
    return ""


def _last(text: str) -> str:
    """Return the last whole paragraph: what leads to an address behind which nothing is said."""
    said = _BLANK_LINE.split(text.rpartition("\n")[0].rstrip(" \t\n<>"))[-1].rstrip(" :*-")
    return "" if _NO_REASON.match(said) else said


# Nor is a lone address a reason, or a field of a status.
_NO_REASON = re.compile(
    rf"{_OTHERS.pattern}|^[ \t>*<-]{{0,12}}{ADDRESS}>?[ \t:.;,]*$"
    r"|^[ \t>]*(?:Action|Status|(?:Final|Original)-Recipient|(?:Reporting|Remote|Received-From)-MTA)[ \t]*:",
    re.IGNORECASE,
)
_ANYWHERE = (
    re.compile(rf"^[ \t>*-]{{0,12}}<?(?P<recipient>{ADDRESS})>?[ \t]*$", re.MULTILINE),
    re.compile(rf"RCPT TO:[ \t]?<(?P<recipient>{ADDRESS})>", re.IGNORECASE),
    re.compile(rf"(?P<recipient>{ADDRESS})"),
)
