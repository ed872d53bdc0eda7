"""The mistakes in a configuration: collected with their key paths, told all at once with their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import attrs

from krow_versions.errors import ConfigError, InputError, KrowVersionsError, Problems
from krow_versions.formats.model import dotted
from krow_versions.formats.toml import TomlPath, scan_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


# More than anybody mends at once; a file of nothing but mistakes must not take long to refuse.
MOST_TOLD = 50


@attrs.frozen
class Mistake:
    """One mistake: the key path below the section, what is wrong there, and what to do."""

    place: KeyPlace
    message: str
    hint: str | None = None


@attrs.frozen(eq=False)
class Mistakes:
    """The mistakes found so far.

    Attributes:
        path: the file, as the user knows it.
        text: its content, without BOM.
        section: where in the file the configuration is.
        one: the class of a single mistake.
    """

    path: str
    text: str = attrs.field(repr=False)
    section: tuple[str, ...] = ()
    one: type[InputError] = ConfigError
    _found: list[Mistake] = attrs.field(factory=list)
    _settled: set[KeyPlace] = attrs.field(factory=set)

    def add(self, place: KeyPlace, message: str, hint: str | None = None) -> None:
        """Note a mistake, unless it follows from one that is told already."""
        place = self._as_written(place)
        if not any(place[:length] in self._settled for length in range(len(place) + 1)):
            self._found.append(Mistake(place, message, hint))

    def settle(self, places: Iterable[KeyPlace]) -> None:
        """Take *places* as told and left out: nothing more is said of them, later ones move up."""
        self._settled.update([self._as_written(place) for place in places])

    @property
    def is_full(self) -> bool:
        """Whether there are more than are told, so that none needs to be looked for."""
        return len(self._found) > MOST_TOLD

    def __len__(self) -> int:
        return len(self._found)

    def raise_all(self) -> None:
        """Raise what was noted, if anything.

        Raises:
            ConfigError: for one mistake; Problems, a group of them, for several.
        """
        if self._found:
            raise self.error()

    def error(self) -> KrowVersionsError:
        """Return what was noted, at least one mistake, as one error."""
        known = places(self.text)
        offsets = [(nearest(known, self.section + mistake.place), mistake) for mistake in self._found]
        offsets.sort(key=lambda pair: -1 if pair[0] is None else pair[0])
        errors = [self._error(mistake, offset) for offset, mistake in offsets[:MOST_TOLD]]
        if len(errors) == 1:
            return errors[0]
        if len(offsets) > MOST_TOLD:
            errors.append(self.one("there are more mistakes, which are not told", path=self.path))
        return Problems(errors)

    def raise_one(self, message: str) -> NoReturn:
        """Raise a mistake that leaves nothing to look at further."""
        raise self.one(message, path=self.path)

    def _as_written(self, place: KeyPlace) -> KeyPlace:
        """Count the elements that were left out of arrays again."""
        whole: KeyPlace = ()
        for part in place:
            index = part
            while isinstance(index, int) and isinstance(part, int):
                left_out = {gone[-1] for gone in self._settled if gone[:-1] == whole}
                skipped = sum(1 for gone in left_out if isinstance(gone, int) and gone <= index)
                if index == part + skipped:
                    break
                index = part + skipped
            whole = (*whole, index)
        return whole

    def _error(self, mistake: Mistake, offset: int | None) -> InputError:
        key = dotted(self.section + mistake.place) or None
        error = self.one(mistake.message, path=self.path, key=key, hint=mistake.hint)
        return error if offset is None else error.located(self.text, offset)


KeyPlace = TomlPath


def places(text: str) -> Mapping[KeyPlace, int]:
    """Return the offset of every key, table header and array element, by its path."""
    return scan_toml(text).keys


def nearest(found: Mapping[KeyPlace, int], path: KeyPlace) -> int | None:
    """Return the offset of *path*, or of the longest beginning of it that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return None
