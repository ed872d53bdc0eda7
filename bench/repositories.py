"""Repositories of any size, made in seconds by `git fast-import`: commits, releases, files, products."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from krow import data, git, restore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STAGES = ("dev", "staging", "prod")
_PER_MINOR = 4  # A release and three hotfixes of it.


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a repository has.

    Attributes:
        tags: annotated tags of each product; every third one is a production tag.
        commits: on main, the releases included.
        files: version files of each product.
        products: their number; a release is one of all of them.
        flutter: whether a version file is a `pubspec.yaml` with a build, and not a `package.json`.
        fixes: whether hotfixes are made beside main, each squashed onto it later.
        loose: whether each tag is a file of its own, and not a line of `packed-refs`.
    """

    tags: int = 300
    commits: int = 3000
    files: int = 1
    products: int = 1
    flutter: bool = True
    fixes: bool = False
    loose: bool = False


def make(folder: Path, shape: Shape) -> None:
    """Make a repository with its working tree in *folder*, which does not exist yet."""
    git(folder.parent, "init", "--quiet", "-b", "main", folder.name)
    git(folder, "fast-import", "--quiet", text="".join(_stream(shape)))
    if not shape.loose:
        git(folder, "pack-refs", "--all")
    restore(folder)


def _stream(shape: Shape) -> Iterator[str]:
    """Yield the commands of `git fast-import`: a commit each minute, and a release at equal distances."""
    releases = max(1, shape.tags // len(_STAGES))
    at, main, release = 0, [":1"], 0
    yield _commit("main", 1, at, "feat: first", [], {**_settings(shape), **_versions(shape, 0)})
    mark = 1
    for number in range(1, shape.commits):
        mark, at = mark + 1, number * 60
        due = number * releases // shape.commits
        files = {f"lib/part{number % 50}.txt": f"step {number}\n"}
        if due == release:
            yield _commit("main", mark, at, f"feat: step {number}", main, files)
            main = [f":{mark}"]
            continue
        release = due
        tagged = mark
        if shape.fixes and release % _PER_MINOR:
            fix = {f"lib/fix{release % 50}.txt": f"fix {release}\n"}
            yield _commit("line", mark, at, f"fix: {release}", [], {**fix, **_versions(shape, release)})
            mark += 1
            yield _commit("main", mark, at, f"fix: {release} (squashed)", main, fix)
        else:
            files |= _versions(shape, release)
            yield _commit("main", mark, at, f"release: {release}", main, files)
            yield f"reset refs/heads/line\nfrom :{mark}\n\n"
        main = [f":{mark}"]
        for product in range(shape.products):
            for stage in _STAGES:
                yield _tag(f"{_slug(product)}/{stage}-v{_version(release)}", tagged, at)
    rows = "".join(f"| 2026-01-05 | {_version(each)} | Fix |\n" for each in range(release, 0, -1))
    table = f"| Date | Version | Changes |\n|---|---|---|\n{rows}"
    changelogs = {f"{_slug(product)}/CHANGELOG.md": table for product in range(shape.products)}
    yield _commit(
        "main", mark + 1, at + 60, "chore: notes", main, {**_versions(shape, release), **changelogs}
    )


def _commit(  # noqa: PLR0917 - as many as a commit has.
    branch: str, mark: int, at: int, message: str, parents: list[str], files: dict[str, str]
) -> str:
    lines = [f"commit refs/heads/{branch}\nmark :{mark}\ncommitter {_who(at)}\n{data(message)}"]
    lines += [f"from {parent}\n" for parent in parents]
    lines += [f"M 100644 inline {path}\n{data(text)}" for path, text in files.items()]
    return "".join(lines) + "\n"


def _tag(name: str, mark: int, at: int) -> str:
    return f"tag {name}\nfrom :{mark}\ntagger {_who(at)}\n{data(f'Release {name}')}"


def _who(at: int) -> str:
    return f"Bench <bench@example.org> {1_600_000_000 + at} +0000"


def _slug(product: int) -> str:
    return f"app-{product}"


def _version(release: int) -> str:
    minor, patch = divmod(release, _PER_MINOR)
    return f"1.{minor}.{patch}"


def _versions(shape: Shape, release: int) -> dict[str, str]:
    text = f'{{\n  "name": "app",\n  "version": "{_version(release)}"\n}}\n'
    if shape.flutter:
        text = (
            f"name: app\nversion: {_version(release)}+{release + 1}\nenvironment:\n  sdk: '>=3.0.0 <4.0.0'\n"
        )
    name = "pubspec.yaml" if shape.flutter else "package.json"
    return {
        f"{_slug(product)}/part{file}/{name}": text
        for product in range(shape.products)
        for file in range(shape.files)
    }


def _settings(shape: Shape) -> dict[str, str]:
    name = "pubspec.yaml" if shape.flutter else "package.json"
    tables = [
        f'[products.{_slug(product)}]\nslug = "{_slug(product)}"\nfiles = ["{_slug(product)}/*/{name}"]\n'
        f'changelog = "{_slug(product)}/CHANGELOG.md"\n'
        for product in range(shape.products)
    ]
    return {"krow-versions.toml": "\n".join(tables)}
