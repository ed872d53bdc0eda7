"""What git and the files say of one hotfix: gathered here, judged in the room ``hotfix``."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import git, releases
from krow_versions.errors import Conflict, FileTooLarge, GitError, Unsupported
from krow_versions.hotfix import Facts
from krow_versions.names import HEADS, TAGS
from krow_versions.workspace import discovery
from krow_versions.workspace.revisions import CHANGELOG, below_top

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from krow_versions.products import Catalog, Product
    from krow_versions.settings import Hotfix
    from krow_versions.snapshot import PastFile, ProductState, TagState
    from krow_versions.version import Version
    from krow_versions.workspace.git_state import RepositoryState
    from krow_versions.workspace.protocols import Opened

_AT_TIP = "the branch"  # How a file of the hotfix's last commit is called where it cannot be read.


@attrs.frozen
class HotfixContext:
    """Where the hotfixes of a product happen: the repository that its tags are in.

    Attributes:
        product: the product.
        repository: as it stood when it was opened.
        catalog: how tags and branches are called.
        settings: how the main branch and the remote are called.
        remote: the remote's name, or None where it is not configured in this repository.
    """

    product: Product
    repository: git.Repository
    catalog: Catalog
    settings: Hotfix
    remote: str | None

    @classmethod
    def of(cls, workspace: Opened, name: str) -> HotfixContext:
        """Find it.

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
            raise _no_repository(product, root)
        settings = workspace.config.hotfix
        remote = settings.remote if settings.remote in git.remote_names(repository) else None
        return cls(product, repository, workspace.catalog, settings, remote)

    @property
    def main(self) -> str:
        """The full name of the main branch."""
        return HEADS + self.settings.main

    @property
    def tracked_main(self) -> str:
        """The full name of what was last seen of the remote's main branch."""
        return f"refs/remotes/{self.settings.remote}/{self.settings.main}"

    def branch(self, version: Version) -> str:
        """Give the full name of the branch of *version*."""
        return HEADS + self.catalog.branch.format(self.product.slug, version)

    def tag(self, version: Version) -> str:
        """Give the full name of the production tag of *version*."""
        return TAGS + self.catalog.tags["production"].format(self.product.slug, version)


def gather(
    workspace: Opened,
    place: HotfixContext,
    version: Version,
    *,
    ask: bool,
    acts: bool = False,
    there: Mapping[str, git.RemoteRef] | None = None,
) -> Facts:
    """Gather all that is known of the hotfix that ships *version*.

    Args:
        workspace: where the product is.
        place: the product's.
        version: x.y.z.
        ask: whether to ask the remote what it has; a remote that does not answer leaves it unknown.
        acts: whether something follows that runs the repository's programs, such as a push: else none
            runs now, and the remote is not asked where the repository's own configuration steers that.
        there: what the remote has, where it was asked a moment ago.

    Raises:
        Conflict: the hotfix's tag cannot be read.
        GitError: git failed.
    """
    branch = place.branch(version)
    mains = [place.main, place.tracked_main] if place.remote else [place.main]
    witness, drafts = workspace.look([place.product.name], also=[branch, *mains])
    seen = witness.seen(place.product.repo)
    if seen is None:
        raise _no_repository(place.product, workspace.repos[place.product.repo])
    tip = seen.commit(branch)
    (state,) = witness.states(drafts, log=False, beside={_AT_TIP: tip} if tip else {})
    facts = Facts(
        state=attrs.evolve(state, beside=()),
        version=version,
        branch=branch.removeprefix(HEADS),
        tip=tip,
        checked_out=seen.repository.branch == branch,
        base=_release(state, version, below=True),
        tag=_release(state, version),
        remote=place.remote,
    )
    facts = _with_tag(facts)
    if tip is not None:
        facts = _with_commits(place, facts, seen, tip)
        facts = _with_files(workspace, facts, seen, state.beside, acts=acts)
    return _with_remote(place, facts, seen, there, acts=acts) if ask else facts


def newest_main(place: HotfixContext) -> str | None:
    """Give the commit of the main branch as best known: here, or as last seen on the remote.

    Where the two have diverged, it is the one here.
    """
    here = git.resolve(place.repository, place.main)
    there = git.resolve(place.repository, place.tracked_main) if place.remote else None
    if here is None or there is None:
        return here or there
    return there if git.is_ancestor(place.repository, here, there) else here


def _release(state: ProductState, version: Version, *, below: bool = False) -> TagState | None:
    """Find the production tag of *version*, or of the PATCH below it."""
    major, minor, patch = version.core
    wanted = (major, minor, patch - 1) if below else version.core
    return releases.of_version(state.tags, wanted)


def _with_tag(facts: Facts) -> Facts:
    tag = facts.tag
    if tag is None:
        return facts
    if not tag.commit:
        raise Conflict(
            f"the tag {tag.name} cannot be read: it names no commit that is here",
            hint="git fsck tells what is broken; fetch the tag again",
        )
    return attrs.evolve(facts, tag_at=tag.commit, tag_annotated=tag.annotated, tagged=tag.date)


