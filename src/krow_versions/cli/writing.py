"""``-o FILE``: a file whole or not at all, anywhere, in place of one that is there."""

from __future__ import annotations

import os
import stat

from krow_versions import files
from krow_versions.errors import FileSystemError, UsageError, quoted

_LARGEST = 1 << 30  # Of a file that is replaced, in bytes.


def target_of(output: str) -> str:
    """Give the real path of the file to write.

    Raises:
        UsageError: it is no name of a file, or its folder is not there.
        FileSystemError: it cannot be told whether they are there.
    """
    path = os.path.realpath(output)
    if not output or _is_folder(path):
        raise UsageError(
            f"--output: {quoted(output)} is no name of a file", hint="name a file, or - for stdout"
        )
    if not _is_folder(os.path.dirname(path)):
        folder = os.path.dirname(output) or os.path.dirname(path)
        raise UsageError(
            f"--output: there is no folder {quoted(folder)}", hint="make it, or name a file elsewhere"
        )
    return path


def write_file(path: str, text: str) -> tuple[str, ...]:
    """Write a file whole or not at all, in place of one that is there.

    Args:
        path: as :func:`target_of` gives it.
        text: the content.

    Returns:
        What a person should know, such as the other name of a hard link.

    Raises:
        OperationFailed, InputError: it was not written; an older one is as it was.
    """
    folder, name = os.path.split(path)
    data = text.encode()
    if not files.exists(folder, name):
        files.create(folder, name, data)
        return ()
    before = files.read(folder, name, limit=_LARGEST)
    return files.replace_all([files.Replacement(before, data)], locks=[folder])


def _is_folder(path: str) -> bool:
    """Tell whether there is such a folder; unlike ``os.path.isdir``, not "no" where that is not known."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        raise FileSystemError(
            f"--output: cannot be written: {error.strerror}",
            path=path,
            hint="see who may use its folder, or name a file elsewhere",
        ) from error
