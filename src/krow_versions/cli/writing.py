"""Writing the file of ``--output``: whole or not at all, and never through a link out of the workspace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.errors import Conflict, UnsafePath, UsageError
from krow_versions.text.escaping import quoted, quoted_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LARGEST = 64 << 20  # In bytes, of a file that is replaced: it is read, to detect a change before the write.


def target_of(output: str) -> str:
    """Return the real path of the file to write.

    Raises:
        UsageError: it does not name a file, or its folder does not exist.
        FileSystemError: the path cannot be resolved.
        Unsupported: as :func:`krow_versions.files.require_writing`.
    """
    files.require_writing()
    path = files.real_path(output)
    if not output or files.is_folder(path):
        raise UsageError(
            f"--output: {quoted(output)} does not name a file", hint="name a file, or - for stdout"
        )
    if not files.is_folder(os.path.dirname(path)):
        folder = os.path.dirname(output) or os.path.dirname(path)
        raise UsageError(
            f"--output: there is no folder {quoted(folder)}", hint="make it, or name a file elsewhere"
        )
    return path


def keep_inside(output: str, target: str, roots: Iterable[str]) -> None:
    """Refuse an output inside *roots* that a link in there leads out of them.

    A link in a clone may have been committed by anybody. An output that is named outside is not checked.

    Args:
        output: as it was typed.
        target: its real path, as :func:`target_of` returns it.
        roots: real paths of the folders.

    Raises:
        UnsafePath: it leads out of them, or into git's own folder.
    """
    roots = tuple(roots)
    here = files.real_path("/" if output.startswith("/") else ".")
    for part in output.split("/"):
        there = files.real_path(os.path.join(here, part))
        if part != ".." and _inside(roots, here) and not _inside(roots, there):
            raise _unsafe(output, f"leads out of the workspace, to {quoted_whole(target)}")
        here = there
    if any(files.is_git_folder(part) for parts in _inside(roots, target) for part in parts):
        raise _unsafe(output, f"leads into git's own folder, to {quoted_whole(target)}")


def require_ours(output: str, target: str, is_ours: Callable[[bytes], bool]) -> None:
    """Refuse to replace a file that is not ours, or that people have changed.

    Args:
        output: as it was typed.
        target: its real path, as :func:`target_of` returns it.
        is_ours: whether a file with these bytes is ours and unchanged.

    Raises:
        Conflict: it is not, or not any more; nothing was written.
        InputError: it cannot be read.
    """
    folder, name = os.path.split(target)
    if files.exists(folder, name) and not is_ours(files.read(folder, name, limit=_LARGEST).data):
        raise Conflict(
            "people have written this file, or changed it since it was made; nothing was written",
            path=output,
            hint="name another file, or replace it all the same with --replace",
        )


def write_file(path: str, text: str) -> tuple[str, ...]:
    """Write a file, whole or not at all, replacing one that exists.

    Args:
        path: as :func:`target_of` returns it.
        text: the content.

    Returns:
        Warnings, such as the other name of a hard link.

    Raises:
        OperationFailed, InputError: it was not written; an existing one is unchanged.
    """
    folder, name = os.path.split(path)
    data = text.encode()
    if not files.exists(folder, name):
        files.create(folder, name, data)
        return ()
    before = files.read(folder, name, limit=_LARGEST)
    return files.replace_all([files.Replacement(before, data)])


def _inside(roots: Iterable[str], path: str) -> list[tuple[str, ...]]:
    """Return the parts of a real path below each of the roots that it is in."""
    return [parts for root in roots if (parts := files.below(root, path)) is not None]


def _unsafe(output: str, reason: str) -> UnsafePath:
    hint = "name a file elsewhere, or remove the link that leads there; nothing was written"
    return UnsafePath(reason, path=output, hint=hint)
