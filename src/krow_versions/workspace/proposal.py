"""``init``: write a proposed configuration for a repository."""

from __future__ import annotations

import functools
import os
import stat
from typing import TYPE_CHECKING

from krow_versions import config, files, git
from krow_versions.encoding import decode, encode
from krow_versions.errors import Conflict, FileSystemError, KrowVersionsError, Unsupported, UsageError
from krow_versions.files import top_of
from krow_versions.formats import BUILT_IN, MIB, known_by_name, plugins
from krow_versions.names import HEADS, TAGS
from krow_versions.progress import Progress, steps_of, unseen
from krow_versions.settings import Hotfix
from krow_versions.text.escaping import quoted
from krow_versions.text.paths import is_match
from krow_versions.text.words import listed
from krow_versions.values import frozen
from krow_versions.workspace import sparse

if TYPE_CHECKING:
    from krow_versions.workspace.clock import Clock


@frozen
class Initialized:
    """A new configuration.

    Attributes:
        path: the absolute path of its file.
        proposal: what is in it.
        lack: why tags may be missing in this clone, such as ``is shallow``; None if nothing says so.
        remedy: the command that fetches them.
    """

    path: str
    proposal: config.Proposal
    lack: str | None = None
    remedy: str | None = None


def init_workspace(folder: str, clock: Clock, progress: Progress = unseen) -> Initialized:
    """Write a ``krow-versions.toml`` at the top of the repository around *folder*.

    Raises:
        Conflict: there is one; it is not changed.
        Unsupported: no product was found, or a sparse checkout leaves out what is there; nothing is written.
        UsageError: no such folder.
        FileSystemError: a folder or file cannot be read, or the configuration cannot be written.
    """
    start = files.real_path(folder)
    if not files.is_folder(start):
        raise UsageError(f"there is no folder {quoted(folder)}", hint="name a folder that is there")
    root = top_of(start) or start
    path = os.path.join(root, config.FILE_NAME)
    sparse.require(root, config.FILE_NAME)
    if files.exists(root, config.FILE_NAME):
        files.clear_beside(root, [config.FILE_NAME])
        raise Conflict(
            "there is a configuration already",
            path=path,
            hint="it is left as it is; for a new proposal, move it away first",
        )
    repository = git.open_repository(root)
    tags = (
        [ref.ref.removeprefix(TAGS) for ref in git.list_refs(root, [TAGS], common=repository.common_dir)]
        if repository
        else []
    )
    proposal = _proposal(root, repository, tags, clock, progress)
    if not proposal.products:
        reasons = [f"{heading}: {listed(lines, 1)}" for heading, lines in proposal.left_out.items()]
        what = "; ".join(reasons) or "no file of a known format has a version"
        raise Unsupported(
            f"no product was found under {quoted(root)}: {what[:1].lower()}{what[1:]}",
            hint="write krow-versions.toml by hand: krow-versions config schema prints its schema",
        )
    files.create(root, config.FILE_NAME, encode(proposal.text))
    if repository and repository.shallow:
        return Initialized(path, proposal, "is shallow", "git fetch --tags --unshallow")
    if repository and not tags and git.gives_no_tags(repository.settings()):
        return Initialized(path, proposal, "was made without tags", "git fetch --tags")
    return Initialized(path, proposal)


def _proposal(
    root: str, repository: git.Repository | None, tags: list[str], clock: Clock, progress: Progress
) -> config.Proposal:
    paths = git.present(repository) if repository else files.find(root, "**")
    shown = [path for path in paths if all(is_match(part, "*") for part in path.split("/"))]
    names = {
        name
        for known in (*BUILT_IN.values(), *plugins.every())
        if not known.is_lock
        for name in known.filenames
    }
    named = [path for path in sorted(shown) if path.rpartition("/")[2] in names.union(config.SPECIAL)]
    found = [_look(root, path) for path in steps_of(named, "reading files", progress) if _is_file(root, path)]
    changelogs = [path for path in shown if path.endswith(".md")]
    today, name = clock().date(), os.path.basename(root)
    if repository is None:
        return config.propose(found, [], changelogs, name=name, today=today)
    return config.propose(found, tags, changelogs, name=name, today=today, main=_main(repository))


def _is_file(root: str, path: str) -> bool:
    """Whether a path is there, and no symbolic link: what a link names is found by its own path."""
    status = files.status(path, root=root)
    return status is not None and not stat.S_ISLNK(status.st_mode)


def _look(root: str, path: str) -> config.FoundFile:
    chosen = known_by_name(path)
    try:
        text = decode(files.read(root, path, limit=chosen.max_bytes if chosen else MIB).data)
        return config.look_around(path, text, functools.partial(_beside, root))
    except FileSystemError:
        raise
    except KrowVersionsError as error:
        return config.FoundFile(path, chosen.name if chosen else "text", fault=error.message)


def _beside(root: str, path: str) -> str | None:
    """Return the text of a file that another one names, or None if there is none that can be read."""
    try:
        return decode(files.read(root, path, limit=MIB).data) if _is_file(root, path) else None
    except KrowVersionsError:
        return None


def _main(repository: git.Repository) -> config.Main | None:
    """Return the main branch, None in a repository without a commit."""
    if repository.head is None:
        return None
    remotes = git.remote_names(repository)
    name, is_evident = git.evident_branch(repository, Hotfix().of(remotes).remote if remotes else None)
    current = (repository.branch or "").removeprefix(HEADS)
    return (
        config.Main(name, is_evident=True)
        if is_evident or not current
        else config.Main(current, is_evident=False)
    )
