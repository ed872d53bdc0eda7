"""Find the hotfixes of a product: by branches, remote-tracking branches, tags and records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git, releases
from krow_versions.errors import Conflict
from krow_versions.files import top_of
from krow_versions.hotfix import ended, is_of_hotfix
from krow_versions.names import TAGS
from krow_versions.planning.commands import Calls
from krow_versions.values import evolve
from krow_versions.workspace.hotfix.context import HotfixContext
from krow_versions.workspace.hotfix.existing import hotfix_branches, versions
from krow_versions.workspace.hotfix.view import HotfixView
from krow_versions.workspace.user_input import given_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from krow_versions.hotfix import HotfixState
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import Consulted
    from krow_versions.workspace.protocols import Opened


def open_hotfix(
    workspace: Opened, name: str | None = None, version: Version | str | None = None, *, by_tag: bool = False
) -> HotfixView:
    """Open the hotfix that is under way: that of the checked-out branch, or the only one.

    Args:
        workspace: where the product is.
        name: the product, or an alias; needed only if hotfixes of several are under way.
        version: the version that it ships; needed only if several are under way.
        by_tag: whether, in a clone that never had a hotfix of the product, the one in production is meant.

    Raises:
        UsageError: no such product, or *version* is no version.
        Conflict: no hotfix is under way, or several are.
    """
    wanted = None if version is None else given_version(version, "version").with_build(None)
    every = [*contexts(workspace)] if name is None else [HotfixContext.of(workspace, name)]
    here = [each for each in every if each.checked_out and wanted in (None, each.checked_out)]
    found = here if len(here) == 1 else every
    chosen = wanted or (found[0].checked_out if found is here else None)
    if chosen is not None and len(found) == 1:
        context = found[0].called(chosen, alone=False)
        return HotfixView(workspace, context.product.name, context, chosen, named=wanted is not None)
    view = _only(workspace, every, wanted, name, by_tag=by_tag)
    return evolve(view, ask=True, named=wanted is not None)


def contexts(workspace: Opened) -> Iterator[HotfixContext]:
    """Give the context of each product that is in a git repository; each repository is opened once."""
    opened: dict[str, HotfixContext] = {}
    for name in workspace:
        product = workspace[name].product
        if top_of(workspace.repos[product.repo]) is None:
            continue  # A hotfix is a branch: without git there is none.
        if product.repo not in opened:
            opened[product.repo] = HotfixContext.of(workspace, name)
        yield opened[product.repo].of_product(product)


def is_over(version: Version, seen: HotfixState) -> bool:
    """Whether it was abandoned, has shipped and is documented, or is gone while a newer tag exists."""
    facts, record = seen.facts, seen.record
    if ended(record, facts) is not None:
        return True
    if facts.tip is None and facts.tag is None:
        newest = releases.highest(facts.state.tags)
        return newest is not None and newest.version is not None and newest.version > version
    return facts.finished and (not record.is_tracked or record.is_ticked("incident-documented"))


def known(
    workspace: Opened,
    every: Iterable[HotfixContext],
    wanted: Version | None = None,
    asked: Consulted | None = None,
) -> Iterator[tuple[HotfixView, HotfixState]]:
    """Give each hotfix of some products that has a branch or a record here, and what is seen of it.

    Args:
        workspace: where the products are.
        every: the contexts of the products.
        wanted: the version, if only those are wanted.
        asked: what their remote has, if it was asked already.
    """
    listed: dict[str, tuple[git.Ref, ...]] = {}
    for context in every:
        if context.product.repo not in listed:
            listed[context.product.repo] = hotfix_branches(context)
        found = versions(context, listed[context.product.repo])
        for version in found:
            if wanted in (None, version):
                called = context.called(version, alone=len(found) == 1)
                view = HotfixView(workspace, context.product.name, called, version, ask=False)
                yield view, view.look(asked=asked)


def _only(
    workspace: Opened,
    every: Sequence[HotfixContext],
    wanted: Version | None,
    name: str | None,
    *,
    by_tag: bool,
) -> HotfixView:
    """Give the only hotfix under way; of a product that was named, else the newest one that is over."""
    seen = [*known(workspace, every, wanted)]
    found = [view for view, state in seen if not is_over(view.version, state)]
    here = [view for view, state in seen if view in found and state.facts.is_here]
    if len(found) == 1:
        return found[0]
    if len(found) > 1 and len(here) == 1:  # HEAD is detached at the tip of one, as for a CI job.
        return here[0]
    if found:
        raise _several(found, every, name)
    if seen and name is not None:
        return seen[-1][0]
    if by_tag and name is not None and every[0].repository.branch:
        out = _in_production(every[0])
        if out is not None:
            return HotfixView(workspace, every[0].product.name, every[0].called(out, alone=True), out)
    raise _none(every, name)


def _in_production(context: HotfixContext) -> Version | None:
    """Give the version in production, if the message of its tag says that it is a hotfix."""
    reader = context.catalog.tag_reader(*context.catalog.beside(context.product))
    folders = [TAGS + folder for folder in context.catalog.tag_folders([context.product])]
    tags = [
        (found[2].with_build(None), tag.subject)
        for tag in git.list_refs(context.repository.root, folders, common=context.repository.common_dir)
        if (found := reader.read(tag.ref.removeprefix(TAGS)))
        and found[:2] == (context.product.slug, "production")
    ]
    version, subject = max(tags, default=(None, ""))
    return version if is_of_hotfix(subject) else None


def _several(found: Sequence[HotfixView], every: Sequence[HotfixContext], name: str | None) -> Conflict:
    """Give the error for a command that may be of several hotfixes."""
    one = every[0].product.name if name else None
    listed = ", ".join(str(each.version) if one else f"{each.name} {each.version}" for each in found)
    commands = "; or: ".join(each.context.offered for each in found)
    return Conflict(
        f"several hotfixes{f' of {one}' if one else ''} are under way: {listed}",
        hint=f"say which one, or switch to its branch: {commands}",
    )


def _none(every: Sequence[HotfixContext], name: str | None) -> Conflict:
    """Give the error where no hotfix is under way."""
    one = every[0] if len(every) == 1 else None
    calls = one.calls if one else evolve(every[0].calls if every else Calls(), product="PRODUCT")
    hint = f"start one: {calls.start()}"
    if one is None:
        hint += f"; those of colleagues: {calls.listing()}"
    elif one.repository.branch is None:
        hint += "; or, if HEAD is a hotfix that somebody pushed, name what it ships: hotfix(name, version)"
    elif one.remote is not None:
        hint += (
            f"; those of colleagues: {calls.listing()}; or, if one was merged on {one.remote}, "
            "name what it ships: hotfix(name, version)"
        )
    of = f" of {one.product.name}" if name and one else ""
    # A branch that nobody fetched is not looked for: a clone may have one branch.
    where = " here" if one and one.remote is not None else ""
    return Conflict(f"no hotfix{of} is under way{where}", hint=hint)
