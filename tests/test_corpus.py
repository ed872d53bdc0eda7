"""Real version files, as published by others: each is bumped byte for byte, or refused with a reason."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from krow_versions.encoding import decode, encode
from krow_versions.errors import InternalError, KrowVersionsError
from krow_versions.formats import find_version, format_for, replace_version
from krow_versions.testing import assert_only_version_changed
from support.suites import figures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The folder of the corpus, and the file name that its files had where they come from.
FOLDERS = {
    "pubspec": "pubspec.yaml",
    "package-json": "package.json",
    "package-lock": "package-lock.json",
    "pyproject": "pyproject.toml",
    "cargo": "Cargo.toml",
    "chart": "Chart.yaml",
    "expo-app-json": "app.json",
}
# Files with a plain version that is nevertheless not to be edited: all others must be bumped.
MUST_BE_REFUSED = {
    "package-json/microsoft__ApplicationInsights-JS@4e395d9__package.json": "EncodingError",  # UTF-16
    "package-json/microsoft__ApplicationInsights-JS@ed6480f__package.json": "EncodingError",  # UTF-16
    # Its two versions are not the same.
    "pyproject/astral-sh__uv@4fcdb3c__crates__pep508-rs__pyproject.toml": "AmbiguousVersion",
    # Its builds of iOS and Android are not the same: 17 and 19.
    "expo-app-json/amtariksha__task__apps__mobile__app.json": "AmbiguousVersion",
    # Its build number 26.0.5 is neither a whole number nor the version 3.16.0.
    "expo-app-json/callstack__react-native-paper__example__app.json": "AmbiguousVersion",
}
EXPO_PLACE = re.compile(r'("(?:version|buildNumber)": "|"versionCode": )[0-9.]+')
PLAIN = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(\+[0-9]+)?")


# --- the oracle: what the version is, and what the next one is, without the library ------------


def next_patch(version: str) -> str:
    core, plus, build = version.partition("+")
    major, minor, patch = core.split(".")
    return f"{major}.{minor}.{int(patch) + 1}{plus}{str(int(build) + 1).zfill(len(build)) if plus else ''}"


def at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def yaml_top(text: str) -> dict[str, Any]:
    root = YAML().compose(text)
    return {key.value: value.value for key, value in root.value}


def lock_versions(data: Any) -> list[Any]:
    return [data.get("version"), *([at(data, "packages", "", "version")] if "packages" in data else [])]


def toml_versions(data: Any) -> list[Any]:
    places = [("project",), ("tool", "poetry"), ("package",), ("workspace", "package")]
    return [version for place in places if isinstance(version := at(data, *place, "version"), str)]


def expo_versions(data: Any) -> list[Any]:
    """Give what stands at each place, a whole number behind a version that is no place of its own."""
    version = at(data, "expo", "version") if "expo" in data else data.get("version")
    places = [at(data, "expo", "ios", "buildNumber"), at(data, "expo", "android", "versionCode")]
    builds = [str(build) for build in places if build is not None]
    return [version, *(f"{version}+{build}" if build.isdigit() else build for build in builds)]


READERS: dict[str, Callable[[str], list[Any]]] = {
    "pubspec": lambda text: [yaml_top(text).get("version")],
    "chart": lambda text: [yaml_top(text).get("version")],
    "package-json": lambda text: [json.loads(text).get("version")],
    "package-lock": lambda text: lock_versions(json.loads(text)),
    "expo": lambda text: expo_versions(json.loads(text)),
    "pyproject": lambda text: toml_versions(tomllib.loads(text)),
    "cargo": lambda text: toml_versions(tomllib.loads(text)),
}


# --- the law ----------------------------------------------------------------------------------


def bump(data: bytes, name: str) -> tuple[str, str]:
    """Bump one file; give the old version, and why it was refused (or that it was bumped)."""
    chosen = format_for(name)
    try:
        located = find_version(decode(data), chosen)
        assert located.version is not None
        old = str(located.version)
        after = encode(replace_version(located, located.version.next_patch()))
    except InternalError:
        raise
    except KrowVersionsError as error:
        return "", type(error).__name__
    new = next_patch(old)
    seen = READERS[chosen.name](after.decode().removeprefix("\ufeff"))
    # Latin-1 shows every byte as one character.
    before, changed = data.decode("latin-1"), after.decode("latin-1")
    if len(located.places) > 1 and "+" in old:  # The build stands in places of its own.
        core = new.partition("+")[0]
        assert set(seen) == {core, new}
        assert EXPO_PLACE.sub(r"\1", changed) == EXPO_PLACE.sub(r"\1", before)
        return old.partition("+")[0], "bumped"
    assert seen == [new] * len(seen)
    assert_only_version_changed(before, changed, old, new, places=len(seen))
    return old, "bumped"


def test_every_real_file_is_bumped_exactly_or_refused(
    shared: Path, record_property: Callable[[str, object], None]
) -> None:
    """Every file of the corpus is bumped in the version alone, from what its manifest says, or refused."""
    counts: dict[str, Counter[str]] = {folder: Counter() for folder in FOLDERS}
    refused: dict[str, str] = {}
    wrong: dict[str, tuple[str, str]] = {}
    plain = 0
    with (shared / "corpus/manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        folder = row["file"].partition("/")[0]
        if folder not in FOLDERS:
            continue
        old, result = bump((shared / "corpus" / row["file"]).read_bytes(), FOLDERS[folder])
        counts[folder][result] += 1
        plain += bool(PLAIN.fullmatch(row["version"]))
        if result != "bumped" and PLAIN.fullmatch(row["version"]):
            refused[row["file"]] = result
        elif result == "bumped" and old != row["version"]:
            wrong[row["file"]] = (old, row["version"])
    for line in summary_lines(counts, refused):
        record_property("summary", line)
    assert wrong == {}
    assert refused == MUST_BE_REFUSED
    assert plain > 250
    for folder, results in counts.items():
        cases, bumped = results.total(), results["bumped"]
        known = sum(name.startswith(f"{folder}/") for name in MUST_BE_REFUSED)
        assert figures(f"real files, {folder}") == (cases, bumped, cases - bumped - known, known)


def summary_lines(counts: dict[str, Counter[str]], refused: dict[str, str]) -> list[str]:
    """Say per format how many were bumped and refused, and which plain versions were refused."""
    lines = []
    for folder, results in counts.items():
        why = ", ".join(f"{count} {name}" for name, count in sorted(results.items()) if name != "bumped")
        lines.append(f"corpus {folder}: {results['bumped']} bumped{'; ' * bool(why)}{why}")
    return [*lines, *(f"corpus refused {name}: {result}" for name, result in sorted(refused.items()))]


def test_every_file_of_the_layouts_is_bumped_exactly_or_refused(shared: Path) -> None:
    """The version files of whole monorepos are found by name, and bumped or refused like the others."""
    known = {*FOLDERS.values(), "npm-shrinkwrap.json"}
    files = [path for path in sorted((shared / "corpus/layouts").rglob("*")) if path.name in known]
    results = Counter(bump(path.read_bytes(), path.name)[1] for path in files)
    cases, bumped = results.total(), results["bumped"]
    assert figures("real files of whole monorepos") == (cases, bumped, cases - bumped, 0)
