"""Recording what people say after an incident: facts of the document, action items, how final it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import InputError, UsageError
from krow_versions.hotfix.postmortem import DOCUMENTED, FINAL, Remarks, remarked
from krow_versions.hotfix.record import tick
from krow_versions.workspace.user_input import given_text

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import HotfixState, Record
    from krow_versions.workspace.hotfix.context import HotfixContext

# A record is read up to a size: one text must not make it unreadable.
_LONGEST = 10_000


def remark(context: HotfixContext, seen: HotfixState, remarks: Remarks, now: dt.datetime) -> Record:
    """Give the record of *seen* with what somebody says now; see :meth:`HotfixView.remark`."""
    if not (seen.record.is_tracked or seen.facts.tip or seen.facts.tag):
        raise InputError(
            f"nothing is known here of the hotfix {seen.facts.version} of {context.product.name}",
            hint=f"declare it: {context.calls.start()}",
        )
    who = context.who()
    given = attrs.evolve(
        remarks,
        facts={name: _text(text, name, may_be_empty=True) for name, text in remarks.facts.items()},
        action=None if remarks.action is None else _text(remarks.action, "action item"),
        owner=None if remarks.owner is None else _text(remarks.owner, "owner", may_be_empty=True),
    )
    record = remarked(seen.record, given, now, who, context.calls)
    return tick(record, DOCUMENTED, now, who) if given.state == FINAL else record


def _text(text: str, name: str, *, may_be_empty: bool = False) -> str:
    found = given_text(text, name, may_be_empty=may_be_empty)
    if len(found) > _LONGEST:
        raise UsageError(
            f"the {name} has {len(found)} characters, and a record is for short texts",
            hint=f"say it in at most {_LONGEST} characters, and the rest in a file of your own",
        )
    return found
