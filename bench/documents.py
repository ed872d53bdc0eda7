"""Version files to read: plain ones of the sizes and shapes that public repositories have, and large ones."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WORDS = (
    *("account", "badge", "camera", "device", "event", "format", "gallery", "http", "intl", "layout", "map"),
    *("network", "path", "query", "route", "share", "store", "theme", "video", "web"),
)


def plain(kind: str, count: int) -> list[str]:
    """Different texts of a format, the same in every run."""
    return [KINDS[kind](Random(f"{kind} {number}"), number) for number in range(count)]  # noqa: S311


def pubspec(random: Random, number: int) -> str:
    version = f"{random.randint(0, 9)}.{random.randint(0, 30)}.{number}+{number + 1}"
    lines = [
        f"name: app_{number}",
        f"description: The {random.choice(WORDS)} app of the {random.choice(WORDS)} team.",
        "",
        "# Remove this line to publish the package. A private package is never published",
        "# by accident, which is what most apps want.",
        "publish_to: 'none'",
        "",
        "# The version of the app and, behind the plus, its build number. Android takes them as",
        "# versionName and versionCode, iOS as CFBundleShortVersionString and CFBundleVersion.",
        f"version: {version}",
        "",
        "environment:",
        "  sdk: '>=3.5.0 <4.0.0'",
        '  flutter: ">=3.24.0"',
        "",
        "dependencies:",
        "  flutter:",
        "    sdk: flutter",
        *(f"  {name}: ^{at}" for name, at in needs(random, 4, 16).items()),
        "",
        "dev_dependencies:",
        "  flutter_test:",
        "    sdk: flutter",
        "  # Rules for all apps.",
        *(f"  {name}_lint: {at}" for name, at in needs(random, 1, 3).items()),
        "",
        "flutter:",
        "  uses-material-design: true",
        "  assets:",
        *(f"    - assets/{word}/" for word in random.sample(WORDS, 3)),
    ]
    return "\n".join(lines) + "\n"


def chart(random: Random, number: int) -> str:
    lines = [
        "apiVersion: v2",
        f"name: {random.choice(WORDS)}",
        f"description: A Helm chart for {random.choice(WORDS)}",
        "type: application",
        f"version: 1.{random.randint(0, 30)}.{number}",
        f'appVersion: "{random.randint(1, 9)}.{number}.0"',
        "keywords:",
        *(f"  - {word}" for word in random.sample(WORDS, 3)),
        "dependencies:",
    ]
    for name, at in needs(random, 1, 4).items():
        lines += [f"  - name: {name}", f"    version: {at}", "    repository: https://charts.example.com"]
    return "\n".join(lines) + "\n"


def package_json(random: Random, number: int) -> str:
    data = {
        "name": f"@example/{random.choice(WORDS)}-{number}",
        "version": f"{random.randint(0, 9)}.{random.randint(0, 30)}.{number}",
        "description": f"The {random.choice(WORDS)} of the {random.choice(WORDS)}",
        "private": True,
        "scripts": {word: f"vite {word} --mode production" for word in random.sample(WORDS, 4)},
        "dependencies": {name: f"^{at}" for name, at in needs(random, 4, 14).items()},
        "devDependencies": {f"@types/{name}": f"~{at}" for name, at in needs(random, 3, 10).items()},
        "engines": {"node": ">=20"},
    }
    return json.dumps(data, indent=2) + "\n"


def pyproject(random: Random, number: int) -> str:
    needed = "".join(f'    "{name}>={at}",\n' for name, at in needs(random, 4, 12).items())
    return (
        '[build-system]\nrequires = ["hatchling>=1.27"]\nbuild-backend = "hatchling.build"\n\n'
        f'[project]\nname = "{random.choice(WORDS)}-{number}"\n'
        f'version = "{random.randint(0, 9)}.{random.randint(0, 30)}.{number}"\n'
        f'description = "The {random.choice(WORDS)} service"\nreadme = "README.md"\n'
        f'requires-python = ">=3.11"\nlicense = "MIT"\nauthors = [{{ name = "A Team" }}]\n'
        f'dependencies = [\n{needed}]\n\n[project.scripts]\nserve = "{random.choice(WORDS)}.main:run"\n\n'
        '[tool.ruff]\nline-length = 100\n\n[tool.ruff.lint]\nselect = ["E", "F", "I"]\n\n'
        '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
    )


def cargo(random: Random, number: int) -> str:
    lines = [
        "[package]",
        f'name = "{random.choice(WORDS)}-{number}"',
        f'version = "{random.randint(0, 9)}.{random.randint(0, 30)}.{number}"',
        'edition = "2021"',
        'license = "MIT OR Apache-2.0"',
        "",
        "[dependencies]",
        *(f'{name} = "{at}"' for name, at in needs(random, 2, 8).items()),
        'serde = { version = "1.0", features = ["derive"] }',
        "",
        "[dev-dependencies]",
        *(f'{name}-test = "{at}"' for name, at in needs(random, 1, 3).items()),
    ]
    return "\n".join(lines) + "\n"


def needs(random: Random, least: int, most: int) -> dict[str, str]:
    """Names of dependencies with a version each."""
    names = random.sample(WORDS, random.randint(least, most))
    return {name: f"{random.randint(0, 20)}.{random.randint(0, 20)}.{random.randint(0, 9)}" for name in names}


KINDS: Mapping[str, Callable[[Random, int], str]] = {
    "pubspec": pubspec,
    "chart": chart,
    "package-json": package_json,
    "pyproject": pyproject,
    "cargo": cargo,
}


def package_lock(size: int, version: str) -> str:
    """A package-lock.json of about *size* bytes."""
    top = {"name": "web", "version": version, "license": "MIT", "dependencies": {"react": "^18.2.0"}}
    packages: dict[str, object] = {"": top}
    for number in range(size // 330):
        packages[f"node_modules/package-{number}"] = {
            "version": f"{number % 9}.{number % 31}.{number % 7}",
            "resolved": f"https://registry.example.com/package-{number}/-/package-{number}-1.2.3.tgz",
            "integrity": f"sha512-{number:086d}==",
            "dependencies": {f"package-{number + 1}": "^1.0.0"},
        }
    lock = {"name": "web", "version": version, "lockfileVersion": 3, "requires": True, "packages": packages}
    return json.dumps(lock, indent=2) + "\n"


def cargo_lock(size: int, version: str) -> str:
    """A Cargo.lock of about *size* bytes."""
    entries = [f'[[package]]\nname = "web"\nversion = "{version}"\n']
    entries += [
        f'[[package]]\nname = "crate-{number}"\nversion = "1.{number % 31}.{number % 7}"\n'
        'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
        f'checksum = "{number:064d}"\ndependencies = [\n "crate-{number + 1}",\n]\n'
        for number in range(size // 240)
    ]
    return "# This file is automatically @generated by Cargo.\nversion = 3\n\n" + "\n".join(entries)


def changelog(rows: int) -> str:
    """A CHANGELOG with a table of that many rows."""
    head = "# Changelog\n\n| Date | Version | Change |\n|---|---|---|\n"
    return head + "".join(f"| 2026-01-05 | 0.{row}.0 | Fix the {row}th |\n" for row in range(rows, 0, -1))
