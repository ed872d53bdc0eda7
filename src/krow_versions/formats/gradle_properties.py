"""``gradle.properties``: the version and the build among a project's properties.

The syntax is that of Java's properties: ``key=value``, ``key: value`` or ``key value``, comments with ``#``
or ``!``, and a backslash that continues a line or escapes a character. Which key holds the version is a
custom, not a rule: the usual ones are known, and several are refused.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from krow_versions.edits import Span
from krow_versions.errors import AmbiguousVersion, Unsupported, VersionNotFound
from krow_versions.formats.model import CORRECT, Document, Format, Scalar, dotted, highest_plus
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable, quoted
from krow_versions.text.words import listed
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath, Kind


@frozen
class Property:
    """One property.

    Attributes:
        name: its key, without escapes.
        span: the place of its value, in one line or several.
        plain: whether the value is written as it is.
    """

    name: str
    span: Span
    plain: bool


def read_properties(text: str) -> Document:
    """Parse Java's properties."""
    found: dict[str, list[Property]] = {}
    for each in _properties(text):
        found.setdefault(each.name, []).append(each)
    candidates = sorted(
        (each for several in found.values() for each in several[:1]), key=lambda each: each.span.start
    )
    data: dict[Any, Any] = {}
    around, position = [], 0
    for each in candidates:
        data[each.name] = each.span.of(text)
        around.append(text[position : each.span.start])
        position = each.span.end
    data[_AROUND] = (*around, text[position:])
    return Document(data, functools.partial(_locate, text, found))


def _properties(text: str) -> list[Property]:
    found, position = [], 0
    while position < len(text):
        start = _BLANK.match(text, position).end()  # type: ignore[union-attr]  # It matches everywhere.
        if text[start : start + 1] in ("#", "!"):
            position = _LINE.match(text, start).end()  # type: ignore[union-attr]  # So does this.
            continue
        key = _KEY.match(text, start)
        value = _VALUE.match(text, key.end()) if key else None
        if key is None or value is None:
            position = start + 1
            continue
        written = value.group()
        found.append(Property(_unescaped(key[1]), Span(*value.span()), "\\" not in written))
        position = value.end()
    return found


def _unescaped(key: str) -> str:
    return re.sub(r"\\(?:\r\n|[\r\n])[ \t\f]*|\\(.)", lambda match: match[1] or "", key)


def _locate(text: str, found: dict[str, list[Property]], key: KeyPath) -> Scalar:
    several = found.get(str(key[0]), [])
    if not several:
        raise VersionNotFound(f"the key {dotted(key)} is not there", hint=_NO_KEY)
    each = several[-1]
    if len(several) > 1:
        raise AmbiguousVersion(
            f"the key {dotted(key)} is there {len(several)} times",
            hint="remove all but one: Gradle takes the last, people see the first",
        ).located(text, each.span.start)
    value = each.span.of(text)
    if not each.plain:
        raise Unsupported(
            "the value is written with a backslash", hint="write it on one line and without escapes"
        ).located(text, each.span.start)
    if value != value.rstrip():
        raise Unsupported(
            "there are blanks behind the value, which belong to it", hint="remove them: " + CORRECT
        ).located(text, each.span.start)
    return Scalar(each.span, value)


# --- which keys count ---------------------------------------------------------------------------


def _keys(data: Any) -> tuple[KeyPath, ...]:
    """Return the keys of the version and of the build, if the user names none."""
    names = [name for name in data if isinstance(name, str)]
    versions = [name for name in names if _letters(name) in _VERSIONS]
    builds = [name for name in names if _letters(name) in _BUILDS]
    for what, several in (("version", versions), ("build", [] if versions else builds)):
        if len(several) > 1:
            raise AmbiguousVersion(
                f"several properties may be the {what}: {listed(map(quoted, several))}",
                hint=f'name one, such as key = "{printable(several[0])}"',
            )
    if not versions and not builds:
        raise VersionNotFound("no property has a usual name of a version", hint=_NO_KEY)
    if not versions:
        return ((builds[0],),)
    return _with_build(versions[0], builds)


def _with_build(version: str, builds: list[str]) -> tuple[KeyPath, ...]:
    """Return the keys of the version and of the build that belongs to it, by its name or as the only one."""
    prefix = _prefix(version)
    own = [name for name in builds if _prefix(name) == prefix] or builds
    if len(own) > 1:
        raise AmbiguousVersion(
            f"several properties may be the build: {listed(map(quoted, own))}",
            hint="rename all but one, or leave the file out of the product",
        )
    return ((version,), *((name,) for name in own))


def _at(chosen: Format, key: str) -> Format:
    """Return *chosen* for the property *key*, and for the build that is called as it is."""
    return evolve(chosen, keys=functools.partial(_keys_at, key))


def _keys_at(key: str, data: Any) -> tuple[KeyPath, ...]:
    if _is_build(key):
        return ((key,),)
    builds = (name for name in data if isinstance(name, str) and _is_build(name))
    return ((key,), *((name,) for name in builds if _prefix(name) == _prefix(key)))


def _letters(name: str) -> str:
    return re.sub(r"[._-]", "", name).lower()


def _is_build(name: str) -> bool:
    return _letters(name).endswith(_ENDS_BUILD)


def _prefix(name: str) -> str:
    """Return what is common to the names of a version and its build: ``app`` of ``APP_VERSION_NAME``."""
    letters = _letters(name)
    return next((letters.removesuffix(end) for end in _ENDS if letters.endswith(end)), letters)


def _kind(key: KeyPath, _: str) -> Kind:
    return "build" if _is_build(str(key[0])) else "full"


def _build_bound(data: bytes) -> int:
    """Return an upper bound: the highest number that is a whole value, or behind a ``+``."""
    return max(highest_plus(data), *map(int, _NUMBERS.findall(data)), -1)


_AROUND = ("the text around",)  # Differs from all keys, which are strings.
_OWNERS = ("", "app", "project", "library", "lib", "plugin", "mod", "release")
_VERSIONS = {f"{owner}version{name}" for owner in _OWNERS for name in ("", "name")}
_BUILDS = {f"{owner}{name}" for owner in _OWNERS for name in ("versioncode", "buildnumber")}
_ENDS_BUILD = ("versioncode", "buildnumber")
_ENDS = (*_ENDS_BUILD, "versionname", "version")
_NO_KEY = 'name the property that has the version, such as key = "VERSION_NAME", or add one'
_BLANK = regex(r"[ \t\f\r\n]*")
_LINE = regex(r"[^\r\n]*")
_KEY = regex(r"((?:[^\\=: \t\f\r\n]++|\\(?:\r\n|[\s\S]))++)[ \t\f]*[=:]?[ \t\f]*")
_VALUE = regex(r"(?:[^\\\r\n]++|\\(?:\r\n|[\s\S]|\Z))*+")
_NUMBERS = regex(rb"(?<=[=: \t\f])([0-9]{1,256})(?=\s|\Z)")

GRADLE_PROPERTIES = Format(
    "gradle-properties",
    read_properties,
    _keys,
    filenames=("gradle.properties",),
    at=_at,
    sparse=True,
    kind=_kind,
    build_bound=_build_bound,
    first_build="versionCode=1 beside versionName",
)
