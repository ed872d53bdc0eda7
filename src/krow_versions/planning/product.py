"""The bump of one product: every version file and the CHANGELOG row, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.products import repo_path
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.baseline import Baseline
    from krow_versions.planning.changelog_row import RowChange
    from krow_versions.version import Version


@attrs.frozen
class FileChange:
    """A version file before and after; equal when there is nothing to do."""

    repo: str
    path: str
    format: str
    before: Version
    after: Version
    text_before: str = attrs.field(repr=False)
    text_after: str = attrs.field(repr=False)

    @property
    def changed(self) -> bool:
        """Whether anything is to be written."""
        return self.text_before != self.text_after

    def __str__(self) -> str:
        path = printable(repo_path(self.repo, self.path))
        return f"{path}: {self.before} -> {self.after}" if self.changed else f"{path}: already {self.after}"


@attrs.frozen
class ProductPlan:
    """The bump of one product.

    Attributes:
        product: its name.
        baseline: what is in production.
        target: what ships now, with its build where a file carries one.
        files: every version file, changed or not.
        changelog: the row for it, or None when none is written.
        notes: what a reader should know, one sentence each.
        warnings: what a reader must know, because it may be wrong.
    """

    product: str
    baseline: Baseline
    target: Version
    files: tuple[FileChange, ...]
    changelog: RowChange | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[FileChange | RowChange, ...]:
        """Every file of the product, changed or not, its CHANGELOG last."""
        return (*self.files, self.changelog) if self.changelog else self.files

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Give one row per file: product, file, before, after, what is done."""
        for change in self.changes:
            if isinstance(change, FileChange):
                versions = (str(change.before), str(change.after))
            else:
                versions = ("", f"{change.row.date or ''} {change.row.version} {change.row.text}".strip())
            done = "→ to be written" if change.changed else "✓ already right"
            yield (self.product, repo_path(change.repo, change.path), *versions, done)

    def to_json(self) -> dict[str, Any]:
        """Give the bump as data."""
        return {
            "product": self.product,
            "baseline": str(self.baseline.version),
            "baseline_source": self.baseline.source,
            "target": str(self.target),
            "files": [
                {
                    "repo": change.repo,
                    "path": change.path,
                    "format": change.format,
                    "before": str(change.before),
                    "after": str(change.after),
                    "changed": change.changed,
                }
                for change in self.files
            ],
            "changelog": self.changelog.to_json() if self.changelog else None,
        }
