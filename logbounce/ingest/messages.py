"""What bounce messages say, with the classes of log responses: many in one batch, for planning the rules takes long."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from logbounce.classify import classify_replies
from logbounce.dsn import LIMIT, Kind, read_message
from logbounce.errors import InputError
from logbounce.ingest.message_files import messages_of
from logbounce.rules import Example

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from logbounce.dsn import Message, Record
    from logbounce.rules import Rules

_BATCH = 2000  # messages that are classified together
_NOT_COMPLAINTS = {"not-spam", "auth-failure", "dkim", "dmarc"}  # RFC 5965 section 7.3, RFC 6591
_FIXED = {
    Kind.DELIVERED: "delivered",
    Kind.AUTOREPLY: "autoreply",
    Kind.NONBOUNCE: "not-bounce",
    Kind.FEEDBACK: "feedback",
}
_UNKNOWN = "undetermined"


class Verdict(NamedTuple):
    """The class of a record: the same words, from the same rules, as an attempt in a log has."""

    category: str
    bounce_class: str
    rule_id: str | None
    provider: str | None
    act: str  # H, S3, S0, B, C, -


def events_of_messages(
    paths: Iterable[str], rules: Rules, refuse: Callable[[InputError], None], limit: int = LIMIT
) -> Iterator[dict[str, Any]]:
    """Yield what each message in files and Maildir folders says: a mapping for each recipient, or one without.

    `refuse` is told of each file that cannot be read; the others are.
    """
    found = ((file, number, read_message(raw, limit)) for file, number, raw in _messages(paths, refuse, limit))
    while batch := list(itertools.islice(found, _BATCH)):
        verdicts = iter(classify_records([record for _, _, message in batch for record in message.records], rules))
        for file, number, message in batch:
            place = {"file": file, "message": number}
            if not message.records:
                yield {**place, **_given(_without_recipient(message, rules))}
            for record in message.records:
                yield {**place, **_given(_row(record, message, next(verdicts)))}


def _messages(
    paths: Iterable[str], refuse: Callable[[InputError], None], limit: int
) -> Iterator[tuple[str, int, bytes]]:
    for path in paths:
        try:
            yield from messages_of(path, limit)
        except InputError as error:
            refuse(error)


def classify_records(records: Sequence[Record], rules: Rules) -> list[Verdict]:
    """Return a verdict for each record, in order: by what the server said, by its codes where words say nothing."""
    suffixes = _suffixes(rules)
    examples = [example for record in records for example in _examples(record, suffixes)]
    answers = classify_replies(examples, rules) if examples else []
    pairs = zip(answers[::2], answers[1::2], strict=True)
    return [_verdict(record, *pair, rules) for record, pair in zip(records, pairs, strict=True)]


def _examples(record: Record, suffixes: Mapping[str, str]) -> tuple[Example, Example]:
    domain = (record.recipient or record.original_recipient or "").rpartition("@")[2]
    provider = _provider(record.remote_mta, "mx", suffixes) or _provider(domain, "domain", suffixes)
    codes = " ".join(str(code) for code in (record.smtp_code, record.status) if code)
    return Example(record.diagnostic or codes, provider), Example(codes, provider)


def _verdict(record: Record, said: dict[str, Any], coded: dict[str, Any], rules: Rules) -> Verdict:
    if record.kind in _FIXED:
        return _fixed(record, rules)
    answer = coded if said["category"] == _UNKNOWN else said
    found = Verdict(*(answer[name] for name in Verdict._fields))
    if found.act == "H" and _is_temporary(record, said):
        return found._replace(bounce_class="soft", act="S3")
    return found


def _is_temporary(record: Record, said: dict[str, Any]) -> bool:
    """Tell whether it may yet go through: delayed, or by the status field where the words have no code of their own."""
    if record.kind is Kind.DELAYED:
        return True
    own = said["smtp_code"] or said["enhanced_status"]
    return not own and (record.status or "").startswith("4")


def _fixed(record: Record, rules: Rules) -> Verdict:
    harmless = record.kind is Kind.FEEDBACK and record.feedback_type in _NOT_COMPLAINTS
    category = rules.categories["not-bounce" if harmless else _FIXED[record.kind]]
    return Verdict(category.name, category.bounce_class, None, None, category.act)


def _without_recipient(message: Message, rules: Rules) -> dict[str, Any]:
    category = rules.categories[_FIXED.get(message.kind, _UNKNOWN)]
    return {
        "kind": message.kind,
        "category": category.name,
        "bounce_class": category.bounce_class,
        "family": message.family,
        "subject": message.subject,
    }


def _row(record: Record, message: Message, verdict: Verdict) -> dict[str, Any]:
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    told = {"kind": values.pop("kind"), "recipient": values.pop("recipient")}
    first = message.original
    return {
        **told,
        "category": verdict.category,
        "bounce_class": verdict.bounce_class,
        "rule_id": verdict.rule_id,
        "provider": verdict.provider,
        **values,
        "original_from": first.sender,
        "original_to": ", ".join(first.to) or None,
        "original_subject": first.subject,
        "original_return_path": first.return_path,
        "original_list_id": first.list_id,
        "family": message.family,
        "left_out": message.left_out or None,
    }


def _given(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, datetime) else value for name, value in row.items() if value is not None
    }


def _suffixes(rules: Rules) -> dict[str, str]:
    """Return the provider by `mx:SUFFIX` and `domain:DOMAIN`."""
    return {
        f"{kind}:{name}": provider.name
        for provider in rules.providers.values()
        for kind, names in (("mx", provider.mx), ("domain", provider.domains))
        for name in names
    }


def _provider(host: str | None, kind: str, suffixes: Mapping[str, str]) -> str | None:
    """Return who runs a host or a domain: by the longest suffix of a host's name, by the whole of a domain."""
    name = (host or "").lower().rstrip(".")
    while name:
        if found := suffixes.get(f"{kind}:{name}"):
            return found
        name = name.partition(".")[2] if kind == "mx" else ""
    return None
