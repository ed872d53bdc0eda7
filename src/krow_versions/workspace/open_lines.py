"""The lines that a product may ship from next: main, the branches of lines, open hotfix branches, HEAD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.names import HEADS
from krow_versions.snapshot import OpenLine
from krow_versions.values import frozen
from krow_versions.workspace import later_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from krow_versions import git
    from krow_versions.products import Catalog, Product
    from krow_versions.settings import Hotfix
    from krow_versions.snapshot import BranchState, ProductState, RepoState


@frozen
class OpenLines:
    """Finds the lines of products in one repository.

    Attributes:
        catalog: has the pattern of hotfix branches.
        hotfix: names the remote.
        listed: the branches of the repository.
        graph: contains their commits, and HEAD.
    """

    catalog: Catalog
    hotfix: Hotfix
    listed: Sequence[git.Ref]
    graph: git.Graph

    def ends(self, product: Product, main: str) -> dict[str, str]:
        """Return the commits of main, and of the hotfix branches that it lacks, by their full names."""
        mains = [each for each in self.listed if each.commit and self._short(each.ref) == main]
        found = {each.ref: each.commit for each in mains}
        for each in self.listed:
            parsed = self.catalog.read_branch(self._short(each.ref)) if each.commit else None
            is_own = parsed is not None and parsed[0] == product.slug
            if is_own and not any(self.graph.contains(line.commit, each.commit) for line in mains):
                found[each.ref] = each.commit
        return found

    def of(
        self, state: ProductState, branches: Iterable[BranchState], later: Iterable[later_lines.Later]
    ) -> Iterator[OpenLine]:
        """Yield the lines of a product; none in a shallow clone, where it is not known what has shipped.

        Args:
            state: the product.
            branches: its hotfix branches.
            later: main and the branches of lines.
        """
        if state.repo.shallow:
            return
        commits = {each.ref: each.commit for each in self.listed if each.commit}
        groups = {line.state.name: (line.state.kind, line.state.refs) for line in later}
        for branch in branches:
            is_open = not branch.merged or branch.name in state.repo.on  # Merged before it has shipped.
            if branch.version is not None and is_open and not branch.finished:
                refs = (side + branch.name for side in later_lines.sides(self.hotfix))
                groups[branch.name] = ("hotfix", tuple(ref for ref in refs if ref in commits))
        found = [
            self._line(kind, {ref: commits[ref] for ref in refs}, state.repo)
            for kind, refs in groups.values()
        ]
        yield from found
        name, head = state.repo.branch or "", state.repo.head
        is_line = any(line.is_here for line in found) or any(map(self.catalog.read_branch, state.repo.on))
        inside = (commits[ref] for line in found for ref in line.refs)
        if head and not is_line and not any(self.graph.contains(commit, head) for commit in inside):
            yield OpenLine("checkout", name or "HEAD", name, is_here=True)

    def _line(self, kind: str, sides: dict[str, str], repo: RepoState) -> OpenLine:
        """Leave out the side of a branch that the other one contains, and what is checked out.

        Args:
            kind: as in :class:`OpenLine`.
            sides: its commits, here and as last fetched, by their full names.
            repo: its repository.
        """
        commits = set(sides.values())
        outdone = {
            each for each in commits if any(self.graph.contains(other, each) for other in commits - {each})
        }
        newest = {ref: commit for ref, commit in sides.items() if commit not in outdone}
        local = next((ref for ref in sides if ref.startswith(HEADS)), None)
        if repo.branch:
            is_here = local == f"{HEADS}{repo.branch}" and local in newest
        else:
            is_here = repo.head in newest.values()
        branch = self._short(next(iter(sides)))
        by_commit = {commit: ref for ref, commit in reversed(newest.items())}  # One ref of each; here first.
        return OpenLine(
            kind,
            branch if local else f"{self.hotfix.remote}/{branch}",
            branch,
            tuple(ref for commit, ref in by_commit.items() if not (is_here and commit == repo.head)),
            is_here,
            is_behind=local is not None and local not in newest,
        )

    def _short(self, ref: str) -> str:
        """Return the name of a branch without its remote."""
        for side in later_lines.sides(self.hotfix):
            ref = ref.removeprefix(side)
        return ref
