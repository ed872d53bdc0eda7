"""What ``Cargo.lock`` and ``uv.lock`` have in common: packages, of which some are the repository's own."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from krow_versions.errors import AmbiguousVersion, UsageError, VersionNotFound
from krow_versions.formats.model import MIB, Format, only_versions, value_at
from krow_versions.formats.toml import find_bomb, pays, read_toml
from krow_versions.formats.toml_places import places, read_places
from krow_versions.text.escaping import quoted
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.formats.model import Document, KeyPath, Outline, Package
    from krow_versions.formats.toml_places import Part


@frozen
class LockEntries:
    """How a kind of lock holds the packages of the repository.

    Attributes:
        is_own: returns whether an entry is of a package in the repository itself.
        find: returns the versions of some packages, by their names: of their own entries, and where others
            depend on them.
        spelled: returns the name of a package as the lock has it.
    """

    is_own: Callable[[dict[str, Any]], bool]
    find: Callable[[Any, frozenset[str]], dict[KeyPath, Part]]
    spelled: Callable[[str], str] = str


def lock_format(name: str, filename: str, held: LockEntries, command: str) -> Format:
    """Make the format of a lock; its ``at`` takes the name of a package, or several with spaces between.

    Args:
        name: the format's name.
        filename: of its files.
        held: how it holds packages.
        command: the command that updates such a file.
    """
    return Format(
        name,
        functools.partial(_read, held=held, command=command),
        functools.partial(_keys, held=held, command=command),
        (filename,),
        max_bytes=64 * MIB,
        at=functools.partial(_at, held=held, command=command),
        lock_command=command,
        kind=only_versions,
        entry=_entry,
        delimited=True,
        quick=_quick,
    )


def own_packages(data: Any, held: LockEntries) -> tuple[str, ...]:
    """Return the names of the packages that are in the repository itself, dynamic ones included."""
    names = (entry.get("name") for _, entry in entries(data, ("package",)) if held.is_own(entry))
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def entries(data: Any, *lists: KeyPath) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Yield the tables of arrays of tables, and single tables, at some key paths."""
    for path in lists:
        found = value_at(data, path)
        if isinstance(found, dict):
            yield path, found
        for index, entry in enumerate(found if isinstance(found, list) else ()):
            if isinstance(entry, dict):
                yield (*path, index), entry


def _entry(package: Package) -> str | None:
    return package.name


def _read(text: str, held: LockEntries, command: str, packages: frozenset[str] | None = None) -> Document:
    find = functools.partial(_find, held=held, command=command, packages=packages)
    return read_places(text, find, _document)


def _find(data: Any, held: LockEntries, command: str, packages: frozenset[str] | None) -> dict[KeyPath, Part]:
    if packages is None:
        own = own_packages(data, held)
        packages = frozenset(own) if len(own) == 1 else frozenset()
    found = held.find(data, packages)
    said = {
        f"{value_at(data, (*path[:-1], 'name'))} {part.version}": part.read or part.version
        for path, part in found.items()
        if len(path) == _LENGTH_OF_ENTRY
    }
    if len(set(said.values())) > 1:
        raise AmbiguousVersion(
            f"the entries of the lock disagree: {', '.join(sorted(said))}",
            hint=f"bring the lock in step: {command}",
        )
    return found


def _at(chosen: Format, key: str, held: LockEntries, command: str) -> Format:
    packages = frozenset(map(held.spelled, key.split()))
    if not packages:
        raise UsageError(f"{quoted(key)} names no package", hint="write the name of a package in the lock")
    return evolve(
        chosen,
        read=functools.partial(_read, held=held, command=command, packages=packages),
        keys=functools.partial(_keys, held=held, command=command, packages=packages),
    )


def _keys(
    data: Any, held: LockEntries, command: str, packages: frozenset[str] | None = None
) -> tuple[KeyPath, ...]:
    if found := places(data):
        return found
    own = own_packages(data, held)
    if packages is None and len(own) > 1:
        raise AmbiguousVersion(
            f"the lock has {len(own)} packages of its own repository",
            hint=f"name one as the key, such as {own[0]}",
        )
    named = ", ".join(map(quoted, sorted(packages or own)))
    if packages is None or packages.isdisjoint(own):
        raise VersionNotFound(
            f"the lock has no package {f'{named} ' if named else ''}of its own repository",
            hint=f"bring the lock in step: {command}",
        )
    raise VersionNotFound(
        f"the lock has no version of {named}: it is dynamic",
        hint="nothing is to be changed in this lock: leave it out of the product",
    )


def _quick(chosen: Format, text: str) -> Outline | None:
    read, keys = chosen.read, chosen.keys
    if not (isinstance(read, functools.partial) and isinstance(keys, functools.partial)):
        return None
    known = read.func is _read and keys.func is _keys
    if not known or not pays(text) or find_bomb(text):
        return None
    from krow_versions.formats.toml_lock_outline import quick_lock

    return quick_lock(text, functools.partial(_find, **{"packages": None, **read.keywords}))


# The products of a repository are read one after the other, and each has its entry in the same long lock.
_document = functools.lru_cache(maxsize=1)(read_toml)
_LENGTH_OF_ENTRY = 3  # ("package", 5, "version")
