"""Gather the facts of one hotfix from git and the files; the room ``hotfix`` judges them."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import git, releases
from krow_versions.errors import Conflict, FileTooLarge, GitError
from krow_versions.hotfix import Facts, beyond_versions, wanted_origins
from krow_versions.names import HEADS
from krow_versions.workspace.hotfix.context import no_repository
from krow_versions.workspace.revisions import CHANGELOG, below_top

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from krow_versions.commits import Change
    from krow_versions.snapshot import PastFile, ProductState, TagState
    from krow_versions.version import Version
    from krow_versions.workspace.git_state import RepositoryState
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.protocols import Opened

_AT_TIP = "the branch"  # Names the tip in errors about files that cannot be read there.


def gather(
    workspace: Opened,
    context: HotfixContext,
    version: Version,
    *,
    ask: bool,
    acts: bool = False,
    named: bool = False,
    there: Mapping[str, git.RemoteRef] | None = None,
) -> Facts:
    """Gather the facts of the hotfix that ships *version*.

    Args:
        workspace: where the product is.
        context: the repository of the product.
        version: x.y.z.
        ask: whether to ask the remote; what it has stays unknown if it does not answer.
        acts: whether the caller will run programs of the repository, such as hooks of a push. If not, none
            runs here either, and a remote is not asked if the repository's configuration controls how.
        named: whether the caller named the version, so that a detached HEAD counts as its branch if there
            is no other.
        there: what the remote has, if it was asked just before.

    Raises:
        Conflict: the hotfix's tag cannot be read.
        GitError: git failed.
    """
    branch = context.branch(version)
    mains = [context.main, context.tracked_main] if context.remote else [context.main]
    tracked = [context.tracked(branch)] if context.remote else []
    witness, drafts = workspace.look([context.product.name], also=[branch, *tracked, *mains])
    seen = witness.seen(context.product.repo)
    if seen is None:
        raise no_repository(context.product, workspace.repos[context.product.repo])
    found_as, tip = _tip(context, seen, version, named=named)
    (state,) = witness.states(drafts, log=False, beside={_AT_TIP: tip} if tip else {})
    facts = Facts(
        state=attrs.evolve(state, beside=()),
        version=version,
        branch=branch.removeprefix(HEADS),
        tip=tip,
        found_as=found_as,
        checked_out=seen.repository.branch == branch,
        base=_release(state, version, below=True),
        tag=_release(state, version),
        remote=context.remote,
        git=context.git,
    )
    facts = _with_tag(facts, seen.tags[context.product.slug], context.tag(version))
    if tip is not None:
        facts = _with_commits(context, facts, seen, tip)
        facts = _with_files(workspace, facts, seen, state.beside, acts=acts)
    facts = _with_remote(context, facts, seen, there, acts=acts) if ask else facts
    return facts if tip or not facts.tag else _with_shipped(workspace, facts, seen)


def _tip(
    context: HotfixContext, seen: RepositoryState, version: Version, *, named: bool
) -> tuple[str | None, str | None]:
    """Find what stands for the branch, and its commit: the remote-tracking branch, or a detached HEAD.

    The first is None if the branch is here, or if there is none.

    What is left of a branch on the remote does not count once it is tagged: it may be older than the tag.
    """
    branch = context.branch(version)
    if commit := seen.commit(branch):
        return None, commit
    tags = {each.ref: each.commit for each in seen.tags[context.product.slug]}
    if context.tag(version) in tags:
        return None, None
    tracked = context.tracked(branch)
    if context.remote and (commit := seen.commit(tracked)):
        return tracked, commit
    head, base = seen.repository.head, _base_of(context, tags, version)
    if not named or seen.repository.branch or head is None or base is None or base == head:
        return None, None
    main = _newest_main(context, seen)
    is_main = main is not None and seen.graph.contains(main, head)
    return (None, None) if is_main or not seen.graph.contains(head, base) else ("HEAD", head)


def _base_of(context: HotfixContext, tags: Mapping[str, str], version: Version) -> str | None:
    """Give the commit of the production tag one PATCH below, if it is called as the pattern says."""
    below = attrs.evolve(version, patch=version.patch - 1) if version.patch else None
    return tags.get(context.tag(below)) if below else None


def _with_shipped(workspace: Opened, facts: Facts, seen: RepositoryState) -> Facts:
    """Add what the tag says of a hotfix whose branch is gone: its commits, its changes and its message."""
    repository, base, at = seen.repository, facts.base, facts.tag_at
    if facts.tag_annotated and facts.tag_object:
        facts = attrs.evolve(facts, tag_message=git.tag_message(repository, facts.tag_object))
    if base is None or not base.commit or at is None:
        return facts
    if at in seen.graph.parents and not seen.graph.contains(at, base.commit):
        return facts
    facts = attrs.evolve(facts, commits=git.commits(repository, base.commit, at))
    prefix = below_top(repository, workspace.repos[facts.state.product.repo])
    return attrs.evolve(
        facts,
        origins=git.known_commits(repository, wanted_origins(facts)),
        changes=_changes(repository, prefix, base.commit, at),
    )


def _changes(repository: git.Repository, prefix: str, base: str, tip: str) -> tuple[Change, ...]:
    found = git.changes(repository, base, tip)
    return tuple(attrs.evolve(change, path=_seen_from(prefix, change.path)) for change in found)


def _release(state: ProductState, version: Version, *, below: bool = False) -> TagState | None:
    """Find the production tag of *version*, or of the PATCH below it."""
    major, minor, patch = version.core
    wanted = (major, minor, patch - 1) if below else version.core
    return releases.of_version(state.tags, wanted)


def _with_tag(facts: Facts, tags: Sequence[git.Ref], ref: str) -> Facts:
    tag = facts.tag
    if tag is None:
        return facts
    if not tag.commit:
        raise Conflict(
            f"the tag {tag.name} cannot be read: it names no commit that is here",
            hint=f"{facts.git} fsck shows what is broken; fetch the tag again",
        )
    own = next((each.object_id for each in tags if each.ref == ref), None)
    return attrs.evolve(
        facts, tag_at=tag.commit, tag_object=own, tag_annotated=tag.annotated, tagged=tag.date
    )


def _with_commits(context: HotfixContext, facts: Facts, seen: RepositoryState, tip: str) -> Facts:
    """Add the commits since the base, and how the branch relates to main."""
    main = _newest_main(context, seen)
    base = facts.base.commit if facts.base else ""
    commits = git.commits(seen.repository, base, tip) if base else ()
    contains_base = bool(base) and _contains(seen, tip, base)
    merged = bool(commits) and main is not None and _contains(seen, main, tip)
    beyond = 0
    if main and contains_base and not merged:
        own = set(seen.graph.beyond(main, tip))
        beyond = sum(commit.id not in own for commit in commits)
    facts = attrs.evolve(facts, commits=commits)
    return attrs.evolve(
        facts,
        based=contains_base and not beyond,
        origins=git.known_commits(seen.repository, wanted_origins(facts)),
        main=main,
        behind=len(seen.graph.beyond(tip, main)) if main else 0,
        merged=merged,
    )


def _with_files(
    workspace: Opened, facts: Facts, seen: RepositoryState, at_tip: Sequence[PastFile], *, acts: bool
) -> Facts:
    """Add the changes of the branch, its version files at the tip, and what is not committed."""
    repository = seen.repository
    prefix = below_top(repository, workspace.repos[facts.state.product.repo])
    base, tip = facts.base, facts.tip
    changes = _changes(repository, prefix, base.commit, tip) if base and tip else ()
    changelog = next((file for file in at_tip if file.format == CHANGELOG), None)
    if changelog is not None and changelog.error is not None:
        raise FileTooLarge(changelog.error.message, path=f"{facts.branch}:{changelog.path}")
    reach = git.Reach.ACT if acts else git.Reach.LOOK
    dirty = git.changed_paths(repository, reach=reach) if facts.is_here else None
    # The configuration of this tool is no part of a fix, and a tag may be older than it.
    own = workspace.source and os.path.relpath(workspace.source, repository.root)
    facts = attrs.evolve(
        facts,
        changes=changes,
        at_tip=tuple(file for file in at_tip if file is not changelog),
        changelog_at_tip=None if changelog is None else changelog.data.decode("utf-8", "replace"),
        dirty=tuple(_seen_from(prefix, path) for path in dirty.tracked) if dirty else (),
        unknown=tuple(_seen_from(prefix, path) for path in dirty.unknown) if dirty else (),
        untracked=tuple(_seen_from(prefix, path) for path in dirty.untracked if path != own) if dirty else (),
    )
    return (
        facts if beyond_versions(facts) else attrs.evolve(facts, at_base=_at_base(facts, repository, prefix))
    )


def _at_base(facts: Facts, repository: git.Repository, prefix: str) -> tuple[PastFile, ...]:
    """Read the version files that differ as they are at the base."""
    changed = {change.path for change in facts.changes}
    differing = [file for file in facts.at_tip if file.path in changed]
    if facts.base is None or not differing:
        return ()
    read = repository.blobs([(facts.base.commit, f"{prefix}{file.path}") for file in differing])
    return tuple(
        attrs.evolve(file, revision=facts.base.name, data=data, known=None)
        for file, data in zip(differing, read, strict=True)
        if isinstance(data, bytes)
    )


def _newest_main(context: HotfixContext, seen: RepositoryState) -> str | None:
    """Give the newer of main here and main as last seen on the remote; main here if they have diverged."""
    here = seen.commit(context.main)
    there = seen.commit(context.tracked_main) if context.remote else None
    if here is None or there is None:
        return here or there
    return there if _contains(seen, there, here) else here


def _contains(seen: RepositoryState, commit: str, other: str) -> bool:
    """Whether *commit* contains *other*.

    Raises:
        Unsupported: the clone is shallow, and the history that it has does not show it.
    """
    found = seen.graph.contains(commit, other)
    if not found and seen.repository.shallow:
        raise git.cut_off()
    return found


def _seen_from(prefix: str, path: str) -> str:
    """Make a path relative to the product's repository folder, which may be below git's top folder."""
    if not prefix:
        return path
    return os.path.relpath(path, prefix) + ("/" if path.endswith("/") else "")


def _with_remote(
    context: HotfixContext,
    facts: Facts,
    seen: RepositoryState,
    there: Mapping[str, git.RemoteRef] | None,
    *,
    acts: bool,
) -> Facts:
    """Add what the remote has of the hotfix; what cannot be known stays None."""
    if context.remote is None:
        return facts
    repository = seen.repository
    branch, tag = HEADS + facts.branch, context.tag(facts.version)
    try:
        reach = git.Reach.ACT if acts else git.Reach.ASK
        if there is None:
            there = git.remote_refs(repository, context.remote, [branch, context.main, tag], reach=reach)
    except GitError as error:
        return attrs.evolve(facts, unasked="\n  hint: ".join(filter(None, (error.message, error.hint))))
    main_pushed: bool | None = None
    shipped = facts.tip or facts.tag_at
    if context.main not in there:
        main_pushed = False
    elif shipped:
        main = there[context.main].object_id
        if main in seen.graph.parents:
            main_pushed = _contains(seen, main, shipped)
        else:
            with contextlib.suppress(GitError):  # The remote's commit may be missing here.
                main_pushed = git.is_ancestor(repository, shipped, main)
    return attrs.evolve(
        facts,
        branch_pushed=branch in there and there[branch].object_id == facts.tip,
        main_pushed=main_pushed,
        tag_pushed=tag in there and there[tag].object_id == facts.tag_object,
    )
