"""What a format is: the record of one kind of file, and what its parser gives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.errors import UsageError, VersionNotFound
from krow_versions.text.escaping import is_bare_key, quoted, quoted_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.edits import Span


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

    def written(self, value: str) -> str:
        """Write *value* in the same quotes; versions hold nothing that needs an escape."""
        return f"{self.style}{value}{self.style}"


@attrs.frozen
class ParsedDocument:
    """A text that a format's parser accepted.

    Attributes:
        data: its content as nested dicts, lists and leaves; compared, never written.
        locate: from a key path to the scalar there; raises VersionNotFound, InvalidVersion,
            AmbiguousVersion or Unsupported.
        again: reads an edited text into data that can be compared with this one's; None where the
            format's ``read`` does.
    """

    data: Any
    locate: Callable[[KeyPath], Scalar]
    again: Callable[[str], ParsedDocument] | None = None


def at_key_path(chosen: Format, key: str) -> Format:
    """Give *chosen* reading the version at the dotted *key*, such as ``image.tag``.

    A part that holds a dot or is empty is quoted: ``packages."".version``.
    """
    path = tuple(part[1:-1] if part[:1] == '"' else part for part in _KEY_PART.findall(key))
    if not path or not _KEY.fullmatch(key):
        raise UsageError(f"{quoted(key)} is not a key path", hint="write it like tool.poetry.version")
    return attrs.evolve(chosen, keys=lambda _: (path,))


def top_version(_: Any) -> tuple[KeyPath, ...]:
    """Give the key path of a version that stands at the top."""
    return (("version",),)


def _never(_: Any) -> bool:
    return False


@attrs.frozen
class Format:
    """How the version is found in one kind of file, and all else that is to be known of this kind.

    Attributes:
        name: what configuration and ``--json`` call it.
        read: parses a text (without BOM) into a :class:`ParsedDocument`; raises FileFormatError.
        keys: from the document's data to the key paths that carry the version, at least one.
        filenames: base names by which it is known.
        max_bytes: the largest file that is read.
        at: gives this format for a version kept elsewhere, named by the user.
        has_build: whether its versions usually have a build number, which app stores ask for; one
            without may have lost it.
        companions: names of the formats of files beside it that repeat its version, such as locks.
        lock_command: of a lock file, the command that brings it in step with the file that it locks;
            empty for every other.
        private: from the document's data to whether the file is marked as not to be published.
        exclusion: why ``init`` makes no product of such a file, as a heading for a list of them; empty
            where it may.
        delimited: whether what surrounds a version decides where it ends, so that a text which
            differs by nothing but another version has that one; False where not known.
    """

    name: str
    read: Callable[[str], ParsedDocument]
    keys: Callable[[Any], tuple[KeyPath, ...]] = top_version
    filenames: tuple[str, ...] = ()
    max_bytes: int = MIB
    at: Callable[[Format, str], Format] = at_key_path
    has_build: bool = attrs.field(default=False, kw_only=True)
    companions: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    lock_command: str = attrs.field(default="", kw_only=True)
    private: Callable[[Any], bool] = attrs.field(default=_never, kw_only=True)
    exclusion: str = attrs.field(default="", kw_only=True)
    delimited: bool = attrs.field(default=False, kw_only=True)

    @property
    def is_lock(self) -> bool:
        """Whether its files repeat the version of another file, which comes first."""
        return bool(self.lock_command)


def dotted(key: tuple[str | int, ...]) -> str:
    """Write a path of keys, and of the numbers of elements, as one reads it.

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
    """Give what stands at *key_path* in nested dicts, or None."""
    for part in key_path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def missing(data: Any, key: KeyPath) -> VersionNotFound:
    """Say that nothing stands at *key*, and what stands where one might have meant it."""
    name = key[-1]
    hint = "add the line by hand, or leave this file out of the product"
    parent = value_at(data, key[:-1])
    for found in parent if isinstance(parent, dict) else ():
        if isinstance(found, str) and found != name and _same_letters(found) == _same_letters(name):
            hint = f"there is a key {quoted_whole(found)}: correct its spelling"
    for path in _paths_to(data, name):
        hint = f"there is one at {dotted(path)}, which is something else; {hint}"
        break
    return VersionNotFound(f"the key {dotted(key)} is not there", key=dotted(key), hint=hint)


_KEY_PART = re.compile(r'"[^"]*"|[^."]+')
_KEY = re.compile(r'(?:"[^"]*"|[^."]+)(?:\.(?:"[^"]*"|[^."]+))*')


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
