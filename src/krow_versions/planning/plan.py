"""A plan: what shall be done, and what it was made from. Showing one is the dry run; nothing is done here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import attrs

from krow_versions.planning.actions import WriteFile, action_json, kind_of
from krow_versions.planning.diffs import diff_of
from krow_versions.planning.expectations import FileHolds
from krow_versions.tables import Table, markup
from krow_versions.text.escaping import printable
from krow_versions.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.planning.actions import Action
    from krow_versions.planning.changelog_row import RowChange
    from krow_versions.planning.expectations import Expectation
    from krow_versions.planning.product import FileChange, ProductPlan
    from krow_versions.version import Version

SCHEMA = 1


@attrs.frozen
class HotfixStep:
    """Which step of which hotfix a plan does.

    Attributes:
        name: ``start``, ``pr``, ``finish`` or ``deploy``, as the command is called.
        product: the product's name.
        version: what the hotfix ships.
    """

    name: str
    product: str
    version: Version


@attrs.frozen(repr=False)
class Plan:
    """Everything that one command would do, in every repository; :meth:`Workspace.apply` does it.

    ``str`` gives one line per file, or per command of a hotfix's step; :meth:`diff` the changes of files as
    a unified diff; Jupyter shows both.

    Attributes:
        products: the bumps, of a plan that changes versions or CHANGELOGs.
        actions: what is done, in this order.
        by_hand: what belongs to it and is left to people.
        expects: what it was made from; where that has changed, nothing is done.
        notes: what a reader should know, one sentence each.
        warnings: what a reader must know, because it may be wrong.
        step: the step of a hotfix that it does, or None.
    """

    products: tuple[ProductPlan, ...] = ()
    actions: tuple[Action, ...] = ()
    by_hand: tuple[Action, ...] = ()
    expects: tuple[Expectation, ...] = attrs.field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    step: HotfixStep | None = None

    @classmethod
    def of_products(cls, products: Iterable[ProductPlan]) -> Self:
        """Make the plan that writes the changes of *products*, which may share a file."""
        products = tuple(products)
        texts: dict[tuple[str, str], tuple[str, str]] = {}
        for change in (change for product in products for change in product.changes):
            before, _ = texts.get((change.repo, change.path), (change.text_before, ""))
            texts[change.repo, change.path] = (before, change.text_after)
        actions = (WriteFile(*file, *both) for file, both in texts.items() if both[0] != both[1])
        right = (FileHolds(*file, before) for file, (before, after) in texts.items() if before == after)
        return cls(
            products,
            tuple(actions),
            expects=tuple(right),
            notes=tuple(note for product in products for note in product.notes),
            warnings=tuple(warning for product in products for warning in product.warnings),
        )

    @property
    def changes(self) -> tuple[FileChange | RowChange, ...]:
        """What would be written of versions and rows, in the order of products."""
        return tuple(change for product in self.products for change in product.changes if change.changed)

    @property
    def is_empty(self) -> bool:
        """Whether everything is already as it should be."""
        return not self.actions

    @property
    def commands(self) -> tuple[str, ...]:
        """What a person would type to do the same, in order."""
        return tuple(action.command for action in self.actions)

    def to_json(self, *, dry_run: bool = False) -> dict[str, Any]:
        """Give the plan as the data that the command prints with ``--json``."""
        said = {"changed": not self.is_empty, "dry_run": dry_run}
        if self.step is None:
            return {"schema": SCHEMA, "products": [each.to_json() for each in self.products], **said}
        return {
            "schema": SCHEMA,
            "step": self.step.name,
            "product": self.step.product,
            "version": str(self.step.version),
            "actions": [action_json(action) for action in self.actions],
            "by_hand": [action_json(action) for action in self.by_hand],
            "notes": [*self.notes],
            "warnings": [*self.warnings],
            **said,
        }

    def diff(self) -> str:
        """Give a unified diff of every change, paths relative to their repositories.

        ``git apply`` takes it, except where characters had to be escaped: see :attr:`inexact`.
        """
        return "".join(diff_of(write)[0] for write in self._writes)

    @property
    def inexact(self) -> tuple[str, ...]:
        """The paths whose diff shows characters escaped, and so cannot be applied."""
        return tuple(write.path for write in self._writes if not diff_of(write)[1])

    @property
    def _writes(self) -> tuple[WriteFile, ...]:
        return tuple(action for action in self.actions if isinstance(action, WriteFile))

    def to_table(self) -> Table:
        """Give one row per file that was looked at, what is in it and what shall be; or one per action."""
        if self.step is None:
            columns: tuple[str, ...] = ("product", "file", "before", "after", "what is done")
            rows = [row for product in self.products for row in product.rows()]
        else:
            columns = ("action", "repository", "command", "what is done")
            rows = [_row(action, "→ to be done") for action in self.actions]
            rows += [_row(action, "· by hand") for action in self.by_hand]
        return Table(columns, tuple(rows), repr(self)[1:-1])

    def _repr_html_(self) -> str:
        said = [*self.notes, *(f"! warning: {warning}" for warning in self.warnings)]
        said += ["✓ nothing to do"] if self.is_empty else []
        diffs = [diff_of(write)[0] for write in self._writes]
        return markup.display(markup.table_of(self.to_table()), markup.words_of(said), markup.diff_of(diffs))

    def __str__(self) -> str:
        if self.step is not None:
            return "\n".join(map(printable, self.commands)) or "nothing to do"
        return "\n".join(str(change) for product in self.products for change in product.changes)

    def __repr__(self) -> str:
        if self.step is not None:
            what = counted(len(self.actions), "action") if self.actions else "nothing to do"
            return f"<Plan: hotfix {self.step.name} {self.step.product} {self.step.version}, {what}>"
        what = counted(len(self.changes), "change") if self.changes else "nothing to do"
        return f"<Plan: {what}, {counted(len(self.products), 'product')}>"


def _row(action: Action, done: str) -> tuple[str, ...]:
    return (kind_of(action), action.repo, action.command, done)
