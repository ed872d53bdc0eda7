"""A plan: the actions of one command, and the state that it was computed from. Showing one is the dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from krow_versions.planning.actions import WriteFile, action_json, table_of_actions
from krow_versions.planning.changes import FileChange, table_of_changes
from krow_versions.planning.commands import Calls
from krow_versions.planning.diff import shown_diff
from krow_versions.planning.expectations import FileHolds
from krow_versions.planning.merge import Merge
from krow_versions.products import repo_path
from krow_versions.tables import Table, Tabular, markup
from krow_versions.text.escaping import printable
from krow_versions.text.words import counted
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.baseline import Baseline
    from krow_versions.planning.actions import Action
    from krow_versions.planning.changelog_row import RowChange
    from krow_versions.planning.expectations import Expectation
    from krow_versions.planning.merge import MergedFile
    from krow_versions.planning.pins import PinChange
    from krow_versions.version import Version

SCHEMA = 1


@frozen
class ProductPlan:
    """The bump of one product.

    Attributes:
        product: its name.
        baseline: the version in production.
        target: the next version, with its build if a file has one.
        files: every version file, changed or not.
        changelog: its CHANGELOG row, or None if none is written.
        notes: one sentence each.
        warnings: possible mistakes, one sentence each.
        pins: the places where other packages require its version, moved or right.
    """

    product: str
    baseline: Baseline
    target: Version
    files: tuple[FileChange, ...]
    changelog: RowChange | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    pins: tuple[PinChange, ...] = ()

    @property
    def changes(self) -> tuple[FileChange | PinChange | RowChange, ...]:
        """Every file of the product and every pin, changed or not, its CHANGELOG last."""
        return (*self.files, *self.pins, *([self.changelog] if self.changelog else ()))

    def to_json(self) -> dict[str, Any]:
        """Give the bump as data."""
        return {
            "product": self.product,
            "baseline": str(self.baseline.version),
            "baseline_source": self.baseline.source,
            "target": str(self.target),
            "files": [*(file.to_json() for file in self.files), *(pin.to_json() for pin in self.pins)],
            "changelog": self.changelog.to_json() if self.changelog else None,
        }


@frozen
class HotfixStep:
    """The step of a hotfix that a plan does.

    Attributes:
        name: as the command is called, such as ``start`` or ``finish``.
        product: the product's name.
        version: the version that the hotfix ships.
        calls: how people call krow-versions for it.
    """

    name: str
    product: str
    version: Version
    calls: Calls = field(repr=False)

    @calls.default
    def _calls(self) -> Calls:
        return Calls(self.product)


@frozen
class Waiting:
    """What a step waits for that people or a server do; its plan does not finish it.

    Attributes:
        why: what is not there yet.
        way: what to do.
    """

    why: str
    way: str

    @property
    def lines(self) -> tuple[str, str]:
        """Both, for people."""
        return f"waits: {self.why}", f"what to do: {self.way}"


@frozen(repr=False)
class Plan(Tabular):
    """Everything that one command would do, in every repository; :meth:`Workspace.apply` does it.

    ``str`` gives one line per file, or per command of a hotfix's step; :meth:`diff` gives the changes of
    files as a unified diff; Jupyter shows both.

    Attributes:
        products: the bumps, if the plan changes versions or CHANGELOGs.
        actions: what is done, in this order.
        by_hand: actions that belong to the step but are left to people.
        expects: the state that it was computed from; if that has changed, nothing is done.
        notes: one sentence each.
        warnings: possible mistakes, one sentence each.
        step: the step of a hotfix that it does, or None.
        waiting: what the step waits for after the actions, or None if they finish it.
        proven: whether its texts are proved; a plan that only shows what would change is not applied.
    """

    products: tuple[ProductPlan, ...] = ()
    actions: tuple[Action, ...] = ()
    by_hand: tuple[Action, ...] = ()
    expects: tuple[Expectation, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    step: HotfixStep | None = None
    waiting: Waiting | None = None
    proven: bool = field(default=True, repr=False)

    @classmethod
    def of_products(cls, products: Iterable[ProductPlan]) -> Self:
        """Make the plan that writes the changes of *products*; several may share a file."""
        products = tuple(products)
        texts: dict[tuple[str, str], tuple[str, str]] = {}
        for change in (change for product in products for change in product.changes):
            before, _ = texts.get((change.repo, change.path), (change.text_before, ""))
            texts[change.repo, change.path] = (before, change.text_after)
        actions = (WriteFile(*file, *both) for file, both in texts.items() if both[0] != both[1])
        unchanged = (FileHolds(*file, before) for file, (before, after) in texts.items() if before == after)
        return cls(
            products,
            tuple(actions),
            expects=tuple(unchanged),
            notes=tuple(note for product in products for note in product.notes),
            warnings=tuple(warning for product in products for warning in product.warnings),
        )

    @property
    def changes(self) -> tuple[FileChange | PinChange | RowChange, ...]:
        """The version files, pins and CHANGELOG rows to write, in the order of products."""
        return tuple(change for product in self.products for change in product.changes if change.changed)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.actions

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that a person would type to do the same, in order."""
        return tuple(action.command for action in self.actions)

    def to_json(self, *, dry_run: bool = False) -> dict[str, Any]:
        """Give the plan as the data that the command prints with ``--json``."""
        common = {"changed": not self.is_empty, "dry_run": dry_run}
        if self.step is None:
            return {"schema": SCHEMA, "products": [each.to_json() for each in self.products], **common}
        return {
            "schema": SCHEMA,
            "step": self.step.name,
            "product": self.step.product,
            "version": str(self.step.version),
            "actions": [action_json(action) for action in self.actions],
            "by_hand": [action_json(action) for action in self.by_hand],
            "notes": [*self.notes],
            "warnings": [*self.warnings],
            "waiting": self.waiting.why if self.waiting else None,
            "way": self.waiting.way if self.waiting else None,
            **common,
        }

    def diff(self) -> str:
        """Give a unified diff of every change, paths relative to their repositories.

        ``git apply`` accepts it, unless characters had to be escaped: see :attr:`inexact`.
        """
        return "".join(shown_diff(write)[0] for write in self._writes)

    @property
    def inexact(self) -> tuple[str, ...]:
        """The paths whose diff has escaped characters and cannot be applied."""
        return tuple(write.path for write in self._writes if not shown_diff(write)[1])

    @property
    def _writes(self) -> tuple[WriteFile | MergedFile, ...]:
        merged = (each for action in self.actions if isinstance(action, Merge) for each in action.files)
        return (*(action for action in self.actions if isinstance(action, WriteFile)), *merged)

    def to_table(self) -> Table:
        """Give one row per version file and CHANGELOG, before and after; or one row per action."""
        caption = repr(self)[1:-1]
        if self.step is not None:
            return table_of_actions(self.actions, self.by_hand, caption)
        return table_of_changes([(each.product, each.changes) for each in self.products], caption)

    def _places(self) -> Table:
        """Give one row per place of the files in which not all are places of a version, as in locks."""
        apart = {"build", "quad"}
        files = [
            change
            for product in self.products
            for change in product.files
            if any(place.kind in apart for place in change.places)
        ]
        rows = [
            (repo_path(file.repo, file.path), *place.to_json().values())
            for file in files
            for place in file.places
        ]
        columns = ("file", "place", "kind", "line", "before", "after")
        return Table(columns, tuple(rows), "Places of versions and builds")

    def _repr_html_(self) -> str:
        lines = [*self.notes, *(f"! warning: {warning}" for warning in self.warnings)]
        lines += [f"→ {line}" for line in self.waiting.lines] if self.waiting else []
        lines += ["✓ nothing to do"] if self.is_empty and not self.waiting else []
        diffs = [shown_diff(write)[0] for write in self._writes]
        places = self._places()
        tables = [self.to_table(), *([places] if places.rows else [])]
        return markup.display(*tables, markup.Words(tuple(lines)), markup.Diffs(tuple(diffs)))

    def __str__(self) -> str:
        if self.step is not None:
            lines = (*self.commands, *(self.waiting.lines if self.waiting else ()))
            return "\n".join(map(printable, lines)) or "nothing to do"
        return "\n".join(str(change) for product in self.products for change in product.changes)

    def __repr__(self) -> str:
        if self.step is not None:
            what = counted(len(self.actions), "action") if self.actions else ""
            what = ", then ".join(filter(None, (what, "waits" if self.waiting else ""))) or "nothing to do"
            return f"<Plan: hotfix {self.step.name} {self.step.product} {self.step.version}, {what}>"
        what = counted(len(self.changes), "change") if self.changes else "nothing to do"
        return f"<Plan: {what}, {counted(len(self.products), 'product')}>"
