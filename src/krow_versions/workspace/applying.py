"""Writing a plan: all of it, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.encoding import encode
from krow_versions.errors import ConcurrentEdit, FileTooLarge
from krow_versions.workspace.witness import top_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.planning.changelog_row import RowChange
    from krow_versions.planning.plan import FileChange, Plan


@attrs.frozen
class Applied:
    """What :meth:`Workspace.apply` has written.

    Attributes:
        changes: the files that were written, in the order of the plan.
        warnings: what could not be kept, such as the other name of a hard link.
    """

    changes: tuple[FileChange | RowChange, ...]
    warnings: tuple[str, ...] = ()


def apply_plan(repos: Mapping[str, str], plan: Plan) -> Applied:
    """Write *plan* into the repositories; raises as :meth:`Workspace.apply` says."""
    if plan.is_empty:
        return Applied(())
    replacements = []
    for write in plan.writes:
        before = encode(write.before)
        try:
            read = files.read(repos[write.repo], write.path, limit=len(before))
        except FileTooLarge:
            raise _stale(write.path) from None
        if read.data != before:
            raise _stale(write.path)
        replacements.append(files.Replacement(read, encode(write.after)))
    # The top folder is the same lock for every workspace that has this working tree in it.
    roots = sorted({repos[write.repo] for write in plan.writes})
    warnings = files.replace_all(replacements, locks=[top_of(root) or root for root in roots])
    return Applied(plan.changes, warnings)


def _stale(path: str) -> ConcurrentEdit:
    return ConcurrentEdit(
        "the file has changed since the plan was made; nothing was written",
        path=path,
        hint="run the command again",
    )
