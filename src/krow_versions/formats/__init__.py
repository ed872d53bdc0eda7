"""The formats of version files, found by name and by file name.

Other packages add formats by entry points of the group ``krow_versions.formats``. The entry point has
the format's name and refers to a :class:`Format`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import lazy
from krow_versions.encoding import BOM
from krow_versions.errors import Unsupported, UsageError, VersionNotFound
from krow_versions.formats.locating import Located, find_version, highest_build, parse
from krow_versions.formats.model import (
    MIB,
    Document,
    Format,
    KeyPath,
    Kind,
    Outline,
    Package,
    Packaging,
    Pin,
    Place,
    Scalar,
    value_at,
)
from krow_versions.formats.proof import new_values, replace_version, unproven
from krow_versions.formats.registry import BUILT_IN
from krow_versions.text.escaping import quoted
from krow_versions.text.words import did_you_mean
from krow_versions.version import Version

if TYPE_CHECKING:
    from krow_versions.formats import plugins
else:
    (plugins,) = lazy.modules(__name__, "plugins")  # To look for them costs more than to read a file.

__all__ = [
    "BUILT_IN",
    "MIB",
    "Document",
    "Format",
    "KeyPath",
    "Kind",
    "Located",
    "Outline",
    "Package",
    "Packaging",
    "Pin",
    "Place",
    "Scalar",
    "companions",
    "find_version",
    "format_for",
    "format_named",
    "highest_build",
    "known_by_name",
    "new_values",
    "parse",
    "read_version",
    "replace_version",
    "set_version",
    "unproven",
    "value_at",
]


def read_version(text: str, *, format: str, key: str | None = None) -> Version:  # noqa: A002 - The name in the API.
    r"""Read the version of a text.

    Args:
        text: the content of a version file.
        format: a format's name (``pubspec``) or one of its file names (``pubspec.yaml``).
        key: the key of the version, if not the usual one: a dotted key path, or for the format
            ``text`` a line with ``{version}`` or ``{build}`` in it; several are written one a line.

    Raises:
        VersionNotFound: there is only a build.
        InputError, Unsupported: as :func:`find_version`.

    >>> read_version("version: 0.1.0+5\n", format="pubspec")
    Version('0.1.0+5')
    """
    found = find_version(_given(text, "text"), format_named(format, key))
    if found.version is None:
        place = found.places[0]
        raise VersionNotFound(
            f"there is a build at {place.name}, but no version",
            key=place.name,
            hint="the version stands in another file: read it there",
        ).located(text.removeprefix(BOM), place.scalar.span.start)
    return found.version


def set_version(
    text: str,
    version: Version | str,
    *,
    format: str,  # noqa: A002 - The name in the API.
    key: str | None = None,
) -> str:
    r"""Replace the version in *text* and keep every other character.

    Where the build stands in places of its own, it is written there, and a version without a build leaves
    it as it is. Where it would have such a place, and has none, a version with a build is refused. A text
    that has the version already is returned itself. Any version can be written here; which one a bump may
    write is decided by the plan.

    Args:
        text: the content of a version file; a BOM and any line endings are kept.
        version: the new version.
        format: as for :func:`read_version`.
        key: as for :func:`read_version`.

    Raises:
        InputError, Unsupported: as :func:`find_version`; InvalidVersion for *version*.
        Unsupported: there is no place for the build, such as in an ``Info.plist`` without CFBundleVersion.

    >>> set_version("name: app\r\nversion: '0.1.0+5' # shipped\r\n", "0.1.1+6", format="pubspec")
    "name: app\r\nversion: '0.1.1+6' # shipped\r\n"
    """
    new = version if isinstance(version, Version) else Version.parse(version)
    located = find_version(_given(text, "text"), format_named(format, key))
    if new.build is not None and not located.takes_build:
        place = located.places[0]
        raise Unsupported(
            f"there is no place for the build {new.build}: in {located.format.name} it has a key of its own",
            key=place.name,
            hint=f"set {new.with_build(None)}, or add the key of the build by hand",
        ).located(text.removeprefix(BOM), place.scalar.span.start)
    return replace_version(located, new)


def format_named(name: str, key: str | None = None) -> Format:
    """Return the format with that name or file name, for the version at *key* if given.

    Raises:
        UsageError: there is no such format, or the package that adds it is broken.
    """
    found = BUILT_IN.get(_given(name, "format")) or BUILT_IN.known_by(name.rpartition("/")[2])
    found = found or plugins.named(name) or known_by_name(name)
    if found is None:
        raise UsageError(
            f"there is no format {quoted(name)}",
            hint=did_you_mean(name, sorted({*BUILT_IN, *plugins.names()}), "the formats"),
        )
    return found if key is None else found.at(found, key)


def format_for(path: str) -> Format:
    """Return the format that knows the file name of *path*.

    Raises:
        Unsupported: no format knows it.
        UsageError: as :func:`known_by_name`.

    >>> format_for("apps/web/package.json").name
    'package-json'
    """
    found = known_by_name(path)
    if found is None:
        raise Unsupported(
            "no format is known by this file's name",
            path=path,
            hint=f'name one in the configuration, such as {{ path = "{path}", format = "text" }}',
        )
    return found


def known_by_name(path: str, read_as: str | None = None) -> Format | None:
    """Return the format that knows the file name of *path*, or None.

    Package managers go by the file name too, also if the configuration names another format for it.

    Args:
        path: the file.
        read_as: the format in the configuration; if it is built in, plug-ins are not loaded.

    Raises:
        UsageError: a package that adds formats is broken, so that nobody knows whether it knows the file.
    """
    name = path.rpartition("/")[2]
    found = BUILT_IN.known_by(name)
    if found is not None or read_as in BUILT_IN:
        return found
    return plugins.knowing(name)


def companions(path: str, read_as: str | None = None) -> tuple[Format, ...]:
    """Return the formats of files that repeat the version of *path*, such as locks, beside it or above.

    The arguments are those of :func:`known_by_name`.
    """
    known = known_by_name(path, read_as)
    return tuple(format_named(name) for name in known.companions) if known else ()


def _given(value: str, name: str) -> str:
    """Return what a caller passed as the argument *name*; raise TypeError for bytes, paths and the like."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    return value