def _with_commits(place: HotfixContext, facts: Facts, seen: RepositoryState, tip: str) -> Facts:
    """Add what the branch has beyond the base, and how it stands to main."""
    main = _newest_main(place, seen)
    base = facts.base.commit if facts.base else ""
    commits = git.commits(seen.repository, base, tip) if base else ()
    contains_base = bool(base) and _contains(seen, tip, base)
    merged = bool(commits) and main is not None and _contains(seen, main, tip)
    beyond = 0
    if main and contains_base and not merged:
        own = set(seen.graph.beyond(main, tip))
        beyond = sum(commit.id not in own for commit in commits)
    return attrs.evolve(
        facts,
        based=contains_base and not beyond,
        commits=commits,
        main=main,
        behind=len(seen.graph.beyond(tip, main)) if main else 0,
        merged=merged,
    )


def _with_files(
    workspace: Opened, facts: Facts, seen: RepositoryState, at_tip: Sequence[PastFile], *, acts: bool
) -> Facts:
    """Add what the branch changes, what its files are at the tip, and what is not committed."""
    repository = seen.repository
    prefix = below_top(repository, workspace.repos[facts.state.product.repo])
    changes = git.changes(repository, facts.base.commit, facts.tip) if facts.base and facts.tip else ()
    changelog = next((file for file in at_tip if file.format == CHANGELOG), None)
    if changelog is not None and changelog.error is not None:
        raise FileTooLarge(changelog.error.message, path=f"{facts.branch}:{changelog.path}")
    reach = git.Reach.ACT if acts else git.Reach.LOOK
    dirty = git.changed_paths(repository, reach=reach) if facts.checked_out else None
    return attrs.evolve(
        facts,
        changes=tuple(attrs.evolve(change, path=_seen_from(prefix, change.path)) for change in changes),
        at_tip=tuple(file for file in at_tip if file is not changelog),
        changelog_at_tip=None if changelog is None else changelog.data.decode("utf-8", "replace"),
        dirty=tuple(_seen_from(prefix, path) for path in dirty.tracked) if dirty else (),
        unknown=tuple(_seen_from(prefix, path) for path in dirty.unknown) if dirty else (),
        untracked=tuple(_seen_from(prefix, path) for path in dirty.untracked) if dirty else (),
    )


def _newest_main(place: HotfixContext, seen: RepositoryState) -> str | None:
    """Give the commit of the main branch as best known, as :func:`newest_main`."""
    here = seen.commit(place.main)
    there = seen.commit(place.tracked_main) if place.remote else None
    if here is None or there is None:
        return here or there
    return there if _contains(seen, there, here) else here


def _contains(seen: RepositoryState, commit: str, other: str) -> bool:
    """Tell whether one commit contains another.

    Raises:
        Unsupported: history is cut off, and what is left of it does not say yes.
    """
    found = seen.graph.contains(commit, other)
    if not found and seen.repository.shallow:
        raise git.cut_off()
    return found


def _seen_from(prefix: str, path: str) -> str:
    """Give a path from the top of the repository as the product's files are named: from their folder."""
    if not prefix:
        return path
    return os.path.relpath(path, prefix) + ("/" if path.endswith("/") else "")


def _with_remote(
    place: HotfixContext,
    facts: Facts,
    seen: RepositoryState,
    there: Mapping[str, git.RemoteRef] | None,
    *,
    acts: bool,
) -> Facts:
    """Add what the remote has of it, as far as it can be known."""
    if place.remote is None:
        return facts
    repository = seen.repository
    branch, tag = HEADS + facts.branch, place.tag(facts.version)
    try:
        reach = git.Reach.ACT if acts else git.Reach.ASK
        if there is None:
            there = git.remote_refs(repository, place.remote, [branch, place.main, tag], reach=reach)
    except GitError as error:
        return attrs.evolve(facts, unasked="\n  hint: ".join(filter(None, (error.message, error.hint))))
    own_tag = next((each for each in seen.tags[place.product.slug] if each.ref == tag), None)
    main_pushed: bool | None = None
    shipped = facts.tip or facts.tag_at
    if place.main not in there:
        main_pushed = False
    elif shipped:
        main = there[place.main].object_id
        if main in seen.graph.parents:
            main_pushed = _contains(seen, main, shipped)
        else:
            with contextlib.suppress(GitError):  # What is there may not be here.
                main_pushed = git.is_ancestor(repository, shipped, main)
    return attrs.evolve(
        facts,
        branch_pushed=branch in there and there[branch].object_id == facts.tip,
        main_pushed=main_pushed,
        tag_pushed=own_tag is not None and tag in there and there[tag].object_id == own_tag.object_id,
    )


def _no_repository(product: Product, root: str) -> Unsupported:
    return Unsupported(
        f"{product.name} is in no git repository, and a hotfix is a branch of one",
        path=root,
        hint="name another workspace with -C",
    )
