"""What is recorded of past and present hotfixes, as far as an audit needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.values import frozen

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.errors import KrowVersionsError


@frozen
class OpenAction:
    """An action item that is not done, and has a last day."""

    id: str
    what: str
    due: dt.date
    owner: str = ""


@frozen
class IncidentState:
    """The incident of one hotfix, as its record has it.

    Attributes:
        version: what the hotfix ships, as it is written in the name of the record.
        path: where the record is.
        error: why it cannot be read, or None.
        over: when the incident was over, and the milestone that says so; None if it is not, as far as is
            known.
        due: when the post-mortem is due; None if it is not, or if the incident is documented.
        lacking: what a final document must have, and nobody has said.
        actions: the open action items with a last day.
    """

    version: str
    path: str
    error: KrowVersionsError | None = None
    over: tuple[str, dt.datetime] | None = None
    due: dt.datetime | None = None
    lacking: tuple[str, ...] = ()
    actions: tuple[OpenAction, ...] = ()
