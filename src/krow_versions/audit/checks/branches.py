"""KV5xx: hotfix branches: their names, where they started, and whether they are still needed.

A local branch and the remote one of the same name count once; the one that is ahead is checked.
A branch that was merged or released is finished; that it still exists is no finding.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.audit.model import Check, Occurrence, day_of
from krow_versions.text.escaping import printable, quoted, shell_word
from krow_versions.text.words import counted
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.audit.model import CheckContext
    from krow_versions.snapshot import BranchState, Snapshot


def strays(snapshot: Snapshot) -> Iterator[tuple[BranchState, Occurrence]]:
    """Find the branches in the folder of hotfixes that belong to no product, and so to no context."""
    slugs = ", ".join(product.slug for product in snapshot.catalog.products)
    here = {(branch.repo, branch.name) for branch in snapshot.strays if branch.remote is None}
    for branch in snapshot.strays:
        if branch.remote is None or (branch.repo, branch.name) not in here:
            yield (
                branch,
                _found(
                    branch,
                    f"the branch {quoted(branch.shown)} is among the hotfixes, but its name fits no product",
                    f"hotfix branches are called {snapshot.catalog.branch.text}, and the slugs are {slugs}: "
                    "rename it, or delete it",
                ),
            )


def _misnamed(context: CheckContext) -> Iterator[Occurrence]:
    """A branch that reserves the same version as another one is left to KV504."""
    disputed = {branch.name for branches in _disputed(context) for branch in branches}
    for branch in _branches(context):
        if _is_named_well(branch) or branch.name in disputed:
            continue
        what = "no version of three numbers"
        if branch.version is not None:
            what = f"more than a version, {quoted(str(branch.version))},"
        yield _found(
            branch,
            f"the branch {quoted(branch.shown)} has {what} behind the product's name",
            f"{_renaming(context, branch)}; or delete it",
        )


def _not_from_production(context: CheckContext) -> Iterator[Occurrence]:
    """Not known in a shallow clone; a version that is released already is left to KV503."""
    if context.state.repo.shallow:
        return
    released = _released(context)
    main = printable(context.state.repo.main or "")
    tags = {tag.name: tag.version for tag in context.state.tags}
    for branch in _open(context):
        version = branch.version
        base = tags.get(branch.base or "")
        if version is None or version.core in released:
            continue
        fault = None
        if version.patch == 0:
            fault = f"reserves {version}, which is the next PATCH of no release"
        elif branch.base is None or base is None:
            fault = f"contains no production release below {version}"
        elif base.core != (*version.core[:2], version.patch - 1):
            fault = f"was started from {printable(branch.base)}, whose next PATCH is not {version}"
        elif branch.beyond:
            commits = counted(branch.beyond, "commit")
            fault = f"contains {commits} of {main} beside {printable(branch.base)}, not in production"
        if fault:
            yield _found(
                branch,
                f"the branch {quoted(branch.shown)} {fault}",
                "start it anew at the production tag, and take the fix over: krow-versions hotfix start "
                f"{context.name}, then git cherry-pick",
            )


def _taken(context: CheckContext) -> Iterator[Occurrence]:
    """A tag that cannot be read (KV208), or any tag in a shallow clone, may be the branch's own."""
    if context.state.repo.shallow:
        return
    released = _released(context)
    for branch in _branches(context):
        if branch.version and _is_named_well(branch) and not branch.finished:
            tag = released.get(branch.version.core)
            if tag is not None:
                yield _found(
                    branch,
                    f"the branch {quoted(branch.shown)} reserves {branch.version}, but {printable(tag)} is "
                    "released, and does not contain it",
                    f"delete it if all of it is in production; if not, start again with the next version: "
                    f"krow-versions hotfix start {context.name}",
                )


