"""How a version left production: by a rollback, or by what is in the records of other versions."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

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


def attempts(said: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Join the entries of the start and of the end of each attempt; in the order of their starts."""
    found: list[Deployment] = []
    begun: dict[Deployment, list[int]] = {}
    for each in said:
        same = begun.get(evolve(each, ended=None, exit_code=None, noted=None))
        if same and each.ended is not None:
            found[same.pop()] = each
        else:
            begun.setdefault(evolve(each, noted=None), []).append(len(found))
            found.append(each)
    return tuple(sorted(found, key=lambda each: each.at))


def undone_by(
    decisions: Sequence[Decision], good: Iterable[Deployment]
) -> Iterator[tuple[dt.datetime, set[Decision]]]:
    """Yield, from the last decision back, until when entries were known before it, and what is not of them.

    Args:
        decisions: all decisions to roll back.
        good: the deployments that succeeded: a decision before which none can count is left out.
    """
    waiting = deque(sorted(decisions, key=lambda each: (each.at, each.known), reverse=True))
    good = tuple(good)
    gone: set[Decision] = set()
    while waiting:
        decision = waiting.popleft()
        gone.add(decision)
        while waiting and waiting[0].known > decision.known:
            waiting.popleft()  # Not known before.
        last = waiting[0] if waiting else None
        known = [each for each in good if each.known <= decision.known]
        if any(last is None or (each.at >= last.at and each.known > last.known) for each in known):
            yield decision.known, gone
