"""Writing the files of a plan: all of them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.encoding import encode
from krow_versions.errors import ConcurrentEdit, FileTooLarge, KrowVersionsError
from krow_versions.planning.actions import WriteFile
from krow_versions.planning.expectations import FileHolds
from krow_versions.workspace.hotfix import storage

if TYPE_CHECKING:
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.protocols import Opened


def write_files(workspace: Opened, plan: Plan) -> tuple[str, ...]:
    """Write every ``WriteFile`` of *plan*, if all of its files still hold what it expects.

    Returns:
        Warnings, as :func:`krow_versions.files.replace_all` gives them.

    Raises:
        ConcurrentEdit: a file has changed since the plan was made; nothing was written.
        FileSystemError: a file cannot be read or written; nothing was written.
    """
    writes = [each for each in plan.actions if isinstance(each, WriteFile)]
    held = [each for each in plan.expects if isinstance(each, FileHolds)]
    texts = [(each.repo, each.path, each.before, each.after) for each in writes]
    texts += [(each.repo, each.path, each.text, each.text) for each in held]
    replacements = []
    for repo, path, before, after in texts:
        data = encode(before)
        try:
            read = files.read(workspace.repos[repo], path, limit=len(data))
        except FileTooLarge:
            raise stale(path) from None
        if read.data != data:
            raise stale(path)
        replacements.append(files.Replacement(read, encode(after)))
    return files.replace_all(replacements)


def outcome_of(workspace: Opened, plan: Plan) -> str:
    """Say how much of *plan* is in its files, by looking at them; nothing if it changes none."""
    writes = [each for each in plan.actions if isinstance(each, WriteFile)]
    held = [text_of(workspace, each.repo, each.path, each.before, each.after) for each in writes]
    if not writes:
        return ""
    if held == [encode(each.after) for each in writes]:
        return files.WRITTEN
    if held == [encode(each.before) for each in writes]:
        return files.NOT_WRITTEN
    return "not every file was written: run the same command again, which finishes it"


def text_of(workspace: Opened, repo: str, path: str, *expected: str) -> bytes | None:
    """Read a file that may hold one of the *expected* texts; None if it cannot be read, or is longer."""
    limit = max(len(encode(each)) for each in expected)
    try:
        return files.read(workspace.repos[repo], path, limit=limit).data
    except KrowVersionsError:
        return None


def clear_leftovers(workspace: Opened, plan: Plan) -> None:
    """Remove what killed runs have left beside the files of *plan*, and beside the records of a hotfix."""
    touched = [each for each in (*plan.actions, *plan.expects) if isinstance(each, WriteFile | FileHolds)]
    for repo, root in workspace.repos.items():
        files.clear_beside(root, (each.path for each in touched if each.repo == repo))
        if plan.step is not None:
            storage.clear(root)


def stale(path: str) -> ConcurrentEdit:
    """Make the error for a file that has changed since the plan was made."""
    return ConcurrentEdit(
        "the file has changed since the plan was made; nothing was written",
        path=path,
        hint="run the command again",
    )
