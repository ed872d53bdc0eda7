"""Exact bytes in, atomic bytes out: the one door to the files of a repository.

Reading is bounded and cannot hang: only regular files of bounded size, inside the repository, never
inside git's own folder. Writing is all or nothing: everything is staged beside its target, compared
with what was read, and only then renamed into place; an error on the way restores what was written.

Paths are relative to a root and '/'-separated. They are resolved first, and then walked again folder
by folder without following links, so that a link put there in between is an error, not a way out.

Not preserved or supported: the other names of a hard link (a warning tells), set-user-ID bits (a
warning tells), and a change that another program makes in the instant between the last comparison
and the rename. No signal handlers are installed: whatever exception a handler raises is undone too.
"""

from krow_versions.files.creating import create
from krow_versions.files.disk import DISK, Disk
from krow_versions.files.finding import find
from krow_versions.files.reading import FileRead, Identity, exists, read
from krow_versions.files.replacing import replace_all
from krow_versions.files.work import Replacement

__all__ = [
    "DISK",
    "Disk",
    "FileRead",
    "Identity",
    "Replacement",
    "create",
    "exists",
    "find",
    "read",
    "replace_all",
]
