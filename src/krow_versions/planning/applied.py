"""What was done of a plan, and how the changes of both are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.planning.actions import kind_of
from krow_versions.planning.changelog_row import RowChange
from krow_versions.planning.pins import PinChange
from krow_versions.products import repo_path
from krow_versions.tables import Table, Tabular, markup
from krow_versions.text.words import counted
from krow_versions.values import frozen
from krow_versions.version import written

if TYPE_CHECKING:
    from krow_versions.planning.actions import Action
    from krow_versions.planning.plan import FileChange


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

    def to_table(self) -> Table:
        """Return a table with one row per version or row that was written, else per action that was done."""
        if self.changes:
            columns: tuple[str, ...] = ("file", "before", "after", "what was done")
            rows = [(*row_of(change), "✓ written") for change in self.changes]
            return Table(columns, tuple(rows), repr(self)[1:-1])
        columns = ("action", "repository", "command", "what was done")
        done = [(kind_of(each), each.repo, each.command, "✓ done") for each in self.actions]
        return Table(columns, tuple(done), repr(self)[1:-1])

    def _repr_html_(self) -> str:
        lines = (*(f"! warning: {each}" for each in self.warnings), *(f"made: {each}" for each in self.urls))
        return markup.display(self.to_table(), markup.Words(lines))

    def __repr__(self) -> str:
        what = counted(len(self.changes), "change") if self.changes else counted(len(self.actions), "action")
        also = f", {counted(len(self.warnings), 'warning')}" if self.warnings else ""
        return f"<Applied: {what if self.changes or self.actions else 'nothing was to do'}{also}>"


def row_of(change: FileChange | PinChange | RowChange) -> tuple[str, str, str]:
    """Give the file of a change, and what is there before and after."""
    place = repo_path(change.repo, change.path)
    if isinstance(change, RowChange):
        return place, "", f"{change.row.date or ''} {change.row.version} {change.row.text}".strip()
    pin = f" (pin of {change.package})" if isinstance(change, PinChange) else ""
    return place + pin, written(change.before), written(change.after)
