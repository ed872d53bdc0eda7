"""What came of a plan that was applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.planning.actions import table_of_actions
from krow_versions.planning.changes import table_of_changes
from krow_versions.tables import Table, Tabular, markup
from krow_versions.text.words import counted
from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.planning.actions import Action
    from krow_versions.planning.changelog_row import RowChange
    from krow_versions.planning.changes import FileChange
    from krow_versions.planning.pins import PinChange


@frozen(repr=False)
class Applied(Tabular):
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

    def to_table(self) -> Table:
        """Give one row per version or row that was written; of the step of a hotfix, one per action."""
        caption = repr(self)[1:-1]
        if self.changes:
            return table_of_changes([("", self.changes)], caption, "✓ written").without("product")
        return table_of_actions(self.actions, (), caption, "✓ done")

    def _repr_html_(self) -> str:
        lines = (*(f"! warning: {each}" for each in self.warnings), *(f"made: {each}" for each in self.urls))
        return markup.display(self.to_table(), markup.Words(lines))

    def __repr__(self) -> str:
        done = counted(len(self.changes), "change") if self.changes else counted(len(self.actions), "action")
        also = f", {counted(len(self.warnings), 'warning')}" if self.warnings else ""
        return f"<Applied: {'nothing was left to do' if self.is_empty else done}{also}>"
