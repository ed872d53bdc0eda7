"""A gate and its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    Verdict = Literal["passed", "failed", "warning", "unknown"]

PASSED: Verdict = "passed"
FAILED: Verdict = "failed"
WARNING: Verdict = "warning"
UNKNOWN: Verdict = "unknown"

TITLES = {
    "branch": "the branch is called as it must be",
    "base": "it starts from the production tag",
    "patch-only": "only the PATCH is raised",
    "version-files": "every version file is at the target",
    "changelog": "the CHANGELOG has a row",
    "commit-message": "the commit message is in its form",
    "one-fix": "there is exactly one fix",
    "size": "the change is small",
    "scope": "it changes nothing outside the product",
    "main": "main has not moved on",
    "clean": "nothing is uncommitted",
}


@attrs.frozen
class Gate:
    """One gate.

    Attributes:
        id: one of the ids of ``TITLES``.
        title: what passes it.
        verdict: ``passed``, ``failed``, ``warning`` or ``unknown``.
        found: what was found.
        todo: what to do about it, or empty.
    """

    id: str
    title: str
    verdict: Verdict
    found: str
    todo: str = ""

    def to_json(self) -> dict[str, str]:
        """Give the gate as data."""
        return attrs.asdict(self)


def gate(id: str, verdict: Verdict, found: str, todo: str = "") -> Gate:  # noqa: A002
    """Make the gate called *id*; what is shown of other people's words is escaped."""
    return Gate(id, TITLES[id], verdict, printable(found), printable(todo))
