"""What ``Cargo.lock`` and ``uv.lock`` have in common: packages, of which some are the repository's own."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.errors import AmbiguousVersion, VersionNotFound
from krow_versions.formats.model import MIB, Format, only_versions, value_at
from krow_versions.formats.toml_places import places, read_places
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.formats.model import KeyPath, ParsedDocument
    from krow_versions.formats.toml_places import Part


@attrs.frozen
class LockEntries:
    """How a kind of lock holds the packages of the repository.

    Attributes:
        is_own: returns whether an entry is of a package in the repository itself.
        find: returns the versions of one package, by its name: of its own entries, and of the entries that
            depend on it.
        spelled: returns the name of a package as the lock has it.
    """

    is_own: Callable[[dict[str, Any]], bool]
    find: Callable[[Any, str], dict[KeyPath, Part]]
    spelled: Callable[[str], str] = str


def lock_format(name: str, filename: str, held: LockEntries, command: str) -> Format:
    """Make the format of a lock; its ``at`` takes the name of a package.

    Args:
        name: the format's name.
        filename: of its files.
        held: how it holds packages.
        command: the command that updates such a file.
    """
    return Format(
        name,
        functools.partial(_read, held=held),
        functools.partial(_keys, held=held, command=command),
        (filename,),
        max_bytes=64 * MIB,
        at=functools.partial(_at, held=held, command=command),
        lock_command=command,
        kind=only_versions,
        delimited=True,
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


def _read(text: str, held: LockEntries, package: str | None = None) -> ParsedDocument:
    return read_places(text, functools.partial(_find, held=held, package=package))


def _find(data: Any, held: LockEntries, package: str | None) -> dict[KeyPath, Part]:
    own = own_packages(data, held)
    wanted = own[:1] if package is None else (package,)
    return (
        {}
        if package is None and len(own) > 1
        else {path: part for name in wanted for path, part in held.find(data, name).items()}
    )


def _at(chosen: Format, package: str, held: LockEntries, command: str) -> Format:
    name = held.spelled(package)
    return attrs.evolve(
        chosen,
        read=functools.partial(_read, held=held, package=name),
        keys=functools.partial(_keys, held=held, command=command, package=name),
    )


def _keys(data: Any, held: LockEntries, command: str, package: str | None = None) -> tuple[KeyPath, ...]:
    if found := places(data):
        return found
    own = own_packages(data, held)
    if package is None and len(own) > 1:
        raise AmbiguousVersion(
            f"the lock has {len(own)} packages of its own repository",
            hint=f"name one as the key, such as {own[0]}",
        )
    if package is None or package not in own:
        what = "no package" if package is None else f"no package {quoted(package)}"
        raise VersionNotFound(
            f"the lock has {what} of its own repository", hint=f"bring the lock in step: {command}"
        )
    raise VersionNotFound(
        f"the lock has no version of {quoted(package)}: it is dynamic",
        hint="nothing is to be changed in this lock: leave it out of the product",
    )
