"""Exact bytes in, atomic bytes out: the one door to the files of a repository.

Reading is bounded and cannot hang: only regular files of bounded size, inside the repository, never
inside git's own folder. Only what does not exist is absent; what cannot be looked at is an error.
Writing is all or nothing: everything is staged beside its target, compared with what was read, and
only then renamed into place; an error on the way restores what was written.

A root is a real path (:func:`real_path`); paths are relative to it and '/'-separated. They are resolved
first, and then walked again folder by folder, from the top of the file system and without following
links, so that a link put there in between, in place of the root too, is an error and not a way out.

Not preserved or supported: the other names of a hard link (a warning tells), set-user-ID bits (a
warning tells), and a change that another program makes in the instant between the last comparison
and the rename. No signal handlers are installed: whatever exception a handler raises is undone too.
"""

from krow_versions.files.creating import create, make_folder, remove
from krow_versions.files.disk import DISK, Disk
from krow_versions.files.globbing import find
from krow_versions.files.paths import absolute, below, is_git_folder, real_path, resolve
from krow_versions.files.presence import called, exists, is_folder, names, status
from krow_versions.files.reading import FileRead, Identity, read
from krow_versions.files.replacing import replace_all
from krow_versions.files.staging import Replacement

__all__ = [
    "DISK",
    "Disk",
    "FileRead",
    "Identity",
    "Replacement",
    "absolute",
    "below",
    "called",
    "create",
    "exists",
    "find",
    "is_folder",
    "is_git_folder",
    "make_folder",
    "names",
    "read",
    "real_path",
    "remove",
    "replace_all",
    "resolve",
    "status",
]
