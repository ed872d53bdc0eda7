"""``app.json``, of Expo and of React Native."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.formats.json import json_format
from krow_versions.formats.model import only_versions

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath


def _keys(data: Any) -> tuple[KeyPath, ...]:
    """Return ``expo.version``, or ``version`` for a bare React Native app.json."""
    return (_EXPO,) if "expo" in data else (_TOP,)


_TOP: KeyPath = ("version",)
_EXPO: KeyPath = ("expo", "version")

EXPO = json_format("expo", (_TOP, _EXPO), keys=_keys, filenames=("app.json",), kind=only_versions)
