"""List the hotfixes that are under way: those that are known here, and those that only a remote has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix import version_in
from krow_versions.names import HEADS
from krow_versions.planning.commands import joining
from krow_versions.tables import Table
from krow_versions.values import frozen
from krow_versions.workspace.hotfix.context import consult_all
from krow_versions.workspace.hotfix.existing import hotfix_branches, versions
from krow_versions.workspace.hotfix.finding import contexts, is_over, known
from krow_versions.workspace.hotfix.tag_names import tag_in

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from krow_versions.tables import Cell
    from krow_versions.workspace.hotfix.context import Consulted, HotfixContext
    from krow_versions.workspace.protocols import Opened

_UNDECLARED = "not declared here"


@frozen
class Listing:
    """The hotfixes that are under way.

    Attributes:
        table: one row for each.
        unasked: why a remote did not answer, one text for each that did not.
        warnings: what is wrong with shared records, and what people must agree on.
    """

    table: Table
    unasked: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def under_way(workspace: Opened, now: dt.datetime) -> Listing:
    """List the hotfixes that are not done, of all products and repositories; each remote is asked once.

    Args:
        workspace: where the products are.
        now: the present moment.

    Raises:
        GitError: git failed here; a remote that does not answer is none.
    """
    every: dict[str, list[HotfixContext]] = {}
    for context in contexts(workspace):
        every.setdefault(context.product.repo, []).append(context)
    rows: list[tuple[Cell, ...]] = []
    unasked, warnings = [], list[str]()
    for own in every.values():
        asked = consult_all(own[0], [each.product for each in own])
        unasked += [asked.unasked] if asked.unasked else []
        warnings += asked.warnings
        for row, warned in _known(workspace, own, asked, now):
            rows.append(row)
            warnings += warned
        rows += _unknown(own, asked)
    columns = ("product", "version", "branch", "severity", "declared", "where", "next")
    return Listing(Table(columns, tuple(rows), caption="Hotfixes under way"), tuple(unasked), tuple(warnings))


def _known(
    workspace: Opened, own: list[HotfixContext], asked: Consulted, now: dt.datetime
) -> Iterator[tuple[tuple[Cell, ...], tuple[str, ...]]]:
    """Give a row for each hotfix that has a branch or a record here, and is not over, with its warnings."""
    for view, seen in known(workspace, own, asked=asked):
        facts, declared = seen.facts, seen.record.declaration
        is_gone = facts.branch_there is None and asked.there is not None  # Deleted since the last fetch.
        if is_over(view.version, seen) or (is_gone and facts.found_as is not None and declared is None):
            continue
        found = view.status(now, seen)
        is_there = seen.elsewhere or (facts.found_as is not None and declared is None)
        where = facts.remote if is_there else "here"
        if seen.record.rollback and seen.record.rollback.is_done:
            where = f"{where}, rolled back to {version_in(seen.record.rollback.decision.to)}"
        severity = declared.severity.name if declared else _UNDECLARED
        started = declared.started if declared else None
        row = (view.name, str(view.version), found.branch, severity, started, where, found.next_command or "")
        yield row, tuple(f"{view.name} {view.version}: {line}" for line in found.about.warnings)


def _unknown(own: list[HotfixContext], asked: Consulted) -> Iterator[tuple[Cell, ...]]:
    """Give a row for each hotfix that only the remote has, and that is not tagged there."""
    there = asked.there.refs if asked.there else {}
    for context in own:
        here = set(versions(context, hotfix_branches(context))) if there else set()
        for ref in there:
            version = context.reserved(ref) if ref.startswith(HEADS) else None
            if version is None or version in here or tag_in(context.catalog, context.product, there, version):
                continue
            branch = ref.removeprefix(HEADS)
            join = joining(context.git, str(context.remote), branch)
            yield (context.product.name, str(version), branch, _UNDECLARED, None, context.remote, join)
