"""What a format is, and the one way in which every format's version is found and replaced.

A format's parser finds where the version stands, a string splice changes it, and a second parse
proves that this and nothing else has changed. No file is ever written by a parser.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from krow_versions.edits import Edit, Span, apply_edits
from krow_versions.encoding import BOM
from krow_versions.errors import (
    AmbiguousVersion,
    EncodingError,
    FileFormatError,
    FileTooLarge,
    InternalError,
    KrowVersionsError,
    UnsupportedLayout,
    UsageError,
    VersionNotFound,
    VersionNotString,
)
from krow_versions.text.escaping import is_bare_key, printable, quoted, quoted_whole
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1024 * 1024
MAX_DEPTH = 100
CORRECT = "correct the file at this place, or restore it from git, then run this again"

KeyPath = tuple[str, ...]


@attrs.frozen
class Scalar:
    """A value as it stands in a text.

    Attributes:
        span: where it stands, quotes included, in characters.
        value: what a reader of the format sees.
        style: the quotes around it as written: empty, ``'``, ``"`` or a tripled one.
    """

    span: Span
    value: str
    style: str = ""


@attrs.frozen
class Document:
    """A text that a format's parser accepted.

    Attributes:
        data: its content as nested dicts, lists and leaves; compared, never written.
        locate: from a key path to the scalar there; raises VersionNotFound, VersionNotString,
            AmbiguousVersion or UnsupportedLayout.
        again: reads an edited text into data that can be compared with this one's; None where the
            format's ``read`` does.
    """

    data: Any
    locate: Callable[[KeyPath], Scalar]
    again: Callable[[str], Document] | None = None


def same_quotes(value: str, scalar: Scalar) -> str:
    """Write *value* in the quotes of *scalar*; versions hold nothing that needs an escape."""
    return f"{scalar.style}{value}{scalar.style}"


def at_key_path(chosen: Format, key: str) -> Format:
    """Give *chosen* reading the version at the dotted *key*, such as ``image.tag``.

    A part that holds a dot or is empty is quoted: ``packages."".version``.
    """
    path = tuple(part[1:-1] if part[:1] == '"' else part for part in _KEY_PART.findall(key))
    if not path or not _KEY.fullmatch(key):
        raise UsageError(f"{quoted(key)} is not a key path", hint="write it like tool.poetry.version")
    return attrs.evolve(chosen, keys=lambda _: (path,))


@attrs.frozen
class Format:
    """How the version is found in one kind of file.

    Attributes:
        name: what configuration and ``--json`` call it.
        read: parses a text (without BOM) into a :class:`Document`; raises FileFormatError.
        keys: from the document's data to the key paths that carry the version, at least one.
        filenames: base names by which it is known.
        max_bytes: the largest file that is read.
        encode: writes a value in the style of the scalar that it replaces.
        at: gives this format for a version kept elsewhere, named by the user.
    """

    name: str
    read: Callable[[str], Document]
    keys: Callable[[Any], tuple[KeyPath, ...]]
    filenames: tuple[str, ...] = ()
    max_bytes: int = MIB
    encode: Callable[[str, Scalar], str] = same_quotes
    at: Callable[[Format, str], Format] = at_key_path

    def load(self, text: str) -> Any:
        """Parse *text* into plain data."""
        return self.read(text).data

    def locate(self, text: str, key_path: KeyPath) -> Scalar:
        """Find the scalar at *key_path* in *text*."""
        return self.read(text).locate(key_path)


@attrs.frozen
class Located:
    """The version of one text: its value and every place that it stands in.

    Attributes:
        format: the format that found it.
        text: the whole text, with its BOM where it has one.
        version: the version.
        places: key path and scalar, in the order of the format; offsets leave out the BOM.
        data: the text's content, for the proof.
        again: as in :class:`Document`.
    """

    format: Format
    text: str = attrs.field(repr=False)
    version: Version
    places: tuple[tuple[KeyPath, Scalar], ...]
    data: Any = attrs.field(repr=False, eq=False)
    again: Callable[[str], Document] | None = attrs.field(default=None, repr=False, eq=False)

    @property
    def line(self) -> int:
        r"""Line of the first place, from 1; only ``\n`` ends a line."""
        return self.text.removeprefix(BOM).count("\n", 0, self.places[0][1].span.start) + 1


def find_version(text: str, chosen: Format) -> Located:
    """Find the version in *text*, or say precisely why there is none to be edited.

    Raises:
        InputError: no version, several, an invalid one, or a text that does not parse.
        Unsupported: a version written in a way whose edit would be a guess.
    """
    body = text.removeprefix(BOM)
    _refuse_unreadable(body, chosen)
    document = _guarded(chosen, chosen.read, body)
    places = []
    for key in chosen.keys(document.data):
        try:
            places.append((key, _checked(body, _guarded(chosen, document.locate, key), chosen)))
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
            error = VersionNotString(f"{quoted(first.value)} is read as a number", hint=error.hint)
        if not first.style and first.value.lower() in {"null", "~"}:
            error = VersionNotFound("the version is empty", hint=_EMPTY)
        error.key = dotted(key)
        raise error.located(body, first.span.start) from None
    return Located(chosen, text, version, tuple(places), document.data, document.again)


def replace_version(located: Located, version: Version) -> str:
    """Put *version* in every place of *located*, prove it, and give the new text.

    Raises:
        InternalError: the proof failed: a second parse sees something else than the new version
            in these places and the old content everywhere else.
    """
    chosen, value = located.format, str(version)
    if all(scalar.value == value for _, scalar in located.places):
        return located.text
    body = located.text.removeprefix(BOM)
    edits = [Edit(scalar.span, chosen.encode(value, scalar)) for _, scalar in located.places]
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


def dotted(key: KeyPath) -> str:
    """Write a key path as one reads it, quoting what needs it.

    >>> dotted(("packages", "", "version"))
    'packages."".version'
    """
    return ".".join(part if is_bare_key(part) else f'"{part}"' for part in key)


def missing(data: Any, key: KeyPath) -> VersionNotFound:
    """Say that nothing stands at *key*, and what stands where one might have meant it."""
    name = key[-1]
    hint = "add the line by hand, or leave this file out of the product"
    parent: Any = data
    for part in key[:-1]:
        parent = parent.get(part) if isinstance(parent, dict) else None
    for found in parent if isinstance(parent, dict) else ():
        if isinstance(found, str) and found != name and _same_letters(found) == _same_letters(name):
            hint = f"there is a key {quoted_whole(found)}: correct its spelling"
    for path in _paths_to(data, name):
        hint = f"there is one at {dotted(path)}, which is something else; {hint}"
        break
    return VersionNotFound(f"the key {dotted(key)} is not there", key=dotted(key), hint=hint)


_A = TypeVar("_A")
_R = TypeVar("_R")
_KEY_PART = re.compile(r'"[^"]*"|[^."]+')
_KEY = re.compile(r'(?:"[^"]*"|[^."]+)(?:\.(?:"[^"]*"|[^."]+))*')
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?")
_EMPTY = "write the version that is in production there"
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?:[ \r]|$)", re.MULTILINE)


def _refuse_unreadable(body: str, chosen: Format) -> None:
    if len(body) > chosen.max_bytes:
        raise FileTooLarge(
            f"the text is longer than {chosen.max_bytes} characters, the limit of {chosen.name}",
            hint="a version file is small: see whether this is the right file",
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
    """Call a parser; parsers leak exceptions of many kinds, and each becomes one of ours here."""
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


def _checked(body: str, scalar: Scalar, chosen: Format) -> Scalar:
    if not scalar.value.strip():
        raise VersionNotFound("the version is empty", hint=_EMPTY).located(body, scalar.span.start)
    if chosen.encode(scalar.value, scalar) != scalar.span.of(body):
        raise UnsupportedLayout(
            "the version is written with escapes or over several lines",
            hint=f"write it on one line as {scalar.style}{printable(scalar.value)[:40]}{scalar.style}",
        ).located(body, scalar.span.start)
    return scalar


def _with(data: Any, key: KeyPath, value: str) -> Any:
    """Copy *data* with *value* at *key*; only the dicts along the path are copied."""
    if not key:
        return value
    return {**data, key[0]: _with(data[key[0]], key[1:], value)}


def _same_letters(key: str) -> str:
    return "".join(character for character in key if character.isalnum()).lower()


def _paths_to(data: Any, name: str) -> Iterator[KeyPath]:
    """Walk nested dicts breadth first, a bounded number of them, to keys called *name*."""
    level: list[tuple[KeyPath, Any]] = [((), data)]
    for path, node in level:
        if not isinstance(node, dict) or len(level) > 1000:
            continue
        for key, value in node.items():
            if key == name:
                yield (*path, key)
            if isinstance(key, str):
                level.append(((*path, key), value))
