"""What the remotes of repositories have, for an audit: each is asked once, and nothing is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.errors import GitError
from krow_versions.names import HEADS, TAGS
from krow_versions.snapshot import RemoteState
from krow_versions.text.escaping import shell_command
from krow_versions.values import evolve, frozen
from krow_versions.workspace import later_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.settings import Hotfix
    from krow_versions.snapshot import ProductState
    from krow_versions.workspace.git_state import GitReader, RepositoryState


@frozen
class RemoteReader:
    """Asks the remote of each repository for its branches and tags.

    One process for each repository, whatever the number of products in it.

    Attributes:
        reader: has read the repositories.
        hotfix: the names of the remote and of the branches that ship later.
    """

    reader: GitReader
    hotfix: Hotfix

    @property
    def remote(self) -> str:
        """The name of the remote."""
        return self.hotfix.remote

    def completed(self, states: Sequence[ProductState]) -> tuple[ProductState, ...]:
        """Add to *states* what the remotes have, or why they do not answer."""
        asked: dict[str, RemoteState] = {}
        done = []
        for state in states:
            seen = self.reader.seen(state.product.repo)
            if seen is None:
                done.append(state)
                continue
            root = seen.repository.root
            asked[root] = asked.get(root) or self._ask(seen)
            done.append(evolve(state, repo=evolve(state.repo, remote=asked[root])))
        return tuple(done)

    def _ask(self, seen: RepositoryState) -> RemoteState:
        if self.remote not in git.remote_names(seen.repository):
            adding = shell_command(["git", "remote", "add", self.remote])
            missing = GitError(
                f"there is no remote {self.remote} here",
                hint=f"add it: {adding} URL; or name another one: remote of [hotfix]",
            )
            return RemoteState(self.remote, error=missing)
        try:
            found = git.remote_refs(seen.repository, self.remote, self._patterns(seen.main))
        except GitError as error:
            return RemoteState(self.remote, error=error)
        refs = tuple((ref, each.object_id, each.peeled) for ref, each in sorted(found.items()))
        tracked = f"refs/remotes/{self.remote}/"
        known = {each.ref.removeprefix(tracked): each.commit for each in seen.branches}
        stale = (
            ref.removeprefix(HEADS)
            for ref, commit, _ in refs
            if ref.startswith(HEADS) and known.get(ref.removeprefix(HEADS), commit) != commit
        )
        return RemoteState(self.remote, refs, tuple(stale))

    def _patterns(self, main: str) -> list[str]:
        """Name main, the branches that the reader lists, and the tags of its products, as the remote does."""
        tracked = f"refs/remotes/{self.remote}/"
        own = [each.removeprefix(tracked) for each in self.reader.also if each.startswith(tracked)]
        own = [*filter(None, own), *later_lines.listed_for(self.hotfix)]
        heads = (f"{HEADS}{each}*" if not each or each.endswith("/") else HEADS + each for each in own)
        folders = self.reader.catalog.tag_folders(self.reader.products)
        return [
            HEADS + main,
            *heads,
            *(f"{TAGS}{each}*" for each in folders),
        ]
