"""The gates that a hotfix must pass before it is merged; each says what was found and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.hotfix.gates import branch, fix, merge, review, version
from krow_versions.hotfix.gates.branch import left, renewing, require_branch
from krow_versions.hotfix.gates.fix import beyond_versions
from krow_versions.hotfix.gates.merge import new_files
from krow_versions.hotfix.gates.model import (
    FAILED,
    PASSED,
    UNKNOWN,
    WARNING,
    Gate,
    GateKind,
    Ruling,
    Subject,
    Verdict,
)
from krow_versions.settings import Hotfix
from krow_versions.tables import Data, Table
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.hotfix.entries import Approval
    from krow_versions.hotfix.facts import Facts
    from krow_versions.products import Catalog

__all__ = [
    "FAILED",
    "GATES",
    "PASSED",
    "SYMBOLS",
    "UNKNOWN",
    "WARNING",
    "Gate",
    "GateKind",
    "Verdict",
    "beyond_versions",
    "check",
    "failed",
    "gates_table",
    "left",
    "new_files",
    "renewing",
    "require_branch",
    "require_ready",
]

GATES = {kind.id: kind for kind in (*branch.GATES, *version.GATES, *fix.GATES, *review.GATES, *merge.GATES)}
"""All gates by id, in the order in which they are shown."""
SYMBOLS = {PASSED: "✓", FAILED: "✗", WARNING: "!", UNKNOWN: "?"}


def check(
    facts: Facts,
    catalog: Catalog,
    settings: Hotfix | None = None,
    *,
    limit: int | None = None,
    extra: Iterable[str] = (),
    approvals: tuple[Approval, ...] = (),
) -> tuple[Gate, ...]:
    """Judge a hotfix by every gate.

    Args:
        facts: what git and the files say.
        catalog: the patterns of tags, for the builds that they shipped.
        settings: the ``[hotfix]`` part of the configuration.
        limit: the most changed lines, instead of the configured number.
        extra: paths, folders or globs that may be changed, in addition to the configured ones.
        approvals: who approved which commit.
    """
    settings = settings or Hotfix()
    most = settings.max_lines if limit is None else limit
    settings = evolve(settings, max_lines=most, also=(*settings.also, *extra))
    subject = Subject(facts, catalog, settings, approvals)
    # What is out cannot be corrected any more, and a merge on the server may have left the tag with less.
    gone = "the branch is gone; its tag is there" if facts.tag else "there is no branch to look at"
    gates = []
    for kind in GATES.values():
        is_there = facts.tip is not None or kind.id == "branch"
        ruling = kind.judge(subject) if is_there else Ruling(UNKNOWN, gone)
        if facts.is_by_tag and ruling.verdict == FAILED:
            ruling = Ruling(UNKNOWN, gone)
        gates.append(Gate(kind.id, kind.title, ruling.verdict, ruling.found, ruling.todo))
    return tuple(gates)


def require_ready(facts: Facts, gates: Iterable[Gate]) -> None:
    """Refuse a review while a gate fails; that main has moved on is dealt with when it is merged.

    Raises:
        Conflict: a gate fails.
    """
    wrong = dict.fromkeys(gate.found for gate in failed(gates) if gate.id != "main")
    if wrong:
        raise Conflict(
            f"the hotfix is not ready for its review, and nothing was done: {'; '.join(wrong)}",
            hint=f"what to do about each: {facts.calls.hotfix('check')}",
        )


def failed(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """Give the gates that failed."""
    return tuple(each for each in gates if each.verdict == FAILED)


def gates_table(gates: Iterable[Gate]) -> Table:
    """Show gates as rows: symbol and verdict, title, what was found, what to do."""
    every = tuple(gates)
    rows = [(f"{SYMBOLS[each.verdict]} {each.verdict}", each.title, each.found, each.todo) for each in every]
    data = Data.of("id title verdict found todo", (each.to_json() for each in every))
    return Table(("verdict", "gate", "found", "what to do"), tuple(rows), "", data)
