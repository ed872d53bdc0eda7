"""Runs of the command line in the world of the state machine: alone, killed, two at once; what they did."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions import files
from support import child
from support.child import OPERATIONS
from support.machine_reading import PRODUCTS, REPOS, build, refs_of, versions
from support.machine_world import PEOPLE
from support.repositories import executable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.child import Result
    from support.machine_reading import Product
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
    def products(self) -> list[Product]:
        """The products that were named."""
        return [each for each in PRODUCTS if each.name in self.args]

    @property
    def writes(self) -> bool:
        """Whether it was no dry run."""
        return not {"-n", "--check"} & {*self.args}

    def changed(self) -> Iterator[tuple[str, File | None, File | None]]:
        """Each file of this person's work trees that is not as it was: path, before, after."""
        before, after = self.before.files[self.who], self.after.files[self.who]
        for path in sorted(before.keys() | after.keys()):
            old, new = before.get(path), after.get(path)
            if not old or not new or (old.data, old.mode) != (new.data, new.mode):
                yield path, old, new

    def moved(self, place: str, name: str) -> Iterator[tuple[str, str | None, str | None]]:
        """Each ref of a repository that is not as it was: name, before, after."""
        before, after = self.before.refs[place, name], self.after.refs[place, name]
        for ref in sorted(before.keys() | after.keys()):
            if before.get(ref) != after.get(ref):
                yield ref, before.get(ref), after.get(ref)

    def after_of(self, path: str) -> bytes:
        return self.after.files[self.who][path].data

    def held(self, product: Product) -> str | None:
        """The version that the person's files of a product have after it, with the highest build."""
        found = {
            version
            for path in product.files
            for version in versions(path, self.after_of(f"{product.repo}/{path}"))
        }
        return max(found, key=build, default=None)

    def wrote(self, product: Product) -> bool:
        return any(
            path in {f"{product.repo}/{each}" for each in product.files} for path, _, _ in self.changed()
        )

    def knows_all(self, actions: list[dict[str, str]]) -> bool:
        """Whether the person's clone knew, before it, all that the server has."""
        return all(
            self.before.refs[self.who, name].get(ref.replace("refs/heads/", "refs/remotes/origin/")) == value
            for name in {action["repo"] for action in actions}
            for ref, value in self.before.refs["server", name].items()
            if ref.startswith(("refs/heads/", "refs/tags/"))
        )

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


def killed_at_git(world: World, who: str, args: tuple[str, ...], *, at: int, how: str) -> Deed:
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


def killed_at_disk(world: World, who: str, args: tuple[str, ...], *, at: int) -> Deed:
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
    return attrs.evolve(first, before=before, after=after), attrs.evolve(
        second[0], before=before, after=after
    )


def locks(world: World) -> list[Path]:
    """The locks that a killed git has left."""
    return sorted(path for path in world.folder.rglob("*.lock"))


def litter(deed: Deed) -> list[str]:
    """What a command has left of its own beside the files of the person."""
    return [path for path in deed.after.files[deed.who] if "/.krow-versions-" in path]
