"""The one door to git: a few questions, each one process of the ``git`` program.

The program is used, and no library, because users' configuration, credentials, worktrees and (in
rooms to come) hooks and signing must work. Every process that starts here

- sees no ``GIT_*`` variable that would turn it to another repository, speaks the C locale, cannot
  prompt, page or open an editor, and runs no file system monitor of a hostile configuration;
- gets names from outside only as full ``refs/…`` names, object ids or lines of standard input, so
  that no name can become an option;
- lives in a process group of its own, which is stopped as a whole when it takes too long.

Git 2.31 or newer is needed. Its version is not asked for unless something failed that an old git
would explain, so the ordinary case costs no process.

Limitations: in a partial clone, :meth:`Repository.blobs` makes git fetch what is missing, one blob
at a time. A repository is trusted as far as git trusts it (``safe.directory``).
"""

from krow_versions.git.opening import open_repository
from krow_versions.git.process import (
    LOCAL_VARIABLES,
    TIME_LIMIT,
    Finished,
    environment,
    execute,
    failure,
    run,
)
from krow_versions.git.repository import Repository, Tag, subjects

__all__ = [
    "LOCAL_VARIABLES",
    "TIME_LIMIT",
    "Finished",
    "Repository",
    "Tag",
    "environment",
    "execute",
    "failure",
    "open_repository",
    "run",
    "subjects",
]
