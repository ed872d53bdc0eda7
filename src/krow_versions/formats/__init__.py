"""The formats of version files, known by name and by file name; more come by entry point.

Another package adds a format with an entry point of the group ``krow_versions.formats`` whose
object is a :class:`Format`; its name is the entry point's name.
"""

from __future__ import annotations

from functools import cache

from krow_versions.errors import Unsupported, UsageError
from krow_versions.formats.json import JSON_FORMATS
from krow_versions.formats.record import (
    MIB,
    Document,
    Format,
    KeyPath,
    Located,
    Scalar,
    find_version,
    replace_version,
)
from krow_versions.formats.text import TEXT_FORMATS
from krow_versions.formats.toml import TOML_FORMATS
from krow_versions.formats.yaml import YAML_FORMATS
from krow_versions.text.escaping import quoted
from krow_versions.version import Version

__all__ = [
    "BUILT_IN",
    "MIB",
    "Document",
    "Format",
    "KeyPath",
    "Located",
    "Scalar",
    "find_version",
    "format_for",
    "format_named",
    "read_version",
    "replace_version",
    "set_version",
]

BUILT_IN = {found.name: found for found in (*YAML_FORMATS, *JSON_FORMATS, *TOML_FORMATS, *TEXT_FORMATS)}
ENTRY_POINTS = "krow_versions.formats"


def read_version(text: str, *, format: str, key: str | None = None) -> Version:  # noqa: A002
    r"""Read the version of a text.

    Args:
        text: the content of a version file.
        format: a format's name (``pubspec``) or a file name that it is known by (``pubspec.yaml``).
        key: where the version is kept, when not in the usual place: a dotted key path, or for the
            format ``text`` a line with ``{version}`` in it.

    Raises:
        InputError, Unsupported: as :func:`find_version` says.

    >>> read_version("version: 0.1.0+5\n", format="pubspec")
    Version('0.1.0+5')
    """
    return find_version(text, format_named(format, key)).version


def set_version(
    text: str,
    version: Version | str,
    *,
    format: str,  # noqa: A002
    key: str | None = None,
) -> str:
    r"""Give *text* with its version replaced and every other character as it was.

    The text itself is given back when the version is already there. This function writes the
    version that it is given; what a bump may write is decided by the plan.

    Args:
        text: the content of a version file; a BOM and any line endings are kept.
        version: the new version, written as it is given.
        format: as for :func:`read_version`.
        key: as for :func:`read_version`.

    Raises:
        InputError, Unsupported: as :func:`find_version` says; InvalidVersion for *version*.

    >>> set_version("name: app\r\nversion: '0.1.0+5' # shipped\r\n", "0.1.1+6", format="pubspec")
    "name: app\r\nversion: '0.1.1+6' # shipped\r\n"
    """
    wanted = version if isinstance(version, Version) else Version.parse(version)
    return replace_version(find_version(text, format_named(format, key)), wanted)


def format_named(name: str, key: str | None = None) -> Format:
    """Give the format of that name, or that knows a file of that name, reading *key* if given.

    Raises:
        UsageError: there is no such format.
    """
    found = BUILT_IN.get(name) or _by_file_name(name) or _extra().get(name)
    if found is None:
        raise UsageError(
            f"there is no format {quoted(name)}", hint=f"the formats are {', '.join(sorted(BUILT_IN))}"
        )
    return found if key is None else found.at(found, key)


def format_for(path: str) -> Format:
    """Give the format that a file is known by, from the last part of its path.

    Raises:
        Unsupported: no format knows such a name.

    >>> format_for("apps/web/package.json").name
    'package-json'
    """
    found = _by_file_name(path.rpartition("/")[2])
    if found is None:
        raise Unsupported(
            "no format is known by this file's name",
            path=path,
            hint=f'name one in the configuration, such as {{ path = "{path}", format = "text" }}',
        )
    return found


def _by_file_name(name: str) -> Format | None:
    return _known_by(name, BUILT_IN) or _known_by(name, _extra())


def _known_by(name: str, formats: dict[str, Format]) -> Format | None:
    return next((known for known in formats.values() if name in known.filenames), None)


@cache
def _extra() -> dict[str, Format]:
    from importlib.metadata import entry_points  # Only here: it costs more than reading a file.

    return {entry.name: entry.load() for entry in entry_points(group=ENTRY_POINTS)}
