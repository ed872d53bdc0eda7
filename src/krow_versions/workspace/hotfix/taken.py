"""Whether the version of a new hotfix is still free, and can be tagged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git, releases
from krow_versions.errors import Conflict
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.commands import joining
from krow_versions.text.escaping import quoted, shell_word
from krow_versions.workspace.hotfix.tag_names import tag_in, tags_asked

if TYPE_CHECKING:
    from krow_versions.snapshot import ProductState, TagState
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import HotfixContext


def require_build(context: HotfixContext, state: ProductState) -> None:
    """Refuse a hotfix whose tag could not be named, because it needs a build.

    Raises:
        Conflict: no version file has one.
    """
    name, patterns = context.product.name, context.catalog.patterns(context.product)["production"]
    if all(each.has_build for each in patterns) and all(file.build is None for file in state.files):
        raise Conflict(
            f"the tags of {name} need a build, {quoted(patterns[0].bound(context.product.slug))}, and no "
            "version file of it has one",
            hint=f"add a pattern without {{build}} to production of [products.{name}.tags], and commit it",
        )


def require_free(
    context: HotfixContext, state: ProductState, base: TagState, version: Version, *, ask: bool
) -> str | None:
    """Refuse a version that has a tag or another branch; give the tip of its branch, if it is here.

    Raises:
        Conflict: it is taken, here or on the remote.
    """
    branch = context.branch(version)
    shown = branch.removeprefix(HEADS)
    there = {}
    if ask and context.remote is not None:
        asked = [branch, *tags_asked(context.catalog, context.product, version)]
        there = git.remote_refs(context.repository, context.remote, asked, reach=git.Reach.ACT)
    tag_there = tag_in(context.catalog, context.product, there, version)
    taken = (
        each.name
        for each in state.tags
        if releases.is_named_production(each) and releases.core_of(each) == version.core
    )
    tag = tag_there or next(taken, None)
    if tag is not None:
        raise Conflict(
            f"{version} is taken: {tag.removeprefix(TAGS)} is tagged"
            + (f" on {context.remote}" if tag_there else ""),
            hint=f"see what is out: {context.calls.other('history')}; a hotfix starts from the newest tag",
        )
    tip = git.resolve(context.repository, branch)
    if tip is None and branch in there:
        raise Conflict(
            f"{version} is taken: {context.remote} has the branch {shown}, so somebody works on it",
            hint=f"join them: {joining(context.git, str(context.remote), shown)}; see what is under way: "
            f"{context.calls.listing()}",
        )
    if tip is not None and not git.is_ancestor(context.repository, base.commit, tip):
        raise Conflict(
            f"{version} is taken: the branch {shown} is here, and was not started from {base.name}",
            hint=f"see what it has: {context.git} log {shell_word(f'{base.name}..{shown}')}; "
            "delete or rename it",
        )
    return tip
