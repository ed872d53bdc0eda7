"""``pubspec.yaml``, of Dart and Flutter.

Source: the pubspec file, dart.dev/tools/pub/pubspec; the build of an app is the part after the ``+``.
``msix_config.msix_version``, of pub.dev/packages/msix, is the version of the package for Windows. Its
fourth number belongs to the Microsoft Store, so it is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.formats.model import Format, highest_plus, value_at
from krow_versions.formats.yaml import quick_yaml, read_yaml
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath, Kind


def _keys(data: Any) -> tuple[KeyPath, ...]:
    """Return the key path of the version, and that of the version for Windows if it is the same."""
    core = _CORE.match(_text(value_at(data, _VERSION)) or "")
    return (_VERSION, _MSIX) if core and _text(value_at(data, _MSIX)) == f"{core[0]}.0" else (_VERSION,)


def _kind(key: KeyPath, _: str) -> Kind:
    return "quad" if key == _MSIX else "full"


def _bound(data: bytes) -> int:
    """Return the highest ``+N``: the version for Windows has no build."""
    return highest_plus(data)


def _text(value: Any) -> str | None:
    """Return the text of a scalar; one with an anchor or a tag is a tuple, and refused where it is edited."""
    if isinstance(value, tuple):
        value = value[-1]
    return value if isinstance(value, str) else None


def _is_private(data: Any) -> bool:
    return bool(value_at(data, ("publish_to",)) == "none")


def _is_package(data: Any) -> bool:
    """Whether it has what pub.dev shows of a package; ``publish_to`` alone is often forgotten in an app."""
    shown = ("homepage", "repository", "issue_tracker")
    return not _is_private(data) and any(value_at(data, (key,)) is not None for key in shown)


_VERSION: KeyPath = ("version",)
_MSIX: KeyPath = ("msix_config", "msix_version")
_CORE = regex(r"[0-9]+\.[0-9]+\.[0-9]+(?![0-9.])")

PUBSPEC = Format(
    "pubspec",
    read_yaml,
    _keys,
    filenames=("pubspec.yaml", "pubspec.yml"),
    has_build=True,
    private=_is_private,
    packaged=_is_package,
    kind=_kind,
    build_bound=_bound,
    delimited=True,
    quick=quick_yaml,
)
