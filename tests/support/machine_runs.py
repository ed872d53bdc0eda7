"""Runs of the command line in the world of the state machine: alone, killed, twice at once; seen from outside."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions import files
from support import child
from support.child import OPERATIONS
from support.machine_reading import REPOS, refs_of
from support.machine_world import PEOPLE
from support.repositories import executable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.child import Result
    from support.machine_world import World

GIT = shutil.which("git")
# At one call: git and who called it are killed, before git does anything, or when it has done its work.
WRAPPER = f"""#!/bin/sh
echo >> "$KV_CALLS"
if [ "$(wc -l < "$KV_CALLS")" = "$KV_AT" ]; then
  [ "$KV_HOW" = after ] && {GIT} "$@"
  kill -9 $PPID $$
fi
exec {GIT} "$@"
"""


@attrs.frozen
class File:
    """A file as it lies on the disk: bytes, mode, and what changes when it is written again."""

    data: bytes
    mode: int
    identity: tuple[int, int]


@attrs.frozen
class Picture:
    """All files of both people, their records, and every ref of theirs and of the server.

    Attributes:
        files: by person, then by path below the person's folder; git's own are left out.
        records: what people said of hotfixes, by path.
        refs: by (person or ``server``, repository): those of git, and HEAD.
    """

    files: dict[str, dict[str, File]]
    records: dict[str, bytes]
    refs: dict[tuple[str, str], dict[str, str]]

    @classmethod
    def of(cls, world: World) -> Picture:
        people = {who: dict(_files(world.folder / who)) for who in PEOPLE}
        records = {
            str(path): path.read_bytes()
            for who in PEOPLE
            for name in REPOS
            for path in (world.folder / who / name / ".git/krow-versions").rglob("*")
            if path.is_file()
        }
        found = {(who, name): refs_of(world.clones[who, name].folder) for who in PEOPLE for name in REPOS}
        return cls(
            people, records, found | {("server", name): refs_of(world.remotes[name].folder) for name in REPOS}
        )

    def bytes_of(self, who: str) -> dict[str, bytes]:
        return {path: file.data for path, file in self.files[who].items()}


def _files(folder: Path) -> list[tuple[str, File]]:
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {".git"})
        for name in sorted(names):
            path = os.path.join(root, name)
            status = os.lstat(path)
            with open(path, "rb") as file:
                here = File(file.read(), status.st_mode, (status.st_ino, status.st_mtime_ns))
            found.append((os.path.relpath(path, folder), here))
    return found


@attrs.frozen
class Deed:
    """One run of the command line: who, what, how it ended, and the world before and after it."""

    who: str
    args: tuple[str, ...]
    result: Result
    before: Picture
    after: Picture

    @property
    def code(self) -> int:
        return self.result.code

    @property
    def command(self) -> str:
        """The name of the command: ``bump-patch``, or ``hotfix finish``."""
        return " ".join(self.args[: 2 if self.args[0] == "hotfix" else 1])

    @property
    def is_bump(self) -> bool:
        return self.args[0].startswith("bump-")

    @property
    def products(self) -> list[str]:
        """The products that were named."""
        from support.machine_reading import PRODUCTS

        known = {each.name for each in PRODUCTS}
        return [each for each in self.args if each in known]

    def __str__(self) -> str:
        return f"{self.who}$ krow-versions {' '.join(self.args)} -> {self.result}"


def run(world: World, who: str, *args: str, **more: Any) -> Deed:
    """Run a command as a person, by the clock of the world."""
    world.clock.minutes += 1
    now = world.clock()
    env = {
        **{f"GIT_{role}_DATE": now.isoformat() for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_NAME": who.title() for role in ("AUTHOR", "COMMITTER")},
        **more.pop("env", {}),
    }
    before = Picture.of(world)
    result = child.run(world.folder / who, *args, env=env, clock=lambda: now, **more)
    return Deed(who, args, result, before, Picture.of(world))


def killed_at_git(world: World, who: str, *args: str, at: int, how: str) -> Deed:
    """Run a command that is killed, with its git, at the n-th call of git, if it calls it so often."""
    calls = world.folder / "calls"
    calls.write_bytes(b"")
    wrapper = executable(world.folder / "bin/git", WRAPPER)
    env = {
        "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}",
        "KV_CALLS": str(calls),
        "KV_AT": str(at),
        "KV_HOW": how,
    }
    return run(world, who, *args, env=env)


def killed_at_disk(world: World, who: str, *args: str, at: int) -> Deed:
    """Run a command that is killed at the n-th operation of writing files, if it does so many."""
    left = iter(range(at))

    def deadly(name: str) -> Callable[..., Any]:
        real = getattr(files.Disk, name)

        def perform(*given: Any) -> Any:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given)

        return perform

    def first() -> None:
        for name in OPERATIONS:
            setattr(files.Disk, name, deadly(name))

    return run(world, who, *args, first=first)


def at_once(world: World, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Deed, Deed]:
    """Run two commands at the same time; each begins with the person who runs it.

    Both see the world before and after both.
    """
    before = Picture.of(world)
    second: list[Deed] = []
    first = run(world, *one, meanwhile=lambda: second.append(run(world, *other)))
    after = Picture.of(world)
    return attrs.evolve(first, before=before, after=after), attrs.evolve(second[0], before=before, after=after)


def locks(world: World, who: str) -> list[Path]:
    """The locks that a killed git has left in a person's clones."""
    return sorted((world.folder / who).glob("*/.git/**/*.lock"))
