"""The formats that are built in, by name and by file name, each loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from krow_versions.formats.model import Format

# The name of each, where its record is, and its file names.
_LINES = (
    ("pubspec", "pubspec.PUBSPEC", "pubspec.yaml", "pubspec.yml"),
    ("chart", "chart.CHART", "Chart.yaml", "Chart.yml"),
    ("yaml", "yaml.YAML"),
    ("package-json", "npm.PACKAGE_JSON", "package.json"),
    ("package-lock", "npm.PACKAGE_LOCK", "package-lock.json", "npm-shrinkwrap.json"),
    ("expo", "expo.EXPO", "app.json"),
    ("json", "json.JSON"),
    ("pyproject", "pyproject.PYPROJECT", "pyproject.toml"),
    ("uv-lock", "uv_lock.UV_LOCK", "uv.lock"),
    ("cargo", "cargo.CARGO", "Cargo.toml"),
    ("cargo-lock", "cargo_lock.CARGO_LOCK", "Cargo.lock"),
    ("toml", "toml.TOML"),
    ("gradle", "gradle.GRADLE", "build.gradle", "build.gradle.kts"),
    ("gradle-properties", "gradle_properties.GRADLE_PROPERTIES", "gradle.properties"),
    ("plist", "plist.PLIST", "Info.plist"),
    ("xcode", "xcode.XCODE", "project.pbxproj"),
    ("text", "text.TEXT", "VERSION", "VERSION.txt", "version.txt"),
)


class Registry(Mapping[str, "Format"]):
    """Formats by name. Names and file names are known without any of them."""

    def __init__(self) -> None:
        self._loaded: dict[str, Format] = {}
        self._homes = {name: home for name, home, *_ in _LINES}
        self._names = {filename: name for name, _, *filenames in _LINES for filename in filenames}

    def known_by(self, filename: str) -> Format | None:
        """Return the format that knows the base name of a file, or None."""
        return self[self._names[filename]] if filename in self._names else None

    def __getitem__(self, name: str) -> Format:
        if name not in self._loaded:
            module, _, record = self._homes[name].partition(".")
            self._loaded[name] = getattr(import_module(f"krow_versions.formats.{module}"), record)
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._homes

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


BUILT_IN = Registry()
