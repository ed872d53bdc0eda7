"""What happened to a version in production by what is in the records of other versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.entries import Decision
    from krow_versions.version import Version


@attrs.frozen
class Left:
    """That production left a version, by what is in the record of another one.

    Attributes:
        at: when the deployment of the other version ended.
        tag: the production tag of the other version.
        version: the version whose record has that.
        decision: the decision to roll back, if it was that; else None.
    """

    at: dt.datetime
    tag: str
    version: Version
    decision: Decision | None = None


@attrs.frozen
class Course:
    """What the records of the other versions say of this one.

    Attributes:
        left: that production left it, if it has not come back since; else None.
        since: when another version was in production last, before this one was deployed; or None.
    """

    left: Left | None = None
    since: dt.datetime | None = None
