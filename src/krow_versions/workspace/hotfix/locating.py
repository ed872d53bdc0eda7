"""Find the branch of a hotfix: here, on the remote as last fetched, or as a detached HEAD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.values import evolve
from krow_versions.workspace.hotfix.tag_names import tag_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.hotfix import Facts, Record
    from krow_versions.version import Version
    from krow_versions.workspace.git_state import RepositoryState
    from krow_versions.workspace.hotfix.context import HotfixContext


def find_tip(
    context: HotfixContext, seen: RepositoryState, version: Version, *, named: bool
) -> tuple[str | None, str | None]:
    """Find what stands for the branch, and its commit: the remote-tracking branch, or a detached HEAD.

    The first is None if the branch is here, or if there is none.

    What is left of a branch on the remote does not count once it is tagged, since it may be older than the
    tag: then the tag counts.
    """
    branch = context.branch(version)
    if commit := seen.commit(branch):
        return None, commit
    tags = {each.ref: each.commit for each in seen.tags[context.product.slug]}
    if (tag := tag_in(context.catalog, context.product, tags, version)) and tags[tag]:
        return tag, tags[tag]
    tracked = context.tracked(branch)
    if context.remote and (commit := seen.commit(tracked)):
        return tracked, commit
    head, base = seen.repository.head, _base_of(context, tags, version)
    if not named or seen.repository.branch or head is None or base is None or base == head:
        return None, None
    mains = [seen.commit(context.main), seen.commit(context.tracked_main) if context.remote else None]
    is_main = any(main is not None and seen.graph.contains(main, head) for main in mains)
    return (None, None) if is_main or not seen.graph.contains(head, base) else ("HEAD", head)


def without_updates(context: HotfixContext, seen: RepositoryState, version: Version, at: str) -> str:
    """Give the newest commit of a branch below merges of main into it, such as "Update branch" makes."""
    tags = {each.ref: each.commit for each in seen.tags[context.product.slug]}
    base, parents = _base_of(context, tags, version), seen.graph.parents
    if base is None or len(parents.get(at, ())) != _TWO:
        return at
    mains = [seen.commit(context.main), seen.commit(context.tracked_main) if context.remote else None]
    line = {base}.union(*(seen.graph.mainline(main, base) for main in mains if main))
    while len(parents[at]) == _TWO and parents[at][1] in line:
        at = parents[at][0]
    return at


def with_left(repository: git.Repository, facts: Facts, record: Record) -> Facts:
    """Add to the facts whether the branch has commits of an abandoned hotfix of the same version.

    It has if it has the last one of them; or if its own last one is among them, as far as they are here.
    What is tagged has shipped, whatever it was.
    """
    own, tips = {each.id for each in facts.commits}, record.left_behind if facts.tag is None else ()
    left = next((tip for tip in tips if tip in own), "")
    if tips and own and facts.tip and not left and not repository.shallow:
        here = {each.id for each in git.known_commits(repository, tips)}
        left = next((tip for tip in tips if tip in here and git.is_ancestor(repository, facts.tip, tip)), "")
    return evolve(facts, left=left) if left else facts


_TWO = 2


def _base_of(context: HotfixContext, tags: Mapping[str, str], version: Version) -> str | None:
    """Give the commit of the production tag one PATCH below, if it is called as the pattern says."""
    below = evolve(version, patch=version.patch - 1) if version.patch else None
    tag = tag_in(context.catalog, context.product, tags, below) if below else None
    return tags[tag] if tag else None
