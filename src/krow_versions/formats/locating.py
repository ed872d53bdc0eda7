"""Find the version and the build of a text, for every format, in all places where they stand."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, TypeVar

from krow_versions import lazy
from krow_versions.edits import lines_in
from krow_versions.encoding import BOM
from krow_versions.errors import (
    AmbiguousVersion,
    EncodingError,
    FileFormatError,
    FileTooLarge,
    InputError,
    InternalError,
    InvalidVersion,
    KrowVersionsError,
    Unsupported,
    VersionNotFound,
)
from krow_versions.formats.composing import EMPTY, choice_of, composed, value_of
from krow_versions.formats.model import CORRECT, Place, dotted, only_versions
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable
from krow_versions.values import field, frozen
from krow_versions.version import Version, build_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.formats import plugins
    from krow_versions.formats.model import Document, Format, KeyPath, Outline, Scalar
    from krow_versions.version import Held
else:
    (plugins,) = lazy.modules("krow_versions.formats", "plugins")


@frozen
class Located:
    """The version and the build of a text, and their places.

    Attributes:
        format: the format of the text; compared by its name, as functions of another process differ.
        text: the whole text, with its BOM if it has one.
        held: the version, with the build wherever it stands; only the build if there is no version.
        places: each place, in the order of the format, at least one.
        outline: the content of the text, as far as the traits of the format look.
        again: as in :class:`Document`.
        derived: as in :class:`Document`.
        quick: whether only a quick reader has seen the text; nothing is written then.
    """

    format: Format = field(eq=lambda each: each.name)
    text: str = field(repr=False)
    held: Held
    places: tuple[Place, ...]
    outline: Any = field(repr=False, eq=False)
    again: Callable[[str], Document] | None = field(default=None, repr=False, eq=False)
    derived: tuple[tuple[int, str], ...] = ()
    quick: bool = field(default=False, repr=False, eq=False)

    @functools.cached_property
    def in_full(self) -> Located:
        """The same, from the parser of the format; raises as :func:`find_version`."""
        if not self.quick:
            return self
        found = find_in_full(self.text, self.format)
        if found != self:
            raise disproved(self.format, f"the quick reader of {self.format.name} is wrong", before=self.text)
        return found

    @property
    def data(self) -> Any:
        """The whole content of the text, for comparison; raises as :func:`find_version`."""
        return self.in_full.outline

    @property
    def version(self) -> Version | None:
        """The version, or None if there is only a build."""
        return None if isinstance(self.held, int) else self.held

    @property
    def build(self) -> int | None:
        """The build, or None if there is none."""
        return build_of(self.held)

    @property
    def line(self) -> int:
        r"""The line of the first place, from 1; only ``\n`` ends a line."""
        return self.line_of(self.places[0])

    @property
    def build_line(self) -> int:
        """The line of the build: of its first place of its own, or else of the version."""
        return self.line_of(next((place for place in self.places if place.kind == "build"), self.places[0]))

    @property
    def takes_build(self) -> bool:
        """Whether a build can be written: not where it has a key of its own, and this text lacks that."""
        return self.format.kind is only_versions or any(
            place.kind in {"build", "full"} or "+" in place.scalar.value for place in self.places
        )

    def described(self) -> list[dict[str, Any]]:
        """Return the places as the data that ``show --json`` prints."""
        line_of = lines_in(self.text.removeprefix(BOM))
        places = ((each, line_of(each.scalar.span.start)) for each in self.places)
        return [
            {"key": each.name, "kind": each.kind, "line": line, "value": each.scalar.value}
            for each, line in places
        ]

    def line_of(self, place: Place) -> int:
        """Return the line of *place*, from 1."""
        return self.text.removeprefix(BOM).count("\n", 0, place.scalar.span.start) + 1


def find_version(text: str, chosen: Format) -> Located:
    """Find the version and the build in *text*.

    Raises:
        InputError: the text does not parse, or has no version and no build, several different ones, or an
            invalid one.
        Unsupported: one is written in a way that cannot be edited safely.
    """
    return _found_quickly(text, chosen) or find_in_full(text, chosen)


def find_in_full(text: str, chosen: Format) -> Located:
    """Find the version as :func:`find_version`, always with the parser of the format."""
    try:
        return _found(text, chosen)
    except (VersionNotFound, InvalidVersion, AmbiguousVersion) as error:
        if chosen.is_lock and chosen.lock_command not in (error.hint or ""):  # Nobody writes locks by hand.
            error.advise(f"bring the lock in step with its manifest: {chosen.lock_command}")
        raise


def _found_quickly(text: str, chosen: Format) -> Located | None:
    """Find the version by the quick reader of the format; None if that has none, or is not sure.

    An error is not reported: the parser says what is wrong, in the same words for every text. Only what the
    keys of a manifest say, such as of a dynamic version, is said at once: they see the same in both data.
    """
    body = text.removeprefix(BOM)
    if chosen.quick is None or len(body) > chosen.max_bytes or any(mark in body for mark in _CONFLICTS):
        return None
    try:
        outline = guarded(chosen, functools.partial(chosen.quick, chosen), body)
    except KrowVersionsError:
        return None
    if outline is None:
        return None
    try:
        keys = guarded(chosen, chosen.keys, outline.data)
    except KrowVersionsError:
        if chosen.is_lock:
            return None
        raise
    try:
        places = _places(body, chosen, keys, functools.partial(_seen, outline))
        held = composed(body, [(place, value_of(body, place)) for place in places])
    except KrowVersionsError:
        return None
    return Located(chosen, text, held, places, outline.data, quick=True)


def _seen(outline: Outline, key: KeyPath) -> Scalar:
    scalar = outline.locate(key)
    if scalar is None:
        raise VersionNotFound("only the parser knows this key", key=dotted(key))
    return scalar


def _found(text: str, chosen: Format) -> Located:
    document, places = _parsed(text, chosen)
    body = text.removeprefix(BOM)
    try:
        held = composed(body, [(place, value_of(body, place)) for place in places])
    except InputError as error:
        choice = choice_of(chosen, places, error)
        if choice:
            error.advise(choice, keep=True)
        raise
    return Located(chosen, text, held, places, document.data, document.again, document.derived)


def parse(text: str, chosen: Format) -> Any:
    """Return the content of *text* as the format reads it; raises as :func:`find_version`."""
    body = text.removeprefix(BOM)
    _refuse_unreadable(body, chosen)
    return guarded(chosen, chosen.read, body).data


def highest_build(text: str, chosen: Format) -> int | None:
    """Return the highest build in *text*, also if its places disagree; None if it has none.

    Raises:
        InputError, Unsupported: as :func:`find_version`.
    """
    _, places = _parsed(text, chosen)
    read = (build_of(value_of(text.removeprefix(BOM), place)) for place in places)
    return max((build for build in read if build is not None), default=None)


_A = TypeVar("_A")
_R = TypeVar("_R")
_CONFLICTS = ("<" * 7, ">" * 7)
_CONFLICT = regex(r"^(?:<{7}|>{7})(?:[ \r]|$)", re.MULTILINE)


def _parsed(text: str, chosen: Format) -> tuple[Document, tuple[Place, ...]]:
    """Parse *text*, and find its places; their values are not judged yet."""
    body = text.removeprefix(BOM)
    _refuse_unreadable(body, chosen)
    document = guarded(chosen, chosen.read, body)
    keys = guarded(chosen, chosen.keys, document.data)
    return document, _places(body, chosen, keys, document.locate)


def _places(
    body: str, chosen: Format, keys: tuple[KeyPath, ...], locate: Callable[[KeyPath], Scalar]
) -> tuple[Place, ...]:
    places = []
    for key in keys:
        try:
            scalar = _checked(chosen, body, guarded(chosen, locate, key))
        except KrowVersionsError as error:
            error.key = error.key or dotted(key)
            raise
        places.append(Place(key, chosen.kind(key, scalar.value), scalar))
    return tuple(places)


def _refuse_unreadable(body: str, chosen: Format) -> None:
    if len(body) > chosen.max_bytes:
        raise FileTooLarge(
            f"the text is longer than {chosen.max_bytes} characters, the limit of {chosen.name}",
            hint="version files are small: check whether this is the right file",
        )
    if "\0" in body:
        raise EncodingError("there is a NUL character", hint="restore the file from git").located(
            body, body.index("\0")
        )
    mark = _CONFLICT.search(body) if any(mark in body for mark in _CONFLICTS) else None
    if mark:
        raise FileFormatError(
            "there is a merge conflict mark", hint="finish the merge first, then run this again"
        ).located(body, mark.start())


def guarded(chosen: Format, function: Callable[[_A], _R], argument: _A) -> _R:
    """Call a parser, and turn any exception of it into one of ours."""
    try:
        return function(argument)
    except (KrowVersionsError, ImportError, MemoryError):  # The file is not at fault.
        raise
    except RecursionError:
        raise too_deep() from None
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise FileFormatError(
            f"the file does not parse as {chosen.name} ({reason:.200})", hint=CORRECT
        ) from error


def disproved(chosen: Format, what: str, *, before: str = "", after: str = "") -> KrowVersionsError:
    """Give the error for a format whose results disagree: a bug here, or of the package that adds it."""
    if chosen.origin:
        return plugins.blamed(chosen.origin, f"nothing was written by its format {chosen.name}: {what}")
    return InternalError(what, before=before, after=after)


def too_deep() -> FileFormatError:
    return FileFormatError("the file is nested too deeply", hint=CORRECT)


def _checked(chosen: Format, body: str, scalar: Scalar) -> Scalar:
    if scalar.span.end > len(body):
        raise disproved(chosen, f"the version is at {scalar.span}, but the text ends at {len(body)}")
    if not scalar.value.strip():
        raise VersionNotFound("the version is empty", hint=EMPTY).located(body, scalar.span.start)
    if scalar.written(scalar.value) != scalar.span.of(body):
        says = f", says {chosen.origin}" if chosen.origin else ""
        raise Unsupported(
            f"the version is written with escapes or over several lines{says}",
            hint=f"write it on one line as {scalar.style}{printable(scalar.value)[:40]}{scalar.style}",
        ).located(body, scalar.span.start)
    return scalar
