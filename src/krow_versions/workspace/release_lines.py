"""The main branch, hotfix branches, and which release contains which: what an audit needs beyond a bump."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.names import HEADS
from krow_versions.progress import steps_of
from krow_versions.releases import below, core_of, is_production, of_version
from krow_versions.snapshot import BranchState
from krow_versions.values import evolve, frozen
from krow_versions.workspace import contained_tags, later_lines
from krow_versions.workspace.containment import Question, own_files
from krow_versions.workspace.open_lines import OpenLines

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from krow_versions.containment import Answer
    from krow_versions.products import Catalog
    from krow_versions.settings import Hotfix
    from krow_versions.snapshot import ProductState, TagState
    from krow_versions.workspace.contained_tags import Key
    from krow_versions.workspace.git_state import GitReader, RepositoryState
    from krow_versions.workspace.later_lines import Later


def branches_of(catalog: Catalog, hotfix: Hotfix) -> tuple[str, ...]:
    """Name the branches, besides main, that a :class:`GitReader` must list for a :class:`Lineage`."""
    home = catalog.branch.home
    below = f"{home}/" if home else ""
    return tuple(side + below for side in later_lines.sides(hotfix))


@frozen
class Lineage:
    """Adds branches and lines of releases to the states of a :class:`GitReader`.

    One more process of git for each repository with releases that the reader's graph does not contain.

    Attributes:
        reader: has listed main, and the branches that :func:`branches_of` names.
        hotfix: the names of the main branch and the remote.
    """

    reader: GitReader
    hotfix: Hotfix

    @property
    def catalog(self) -> Catalog:
        """The products, and the pattern of their branches."""
        return self.reader.catalog

    def deepened(self, states: Sequence[ProductState], *, whole: bool = False) -> tuple[ProductState, ...]:
        """Add to *states* which of their tags are on main, their hotfix branches, and what lacks a fix.

        Args:
            states: the products.
            whole: whether older releases are judged, too; each also gets the highest one that it contains.

        Raises:
            GitError: git failed.
        """
        found: dict[str, list[ProductState]] = {}
        for state in states:
            found.setdefault(state.product.repo, []).append(state)
        done: dict[str, ProductState] = {}
        for name, own in found.items():
            seen = self.reader.seen(name)
            deep = self._deepened(name, seen, own, whole=whole) if seen else own
            done |= {state.product.name: state for state in deep}
        return tuple(done[state.product.name] for state in states)

    def strays(self, states: Sequence[ProductState]) -> tuple[BranchState, ...]:
        """List the branches in the folder of hotfixes that belong to no product, in all repositories.

        If several folders or worktrees of one repository are configured, the first one is used.
        """
        names: dict[str, str] = {}
        for state in states:
            if seen := self.reader.seen(state.product.repo):
                names.setdefault(seen.repository.common_dir, state.product.repo)
        return tuple(
            branch for name in names.values() for branch in self._branches(name) if branch.slug is None
        )

    def _deepened(
        self, repo: str, seen: RepositoryState, states: Sequence[ProductState], *, whole: bool
    ) -> Iterator[ProductState]:
        main = self._main(seen)
        on_main = seen.graph.ancestors(branch.commit for branch in main)
        known = [*self._branches(repo)]
        reserved = {(branch.slug, branch.version.core) for branch in known if branch.version}
        needed = [
            tag.commit
            for state in states
            for tag in state.tags
            if _is_release(tag) and (whole or (state.product.slug, core_of(tag)) in reserved)
        ]
        graph = git.read_graph(seen.repository.root, needed, seen.graph)  # A release may be on no branch.
        asked = self._main_questions(seen, states)
        answers = {key: self.reader.answers[question] for key, question in asked.items()}
        landed = self._landed(seen, states).items()
        done = {commit for commit, question in landed if self.reader.answers[question].contained}
        open_lines = OpenLines(self.catalog, self.hotfix, seen.branches, graph)
        lines = self._later(seen, states, whole=whole)
        kinship = self._kinship(seen, states, lines)
        branch_lines = self._branch_lines(seen)
        for state in steps_of(states, "comparing branches", self.reader.progress):
            fixes = self._fixes(seen, state, kinship)
            releases = sorted(filter(_is_release, state.tags), key=core_of)
            own = [branch for branch in known if branch.slug == state.product.slug]
            standing = (evolve(branch, standing=_standing(branch, own, graph)) for branch in own)
            branches = tuple(_based(branch, releases, graph, on_main, done) for branch in standing)
            above = _above(graph, releases) if whole else {}
            yield evolve(
                state,
                repo=evolve(state.repo, main=_called(main[0]) if main else None),
                tags=tuple(
                    evolve(
                        tag,
                        on_main=_is_on(main, on_main, tag, state, answers) if main else None,
                        above=above.get(tag.name),
                    )
                    for tag in state.tags
                ),
                lines=tuple(
                    found
                    for line in lines[state.product.name]
                    if (found := fixes.lacked(line, self.reader.answers)).lacks
                ),
                open_lines=tuple(open_lines.of(state, branches, branch_lines)),
                branches=branches,
            )

    def questions(
        self, seen: RepositoryState, states: Sequence[ProductState], *, whole: bool
    ) -> Iterator[Question]:
        """Yield the questions that the reader must have asked for :meth:`deepened`."""
        yield from self._main_questions(seen, states).values()
        lines = self._later(seen, states, whole=whole)
        kinship = self._kinship(seen, states, lines)
        for state in states:
            fixes = self._fixes(seen, state, kinship)
            for line in lines[state.product.name]:
                yield from fixes.questions(line)
        yield from self._landed(seen, states).values()

    def _landed(self, seen: RepositoryState, states: Sequence[ProductState]) -> dict[str, Question]:
        """Ask, for each branch whose version is released from another commit, whether that has its change."""
        found: dict[str, Question] = {}
        if seen.repository.shallow:
            return found
        prefixes = self.reader.prefixes(seen.repository)
        for state in states:
            repo = state.product.repo
            own = own_files(state.product, repo, prefixes[repo], state.pins)
            shipped = [tag for tag in state.tags if _is_release(tag)]
            for branch in self._branches(repo):
                tag = of_version(shipped, branch.version.core) if branch.version else None
                base = below(shipped, tag) if tag else None
                if tag and base and branch.slug == state.product.slug and branch.commit != tag.commit:
                    found[branch.commit] = Question(branch.commit, tag.commit, base.commit, own)
        return found

    def _main_questions(self, seen: RepositoryState, states: Sequence[ProductState]) -> dict[Key, Question]:
        if seen.repository.shallow:
            return {}
        mains = {branch.commit for branch in self._main(seen)}
        return contained_tags.questions(seen.graph, states, mains, self.reader.prefixes(seen.repository))

    def _later(
        self, seen: RepositoryState, states: Iterable[ProductState], *, whole: bool
    ) -> dict[str, list[Later]]:
        """List the lines that may lack fixes of each product, by its name; none in a shallow clone."""
        if seen.repository.shallow:
            return {state.product.name: [] for state in states}
        branches = self._branch_lines(seen)
        return {state.product.name: [*branches, *later_lines.tags(state, whole=whole)] for state in states}

    @staticmethod
    def _kinship(
        seen: RepositoryState, states: Iterable[ProductState], lines: Mapping[str, Iterable[Later]]
    ) -> later_lines.Kinship:
        return later_lines.Kinship.of(seen.graph, itertools.chain(*lines.values()), states)

    def _branch_lines(self, seen: RepositoryState) -> list[Later]:
        main = self._main(seen)
        return later_lines.branches(self.hotfix, seen.branches, main, _called(main[0]) if main else "")

    def _fixes(
        self, seen: RepositoryState, state: ProductState, kinship: later_lines.Kinship
    ) -> later_lines.Fixes:
        prefix = self.reader.prefixes(seen.repository)[state.product.repo]
        return later_lines.Fixes(state, kinship, prefix)

    def _main(self, seen: RepositoryState) -> tuple[git.Ref, ...]:
        mains = [side + seen.main for side in later_lines.sides(self.hotfix)]
        return tuple(branch for branch in seen.branches if branch.ref in mains and branch.commit)

    def _branches(self, repo: str) -> Iterator[BranchState]:
        """Parse the names of branches; outside a folder of hotfixes, yield only those of a product."""
        seen = self.reader.seen(repo)
        if seen is None:
            return
        pattern, main = self.catalog.branch, self._main(seen)
        slugs = {product.slug for product in self.catalog.products}
        here, there = later_lines.sides(self.hotfix)
        folders = branches_of(self.catalog, self.hotfix)
        for branch in seen.branches:
            if branch in main or not branch.commit or not branch.ref.startswith(folders):
                continue
            is_here = branch.ref.startswith(here)
            name = branch.ref.removeprefix(here if is_here else there)
            parsed = self.catalog.read_branch(name)
            slug = parsed[0] if parsed else self._owner(name)
            known = slug in slugs
            if known or pattern.home:
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
        """Return the longest slug that *name* has where the pattern has its slug, or None.

        In a folder of hotfixes that is enough; elsewhere all text before the version must match.
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


