"""Find the version and the build of a text, for every format, in all places where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from krow_versions.edits import lines_in
from krow_versions.encoding import BOM
from krow_versions.errors import (
    AmbiguousVersion,
    EncodingError,
    FileFormatError,
    FileTooLarge,
    InputError,
    InvalidVersion,
    KrowVersionsError,
    Unsupported,
    VersionNotFound,
)
from krow_versions.formats.model import CORRECT, Format, ParsedDocument, Place, Scalar, dotted, only_versions
from krow_versions.text.escaping import printable, quoted
from krow_versions.text.words import listed
from krow_versions.values import frozen
from krow_versions.version import Version, build_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from krow_versions.version import Held


@frozen
class Located:
    """The version and the build of a text, and their places.

    Attributes:
        format: the format of the text; compared by its name, as functions of another process differ.
        text: the whole text, with its BOM if it has one.
        held: the version, with the build wherever it stands; only the build if there is no version.
        places: each place, in the order of the format, at least one.
        data: the content of the text, for the proof.
        again: as in :class:`ParsedDocument`.
        derived: as in :class:`ParsedDocument`.
    """

    format: Format = attrs.field(eq=lambda each: each.name)
    text: str = attrs.field(repr=False)
    held: Held
    places: tuple[Place, ...]
    data: Any = attrs.field(repr=False, eq=False)
    again: Callable[[str], ParsedDocument] | None = attrs.field(default=None, repr=False, eq=False)
    derived: tuple[tuple[int, str], ...] = ()

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
    try:
        return _found(text, chosen)
    except (VersionNotFound, InvalidVersion, AmbiguousVersion) as error:
        if chosen.is_lock and chosen.lock_command not in (error.hint or ""):  # Nobody writes locks by hand.
            error.advise(f"bring the lock in step with its manifest: {chosen.lock_command}")
        raise


def _found(text: str, chosen: Format) -> Located:
    document, places = _parsed(text, chosen)
    body = text.removeprefix(BOM)
    try:
        held = _composed(body, [(place, _value(body, place)) for place in places])
    except InputError as error:
        choice = _choice(chosen, places, error)
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
    read = (build_of(_value(text.removeprefix(BOM), place)) for place in places)
    return max((build for build in read if build is not None), default=None)


def padding(digits: str) -> int:
    """Return the number of digits of a number with leading zeros, else 0."""
    return len(digits) if digits[:1] == "0" else 0


_A = TypeVar("_A")
_R = TypeVar("_R")
_DIGITS = re.compile(r"[0-9]{1,256}")
_QUAD = re.compile(r"((?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2})\.0")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?")
_MOST = 15  # Places that disagree, in a message.
_EMPTY = "write the version that is in production there"
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?:[ \r]|$)", re.MULTILINE)


def _parsed(text: str, chosen: Format) -> tuple[ParsedDocument, tuple[Place, ...]]:
    """Parse *text*, and find its places; their values are not judged yet."""
    body = text.removeprefix(BOM)
    _refuse_unreadable(body, chosen)
    document = guarded(chosen, chosen.read, body)
    places = []
    for key in guarded(chosen, chosen.keys, document.data):
        try:
            scalar = _checked(body, guarded(chosen, document.locate, key))
        except KrowVersionsError as error:
            error.key = error.key or dotted(key)
            raise
        places.append(Place(key, chosen.kind(key, scalar.value), scalar))
    return document, tuple(places)


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
    mark = _CONFLICT.search(body)
    if mark:
        raise FileFormatError(
            "there is a merge conflict mark", hint="finish the merge first, then run this again"
        ).located(body, mark.start())


def guarded(chosen: Format, function: Callable[[_A], _R], argument: _A) -> _R:
    """Call a parser, and turn any exception of it into one of ours."""
    try:
        return function(argument)
    except KrowVersionsError:
        raise
    except RecursionError:
        raise too_deep() from None
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise FileFormatError(
            f"the file does not parse as {chosen.name} ({reason:.200})", hint=CORRECT
        ) from error


def too_deep() -> FileFormatError:
    return FileFormatError("the file is nested too deeply", hint=CORRECT)


def _checked(body: str, scalar: Scalar) -> Scalar:
    if not scalar.value.strip():
        raise VersionNotFound("the version is empty", hint=_EMPTY).located(body, scalar.span.start)
    if scalar.written(scalar.value) != scalar.span.of(body):
        raise Unsupported(
            "the version is written with escapes or over several lines",
            hint=f"write it on one line as {scalar.style}{printable(scalar.value)[:40]}{scalar.style}",
        ).located(body, scalar.span.start)
    return scalar


def _value(body: str, place: Place) -> Held:
    """Read what a place holds."""
    value, style = place.scalar.value, place.scalar.style
    try:
        if place.kind == "build":
            return _whole_number(value)
        if place.kind == "quad":
            return _quad(value)
        return Version.parse(value)
    except KrowVersionsError as error:
        if not style and _NUMBER.fullmatch(value) and place.kind != "build":
            error = InvalidVersion(f"{quoted(value)} is read as a number", hint=error.hint)
        if not style and value.lower() in {"null", "~"}:
            error = VersionNotFound("the version is empty", hint=_EMPTY)
        error.key = place.name
        raise error.located(body, place.scalar.span.start) from None


def _choice(chosen: Format, places: Sequence[Place], error: InputError) -> str:
    """Return how to choose the place that disagrees, or another one than that which is wrong."""
    wrong = next((chosen.choice(place.key) for place in places if place.name == error.key), "")
    if isinstance(error, AmbiguousVersion):
        return wrong
    return next((choice for place in places if (choice := chosen.choice(place.key)) != wrong), "")


def _whole_number(value: str) -> int:
    if not _DIGITS.fullmatch(value):
        raise InvalidVersion(
            f"the build {quoted(value)} is not a whole number",
            hint="a build is counted up with every release: write it as digits, such as 42",
        )
    return int(value)


def _quad(value: str) -> Version:
    match = _QUAD.fullmatch(value)
    if not match:
        raise InvalidVersion(
            f"{quoted(value)} is not four numbers of which the last is 0",
            hint="write the version and .0, such as 0.1.0.0",
        )
    return Version.parse(match[1])


def _composed(body: str, read: Sequence[tuple[Place, Held]]) -> Held:
    """Return what the places hold together; raise if they disagree."""
    kinds = {place.kind for place, _ in read}
    versions = [(place, held) for place, held in read if isinstance(held, Version)]

    def said(place: Place, held: Version) -> object:
        if len(kinds) == 1:
            return place.scalar.value
        return held.core if "quad" in kinds else held.with_build(None)

    _require_equal(body, "version", [(place, said(place, held)) for place, held in versions])
    builds = [(place, build) for place, held in read if (build := build_of(held)) is not None]
    _require_equal(body, "build", builds)
    if not versions:
        return builds[0][1]
    version = versions[0][1]
    if version.build is None and builds:
        place, build = builds[0]
        width = padding(place.scalar.value.rpartition("+")[2])
        return attrs.evolve(version, build=build, build_width=width)
    return version


def _require_equal(body: str, what: str, said: Sequence[tuple[Place, object]]) -> None:
    other = next((place for place, value in said if value != said[0][1]), None)
    if other is None:
        return
    line_of = lines_in(body)
    lines = (
        f"line {line_of(place.scalar.span.start)} ({place.name}) says {quoted(place.scalar.value)}"
        for place, _ in said
    )
    raise AmbiguousVersion(
        f"the places of the {what} disagree: {listed(lines, _MOST)}",
        key=other.name,
        hint="write the highest of them into all: stores accept no lower one"
        if what == "build"
        else "make them equal by hand: which one is right cannot be guessed",
    ).located(body, other.scalar.span.start)
