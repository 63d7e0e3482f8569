"""The section `alerts:` of a rules file: what is unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.rules.model import Alert

if TYPE_CHECKING:
    from logbounce.rules.nodes import Entry

MEASURES = ("failed", "hard", "soft", "block", "spam", "auth", "reputation", "hard_soft")
SCOPES = ("domain", "provider", "source_ip", "source_ip_provider", "sender_domain")
_LEAST = ("factor", "min_n", "min_failed", "min_messages")
_KEYS = ("id", "measure", "scope", "threshold", *_LEAST, "why")


def alerts(entry: Entry) -> dict[str, Alert]:
    """Return the alerts of one file by their ids."""
    found: dict[str, Alert] = {}
    for each in entry.items("alerts"):
        alert = _alert(each)
        if alert.id in found:
            each.refuse(f"alert {alert.id}: an earlier entry has this id already")
        found[alert.id] = alert
    return found


def _alert(entry: Entry) -> Alert:
    named = entry.fields("an alert", None, required=("id",))["id"].word("id")
    where = f"alert {named}"
    fields = entry.fields(where, _KEYS, required=_KEYS)
    fields["id"].identifier(where)
    least = {key: fields[key].number(f"{where}: {key}") for key in _LEAST}
    for key, value in least.items():
        if not value:
            fields[key].refuse(f"{where}: {key}: a number from 1 was expected, not 0")
    return Alert(
        id=named,
        measure=fields["measure"].choice(f"{where}: measure", MEASURES),
        scope=fields["scope"].choice(f"{where}: scope", SCOPES),
        threshold=fields["threshold"].share(f"{where}: threshold"),
        **least,
        why=fields["why"].word(f"{where}: why"),
    )