def _reserved_twice(context: CheckContext) -> Iterator[Occurrence]:
    for branches in _disputed(context):
        first, *others = branches
        core = ".".join(map(str, first.version.core)) if first.version else ""
        names = ", ".join(quoted(branch.shown) for branch in branches)
        yield Occurrence(
            f"{len(others) + 1} branches reserve {core}: {names}",
            "keep one of them: put the fixes together on it, and delete the others",
            about=core,
            repo=first.repo,
            day=day_of(*(branch.date for branch in branches)),
        )
    for branch in _branches(context):
        if branch.version and branch.standing == "diverged" and not branch.finished:
            other = next(each for each in context.state.branches if _is_counterpart(each, branch))
            if not other.finished:
                yield _found(
                    branch,
                    f"the branch {quoted(branch.shown)} and {quoted(other.shown)} have diverged: each has "
                    "commits that the other lacks",
                    f"bring them together: git switch {_typed(branch.name)}, then git rebase "
                    f"{_typed(other.shown)}",
                )


def _stale(context: CheckContext) -> Iterator[Occurrence]:
    """A branch whose version is released already is left to KV503."""
    released = _released(context)
    for branch in _open(context):
        if branch.version is None or branch.version.core in released or branch.date is None:
            continue
        age = context.now - branch.date
        if age > dt.timedelta(days=context.stale_days):
            yield _found(
                branch,
                f"the last commit of the branch {quoted(branch.shown)} is {age.days} days old",
                f"finish the hotfix, or delete the branch if nobody needs it: it reserves {branch.version}",
            )


CHECKS: tuple[Check, ...] = (
    Check("KV501", _misnamed),
    Check("KV502", _not_from_production),
    Check("KV503", _taken),
    Check("KV504", _reserved_twice),
    Check("KV505", _stale),
)
STRAY = CHECKS[0]


def _found(branch: BranchState, message: str, hint: str) -> Occurrence:
    return Occurrence(message, hint, about=branch.shown, repo=branch.repo, day=day_of(branch.date))


def _branches(context: CheckContext) -> list[BranchState]:
    """Return each branch once, local or remote, whichever is ahead."""
    return [
        branch
        for branch in context.state.branches
        if branch.standing in {"", "ahead"} or (branch.standing != "behind" and branch.remote is None)
    ]


def _released(context: CheckContext) -> dict[tuple[int, int, int], str]:
    """Return the readable production tags by version."""
    return {
        releases.core_of(tag): tag.name for tag in releases.production(context.state.tags) if tag.readable
    }


def _is_counterpart(one: BranchState, other: BranchState) -> bool:
    return one.name == other.name and one.remote != other.remote


def _open(context: CheckContext) -> list[BranchState]:
    """Return the branches with a valid name that are not finished."""
    return [
        branch
        for branch in _branches(context)
        if _is_named_well(branch) and not branch.merged and not branch.finished
    ]


def _is_named_well(branch: BranchState) -> bool:
    version = branch.version
    return version is not None and version.prerelease is None and version.build is None


def _disputed(context: CheckContext) -> list[list[BranchState]]:
    """Return the groups of branches that reserve the same version."""
    by_version: dict[tuple[int, int, int], list[BranchState]] = defaultdict(list)
    for branch in _branches(context):
        if branch.version is not None and not branch.finished:
            by_version[branch.version.core].append(branch)
    return [branches for _, branches in sorted(by_version.items()) if len(branches) > 1]


def _renaming(context: CheckContext, branch: BranchState) -> str:
    """Return a hint with a valid name for *branch*, with its version or else the next one."""
    version = context.target
    if branch.version:
        version = evolve(branch.version, prerelease=None, build=None)
    pattern, slug = context.catalog.branch, context.state.product.slug
    if version is None:
        return f"rename it like {pattern.text.replace('{slug}', slug)}"
    if branch.remote is not None:
        return f"rename it on {printable(branch.remote)}, to {pattern.format(slug, version)}"
    return f"rename it: git branch -m {_typed(branch.name)} {_typed(pattern.format(slug, version))}"


def _typed(name: str) -> str:
    """Quote a name for a shell."""
    return shell_word(printable(name))
