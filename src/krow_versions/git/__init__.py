"""The one door to git: a few questions and effects, each one process of the ``git`` program or a few.

The program is used, and no library, because users' configuration, credentials, worktrees, hooks and
signing must work. Every process that starts here

- sees no ``GIT_*`` variable that would turn it to another repository, speaks the C locale, cannot
  prompt, page or open an editor, and runs no file system monitor of a hostile configuration;
- gets names from outside only as full ``refs/…`` names, object ids or lines of standard input, so
  that no name can become an option;
- runs nothing that the repository names unless it is there to act (:class:`Reach`): no hook, no filter,
  no fetch of what a partial clone lacks. A repository that lies as plain files in another is not used.
- lives in a process group of its own, which is stopped as a whole when it takes too long.

Git 2.31 or newer is needed. Its version is not asked for unless something failed that an old git
would explain, so the ordinary case costs no process.

Limitations: git itself is trusted to read any repository that it accepts (``safe.directory``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from krow_versions.git.ancestry import Graph, read_graph
from krow_versions.git.opening import open_repository
from krow_versions.git.process import (
    LOCAL_VARIABLES,
    TIME_LIMIT,
    Finished,
    Reach,
    environment,
    execute,
    failure,
    run,
)
from krow_versions.git.ref_list import Ref, list_refs
from krow_versions.git.repository import Repository, Tag, subjects

if TYPE_CHECKING:
    from krow_versions.git.branch_list import branches, matching, tracked
    from krow_versions.git.log import changes, commits, count, cut_off, is_ancestor
    from krow_versions.git.pushing import push
    from krow_versions.git.refs import read_ref, read_refs, resolve, update_refs
    from krow_versions.git.remotes import (
        DifferingTag,
        RemoteRef,
        fetch,
        remote_names,
        remote_refs,
        require_remote,
    )
    from krow_versions.git.switching import create_branch, fast_forward, switch
    from krow_versions.git.tagging import committer, create_tag
    from krow_versions.git.working_tree import ChangedPaths, CheckoutResult, changed_paths

# What a bump does not need is loaded when it is first asked for.
_LATER = {
    "branch_list": ("branches", "matching", "tracked"),
    "log": ("changes", "commits", "count", "cut_off", "is_ancestor"),
    "pushing": ("push",),
    "refs": ("read_ref", "read_refs", "resolve", "update_refs"),
    "remotes": (
        "DifferingTag",
        "RemoteRef",
        "fetch",
        "remote_names",
        "remote_refs",
        "require_remote",
    ),
    "switching": ("create_branch", "fast_forward", "switch"),
    "tagging": ("committer", "create_tag"),
    "working_tree": ("ChangedPaths", "CheckoutResult", "changed_paths"),
}


def __getattr__(name: str) -> Any:
    for module, names in _LATER.items():
        if name in names:
            return getattr(import_module(f"krow_versions.git.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "LOCAL_VARIABLES",
    "TIME_LIMIT",
    "ChangedPaths",
    "CheckoutResult",
    "DifferingTag",
    "Finished",
    "Graph",
    "Reach",
    "Ref",
    "RemoteRef",
    "Repository",
    "Tag",
    "branches",
    "changed_paths",
    "changes",
    "commits",
    "committer",
    "count",
    "create_branch",
    "create_tag",
    "cut_off",
    "environment",
    "execute",
    "failure",
    "fast_forward",
    "fetch",
    "is_ancestor",
    "list_refs",
    "matching",
    "open_repository",
    "push",
    "read_graph",
    "read_ref",
    "read_refs",
    "remote_names",
    "remote_refs",
    "require_remote",
    "resolve",
    "run",
    "subjects",
    "switch",
    "tracked",
    "update_refs",
]
