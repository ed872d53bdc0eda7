"""What git knows beyond a bump: the main branch, hotfix branches, and which release contains which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.names import HEADS
from krow_versions.releases import core_of, is_production
from krow_versions.snapshot import BranchState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from krow_versions.catalog import Catalog
    from krow_versions.config.value import Hotfix
    from krow_versions.snapshot import ProductState, TagState
    from krow_versions.workspace.witness import Witness


@attrs.frozen
class _Seen:
    """What one repository says: its main branch, the branches among its hotfixes, all their commits.

    Commits that are asked for beside those of branches were added to the graph as they were.
    """

    main: tuple[git.Branch, ...]
    hotfixes: tuple[git.Branch, ...]
    graph: git.Graph
    on_main: frozenset[str]
    beside: frozenset[str] = frozenset()


@attrs.frozen
class Lineage:
    """Adds to what a :class:`Witness` told; asks each repository once.

    Two processes of git, and one more for releases that are on none of the branches.

    Attributes:
        witness: who told.
        hotfix: how the main branch and the remote are called.
    """

    witness: Witness
    hotfix: Hotfix
    _repos: dict[str, _Seen] = attrs.field(factory=dict, init=False)

    @property
    def catalog(self) -> Catalog:
        """The products, and how their branches are called."""
        return self.witness.catalog

    def deepened(self, state: ProductState) -> ProductState:
        """Add to *state* which of its tags are on the main branch, and its hotfix branches.

        Where its files were read at every tag, tags also tell which release they contain.

        Raises:
            GitError: git failed.
        """
        name = state.product.repo
        _, repository = self.witness.look(name)
        if repository is None:
            return state
        self._look(name, repository)
        releases = sorted(filter(_is_release, state.tags), key=core_of)
        branches = [branch for branch in self._branches(name) if branch.slug == state.product.slug]
        reserved = {branch.version.core for branch in branches if branch.version}
        needed = [tag for tag in releases if state.past or core_of(tag) in reserved]
        seen = self._widened(name, repository, [tag.commit for tag in needed])
        above = _above(seen.graph, releases) if state.past else {}
        tags = tuple(
            attrs.evolve(
                tag, on_main=tag.commit in seen.on_main if seen.main else None, above=above.get(tag.name)
            )
            for tag in state.tags
        )
        main = seen.main[0].ref.removeprefix(HEADS).removeprefix("refs/remotes/") if seen.main else None
        return attrs.evolve(
            state,
            repo=attrs.evolve(state.repo, main=main),
            tags=tags,
            branches=tuple(
                _based(attrs.evolve(branch, standing=_standing(branch, branches, seen)), releases, seen)
                for branch in branches
            ),
        )

    def strays(self) -> tuple[BranchState, ...]:
        """List the branches in the folder of hotfixes, of all repositories seen, that fit no product.

        Where several folders or worktrees of one repository are configured, it is asked as the first.
        """
        names: dict[str, str] = {}
        for name in self._repos:
            _, repository = self.witness.look(name)
            if repository is not None:
                names.setdefault(repository.common_dir, name)
        return tuple(
            branch for name in names.values() for branch in self._branches(name) if branch.slug is None
        )

    def _look(self, name: str, repository: git.Repository) -> _Seen:
        if name not in self._repos:
            there = f"refs/remotes/{self.hotfix.remote}/"
            mains = (HEADS + self.hotfix.main, there + self.hotfix.main)
            folder = self.catalog.branch.home
            below = f"{folder}/" if folder else ""
            found = git.branches(repository, [*mains, HEADS + below, there + below])
            main = tuple(branch for branch in found if branch.ref in mains)
            hotfixes = tuple(branch for branch in found if branch.ref not in mains)
            graph = git.graph(repository, [branch.commit for branch in found])
            on_main = graph.ancestors(branch.commit for branch in main)
            self._repos[name] = _Seen(main, hotfixes, graph, on_main)
        return self._repos[name]

    def _widened(self, name: str, repository: git.Repository, commits: Sequence[str]) -> _Seen:
        """Give what was seen, with *commits* in the graph: a release may be on no branch."""
        seen = self._repos[name]
        lacking = {commit for commit in commits if commit not in seen.graph.parents} - seen.beside
        if lacking:
            tips = (branch.commit for branch in (*seen.main, *seen.hotfixes))
            beside = seen.beside | lacking
            graph = git.graph(repository, [*tips, *beside])
            self._repos[name] = seen = attrs.evolve(seen, graph=graph, beside=beside)
        return seen

    def _branches(self, repo: str) -> Iterator[BranchState]:
        """Read the names of branches; of those outside a folder of hotfixes, only what looks like one."""
        pattern = self.catalog.branch
        slugs = {product.slug for product in self.catalog.products}
        there = f"refs/remotes/{self.hotfix.remote}/"
        for branch in self._repos[repo].hotfixes:
            is_here = branch.ref.startswith(HEADS)
            name = branch.ref.removeprefix(HEADS if is_here else there)
            parsed = pattern.parse(name)
            slug = parsed[0] if parsed else self._owner(name)
            known = slug in slugs
            if known or self.catalog.branch.home:
                yield BranchState(
                    repo,
                    name,
                    None if is_here else self.hotfix.remote,
                    slug if known else None,
                    parsed[1] if parsed and known else None,
                    branch.commit,
                    branch.dated,
                )

    def _owner(self, name: str) -> str | None:
        """Give the longest slug that stands in *name* where the pattern has its slug.

        In a folder of hotfixes that is enough; elsewhere all that is before the version must be there.
        """
        text = self.catalog.branch.text
        before = (
            text.partition("{slug}")[0] + "{slug}"
            if self.catalog.branch.home
            else text.partition("{version}")[0]
        )
        if "{slug}" not in before:
            return None
        return max(
            (each.slug for each in self.catalog.products if _begins(name, before, each.slug)),
            key=len,
            default=None,
        )


def _begins(name: str, before: str, slug: str) -> bool:
    """Tell whether *name* begins so, and not with a longer word than *slug*."""
    start = before.replace("{slug}", slug)
    is_longer = before.endswith("{slug}") and name[len(start) :][:1].isalnum()
    return name.startswith(start) and not is_longer


def _is_release(tag: TagState) -> bool:
    return is_production(tag) and bool(tag.commit)


def _above(graph: git.Graph, releases: Sequence[TagState]) -> dict[str, str]:
    """For each release, give the name of the highest other one that it contains.

    Of several at one commit, a higher one contains the lower ones.

    Args:
        graph: with their commits.
        releases: in order of their versions.
    """
    below = graph.highest_below({tag.commit: rank for rank, tag in enumerate(releases)})
    found: dict[str, str] = {}
    here: dict[str, int] = {}
    for rank, tag in enumerate(releases):
        best = max(below.get(tag.commit, -1), here.get(tag.commit, -1))
        if best >= 0:
            found[tag.name] = releases[best].name
        here[tag.commit] = rank
    return found


def _standing(branch: BranchState, others: Iterable[BranchState], seen: _Seen) -> str:
    """Tell how *branch* stands to the one of its name on the other side."""
    same_name = (each for each in others if each.name == branch.name and each.remote != branch.remote)
    other = next(same_name, None)
    if other is None:
        return ""
    if other.commit == branch.commit:
        return "same"
    if other.commit in seen.graph.ancestors([branch.commit]):
        return "ahead"
    return "behind" if branch.commit in seen.graph.ancestors([other.commit]) else "diverged"


def _based(branch: BranchState, releases: Sequence[TagState], seen: _Seen) -> BranchState:
    """Add whether *branch* is done with, and what it was started from."""
    if branch.version is None:
        return attrs.evolve(branch, merged=branch.commit in seen.on_main)
    core = branch.version.core
    own_releases = {tag.commit for tag in releases if core_of(tag) == core}
    finished = branch.commit in own_releases or branch.commit in seen.graph.ancestors(own_releases)
    branch = attrs.evolve(branch, merged=branch.commit in seen.on_main, finished=finished)
    if branch.merged or branch.finished:
        return branch
    own = seen.graph.ancestors([branch.commit])
    base = next((tag for tag in reversed(releases) if core_of(tag) < core and tag.commit in own), None)
    if base is None:
        return branch
    beyond = len((own & seen.on_main) - seen.graph.ancestors([base.commit]))
    return attrs.evolve(branch, base=base.name, beyond=beyond)
