"""Git's own files, and the names of refs in them, with which a listing by git is compared.

A listing that was cut short, by a broken disk or by a program in place of git, looks like one of fewer tags,
and so like an older version in production. Refs in a reftable are not seen here.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.files.reading import named, read_in
from krow_versions.git.running import OUTPUT_LIMIT
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence


def require_readable_refs(common: str) -> None:
    """Raise unless every folder of refs can be listed: git ignores those that it cannot open.

    Raises:
        FileSystemError: a folder cannot be listed, or a link cannot be followed.
    """
    waiting = [os.path.join(common, "refs")]
    while waiting:
        folder = waiting.pop()
        for entry in _listed(folder):
            if entry.is_symlink():
                # One level only: a link may lead anywhere, also in a circle.
                if files.is_folder(entry.path):
                    _listed(entry.path)
            elif entry.is_dir():
                waiting.append(entry.path)


def unlisted(common: str, wanted: Sequence[str], listed: Container[str]) -> list[str]:
    """Return the refs that git's own files hold and *listed* does not.

    Args:
        common: the git folder that all working trees share.
        wanted: full names of refs, and folders of refs with a slash at the end.
        listed: the names that git has listed, broken refs included.

    Raises:
        FileSystemError: a file or folder cannot be read.
    """
    names = held(common, wanted)
    # One that leads to another name, such as origin/HEAD, may lead nowhere.
    return sorted(
        name for name in names if name not in listed and not content(common, name, SMALL).startswith(b"ref:")
    )


def held(common: str, wanted: Sequence[str]) -> set[str]:
    """Return the refs that git's own files hold; the arguments and errors are those of :func:`unlisted`."""
    packed = map(os.fsdecode, _LINE.findall(content(common, "packed-refs", OUTPUT_LIMIT)))
    names = {*filter(asked(wanted), packed)}
    for each in wanted:
        if each.endswith("/"):
            names.update(_loose(common, each))
        elif _has_file(common, each):
            names.add(each)
    return names


def asked(wanted: Sequence[str]) -> Callable[[str], bool]:
    """Return whether a ref is one of *wanted*, or in one of the folders there; in time by its length."""
    known = {*wanted}

    def is_asked(name: str) -> bool:
        return name in known or any(
            name[: at + 1] in known for at, letter in enumerate(name) if letter == "/"
        )

    return is_asked


def content(folder: str, name: str, limit: int) -> bytes:
    """Read a file in a git folder, through links as git does; empty when there is no such file.

    Raises:
        FileSystemError: it cannot be read.
    """
    path = files.real_path(os.path.join(folder, name))
    if files.status(path) is None:
        return b""
    with named(path, "read"), contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return read_in(os.path.dirname(path), os.path.basename(path), path, limit)[0]
    return b""


def _has_file(common: str, ref: str) -> bool:
    with contextlib.suppress(OSError):  # Too long for a file; that folders can be listed is known already.
        return stat.S_ISREG(os.lstat(os.path.join(common, ref)).st_mode)
    return False


def _loose(common: str, folder: str) -> Iterator[str]:
    """List the refs below *folder* that have a file of their own, as git does (files-backend.c)."""
    for each in _listed(os.path.join(common, folder)):
        if each.name.startswith(".") or each.name.endswith(".lock") or each.is_symlink():
            continue
        if each.is_dir():
            yield from _loose(common, f"{folder}{each.name}/")
        else:
            yield folder + each.name


def _listed(folder: str) -> list[os.DirEntry[str]]:
    """List a folder; empty when it does not exist, as git removes folders of refs that become empty."""
    with named(folder, "listed"):
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except (FileNotFoundError, NotADirectoryError):  # With a reftable, refs/heads is a file.
            return []


_LINE = regex(rb"^[0-9a-f]{40,64} (refs/[^\n]+)$", re.MULTILINE)
SMALL = 65_536  # Of a file with one ref or one path, in bytes.
