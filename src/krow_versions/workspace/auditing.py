"""The snapshot that an audit is computed from: what is missing or cannot be read is part of it."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from krow_versions import files, git
from krow_versions.audit import audit
from krow_versions.errors import FileSystemError, InputError, Unsupported, UsageError
from krow_versions.files import top_of
from krow_versions.history import read_history
from krow_versions.products import VersionFile, repo_path, require_names
from krow_versions.progress import ticked
from krow_versions.snapshot import ChangelogState, FileState, ProductState, Snapshot
from krow_versions.values import evolve
from krow_versions.workspace import discovery, file_state
from krow_versions.workspace.git_state import GitReader
from krow_versions.workspace.hotfix.incidents import with_incidents
from krow_versions.workspace.overrides import with_overrides
from krow_versions.workspace.own_changelog import with_own_changelogs
from krow_versions.workspace.pins import with_pins
from krow_versions.workspace.release_lines import Lineage, branches_of
from krow_versions.workspace.remote_state import RemoteReader
from krow_versions.workspace.revisions import below_top
from krow_versions.workspace.tag_evidence import with_evidence
from krow_versions.workspace.user_input import given_moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from krow_versions.audit import Report
    from krow_versions.history import History
    from krow_versions.products import Product
    from krow_versions.progress import Tick
    from krow_versions.workspace.protocols import Opened


def audit_of(
    workspace: Opened,
    names: Sequence[str],
    *,
    history: bool,
    remote: bool,
    incidents: bool,
    signers: str | os.PathLike[str] | None,
    now: dt.datetime | None,
) -> Report:
    """See :meth:`Workspace.audit`."""
    require_names(tuple(names), "audit")
    catalog, moment = workspace.catalog, given_moment(now or workspace.clock(), "now")
    wanted = tuple(dict.fromkeys(catalog.product(name) for name in names)) or catalog.products
    snapshot = deep_snapshot(
        workspace,
        wanted,
        past=history,
        remote=remote,
        incidents=incidents,
        evidence=True,
        signers=None if signers is None else os.fspath(signers),
    )
    for product in wanted if names else ():
        if product not in {state.product for state in snapshot.products}:
            workspace[product.name]  # Raises: it has no file here.
    return audit(
        snapshot,
        workspace.config.audit,
        moment,
        history=history,
        taggers=workspace.config.tags.taggers,
        progress=workspace.progress,
    )


def history_of(workspace: Opened, name: str) -> History:
    """See :meth:`Workspace.history`."""
    snapshot = deep_snapshot(workspace, [workspace.catalog.product(name)], past=True)
    if not snapshot.products:
        workspace[name]  # Raises: it has no file here.
    (state,) = snapshot.products
    repo = state.repo
    if repo.error is not None:
        raise repo.error
    if repo.head is None and repo.branch is None:
        raise Unsupported(
            f"{state.product.name} is in no git repository, so its releases are not known",
            path=repo.root,
            hint="run this in a clone of its repository",
        )
    history = read_history(state, workspace.progress)
    if not history.releases and (repo.shallow or repo.untagged):
        what = "is shallow" if repo.shallow else "was made without tags"
        raise Unsupported(
            f"this clone {what}, so which releases {state.product.name} has is not known",
            path=repo.root,
            hint=f"fetch them: git fetch --tags{' --unshallow' if repo.shallow else ''}",
        )
    return history


def deep_snapshot(
    workspace: Opened,
    products: Sequence[Product],
    *,
    past: bool,
    remote: bool = False,
    incidents: bool = False,
    evidence: bool = False,
    signers: str | None = None,
) -> Snapshot:
    """Read files and git, once, for *products*, with the history that an audit needs.

    Missing files are listed, too, also those that only git has. A product without any file is left out.

    Args:
        workspace: the workspace of the products.
        products: which of them to read.
        past: whether version files are read at every tag.
        remote: whether the remote of each repository is asked what it has.
        incidents: whether the records of hotfixes are read.
        evidence: whether it is read who made production tags, and signatures are verified, if the
            configuration or *signers* asks for it.
        signers: the signers file, instead of the one in the configuration.

    Raises:
        UnsafePath: a path leads out of its repository.
        GitError: git failed.
    """
    discovery.require_real(workspace.repos)
    hotfix = workspace.config.hotfix.of(_remotes(workspace.repos.values()))
    also = branches_of(workspace.catalog, hotfix)
    reader = GitReader(
        workspace.catalog, workspace.repos, products, also, auditing=True, hotfix=hotfix,
        progress=workspace.progress,
    )  # fmt: skip
    tracked = _tracked(workspace.repos, reader)
    tick = workspace.progress("reading files", None)
    read = [_draft(workspace, reader, product, tracked, tick) for product in products]
    drafts = with_pins(
        workspace, [with_overrides(workspace.repos, workspace.catalog, draft) for draft in read]
    )
    lineage = Lineage(reader, hotfix)
    states = reader.states(
        [draft for draft in drafts if draft.files],
        whole=past,
        log=False,
        more=functools.partial(lineage.questions, whole=past),
    )
    states = with_own_changelogs(workspace.catalog, states)
    states = lineage.deepened(states, whole=past)
    if remote:
        states = RemoteReader(reader, hotfix).completed(states)
    if evidence:
        states = with_evidence(workspace, reader, states, signers)
    if incidents:
        states = with_incidents(workspace, reader, states)
    return Snapshot(workspace.catalog, states, lineage.strays(states))


def _remotes(folders: Iterable[str]) -> set[str]:
    tops = {top for folder in folders if (top := top_of(folder))}
    return {name for top in tops for name in git.fetched_remotes(top)}


def _draft(
    workspace: Opened,
    reader: GitReader,
    product: Product,
    tracked: Mapping[str, Sequence[str]],
    tick: Tick,
) -> ProductState:
    found: dict[tuple[str, str, str], FileState] = {}
    for file in product.files:
        for state in _of_pattern(workspace, product, file, tick):
            found[state.repo, state.path, state.key or ""] = state
    for state in _lost(workspace.repos, product, tracked):
        found[state.repo, state.path, ""] = state
    states = tuple(found[where] for where in sorted(found))
    # The CHANGELOG is beside the first file, which is not known while a folder cannot be read.
    seen = () if any(state.closed for state in states) else states
    named = (state for state in seen if not state.missing and state.follows is None)
    first = next((VersionFile(state.path, repo=state.repo) for state in named), None)
    changelog = _changelog(workspace.repos, product, first, tracked) if first else None
    return ProductState(product, reader.look(product.repo)[0], states, changelog=changelog)


def _changelog(
    repos: Mapping[str, str], product: Product, first: VersionFile, tracked: Mapping[str, Sequence[str]]
) -> ChangelogState | None:
    """Read its CHANGELOG, if it has one; one that git tracks and that is not on disk is an error."""
    repo = first.repo or product.repo
    try:
        state = file_state.read_changelog(repos, product, first)
    except FileSystemError as error:
        return ChangelogState(product.repo, error.path or _CHANGELOG, error=error)
    beside = _beside(first.path)
    if state is None and beside in tracked.get(repo, ()):
        gone = InputError("it is in git, but not on disk", hint="restore it, or remove it from git, too")
        return ChangelogState(repo, beside, error=gone)
    return state


def _beside(path: str) -> str:
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}{_CHANGELOG}"


_CHANGELOG = "CHANGELOG.md"


def _of_pattern(workspace: Opened, product: Product, file: VersionFile, tick: Tick) -> Iterator[FileState]:
    """Read what one pattern matches; a pattern of a configuration that matches nothing is a missing file.

    A folder that cannot be read is an error like a file that cannot be read; the others are read.
    """
    repo = file.repo or product.repo
    faults: list[FileSystemError] = []
    try:
        alone = evolve(product, files=(file,))
        found = file_state.find_files(workspace.repos, alone, workspace.source, faults=faults)
    except UsageError as error:
        said = f"{repo_path(repo, file.path)} is configured, but there is no such file"
        missing = InputError(said, path=error.path, key=error.key, hint=error.hint)
        yield FileState(repo, file.path, file.format or "", file.key, error=missing, missing=True)
        return
    yield from file_state.read_version_files(workspace.repos, ticked(found, tick))
    for fault in faults:
        yield _unreadable(repo, fault)


def _unreadable(repo: str, error: FileSystemError) -> FileState:
    return FileState(repo, error.path or "", "", error=error, closed=True)


def _patterns(product: Product, repo: str) -> list[str]:
    """List the paths of a product in a repository, both of a file that has two."""
    own = [file for file in product.files if (file.repo or product.repo) == repo]
    return [path for file in own for path in (file.path, file.otherwise) if path]


def _tracked(repos: Mapping[str, str], reader: GitReader) -> dict[str, tuple[str, ...]]:
    """List the version files that git tracks, of all products; one process for each repository."""
    tracked: dict[str, tuple[str, ...]] = {}
    products = reader.products
    for repo in dict.fromkeys(file.repo or each.repo for each in products for file in each.files):
        _, repository = reader.look(repo)
        if repository is not None:
            prefix = below_top(repository, repos[repo])
            wanted = [prefix + pattern for product in products for pattern in _patterns(product, repo)]
            found = git.tracked(repository, [*wanted, *dict.fromkeys(map(_beside, wanted))])
            tracked[repo] = tuple(path.removeprefix(prefix) for path in found)
    return tracked


def _lost(
    repos: Mapping[str, str], product: Product, tracked: Mapping[str, Sequence[str]]
) -> Iterator[FileState]:
    """Find the version files that git tracks and that are not on disk."""
    for repo in dict.fromkeys(file.repo or product.repo for file in product.files):
        for path in git.matching(tracked.get(repo, ()), _patterns(product, repo)):
            try:
                is_gone = not files.exists(repos[repo], path)
            except FileSystemError as error:
                yield _unreadable(repo, error)
                continue
            if is_gone:
                gone = InputError(
                    f"{repo_path(repo, path)} is in git, but not on disk",
                    path=repo_path(repo, path),
                    hint="restore it, or remove it from git, too",
                )
                yield FileState(repo, path, "", error=gone, missing=True)