def _called(branch: git.Ref) -> str:
    return branch.ref.removeprefix(HEADS).removeprefix("refs/remotes/")


def _begins(name: str, before: str, slug: str) -> bool:
    """Whether *name* begins with *before*, and not with a longer word than *slug*."""
    start = before.replace("{slug}", slug)
    is_longer = before.endswith("{slug}") and name[len(start) :][:1].isalnum()
    return name.startswith(start) and not is_longer


def _is_on(
    main: Iterable[git.Ref],
    on_main: frozenset[str],
    tag: TagState,
    state: ProductState,
    answers: Mapping[tuple[str, str, str], Answer],
) -> bool:
    """Whether main, here or as last seen on the remote, contains a tag."""
    found = [answers.get((state.product.name, tag.name, branch.commit)) for branch in main]
    return any(answer.contained for answer in found if answer) or (None in found and tag.commit in on_main)


def _is_release(tag: TagState) -> bool:
    return is_production(tag) and bool(tag.commit)


def _above(graph: git.Graph, releases: Sequence[TagState]) -> dict[str, str]:
    """Return, for each release, the name of the highest other one that it contains.

    Of several at one commit, a higher one contains the lower ones.

    Args:
        graph: contains their commits.
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


def _standing(branch: BranchState, others: Iterable[BranchState], graph: git.Graph) -> str:
    """Compare *branch* with the branch of its name on the other side: same, ahead, behind or diverged."""
    same_name = (each for each in others if each.name == branch.name and each.remote != branch.remote)
    other = next(same_name, None)
    if other is None:
        return ""
    if other.commit == branch.commit:
        return "same"
    if other.commit in graph.ancestors([branch.commit]):
        return "ahead"
    return "behind" if branch.commit in graph.ancestors([other.commit]) else "diverged"


def _based(
    branch: BranchState,
    releases: Sequence[TagState],
    graph: git.Graph,
    on_main: frozenset[str],
    done: Container[str],
) -> BranchState:
    """Add whether *branch* is merged or finished, and the release that it was started from.

    Args:
        branch: a branch.
        releases: the production tags of its product, lowest first.
        graph: contains their commits.
        on_main: the commits of main.
        done: commits whose change the release of their version has under other commits.
    """
    if branch.version is None:
        return evolve(branch, merged=branch.commit in on_main)
    core = branch.version.core
    own_releases = {tag.commit for tag in releases if core_of(tag) == core}
    finished = branch.commit in graph.ancestors(own_releases) or branch.commit in done
    branch = evolve(branch, merged=branch.commit in on_main, finished=finished)
    if branch.merged or branch.finished:
        return branch
    own = graph.ancestors([branch.commit])
    base = next((tag for tag in reversed(releases) if core_of(tag) < core and tag.commit in own), None)
    if base is None:
        return branch
    beyond = len((own & on_main) - graph.ancestors([base.commit]))
    return evolve(branch, base=base.name, beyond=beyond)
