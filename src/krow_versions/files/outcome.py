"""What an error or an interrupt has left on the disk, and how people learn it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import KrowVersionsError, Problems
from krow_versions.files.reading import why
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec

    P = ParamSpec("P")

WRITTEN = "everything was written"
NOT_WRITTEN = "nothing was written"


def add_outcome(error: BaseException, outcome: str) -> None:
    """Add the outcome to the hint of an error, or as a note where it has none."""
    if isinstance(error, KrowVersionsError) and not isinstance(error, Problems):
        error.advise(f"{outcome}; {error.hint}" if error.hint else outcome)
    else:
        error.add_note(printable(outcome))


def twice(action: Callable[P, object], *arguments: P.args, **more: P.kwargs) -> str | None:
    """Run *action*, and again if it fails: a second Ctrl-C must not stop what the first has begun.

    Returns:
        Why it failed twice, or None.
    """
    reason = None
    for _ in range(2):
        try:
            action(*arguments, **more)
        except BaseException as error:  # noqa: BLE001 - the first error is raised again, this one is reported.
            reason = why(error)
        else:
            return None
    return reason
