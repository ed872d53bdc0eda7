"""Find and replace the version of a text, for every format.

The format's parser finds the place of the version, a splice replaces it, and a second parse proves that
nothing else changed. Parsers never write.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from krow_versions.edits import Edit, apply_edits
from krow_versions.encoding import BOM
from krow_versions.errors import (
    AmbiguousVersion,
    EncodingError,
    FileFormatError,
    FileTooLarge,
    InternalError,
    InvalidVersion,
    KrowVersionsError,
    Unsupported,
    VersionNotFound,
)
from krow_versions.formats.model import CORRECT, Format, KeyPath, ParsedDocument, Scalar, dotted
from krow_versions.text.escaping import printable, quoted
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable


@attrs.frozen
class Located:
    """The version of a text, and its places.

    Attributes:
        format: the format of the text.
        text: the whole text, with its BOM if it has one.
        version: the version.
        places: key path and scalar of each place, in the order of the format; offsets exclude the BOM.
        data: the content of the text, for the proof.
        again: as in :class:`ParsedDocument`.
    """

    format: Format
    text: str = attrs.field(repr=False)
    version: Version
    places: tuple[tuple[KeyPath, Scalar], ...]
    data: Any = attrs.field(repr=False, eq=False)
    again: Callable[[str], ParsedDocument] | None = attrs.field(default=None, repr=False, eq=False)

    @property
    def line(self) -> int:
        r"""The line of the first place, from 1; only ``\n`` ends a line."""
        return self.text.removeprefix(BOM).count("\n", 0, self.places[0][1].span.start) + 1


def find_version(text: str, chosen: Format) -> Located:
    """Find the version in *text*.

    Raises:
        InputError: the text does not parse, or has no version, several different ones, or an invalid one.
        Unsupported: the version is written in a way that cannot be edited safely.
    """
    body = text.removeprefix(BOM)
    _refuse_unreadable(body, chosen)
    document = _guarded(chosen, chosen.read, body)
    places = []
    for key in chosen.keys(document.data):
        try:
            places.append((key, _checked(body, _guarded(chosen, document.locate, key))))
        except KrowVersionsError as error:
            error.key = error.key or dotted(key)
            raise
    key, first = places[0]
    for other_key, other in places[1:]:
        if other.value != first.value:
            raise AmbiguousVersion(
                f"{dotted(key)} is {quoted(first.value)} but {dotted(other_key)} is {quoted(other.value)}",
                key=dotted(other_key),
                hint="make the two equal by hand: which one is right cannot be guessed",
            ).located(body, other.span.start)
    try:
        version = Version.parse(first.value)
    except KrowVersionsError as error:
        if not first.style and _NUMBER.fullmatch(first.value):
            error = InvalidVersion(f"{quoted(first.value)} is read as a number", hint=error.hint)
        if not first.style and first.value.lower() in {"null", "~"}:
            error = VersionNotFound("the version is empty", hint=_EMPTY)
        error.key = dotted(key)
        raise error.located(body, first.span.start) from None
    return Located(chosen, text, version, tuple(places), document.data, document.again)


def parse(text: str, chosen: Format) -> Any:
    """Return the content of *text* as the format reads it; raises as :func:`find_version`."""
    body = text.removeprefix(BOM)
    _refuse_unreadable(body, chosen)
    return _guarded(chosen, chosen.read, body).data


def replace_version(located: Located, version: Version) -> str:
    """Write *version* in every place of *located*, prove the edit, and return the new text.

    Raises:
        InternalError: the proof failed: a second parse found something other than the new version in
            these places and the old content everywhere else.
    """
    chosen, value = located.format, str(version)
    if all(scalar.value == value for _, scalar in located.places):
        return located.text
    body = located.text.removeprefix(BOM)
    edits = [Edit(scalar.span, scalar.written(value)) for _, scalar in located.places]
    after = apply_edits(body, edits)
    expected = located.data
    for key, _ in located.places:
        expected = _with(expected, key, value)
    try:
        proof = (located.again or chosen.read)(after)
        found = [proof.locate(key).value for key, _ in located.places]
        proven = proof.data == expected and set(found) == {value}
    except RecursionError:
        raise _too_deep() from None
    except KrowVersionsError as error:
        raise InternalError(
            f"the edited text does not parse: {error.message}", before=body, after=after
        ) from error
    if not proven:
        raise InternalError("the edit would change more than the version", before=body, after=after)
    return located.text[: len(located.text) - len(body)] + after


_A = TypeVar("_A")
_R = TypeVar("_R")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?")
_EMPTY = "write the version that is in production there"
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?:[ \r]|$)", re.MULTILINE)


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


def _guarded(chosen: Format, function: Callable[[_A], _R], argument: _A) -> _R:
    """Call a parser, and turn any exception of it into one of ours."""
    try:
        return function(argument)
    except KrowVersionsError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise FileFormatError(
            f"the file does not parse as {chosen.name} ({reason:.200})", hint=CORRECT
        ) from error


def _too_deep() -> FileFormatError:
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


def _with(data: Any, key: KeyPath, value: str) -> Any:
    """Copy *data* with *value* at *key*; only the dicts on the path are copied."""
    if not key:
        return value
    return {**data, key[0]: _with(data[key[0]], key[1:], value)}
