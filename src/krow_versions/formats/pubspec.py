"""``pubspec.yaml``, of Dart and Flutter.

Source: the pubspec file, dart.dev/tools/pub/pubspec; the build of an app is the part after the ``+``.
"""

from __future__ import annotations

from typing import Any

from krow_versions.formats.model import Format, value_at
from krow_versions.formats.yaml import read_yaml


def _is_private(data: Any) -> bool:
    return bool(value_at(data, ("publish_to",)) == "none")


PUBSPEC = Format(
    "pubspec",
    read_yaml,
    filenames=("pubspec.yaml", "pubspec.yml"),
    has_build=True,
    private=_is_private,
    delimited=True,
)
