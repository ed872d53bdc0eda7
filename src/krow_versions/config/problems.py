"""Collect the mistakes in a configuration by key path, and raise them together with their lines."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING, NoReturn

from krow_versions.errors import ConfigError, InputError, KrowVersionsError, Problems
from krow_versions.formats.model import dotted
from krow_versions.formats.toml import TomlPath, scan_toml
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


# Enough to fix at once, and few enough that a file full of mistakes is refused quickly.
MOST_SHOWN = 50


@frozen
class Mistake:
    """A mistake: its key path below the section, message and hint."""

    place: KeyPlace
    message: str
    hint: str | None = None


@frozen(eq=False)
class Mistakes:
    """The mistakes found so far.

    Attributes:
        path: the file, for messages.
        text: its content, without BOM.
        section: the key path of the configuration in the file.
        error_class: the class of the errors.
    """

    path: str
    text: str = field(repr=False)
    section: tuple[str, ...] = ()
    error_class: type[InputError] = ConfigError
    _found: list[Mistake] = field(factory=list)
    _settled: set[KeyPlace] = field(factory=set)
    _moved: dict[KeyPlace, list[int]] = field(factory=dict)  # Where settled elements of an array are now.

    def add(self, place: KeyPlace, message: str, hint: str | None = None) -> None:
        """Add a mistake, unless it follows from one that is settled."""
        place = self._as_written(place)
        if not any(place[:length] in self._settled for length in range(len(place) + 1)):
            self._found.append(Mistake(place, message, hint))

    def settle(self, places: Iterable[KeyPlace]) -> None:
        """Ignore further mistakes at *places*, which are removed; later elements of arrays move up."""
        self._settled.update([self._as_written(place) for place in places])
        gone: dict[KeyPlace, list[int]] = {}
        for *parent, last in filter(None, self._settled):
            if isinstance(last, int):
                gone.setdefault(tuple(parent), []).append(last)
        for array, indexes in gone.items():
            self._moved[array] = [index - before for before, index in enumerate(sorted(indexes))]

    @property
    def is_full(self) -> bool:
        """Whether there are more mistakes than are shown, so that the search can stop."""
        return len(self._found) > MOST_SHOWN

    def __len__(self) -> int:
        return len(self._found)

    def raise_all(self) -> None:
        """Raise the mistakes, if any.

        Raises:
            ConfigError: for one mistake; Problems, a group of them, for several.
        """
        if self._found:
            raise self.error()

    def error(self) -> KrowVersionsError:
        """Return the mistakes, at least one, as one error."""
        known = places(self.text)
        offsets = [(nearest(known, self.section + mistake.place), mistake) for mistake in self._found]
        offsets.sort(key=lambda pair: -1 if pair[0] is None else pair[0])
        errors = [self._error(mistake, offset) for offset, mistake in offsets[:MOST_SHOWN]]
        if len(errors) == 1:
            return errors[0]
        if len(offsets) > MOST_SHOWN:
            errors.append(self.error_class("there are more mistakes, which are not shown", path=self.path))
        return Problems(errors)

    def raise_one(self, message: str) -> NoReturn:
        """Raise a mistake after which nothing else can be checked."""
        raise self.error_class(message, path=self.path)

    def _as_written(self, place: KeyPlace) -> KeyPlace:
        """Convert indexes after removals to those in the text."""
        whole: KeyPlace = ()
        for part in place:
            index = part
            if isinstance(part, int):
                index = part + bisect.bisect_right(self._moved.get(whole, ()), part)
            whole = (*whole, index)
        return whole

    def _error(self, mistake: Mistake, offset: int | None) -> InputError:
        key = dotted(self.section + mistake.place) or None
        error = self.error_class(mistake.message, path=self.path, key=key, hint=mistake.hint)
        return error if offset is None else error.located(self.text, offset)


KeyPlace = TomlPath


def places(text: str) -> Mapping[KeyPlace, int]:
    """Return the offset of every key, table header and array element, by path."""
    return scan_toml(text).keys


def nearest(found: Mapping[KeyPlace, int], path: KeyPlace) -> int | None:
    """Return the offset of *path*, or of its nearest parent that has one; None if none has."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return None
