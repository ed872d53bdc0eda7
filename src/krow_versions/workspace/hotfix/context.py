"""The repository in which the hotfixes of a product happen, and fetching what its remote has of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.errors import GitError, GitMissing, Unsupported
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import HeadAt, RefAt, git_in
from krow_versions.workspace import discovery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.hotfix import Facts
    from krow_versions.products import Catalog, Product
    from krow_versions.settings import Hotfix
    from krow_versions.version import Version
    from krow_versions.workspace.protocols import Opened


@attrs.frozen
class HotfixContext:
    """The repository that a product's tags are in, with the names that hotfixes use there.

    Attributes:
        product: the product.
        repository: as it stood when it was opened.
        catalog: how tags and branches are called.
        settings: how the main branch and the remote are called.
        remote: the remote's name, or None where it is not configured in this repository.
        shown_root: the repository's folder where the workspace has several, so that commands name it;
            else empty.
    """

    product: Product
    repository: git.Repository
    catalog: Catalog
    settings: Hotfix
    remote: str | None
    shown_root: str

    @classmethod
    def of(cls, workspace: Opened, name: str) -> HotfixContext:
        """Open the repository of a product.

        Raises:
            UsageError: there is no such product.
            Unsupported: the product is in no git repository.
            UnsafePath: the repository's folder became a link meanwhile.
            GitError: git failed.
        """
        product = workspace[name].product
        discovery.require_real(workspace.repos)
        root = workspace.repos[product.repo]
        repository = git.open_repository(root)
        if repository is None:
            raise no_repository(product, root)
        settings = workspace.config.hotfix
        remote = settings.remote if settings.remote in git.remote_names(repository) else None
        shown_root = root if len(workspace.repos) > 1 else ""
        return cls(product, repository, workspace.catalog, settings, remote, shown_root)

    @property
    def git(self) -> str:
        """How people call git in this repository: they may stand in another one."""
        return git_in(self.shown_root)

    @property
    def main(self) -> str:
        """The full name of the main branch."""
        return HEADS + self.settings.main

    @property
    def tracked_main(self) -> str:
        """The full name of the remote-tracking branch of main."""
        return f"refs/remotes/{self.settings.remote}/{self.settings.main}"

    def tracked(self, branch: str) -> str:
        """Give the full name of the remote-tracking branch of a branch, by its full name."""
        return f"refs/remotes/{self.settings.remote}/{branch.removeprefix(HEADS)}"

    def branch(self, version: Version) -> str:
        """Give the full name of the branch of *version*."""
        return HEADS + self.catalog.branch.format(self.product.slug, version)

    def tag(self, version: Version) -> str:
        """Give the full name of the production tag of *version*."""
        return TAGS + self.catalog.tags["production"].format(self.product.slug, version)

    def expected(self, facts: Facts) -> tuple[HeadAt | RefAt, ...]:
        """Give where HEAD, the branch and the tag of a hotfix were when *facts* were gathered."""
        repo, head = self.product.repo, facts.state.repo
        return (
            HeadAt(repo, HEADS + head.branch if head.branch else None, head.head),
            RefAt(repo, HEADS + facts.branch, facts.tip_here),
            RefAt(repo, self.tag(facts.version), facts.tag_at, facts.tag_object),
        )


@attrs.frozen
class Fetched:
    """The result of a fetch.

    Attributes:
        differing: the names of tags that differ here and on the remote; the local ones were kept.
        there: what the remote has of main and of the hotfix that was asked for, by full name.
    """

    differing: tuple[str, ...] = ()
    there: Mapping[str, git.RemoteRef] = attrs.field(factory=dict)


def fetch(context: HotfixContext, version: Version | None = None) -> Fetched:
    """Fetch main, the hotfix branches and the product's tags from the remote, if there is one.

    Args:
        context: the repository and its remote.
        version: of the hotfix whose branch and tag are asked for.

    Raises:
        GitError: the remote cannot be asked.
    """
    if context.remote is None:
        return Fetched()
    try:
        return _fetch(context, context.remote, version)
    except GitMissing:
        raise
    except GitError as error:
        error.advise("try again, or add --no-fetch to use what is known of the remote here")
        raise


def _fetch(context: HotfixContext, remote: str, version: Version | None) -> Fetched:
    home = context.catalog.branch.home
    refs = [f"{HEADS}{home}/*"] if home else []
    folders = {pattern.folder(context.product.slug) for pattern in context.catalog.tags.values()}
    refs += [f"{TAGS}{folder}/*" if folder else f"{TAGS}*" for folder in sorted(folders)]
    asked = [context.main, *((context.branch(version), context.tag(version)) if version else ())]
    there = git.remote_refs(context.repository, remote, asked, reach=git.Reach.ACT)
    if context.main in there:
        refs.append(context.main)
    differing = git.fetch(context.repository, remote, refs)
    return Fetched(tuple(tag.ref.removeprefix(TAGS) for tag in differing), there)


def no_repository(product: Product, root: str) -> Unsupported:
    """Give the error for a product whose folder is in no git repository."""
    return Unsupported(
        f"{product.name} is in no git repository, and a hotfix is a branch of one",
        path=root,
        hint="name another workspace with -C",
    )
