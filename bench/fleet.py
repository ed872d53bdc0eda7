"""What an audit of many workspaces costs: one process after another, one process, and two at once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import krow
from measure import PROGRAM, Case, Options, Report, Sample, headline, process

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def run(options: Options) -> list[Report]:
    count = 1_000 if options.full else 40
    one = krow.make(options.folder / "fleet" / "0")
    for number in range(1, count):
        shutil.copytree(one, one.parent / str(number), symlinks=True)
    few = options.folder / "few"
    for number in range(count // 10):
        shutil.copytree(one, few / str(number), symlinks=True)
    each = f"audit in each of {count // 10}"
    cases = [
        Case(each, one_by_one(few), count=count // 10, reset=None),
        Case(f"fleet audit of {count // 10}, --jobs 1", fleet(few, 1), count=count // 10),
        Case(f"fleet audit of {count}, --jobs 1", fleet(one.parent, 1), count=count),
        Case(f"fleet audit of {count}, --jobs 2", fleet(one.parent, 2), count=count),
    ]
    measured = options.measure(cases, 1 if options.full else 2)
    return [Report("fleet", headline(__doc__), measured, unit="workspaces")]


def fleet(root: Path, jobs: int) -> Callable[[], Sample]:
    command = [*PROGRAM, "fleet", "audit", str(root), "--jobs", str(jobs), "--json"]
    return lambda: process(command, root, codes=(0, 1), wall=True, memory=True)


def one_by_one(root: Path) -> Callable[[], Sample]:
    """A process for each workspace, as a loop of a shell runs them."""

    def run() -> Sample:
        command = [*PROGRAM, "audit"]
        taken = [
            process(command, path, codes=(0, 1), wall=True, memory=True) for path in sorted(root.iterdir())
        ]
        return Sample(
            sum(each.cpu for each in taken),
            sum(each.wall or 0 for each in taken),
            max(each.memory or 0 for each in taken),
        )

    return run
