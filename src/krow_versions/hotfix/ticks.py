"""Tick a box of the checklist by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import InputError
from krow_versions.hotfix.checklist import require_tickable
from krow_versions.hotfix.entries import Deployment, Done

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.record import Record


def tick(record: Record, id: str, now: dt.datetime, who: str = "", tag: str = "") -> Record:  # noqa: A002 - A box has an "id".
    """Tick a box or an item; what is ticked already keeps its time.

    Args:
        record: what was said before.
        id: the box, or an item of one.
        now: when it was done.
        who: who says so.
        tag: the production tag of the hotfix, for the deployment.

    Raises:
        UsageError: there is no such box.
        InputError: people cannot tick it, since git shows it or a command records it.
    """
    found, name = require_tickable(id)
    if name == "approval":
        raise InputError("an approval is of one commit, so it is no tick of a record", hint=found.seen)
    if name == "deployed":
        if record.is_deployed:
            return record
        return record.adding(Deployment(at=now, who=who, tag=tag, ended=now, by_hand=True))
    return record if record.is_ticked(name) else record.adding(Done(at=now, who=who, box=name))
