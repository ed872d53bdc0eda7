"""What property lists and Xcode projects have in common: two values, and where they derive from.

Source: Apple's documentation of CFBundleShortVersionString, which people see, and of CFBundleVersion, the
build, which App Store Connect accepts only once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import InvalidVersion, KrowVersionsError, VersionNotFound
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.formats.model import Kind


def is_derived(value: str) -> bool:
    """Whether *value* is built from another one, such as ``$(MARKETING_VERSION)``."""
    return _VARIABLE.search(value) is not None


def build_kind(value: str) -> Kind:
    """Return what a build holds: a whole number, or the same as the version."""
    return "build" if _DIGITS.fullmatch(value) else "version"


def refused_version(name: str, value: str) -> KrowVersionsError | None:
    """Return the error for a *value* of the version that is not x.y.z, or None."""
    try:
        Version.parse(value)
    except InvalidVersion as error:
        return InvalidVersion(f"{name} is {quoted(value)}, not x.y.z", hint=error.hint)
    return None


def refused_build(name: str, value: str) -> KrowVersionsError | None:
    """Return the error for a *value* of the build that is neither a whole number nor x.y.z, or None."""
    if _DIGITS.fullmatch(value) or not refused_version(name, value):
        return None
    return InvalidVersion(
        f"{name} is {quoted(value)}, neither a whole number nor x.y.z",
        hint="write a whole number above every build that the store has, such as 42: it is counted up",
    )


def only_derived(name: str, values: Iterable[str]) -> VersionNotFound:
    """Return the error for the key *name* of which all *values* are derived."""
    found = sorted(set(values))
    sources = (hint for variable, hint in _SOURCES.items() if any(variable in value for value in found))
    return VersionNotFound(
        f"the version derives from {', '.join(map(quoted, found)):.200}",
        key=name,
        hint=next(sources, _ELSEWHERE),
    )


_DIGITS = regex(r"[0-9]+")
_VARIABLE = regex(r"\$[({]")
_PROJECT = "Xcode sets it from the project: name its project.pbxproj as the version file"
_SOURCES = {
    "FLUTTER_BUILD_": "Flutter sets it from the app's pubspec.yaml: name that as the version file",
    "MARKETING_VERSION": _PROJECT,
    "CURRENT_PROJECT_VERSION": _PROJECT,
}
_ELSEWHERE = "name the file that sets it as the version file, such as an .xcconfig with the format text"
