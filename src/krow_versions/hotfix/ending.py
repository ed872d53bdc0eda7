"""The end of a hotfix that does not ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.text.escaping import one_line
from krow_versions.text.times import at

if TYPE_CHECKING:
    from krow_versions.hotfix.entries import Abandoned
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.record import Record


def ended(record: Record, facts: Facts | None) -> Abandoned | None:
    """Give the end of a hotfix that was abandoned; None if it goes on, or has shipped all the same."""
    return None if facts is not None and (facts.finished or facts.finished_there) else record.abandoned


def ending(found: Abandoned) -> str:
    """Say when it was abandoned, by whom, and why."""
    who = f" by {one_line(found.who)}" if found.who else ""
    return f"abandoned {at(found.at)}{who}: {one_line(found.reason)}"


def require_under_way(record: Record, facts: Facts, start: str) -> None:
    """Refuse to go on with a hotfix that was abandoned.

    Args:
        record: what people said.
        facts: what git says.
        start: the command that starts it again.

    Raises:
        Conflict: it was.
    """
    found = ended(record, facts)
    if found is not None:
        raise Conflict(
            f"{facts.product} {facts.version} was {ending(found)}; nothing was done",
            hint=f"if it is needed after all, start it again: {start}",
        )
