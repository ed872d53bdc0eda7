"""Find the hotfixes of a product: by branches, remote-tracking branches, tags and records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git, releases
from krow_versions.errors import Conflict, KrowVersionsError
from krow_versions.names import HEADS
from krow_versions.tables import Table
from krow_versions.version import Version
from krow_versions.workspace.git_state import top_of
from krow_versions.workspace.hotfix.context import HotfixContext
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.view import HotfixView

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.hotfix import HotfixState
    from krow_versions.workspace.protocols import Opened


def open_hotfix(workspace: Opened, name: str, version: Version | None = None) -> HotfixView:
    """Open the hotfix that is under way: that of the checked-out branch, or the only one.

    Args:
        workspace: where the product is.
        name: the product, or an alias.
        version: the version that it ships; needed only if several are under way.

    Raises:
        UsageError: no such product.
        Conflict: no hotfix is under way, or several are.
    """
    context = HotfixContext.of(workspace, name)
    name = context.product.name
    named = version is not None
    if version is None:
        checked_out = _reserved(context, context.repository.branch or "")
        version = checked_out or _only(workspace, context)
    return HotfixView(workspace, name, context, version.with_build(None), named=named)


def under_way(workspace: Opened, now: dt.datetime) -> Table:
    """List the hotfixes that are not done, of all products and repositories."""
    rows = []
    opened: dict[str, tuple[HotfixContext, tuple[git.Ref, ...]]] = {}
    for name in workspace:
        product = workspace[name].product
        if top_of(workspace.repos[product.repo]) is None:
            continue  # A hotfix is a branch: without git there is none.
        if product.repo not in opened:
            context = HotfixContext.of(workspace, name)
            opened[product.repo] = (context, _branches(context))
        context, branches = opened[product.repo]
        context = attrs.evolve(context, product=product)
        for version in sorted(_versions(context, branches)):
            view = HotfixView(workspace, name, context, version, ask=False)
            seen = view.look()
            if _is_over(version, seen):
                continue
            found, declared = view.status(now, seen), seen.record.declaration
            rows.append(
                (
                    name,
                    str(version),
                    found.branch,
                    declared.severity.name if declared else "not declared here",
                    declared.started if declared else None,
                    found.next_command or "",
                )
            )
    columns = ("product", "version", "branch", "severity", "declared", "next")
    return Table(columns, tuple(rows), caption="Hotfixes under way")


def _is_over(version: Version, seen: HotfixState) -> bool:
    """Whether it has shipped and its incident is documented, or its branch is gone and a newer tag exists."""
    facts, record = seen.facts, seen.record
    if facts.tip is None and facts.tag is None:
        newest = releases.highest(facts.state.tags)
        return newest is not None and newest.version is not None and newest.version > version
    return facts.finished and (not record.is_tracked or record.is_ticked("incident-documented"))


def _branches(context: HotfixContext) -> tuple[git.Ref, ...]:
    """List the branches here, and on the remote as last fetched, that may be hotfixes of any product."""
    home = context.catalog.branch.home
    folder = f"{HEADS}{home}/" if home else HEADS
    return git.branches(context.repository, [folder, *([context.tracked(folder)] if context.remote else [])])


def _versions(context: HotfixContext, branches: Iterable[git.Ref]) -> set[Version]:
    """Find every version that has a branch or a record here."""
    found = set()
    for branch in branches:
        reserved = _reserved(context, branch.ref)
        if reserved:
            found.add(reserved.with_build(None))
    for text in Records.of(context).versions():
        try:
            found.add(Version.parse(text))
        except KrowVersionsError:
            continue
    return found


def _reserved(context: HotfixContext, ref: str) -> Version | None:
    """Give the version that a hotfix branch of this product is for; None for any other branch."""
    name = ref.removeprefix(HEADS).removeprefix(context.tracked(""))
    parsed = context.catalog.branch.parse(name)
    return parsed[1] if parsed and parsed[0] == context.product.slug and not parsed[1].prerelease else None


def _only(workspace: Opened, context: HotfixContext) -> Version:
    """Give the version of the one hotfix that is under way, or else of the newest one that is over."""
    name = context.product.name
    known = sorted(_versions(context, _branches(context)))
    seen = {version: HotfixView(workspace, name, context, version, ask=False).look() for version in known}
    open_ = [version for version in known if not _is_over(version, seen[version])]
    here = [version for version in open_ if seen[version].facts.is_here]
    if len(open_) > 1 and len(here) == 1:  # HEAD is detached at the tip of one, as for a CI job.
        return here[0]
    if len(open_) > 1:
        listed = ", ".join(map(str, open_))
        raise Conflict(
            f"several hotfixes of {name} are under way: {listed}",
            hint="switch to the branch of one, or name it with --version",
        )
    if not known:
        hint = f"start one: krow-versions hotfix start {name} --issue TEXT --severity LEVEL --impact TEXT"
        if context.repository.branch is None:
            hint += "; or, if HEAD is a hotfix that somebody pushed, name what it ships: --version VERSION"
        elif context.remote is not None:
            hint += f"; or, if one was merged on {context.remote}, name what it ships: --version VERSION"
        raise Conflict(f"no hotfix of {name} is under way", hint=hint)
    return open_[0] if open_ else known[-1]
