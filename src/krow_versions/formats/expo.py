"""``app.json``, of Expo and of React Native.

Source: docs.expo.dev/versions/latest/config/app, and Expo's ``@expo/config``: without a version, that of
``package.json`` is taken; ``ios.version`` and ``android.version`` go before ``version``; ``ios.buildNumber``
is a string, ``android.versionCode`` a number. ``runtimeVersion`` is no place, also if it is written like the
version: it names the native code that an update fits, so raising it would keep the update from every phone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.errors import VersionNotFound
from krow_versions.formats.json import json_format
from krow_versions.formats.model import dotted, highest_number, highest_plus, value_at
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath, Kind


def _keys(data: Any) -> tuple[KeyPath, ...]:
    """Return the key paths in ``expo``, or ``version`` for a bare React Native app.json."""
    if "expo" not in data:
        return (_TOP,)
    found = tuple(key for key in (*_VERSIONS, *_BUILDS) if value_at(data, key) is not None)
    if not found:
        raise VersionNotFound(
            f"the key {dotted(_VERSIONS[0])} is not there",
            key=dotted(_VERSIONS[0]),
            hint="Expo takes the version from package.json then: configure that file, or write the key here",
        )
    return found


def _kind(key: KeyPath, value: str) -> Kind:
    """Say what a key holds; Apple also takes ``x.y.z`` for a build number, which is the version then."""
    return "build" if key in _BUILDS and not _THREE.fullmatch(value) else "version"


def _bound(data: bytes) -> int:
    """Return the highest number behind the key of a build, or any number if a key may have escapes."""
    if b"\\u" in data:
        return highest_number(data)
    return max([highest_plus(data), *map(int, _BUILD.findall(data))])


def _is_app(data: Any) -> bool:
    return isinstance(data, dict) and "expo" in data


_TOP: KeyPath = ("version",)
_VERSIONS: tuple[KeyPath, ...] = (
    ("expo", "version"),
    ("expo", "ios", "version"),
    ("expo", "android", "version"),
)
_CODE: KeyPath = ("expo", "android", "versionCode")
_BUILDS: tuple[KeyPath, ...] = (("expo", "ios", "buildNumber"), _CODE)
_THREE = regex(r"[0-9]+\.[0-9]+\.[0-9]+")
_BUILD = regex(rb'"(?:buildNumber|versionCode)"\s*:\s*"?([0-9]{1,256})(?![0-9])')

EXPO = json_format(
    "expo",
    (_TOP, *_VERSIONS, *_BUILDS),
    once=("expo",),  # Readers take the last one, whose keys may be others.
    numbers=(_CODE,),
    keys=_keys,
    filenames=("app.json",),
    private=_is_app,
    kind=_kind,
    build_bound=_bound,
    first_build='"versionCode": 1 in android and "buildNumber": "1" in ios',
)
