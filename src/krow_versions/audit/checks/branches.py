"""Checks of hotfix branches: what they are called, where they started, and whether they are still needed.

A branch here and the one of its name on the remote are one, and the one that is ahead is looked at.
Branches that were merged or released are done with: that they still lie around is no fault.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

import attrs

from krow_versions import releases
from krow_versions.audit.model import Check, Occurrence
from krow_versions.text.escaping import printable, quoted, shell_word
from krow_versions.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.audit.model import CheckContext
    from krow_versions.snapshot import BranchState, Snapshot
    from krow_versions.version import Version


def strays(snapshot: Snapshot) -> Iterator[tuple[BranchState, Occurrence]]:
    """Find the branches in the folder of hotfixes that are of no product; they belong to no scene."""
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


def _misnamed(scene: CheckContext) -> Iterator[Occurrence]:
    """Of a name that reserves the version of another branch, KV504 tells."""
    disputed = {branch.name for branches in _disputed(scene) for branch in branches}
    for branch in _branches(scene):
        if _is_named_well(branch) or branch.name in disputed:
            continue
        what = "no version of three numbers"
        if branch.version is not None:
            what = f"more than a version, {quoted(str(branch.version))},"
        yield _found(
            branch,
            f"the branch {quoted(branch.shown)} has {what} behind the product's name",
            f"{_renaming(scene, branch)}; or delete it",
        )


def _not_from_production(scene: CheckContext) -> Iterator[Occurrence]:
    """In a shallow clone it cannot be told; of a version that is taken, KV503 tells."""
    if scene.state.repo.shallow:
        return
    released = _released(scene)
    main = printable(scene.state.repo.main or "")
    tags = {tag.name: tag.version for tag in scene.state.tags}
    for branch in _open(scene):
        version = branch.version
        base = tags.get(branch.base or "")
        if version is None or version.core in released:
            continue
        said = None
        if version.patch == 0:
            said = f"reserves {version}, which is the next PATCH of no release"
        elif branch.base is None or base is None:
            said = f"contains no production release below {version}"
        elif base.core != (*version.core[:2], version.patch - 1):
            said = f"was started from {printable(branch.base)}, whose next PATCH is not {version}"
        elif branch.beyond:
            commits = counted(branch.beyond, "commit")
            said = f"contains {commits} of {main} beside {printable(branch.base)}, not in production"
        if said:
            yield _found(
                branch,
                f"the branch {quoted(branch.shown)} {said}",
                "start it anew at the production tag, and take the fix over: krow-versions hotfix start "
                f"{scene.name}, then git cherry-pick",
            )


def _taken(scene: CheckContext) -> Iterator[Occurrence]:
    """A tag that cannot be read (KV208) may be the branch's own, and so may any in a shallow clone."""
    if scene.state.repo.shallow:
        return
    released = _released(scene)
    for branch in _branches(scene):
        if branch.version and _is_named_well(branch) and not branch.finished:
            tag = released.get(branch.version.core)
            if tag is not None:
                yield _found(
                    branch,
                    f"the branch {quoted(branch.shown)} reserves {branch.version}, but {printable(tag)} is "
                    "released, and does not contain it",
                    f"delete it if all of it is in production; if not, start again with the next version: "
                    f"krow-versions hotfix start {scene.name}",
                )


def _reserved_twice(scene: CheckContext) -> Iterator[Occurrence]:
    for branches in _disputed(scene):
        first, *others = branches
        core = ".".join(map(str, first.version.core)) if first.version else ""
        names = ", ".join(quoted(branch.shown) for branch in branches)
        yield Occurrence(
            f"{len(others) + 1} branches reserve {core}: {names}",
            "keep one of them: put the fixes together on it, and delete the others",
            about=core,
            repo=first.repo,
        )
    for branch in _branches(scene):
        if branch.version and branch.standing == "diverged" and not branch.finished:
            other = next(each for each in scene.state.branches if _is_counterpart(each, branch))
            if not other.finished:
                yield _found(
                    branch,
                    f"the branch {quoted(branch.shown)} and {quoted(other.shown)} have diverged: each has "
                    "commits that the other lacks",
                    f"bring them together: git switch {_typed(branch.name)}, then git rebase "
                    f"{_typed(other.shown)}",
                )


def _stale(scene: CheckContext) -> Iterator[Occurrence]:
    """A branch whose version is released already is told as KV503."""
    released = _released(scene)
    for branch in _open(scene):
        if branch.version is None or branch.version.core in released or branch.date is None:
            continue
        age = scene.now - branch.date
        if age > dt.timedelta(days=scene.stale_days):
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
    return Occurrence(message, hint, about=branch.shown, repo=branch.repo)


def _branches(scene: CheckContext) -> list[BranchState]:
    """Give each branch once, as far as it has come."""
    return [
        branch
        for branch in scene.state.branches
        if branch.standing in {"", "ahead"} or (branch.standing != "behind" and branch.remote is None)
    ]


def _released(scene: CheckContext) -> dict[tuple[int, int, int], str]:
    """Give the production tag of each version, as far as it can be read."""
    return {releases.core_of(tag): tag.name for tag in releases.production(scene.state.tags) if tag.readable}


def _is_counterpart(one: BranchState, other: BranchState) -> bool:
    return one.name == other.name and one.remote != other.remote


def _open(scene: CheckContext) -> list[BranchState]:
    """Give those that are called as they should be and are not done with."""
    return [
        branch
        for branch in _branches(scene)
        if _is_named_well(branch) and not branch.merged and not branch.finished
    ]


def _is_named_well(branch: BranchState) -> bool:
    version = branch.version
    return version is not None and version.prerelease is None and version.build is None


def _disputed(scene: CheckContext) -> list[list[BranchState]]:
    """Give the branches that reserve one version, where there are several."""
    by_version: dict[tuple[int, int, int], list[BranchState]] = defaultdict(list)
    for branch in _branches(scene):
        if branch.version is not None and not branch.finished:
            by_version[branch.version.core].append(branch)
    return [branches for _, branches in sorted(by_version.items()) if len(branches) > 1]


def _renaming(scene: CheckContext, branch: BranchState) -> str:
    """Say what to call *branch*, by its version or else the next one."""
    version = _final(branch.version) if branch.version else scene.target
    pattern, slug = scene.catalog.branch, scene.state.product.slug
    if version is None:
        return f"rename it like {pattern.text.replace('{slug}', slug)}"
    if branch.remote is not None:
        return f"rename it on {printable(branch.remote)}, to {pattern.format(slug, version)}"
    return f"rename it: git branch -m {_typed(branch.name)} {pattern.format(slug, version)}"


def _final(version: Version) -> Version:
    return attrs.evolve(version, prerelease=None, build=None)


def _typed(name: str) -> str:
    """Write a name as it is typed in a shell."""
    return shell_word(printable(name))
