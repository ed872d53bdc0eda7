"""What the places of a text hold, each alone and all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.edits import lines_in
from krow_versions.errors import AmbiguousVersion, InvalidVersion, KrowVersionsError, VersionNotFound
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.text.words import listed
from krow_versions.values import evolve
from krow_versions.version import Version, build_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.errors import InputError
    from krow_versions.formats.model import Format, Place
    from krow_versions.version import Held

EMPTY = "write the version that is in production there"


def value_of(body: str, place: Place) -> Held:
    """Read what a place holds.

    Raises:
        InvalidVersion, VersionNotFound: it is no version, or not the number that its kind asks for.
    """
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
            error = VersionNotFound("the version is empty", hint=EMPTY)
        error.key = place.name
        raise error.located(body, place.scalar.span.start) from None


def choice_of(chosen: Format, places: Sequence[Place], error: InputError) -> str:
    """Return how to choose the place that disagrees, or another one than that which is wrong."""
    wrong = next((chosen.choice(place.key) for place in places if place.name == error.key), "")
    if isinstance(error, AmbiguousVersion):
        return wrong
    return next((choice for place in places if (choice := chosen.choice(place.key)) != wrong), "")


def composed(body: str, read: Sequence[tuple[Place, Held]]) -> Held:
    """Return what the places hold together.

    Raises:
        AmbiguousVersion: they disagree.
    """
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
        return evolve(version, build=build, build_width=width)
    return version


def padding(digits: str) -> int:
    """Return the number of digits of a number with leading zeros, else 0."""
    return len(digits) if digits[:1] == "0" else 0


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


_DIGITS = regex(r"[0-9]{1,256}")
_QUAD = regex(r"((?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2})\.0")
_NUMBER = regex(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?")
_MOST = 15  # Places that disagree, in a message.
