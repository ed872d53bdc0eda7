"""KV7xx: what is overdue after incidents, if the records of hotfixes were read (``audit --incidents``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.audit.model import Check, CheckContext, Occurrence, day_of
from krow_versions.errors import members
from krow_versions.text.escaping import one_line, printable, quoted, shell_word
from krow_versions.text.times import at
from krow_versions.text.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

_OVER = {
    "resolved": "it was resolved",
    "rolled-back": "it was rolled back",
    "deployed": "it was deployed",
    "tagged": "its tag was made",
}


def _overdue_post_mortem(context: CheckContext) -> Iterator[Occurrence]:
    for incident in context.state.incidents:
        if incident.over is None or incident.due is None or context.now <= incident.due:
            continue
        name, when = incident.over
        lacks = listed(incident.lacking, len(incident.lacking))
        first = f"say what is missing ({lacks}), then: " if lacks else ""
        due = f"the post-mortem of {incident.version} was due at {at(incident.due)}"
        yield Occurrence(
            f"{due}: {_OVER[name]} at {at(when)}",
            f"{first}{_reporting(context, incident.version)} --state final",
            about=incident.version,
            day=day_of(when),
        )


def _overdue_action(context: CheckContext) -> Iterator[Occurrence]:
    today = context.now.date()
    for incident in context.state.incidents:
        for action in incident.actions:
            if today <= action.due:
                continue
            owner = f" by {one_line(action.owner)}" if action.owner.strip() else ""
            id_ = shell_word(action.id)
            yield Occurrence(
                f"{quoted(one_line(action.what))} was to be done{owner} until {action.due}, "
                f"after the incident of {incident.version}",
                f"when it is done: {_reporting(context, incident.version)} --close-action {printable(id_)}",
                about=f"{incident.version} {action.id}",
                day=action.due,
            )


def _unreadable(context: CheckContext) -> Iterator[Occurrence]:
    for incident in context.state.incidents:
        if incident.error is not None:
            faults = members(incident.error)
            said = "; ".join(each.message for each in faults)
            yield Occurrence(
                printable(f"what is recorded of the hotfix {incident.version} cannot be read: {said}"),
                printable(f"{incident.path}: {faults[0].hint or 'make it readable'}"),
                about=incident.version,
            )


def _reporting(context: CheckContext, version: str) -> str:
    return f"krow-versions hotfix report {shell_word(context.name)} --version {shell_word(version)}"


CHECKS: tuple[Check, ...] = (
    Check("KV701", _overdue_post_mortem),
    Check("KV702", _overdue_action),
    Check("KV703", _unreadable),
)
