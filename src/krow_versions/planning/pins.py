"""Plan what becomes of pins: places where another package requires exactly the version that is bumped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.errors import Conflict, InvalidVersion, KrowVersionsError, raise_all
from krow_versions.formats import find_version, replace_version
from krow_versions.products import repo_path
from krow_versions.text.escaping import printable
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from krow_versions.planning.changelog_row import Texts
    from krow_versions.snapshot import FileState, PinState
    from krow_versions.version import Version


@frozen
class PinChange:
    """A pin before and after; the texts are equal if there is nothing to do.

    Attributes:
        repo: the name of the repository.
        path: the file, relative to the repository.
        format: the name of its format.
        key: the place in it.
        line: the line of it, from 1.
        package: the package that is pinned.
        before: the version that is required.
        after: the version that the package gets.
        text_before: the text of the file.
        text_after: its text with the pin moved.
    """

    repo: str
    path: str
    format: str
    key: str
    line: int
    package: str
    before: Version
    after: Version
    text_before: str = field(repr=False)
    text_after: str = field(repr=False)

    @property
    def changed(self) -> bool:
        """Whether the file must be written."""
        return self.text_before != self.text_after

    def to_json(self) -> dict[str, Any]:
        """Give the pin as data, with the keys of a version file and the package that is pinned."""
        before, after = str(self.before), str(self.after)
        place = {"key": self.key, "kind": "version", "line": self.line, "before": before, "after": after}
        return {
            "repo": self.repo,
            "path": self.path,
            "format": self.format,
            "before": before,
            "after": after,
            "changed": self.changed,
            "places": [place],
            "pin": self.package,
        }

    def __str__(self) -> str:
        path, name = printable(repo_path(self.repo, self.path)), printable(self.package)
        held = f"{self.before} -> {self.after}" if self.changed else f"already {self.after}"
        return f"{path}: pin of {name} {held}"


@frozen
class PlannedPins:
    """What becomes of the pins of a product.

    Attributes:
        changes: the pins that are moved or right, with their copies in locks.
        warnings: pins that are left as they are, and files whose pins are not known.
    """

    changes: tuple[PinChange, ...] = ()
    warnings: tuple[str, ...] = ()


def plan_pins(
    pins: tuple[PinState, ...],
    moves: Mapping[tuple[str, str], tuple[Version, Version, Version]],
    texts: Texts,
    *,
    move: bool,
) -> PlannedPins:
    """Plan the pins of one product, on top of what *texts* has of the same files.

    A pin at the old version moves to the new one; a pin at another version pins another release. Its copy in
    a lock follows a pin, also one that was moved by hand.

    Args:
        pins: the pins of its packages.
        moves: of each version file, by repository and path: the baseline, its version before and after.
        texts: the texts of the plan, by repository and path; the new ones are added.
        move: whether pins may be moved.

    Raises:
        Conflict: a pin is at the old version and may not be moved; all of them at once.
        KrowVersionsError: a pin cannot be edited.
    """
    refused: list[KrowVersionsError] = []
    warnings: list[str] = []
    changes: list[PinChange] = []
    for pin in pins:
        place = pin.place
        if not pin.package or isinstance(place.error, InvalidVersion):
            if place.error is not None and not pin.package:
                warnings.append(f"{place.error.where}: its pins are not known: {place.error.message}")
            continue
        if place.error is not None:
            refused.append(place.error)
            continue
        held = place.version
        if held is None or (place.repo, pin.of) not in moves:  # A conflict of the package's own file.
            continue
        baseline, before, after = moves[place.repo, pin.of]
        old = {baseline.core, before.core} - {after.core}
        if held.prerelease is None and held.core in old and not move:
            refused.append(_unmoved(pin, held, after))
        elif held.prerelease is None and held.core in {*old, after.core}:
            for each in (place, *pin.copies):
                changes += _moved(each, pin, old, after, texts)
        else:
            where = f"{repo_path(place.repo, place.path)}:{place.located.line if place.located else 0}"
            left = f"requires exactly {held} of {pin.package}, which becomes {after}: it is left as it is"
            warnings.append(f"{where} {left}")
    raise_all(refused)
    return PlannedPins(tuple(changes), tuple(warnings))


def _unmoved(pin: PinState, held: Version, after: Version) -> Conflict:
    place = pin.place
    error = Conflict(
        f"requires exactly {held} of {pin.package}, which becomes {after}: the next install would fail",
        target=after,
        found=held,
        hint="move the pins in the same plan, or pins = true in the product; or require a range there",
        path=repo_path(place.repo, place.path),
    )
    error.line, error.key = place.located.line if place.located else None, place.key
    return error


def _moved(
    place: FileState, pin: PinState, old: set[tuple[int, int, int]], after: Version, texts: Texts
) -> Iterator[PinChange]:
    """Yield the change of one pin, or of one copy, if it is at the old version or the new one."""
    located, file = place.located, (place.repo, place.path)
    if located is None or place.key is None:
        return
    line = located.line
    if texts.setdefault(file, located.text) != located.text:
        located = find_version(texts[file], located.format)
    held = located.version
    if held is None or held.prerelease is not None or held.core not in {*old, after.core}:
        return
    wanted = after if held.build is not None else after.with_build(None)
    texts[file] = changed = replace_version(located, wanted)
    yield PinChange(*file, place.format, place.key, line, pin.package, held, wanted, located.text, changed)
