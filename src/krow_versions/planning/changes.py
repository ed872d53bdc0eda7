"""The changes of the files of a plan: version files with their places, and the rows that show all changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.planning.pins import PinChange
from krow_versions.products import repo_path
from krow_versions.tables import Data, Table
from krow_versions.text.escaping import printable
from krow_versions.values import field, frozen
from krow_versions.version import written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.planning.changelog_row import RowChange
    from krow_versions.version import Held

_COLUMNS = "product what repo path format pin before after date:day text changed:boolean"


@frozen
class PlaceChange:
    """A place in a version file before and after.

    Attributes:
        key: its key path, such as ``expo.ios.buildNumber``.
        kind: what it holds: ``version``, ``build``, ``full`` or ``quad``.
        line: its line, from 1.
        before: what is written there, without quotes.
        after: what is to be written there.
    """

    key: str
    kind: str
    line: int
    before: str
    after: str

    def to_json(self) -> dict[str, Any]:
        """Give the place as data."""
        return {name: getattr(self, name) for name in ("key", "kind", "line", "before", "after")}


@frozen
class FileChange:
    """A version file before and after; the texts are equal if there is nothing to do.

    Attributes:
        repo: the name of its repository.
        path: relative to that repository.
        format: the name of its format.
        before: the version, with the build wherever it stands; only the build if there is no version.
        after: the same, as it is to be.
        places: the places of both.
        text_before: the whole text.
        text_after: the whole text with the places changed.
    """

    repo: str
    path: str
    format: str
    before: Held
    after: Held
    places: tuple[PlaceChange, ...]
    text_before: str = field(repr=False)
    text_after: str = field(repr=False)

    @property
    def changed(self) -> bool:
        """Whether the file must be written."""
        return self.text_before != self.text_after

    def to_json(self) -> dict[str, Any]:
        """Give the file as data."""
        return {
            "repo": self.repo,
            "path": self.path,
            "format": self.format,
            "before": written(self.before),
            "after": written(self.after),
            "changed": self.changed,
            "places": [place.to_json() for place in self.places],
        }

    def __str__(self) -> str:
        path = printable(repo_path(self.repo, self.path))
        before, after = written(self.before), written(self.after)
        return f"{path}: {before} -> {after}" if self.changed else f"{path}: already {after}"


def table_of_changes(
    products: Iterable[tuple[str, Iterable[FileChange | PinChange | RowChange]]], caption: str
) -> Table:
    """Give one row per change of each product: file, before, after, what is done."""
    changes = [(product, change) for product, own in products for change in own]
    columns = ("product", "file", "before", "after", "what is done")
    data = Data.of(_COLUMNS, ({"product": product, **_document(change)} for product, change in changes))
    return Table(columns, tuple((product, *_row(change)) for product, change in changes), caption, data)


def _row(change: FileChange | PinChange | RowChange) -> tuple[str, ...]:
    if isinstance(change, FileChange | PinChange):
        versions = (written(change.before), written(change.after))
    else:
        versions = ("", f"{change.row.date or ''} {change.row.version} {change.row.text}".strip())
    done = "→ to be written" if change.changed else "✓ already right"
    pin = f" (pin of {change.package})" if isinstance(change, PinChange) else ""
    return (repo_path(change.repo, change.path) + pin, *versions, done)


def _document(change: FileChange | PinChange | RowChange) -> dict[str, Any]:
    """Give a change by its keys in JSON, with what it is; the version of a CHANGELOG is what it gets."""
    found = change.to_json()
    if isinstance(change, FileChange | PinChange):
        return {"what": "pin" if isinstance(change, PinChange) else "version", **found}
    return {"what": "changelog", "after": found["version"], **found}
