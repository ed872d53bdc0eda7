"""Repositories to measure on: KROW's four products, with as many releases as asked for."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MOBILE, CLIENT, WEB, BACKEND = PRODUCTS = ("worker-mobile", "client-mobile", "web", "backend")
PUBSPEC = "apps/mobile/apps/staff/pubspec.yaml"
PACKAGE = "apps/web/package.json"
CHANGELOG = (
    "# Changelog\n\n| Date | Version | Change |\n|---|---|---|\n| 2026-01-05 | 0.1.0 | First version |\n"
)
WHO = "Release Engineer <release@example.com> 1772668800 +0000"


def make(path: Path, *, tags: int = 0, changelogs: bool = False) -> Path:
    """Make a repository: `tags` older production tags, of all products in turn, then a release of each."""
    more = {f"{folder}/CHANGELOG.md": CHANGELOG for folder in folders()} if changelogs else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    git(path.parent, "init", "--quiet", "--initial-branch=main", str(path))
    git(path, "fast-import", "--quiet", text="".join(history(tags, more)))
    git(path, "pack-refs", "--all")  # As they are after a clone.
    restore(path)
    return path


def restore(path: Path) -> None:
    """Bring every file back to what is committed."""
    git(path, "reset", "--hard", "--quiet")


def folders() -> tuple[str, ...]:
    """The folder of each product's version files."""
    return tuple(dict.fromkeys(name.rpartition("/")[0] for name in files("0.1.0") if "lock" not in name))


def files(version: str) -> dict[str, str]:
    """The version files of all products."""
    found = {}
    for app in ("staff", "client"):
        found[f"apps/mobile/apps/{app}/pubspec.yaml"] = pubspec(app, version)
    for folder in ("apps/web", "backend/api"):
        found |= {f"{folder}/{name}": text for name, text in npm(folder.rpartition("/")[2], version).items()}
    return found


def pubspec(name: str, version: str) -> str:
    return (
        f"name: {name}\ndescription: The {name} app.\npublish_to: none\nversion: {version}+5\n\n"
        "environment:\n  sdk: ^3.5.0\n\ndependencies:\n  flutter:\n    sdk: flutter\n  intl: ^0.19.0\n"
    )


def npm(name: str, version: str) -> dict[str, str]:
    top = {"name": f"krow-{name}", "version": version}
    package = top | {"private": True, "scripts": {"build": "vite build"}}
    lock = top | {"lockfileVersion": 3, "requires": True, "packages": {"": top}}
    return {
        "package.json": json.dumps(package, indent=2) + "\n",
        "package-lock.json": json.dumps(lock, indent=2) + "\n",
    }


def history(tags: int, more: Mapping[str, str]) -> Iterator[str]:
    for number in range(1, tags + 1):
        yield commit(f"0.0.{number}", files(f"0.0.{number}"))
        yield tag(PRODUCTS[number % len(PRODUCTS)], f"0.0.{number}")
    yield commit("0.1.0", files("0.1.0") | dict(more))
    for product in PRODUCTS:
        yield tag(product, "0.1.0")


def commit(version: str, texts: Mapping[str, str]) -> str:
    """One commit to fast-import, in which every file is of this version."""
    changes = "".join(f"M 100644 inline {path}\n{data(text)}" for path, text in texts.items())
    return f"commit refs/heads/main\ncommitter {WHO}\n{data(f'Release {version}')}{changes}\n"


def tag(product: str, version: str) -> str:
    name = f"krow-withus-{product}/prod-v{version}"
    return f"tag {name}\nfrom refs/heads/main\ntagger {WHO}\n{data(version)}"


def data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def git(folder: Path, *args: str, text: str = "") -> None:
    subprocess.run(["git", *args], cwd=folder, input=text, text=True, check=True)
