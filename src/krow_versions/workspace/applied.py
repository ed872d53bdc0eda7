"""What came of a plan that was applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.planning.actions import Action
    from krow_versions.planning.changelog_row import RowChange
    from krow_versions.planning.changes import FileChange
    from krow_versions.planning.pins import PinChange


@frozen
class Applied:
    """What :meth:`Workspace.apply` has done.

    Attributes:
        changes: the versions and rows that were written, in the order of the plan.
        warnings: what could not be preserved or done, such as the other name of a hard link.
        actions: what was done, in order.
        urls: the pages of what was made on a server.
    """

    changes: tuple[FileChange | PinChange | RowChange, ...] = ()
    warnings: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    urls: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was left to do, as after a plan that was applied before."""
        return not self.actions
