"""The names of refs as git's own files have them, for the completion of a line: no git is started.

Refs in a reftable are not seen here.
"""

from __future__ import annotations

from krow_versions.git.opening import common_folder, git_folder
from krow_versions.git.ref_files import held


def ref_names(top: str, folder: str) -> list[str]:
    """List the refs of a repository that are in a folder, such as ``refs/tags/``, without that folder.

    Args:
        top: the folder that has ``.git``.
        folder: the folder of refs, with a slash at its end.

    Raises:
        FileSystemError: git's folder cannot be read.
    """
    own = git_folder(top)
    found = held(common_folder(own), [folder]) if own else ()
    return sorted(name.removeprefix(folder) for name in found)
