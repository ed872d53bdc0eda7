"""The record of a format, the result of its parser, and the places that it finds."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any, Literal

from krow_versions.errors import UsageError
from krow_versions.regexes import regex
from krow_versions.text.escaping import is_bare_key, quoted
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from krow_versions.edits import Span


MIB = 1024 * 1024
MAX_DEPTH = 100
CORRECT = "correct the file at this place, or restore it from git, then run this again"

KeyPath = tuple[str | int, ...]
"""Keys, and indexes of the elements of lists."""

Kind = Literal["version", "build", "full", "quad"]
"""What a place holds: ``x.y.z``; a whole number; ``x.y.z`` or ``x.y.z+build``; ``x.y.z.0``."""


@frozen
class Scalar:
    """A value in a text.

    Attributes:
        span: its place, with quotes, in characters.
        value: the parsed value.
        style: the quotes around it: empty, ``'``, ``"`` or a tripled one.
    """

    span: Span
    value: str
    style: str = ""

    def written(self, value: str) -> str:
        """Write *value* in the same quotes; versions need no escapes."""
        return f"{self.style}{value}{self.style}"


@frozen
class Place:
    """A place of a version or of a build in a text.

    Attributes:
        key: its key path.
        kind: what it holds.
        scalar: its value; offsets exclude the BOM.
    """

    key: KeyPath
    kind: Kind
    scalar: Scalar

    @property
    def name(self) -> str:
        """Its key path for people, such as ``expo.ios.buildNumber``."""
        return dotted(self.key)


@frozen
class Document:
    """A text that a format's parser accepted.

    Attributes:
        data: its content as nested dicts, lists and leaves, only for comparison.
        locate: returns the scalar at a key path; raises VersionNotFound, InvalidVersion, AmbiguousVersion or
            Unsupported.
        again: parses an edited text into data comparable with this one's; None for the format's ``read``.
        derived: line and description of each build that comes from another value, so that it is no place.
    """

    data: Any
    locate: Callable[[KeyPath], Scalar]
    again: Callable[[str], Document] | None = None
    derived: tuple[tuple[int, str], ...] = ()


@frozen
class Outline:
    """What a quick reader found in a text, without parsing it in full.

    Attributes:
        data: like that of the :class:`Document` wherever ``keys``, ``private``, ``packaged``, and
            ``name``, ``gives`` and ``takes`` of the packaging look; what they never see may be anything.
        locate: returns the same scalar as that of the :class:`Document`, or None to hand over.
    """

    data: Any
    locate: Callable[[KeyPath], Scalar | None]


def at_key_path(chosen: Format, key: str) -> Format:
    """Return *chosen* for the version at the dotted *key*, such as ``image.tag``, or at several, one a line.

    Parts that are empty or contain a dot are quoted: ``packages."".version``.
    """
    return evolve(chosen, keys=functools.partial(_these, parsed_keys(key)))


def _these(paths: tuple[KeyPath, ...], _: Any) -> tuple[KeyPath, ...]:
    return paths


def named_keys(chosen: Format) -> tuple[KeyPath, ...] | None:
    """Return the key paths that :func:`at_key_path` was given, or None if *chosen* does not come from it."""
    keys: Any = chosen.keys
    return keys.args[0] if isinstance(keys, functools.partial) and keys.func is _these else None


def parsed_keys(keys: str) -> tuple[KeyPath, ...]:
    """Split dotted keys, one per line, as :func:`dotted` writes them, without indexes."""
    lines = [line.strip() for line in keys.split("\n") if line.strip()] if "\n" in keys else [keys]
    paths = tuple(dict.fromkeys(map(parsed_key, lines)))
    if not paths:
        raise UsageError(f"{quoted(keys)} is not a key path", hint=_LIKE)
    return paths


def parsed_key(key: str) -> KeyPath:
    """Split a dotted key as :func:`dotted` writes it, without indexes."""
    if not _KEY.fullmatch(key):
        raise UsageError(f"{quoted(key)} is not a key path", hint=_LIKE)
    return tuple(part[1:-1] if part[:1] == '"' else part for part in _KEY_PART.findall(key))


_LIKE = "write it like tool.poetry.version"


def top_version(_: Any) -> tuple[KeyPath, ...]:
    """Return the key path of a version at the top."""
    return (("version",),)


def highest_plus(data: bytes) -> int:
    """Return the highest number after a ``+`` in *data*, or -1: no ``x.y.z+build`` in it is higher."""
    return max((int(digits) for digits in _PLUS.findall(data)), default=-1)


def highest_number(data: bytes) -> int:
    """Return the highest whole number in *data*, or -1: no build in it is higher."""
    return max((int(digits) for digits in _NUMBER.findall(data)), default=-1)


def _never(_: Any) -> bool:
    return False


def _full(_: KeyPath, __: str) -> Kind:
    return "full"


def _no_choice(_: KeyPath) -> str:
    return ""


def only_versions(_: KeyPath, __: str) -> Kind:
    """Say that every place is ``x.y.z``."""
    return "version"


@frozen
class Package:
    """A package, as a lock or another package names it.

    Attributes:
        folder: its folder, from the folder of the lock; empty if it is the same.
        name: its name, as its package manager compares names; None if its file has none.
    """

    folder: str
    name: str | None = None


@frozen
class Pin:
    """A place where a package requires one exact version of another.

    Attributes:
        key: its place, for :attr:`Format.at`.
        package: the name of the other, as its package manager compares names.
    """

    key: str
    package: str


class ByParts:
    """Base of values with functions: of two ``functools.partial``, the parts are compared."""

    def __eq__(self, other: object) -> bool:
        return _parts(self) == _parts(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(_parts(self))


def _parts(value: Any) -> Any:
    if isinstance(value, functools.partial):
        named = sorted(value.keywords.items(), key=operator.itemgetter(0))
        return _parts(value.func), *map(_parts, value.args), *((name, _parts(each)) for name, each in named)
    return (type(value), *map(_parts, vars(value).values())) if isinstance(value, ByParts) else value


@frozen(eq=False)
class Packaging(ByParts):
    """What a package manager reads from the files of a format.

    Attributes:
        name: returns the name of the package from the document's data, as names are compared.
        pins: returns the pins in the document's data, those of other packages included.
        roots: the base names of the files that name the members of a workspace, each with a function that
            returns, from the text, the globs of the members' folders; one with a leading ``!`` excludes.
        gives: returns whether the document's data has a version that members of its workspace may take.
        takes: returns whether the package takes the version of its workspace.
    """

    name: Callable[[Any], str | None]
    pins: Callable[[Any], Iterable[Pin]]
    roots: tuple[tuple[str, Callable[[str], Iterable[str]]], ...]
    gives: Callable[[Any], bool] = _never
    takes: Callable[[Any], bool] = _never


def _no_entry(_: Package) -> str | None:
    return None


def _no_copies(_: Package, __: Pin) -> tuple[str, ...]:
    return ()


@frozen(eq=False)
class Format(ByParts):
    """One kind of version file: how its version is found, and its traits.

    Attributes:
        name: its name in the configuration and in ``--json``.
        read: parses a text (without BOM) into a :class:`Document`; raises FileFormatError.
        keys: returns the key paths of versions and builds in the data, at least one; none of derived values.
        filenames: base names of its files.
        max_bytes: size of the largest file that is read.
        at: returns this format for the version at another key, which the user names.
        has_build: whether versions usually have a build for app stores, so that a missing one is suspicious.
        companions: names of the formats of files that repeat its version, such as locks: beside it, or in
            a folder above where they have an ``entry`` for it.
        lock_command: the command that updates a lock file; empty if its files are not locks.
        private: returns whether the document's data says that the file is not to be published.
        packaged: returns whether the data is that of a package for programs: no store counts its builds.
        exclusion: why ``init`` makes no product of such files, as a heading of a list; empty if it does.
        sparse: whether most such files have no version, so that ``init`` names only those that have one.
        entry: of a lock that several packages share: returns the key, for ``at``, at which it repeats the
            version of a package, or None if that is at the usual places.
        copies: of a lock: returns the keys, for ``at``, at which it may repeat a pin of a package.
        packaging: how its files name, group and pin packages, or None.
        kind: returns what the place at a key path with that value holds.
        build_bound: returns an upper bound of the build in the bytes of a file, without parsing them; -1 if
            there is none. By default the highest ``+N``, or the highest number at all for another *kind*.
        choice: returns how to choose the place at a key path if others disagree; empty if that is no choice.
        first_build: where the first build is written by hand; empty if such files have none.
        delimited: whether the text around a version decides where it ends; False if unknown.
        quick: reads a text (without BOM) faster than ``read``, or returns None to hand over. It answers for
            no text that ``read`` refuses, and is never asked for what is written. It gets the format, because
            ``at`` may replace ``read``: for another ``read`` than its own, it hands over.
        origin: the package that adds it, with its version, set when it is loaded; empty for what is built in.
    """

    name: str
    read: Callable[[str], Document]
    keys: Callable[[Any], tuple[KeyPath, ...]] = top_version
    filenames: tuple[str, ...] = ()
    max_bytes: int = MIB
    at: Callable[[Format, str], Format] = at_key_path
    has_build: bool = field(default=False, kw_only=True)
    companions: tuple[str, ...] = field(default=(), kw_only=True)
    lock_command: str = field(default="", kw_only=True)
    private: Callable[[Any], bool] = field(default=_never, kw_only=True)
    packaged: Callable[[Any], bool] = field(default=_never, kw_only=True)
    exclusion: str = field(default="", kw_only=True)
    sparse: bool = field(default=False, kw_only=True)
    entry: Callable[[Package], str | None] = field(default=_no_entry, kw_only=True)
    copies: Callable[[Package, Pin], tuple[str, ...]] = field(default=_no_copies, kw_only=True)
    packaging: Packaging | None = field(default=None, kw_only=True)
    kind: Callable[[KeyPath, str], Kind] = field(default=_full, kw_only=True)
    build_bound: Callable[[bytes], int] = field(default=highest_plus, kw_only=True)
    choice: Callable[[KeyPath], str] = field(default=_no_choice, kw_only=True)
    first_build: str = field(default="+1 after the version", kw_only=True)
    delimited: bool = field(default=False, kw_only=True)
    quick: Callable[[Format, str], Outline | None] | None = field(default=None, kw_only=True)
    origin: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.kind is only_versions:
            object.__setattr__(self, "first_build", "")
        if self.build_bound is highest_plus and self.may_have_build_alone:
            object.__setattr__(self, "build_bound", highest_number)

    @property
    def may_have_build_alone(self) -> bool:
        """Whether a build may stand in a place of its own, such as a ``versionCode``."""
        return self.kind not in {_full, only_versions}

    @property
    def is_lock(self) -> bool:
        """Whether its files are locks, which repeat the version of another file."""
        return bool(self.lock_command)


def dotted(key: KeyPath) -> str:
    """Write a path of keys and of indexes of elements, with dots and brackets.

    >>> dotted(("packages", "", "version")), dotted(("products", "web", "files", 0))
    ('packages."".version', 'products.web.files[0]')
    """
    parts = []
    for part in key:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        else:
            parts.append(f".{part}" if is_bare_key(part) else f'."{part}"')
    return "".join(parts).removeprefix(".")


def value_at(data: Any, key_path: KeyPath) -> Any:
    """Return the value at *key_path* in nested dicts and lists, or None."""
    for part in key_path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


# A build behind a +; no valid version has a longer run of digits.
_PLUS = regex(rb"\+([0-9]{1,255})(?![0-9])")
_NUMBER = regex(rb"(?<![0-9])[0-9]{1,256}(?![0-9])")
_KEY_PART = regex(r'"[^"]*"|[^."]+')
_KEY = regex(r'(?:"[^"]*"|[^."]+)(?:\.(?:"[^"]*"|[^."]+))*')
