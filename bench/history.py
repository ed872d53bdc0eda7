"""How the cost of whole commands grows with releases, commits and files."""

from __future__ import annotations

from multiprocessing import get_context
from typing import TYPE_CHECKING

from attrs import frozen

from measure import PROGRAM, Case, Options, Report, headline, process
from repositories import Shape, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from measure import Sample

COMMANDS = {
    "show": ("show",),
    "bump-patch -n": ("bump-patch", "app-0", "-n"),
    "audit": ("audit",),
    "audit --history": ("audit", "--history"),
}


@frozen
class Axis:
    """What grows, while everything else stays as it is: shapes by size, quick and full ones."""

    name: str
    quick: Mapping[int, Shape]
    full: Mapping[int, Shape]


def by_tags(sizes: tuple[int, ...], commits: int, *, fixes: bool = False) -> dict[int, Shape]:
    return {tags: Shape(tags=tags, commits=commits, fixes=fixes) for tags in sizes}


def by_commits(sizes: tuple[int, ...], tags: int) -> dict[int, Shape]:
    return {commits: Shape(tags=tags, commits=commits) for commits in sizes}


def by_files(sizes: tuple[int, ...]) -> dict[int, Shape]:
    return {files: Shape(tags=30, commits=300, files=files, flutter=False) for files in sizes}


AXES = (
    Axis("tags", by_tags((30, 300, 1_000), 1_000), by_tags((300, 3_000, 20_000), 10_000)),
    Axis(
        "tags, each hotfix squashed onto main",
        by_tags((30, 300), 1_000, fixes=True),
        by_tags((300, 1_000, 3_000), 10_000, fixes=True),
    ),
    Axis("commits", by_commits((300, 1_000, 3_000), 30), by_commits((1_000, 10_000, 100_000), 300)),
    Axis("files", by_files((10, 100)), by_files((100, 1_000, 3_000))),
)


def run(options: Options) -> Iterator[Report]:
    rounds = 1 if options.full else 2
    for axis in AXES:
        measured = options.measure(cases(options, axis), rounds)
        yield Report(f"history: {axis.name}", headline(__doc__), measured, axis=axis.name)


def cases(options: Options, axis: Axis) -> list[Case]:
    found = []
    folder = options.folder / axis.name
    folder.mkdir()
    for size, shape in (axis.full if options.full else axis.quick).items():
        path = folder / str(size)
        made = get_context("fork").Process(
            target=make, args=(path, shape)
        )  # So that this process stays small.
        made.start()
        made.join()
        found += [
            Case(f"{name}: {size:,}", command(path, args), curve=name, size=size)
            for name, args in COMMANDS.items()
        ]
    return sorted(found, key=lambda case: tuple(COMMANDS).index(case.curve))


def command(path: Path, args: tuple[str, ...]) -> Callable[[], Sample]:
    return lambda: process([*PROGRAM, *args], path, codes=(0, 1), memory=True)
