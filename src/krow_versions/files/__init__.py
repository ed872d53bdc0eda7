"""The only door to the files of a repository: read exact bytes, write atomically.

Reading is bounded and cannot hang: only regular files of bounded size, inside the repository, never
inside git's own folder. Only a path that does not exist is absent; any other failure is an error.
Writing is all or nothing: new bytes are staged beside each target, the targets are compared with what was
read, and then all are renamed into place; after an error the old bytes are restored.

A root is a real path (:func:`real_path`); paths are relative to it and '/'-separated. Links are resolved
first; then every folder is opened from the top of the file system without following links, so a link that
was put there in between, also in place of the root, is an error.

On Windows nothing is written (:func:`require_writing`), and what is read is looked for links before and
after (:func:`krow_versions.files.reading.read_unlinked`).

Not preserved or supported: the other names of a hard link (a warning), set-user-ID bits (a warning), and a
change by another program between the last comparison and the rename. No signal handlers are installed:
after an exception that a handler raises, the old bytes are restored too, unless all is written already.
"""

from typing import TYPE_CHECKING

from krow_versions.files.disk import DISK, Disk
from krow_versions.files.globbing import find
from krow_versions.files.leftovers import clear_beside
from krow_versions.files.paths import (
    absolute,
    below,
    is_git_folder,
    links_on,
    real_path,
    relative,
    require_writing,
    resolve,
)
from krow_versions.files.presence import called, exists, is_folder, names, status, top_of, upwards
from krow_versions.files.reading import FileRead, Identity, read
from krow_versions.lazy import attributes

if TYPE_CHECKING:
    from krow_versions.files.creating import create
    from krow_versions.files.folders import make_folder, remove, remove_folder
    from krow_versions.files.locking import locked
    from krow_versions.files.outcome import NOT_WRITTEN, WRITTEN
    from krow_versions.files.staging import Replacement
    from krow_versions.files.writing import replace_all

__all__ = [
    "DISK",
    "NOT_WRITTEN",
    "WRITTEN",
    "Disk",
    "FileRead",
    "Identity",
    "Replacement",
    "absolute",
    "below",
    "called",
    "clear_beside",
    "create",
    "exists",
    "find",
    "is_folder",
    "is_git_folder",
    "links_on",
    "locked",
    "make_folder",
    "names",
    "read",
    "real_path",
    "relative",
    "remove",
    "remove_folder",
    "replace_all",
    "require_writing",
    "resolve",
    "status",
    "top_of",
    "upwards",
]

if not TYPE_CHECKING:  # A checker sees the imports above, so that a name which is not there is an error.
    __getattr__ = attributes(
        __name__,
        {
            "creating": "create",
            "folders": "make_folder remove remove_folder",
            "locking": "locked",
            "outcome": "NOT_WRITTEN WRITTEN",
            "staging": "Replacement",
            "writing": "replace_all",
        },
    )
