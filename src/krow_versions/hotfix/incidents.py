"""What is overdue after an incident, for an audit: computed from the record alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.milestones import POST_MORTEM, WATCH
from krow_versions.hotfix.postmortem import DOCUMENTED, lacking
from krow_versions.snapshot import IncidentState, OpenAction

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.record import Record


def incident_state(record: Record, path: str, tagged: dt.datetime | None) -> IncidentState:
    """Give what an audit needs of a hotfix.

    Where nobody said when it was resolved, that is taken to be when the logs could have been watched: 2 hours
    after the deployment, or else after the tag. So nothing that was shipped long ago is forgotten.

    Args:
        record: what people said.
        path: where it is.
        tagged: when the production tag of its version was made, or None if there is none.
    """
    over, due = _over(record, tagged), None
    if over is not None and not record.is_ticked(DOCUMENTED):
        name, at = over
        due = at + (POST_MORTEM if name == "resolved" else WATCH + POST_MORTEM)
    return IncidentState(
        version=str(record.version),
        path=path,
        over=over,
        due=due,
        lacking=tuple(each.what for each in lacking(record)),
        actions=tuple(
            OpenAction(each.id, each.what, each.due, each.owner)
            for each in record.actions
            if each.due is not None and not each.done
        ),
    )


def _over(record: Record, tagged: dt.datetime | None) -> tuple[str, dt.datetime] | None:
    if record.declaration is None or (record.abandoned and tagged is None):
        return None
    times = times_of(record, None)
    found = next((name for name in ("resolved", "rolled-back", "deployed") if name in times), None)
    if found is not None:
        return found, times[found].at
    return None if tagged is None else ("tagged", tagged)
