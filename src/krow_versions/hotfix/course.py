"""How a version left production: by a rollback, or by what is in the records of other versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.values import frozen

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.entries import Decision, Deployment
    from krow_versions.version import Version


@frozen
class Rollback:
    """A rollback that was decided, and not superseded by a later deployment of the hotfix.

    Attributes:
        decision: who decided it, and why.
        deployment: the last attempt to carry it out, or None.
    """

    decision: Decision
    deployment: Deployment | None = None

    @property
    def is_done(self) -> bool:
        """Whether the older version is deployed again."""
        return self.deployment is not None and self.deployment.succeeded


@frozen
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


@frozen
class Course:
    """What the records of the other versions say of this one.

    Attributes:
        left: that production left it, if it has not come back since; else None.
        since: when another version was in production last, before this one was deployed; or None.
    """

    left: Left | None = None
    since: dt.datetime | None = None
