"""Production as a hotfix finds it: a bare remote with a release, our clone, a colleague's clone.

Here is also what a release engineer does by hand in them: the fix, and the commits.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

import attrs

from conftest import Repo
from krow import SLUG, STAFF, WEB, package, pubspec

FOLDER = STAFF.rpartition("/")[0]
CHANGELOG = f"{FOLDER}/CHANGELOG.md"
FIXED = f"{FOLDER}/lib/login.dart"
BASE = f"{SLUG}/prod-v0.1.0"
TAG = f"{SLUG}/prod-v0.1.1"
BRANCH = f"hotfix/{SLUG}-v0.1.1"
PRODUCT = "worker-mobile"
FIX = (
    "fix: crash on login\n\nHOTFIX for production\n\nIssue: Nobody can log in\n"
    "Solution: Ask before reading\nTested: By hand on two phones\n"
)
# How the commands `hotfix ...` begin and end the story.
START = (
    "start",
    PRODUCT,
    "--issue",
    "Nobody can log in",
    "--severity",
    "CRITICAL",
    "--impact",
    "All workers",
)
FINISH = ("finish", PRODUCT, "--yes")


@attrs.frozen
class Released:
    """Three repositories, in which ``worker-mobile`` 0.1.0 and ``web`` 1.4.0 are in production."""

    remote: Repo
    ours: Repo
    theirs: Repo

    @classmethod
    def make(cls, folder: Path) -> Self:
        """Make them below *folder*; they find each other wherever that is copied to."""
        remote, ours = Repo(folder / "remote.git", bare=True), Repo(folder / "ours")
        ours.write(STAFF, pubspec("0.1.0+5"))
        ours.write(CHANGELOG, "| Date | Version | Changes |\n|---|---|---|\n| 2026-01-01 | 0.1.0 | First |\n")
        ours.write(FIXED, "login()\n")
        ours.write(WEB, package("1.4.0"))
        ours.commit("feat: first release")
        ours.tag(BASE)
        ours.tag("krow-withus-web/prod-v1.4.0")
        ours.git("remote", "add", "origin", "../remote.git")
        ours.git("push", "--quiet", "--set-upstream", "origin", "main", "--tags")
        theirs = remote.clone(folder / "theirs")
        theirs.git("remote", "set-url", "origin", "../remote.git")
        return cls(remote, ours, theirs)

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Give those that are there."""
        return cls(Repo(folder / "remote.git"), Repo(folder / "ours"), Repo(folder / "theirs"))

    def start_by_hand(self) -> None:
        """Make the branch as the process says, without a record."""
        self.ours.git("switch", "--quiet", "--create", BRANCH, f"refs/tags/{BASE}")

    def fix(self, version: str = "0.1.1", build: int = 6) -> str:
        """Commit fix, version and CHANGELOG row on the branch that is checked out."""
        self.ours.write(FIXED, f"if (ready) login() // {version}\n")
        self.ours.commit(FIX)
        self.ours.write(STAFF, pubspec(f"{version}+{build}"))
        text = (self.ours.path / CHANGELOG).read_text()
        row = f"|---|---|---|\n| 2026-03-05 | {version} | HOTFIX: Crash on login |\n"
        self.ours.write(CHANGELOG, text.replace("|---|---|---|\n", row))
        return self.ours.commit(f"chore: {version}")

    def move_main(self, path: str = "notes.txt") -> str:
        """A colleague pushes a feature to main."""
        self.theirs.git("switch", "--quiet", "main")
        self.theirs.git("pull", "--quiet", "--ff-only")
        file = self.theirs.path / path
        self.theirs.write(path, (file.read_text() if file.exists() else "") + "more\n")
        commit = self.theirs.commit("feat: more")
        self.theirs.git("push", "--quiet", "origin", "main")
        return commit


def refs(repo: Repo, *folders: str) -> dict[str, str]:
    """Every ref, or those of some folders: full name to the id of its object."""
    lines = repo.git("for-each-ref", "--format=%(refname) %(objectname)", *folders).splitlines()
    return dict(line.split(" ") for line in lines)


def hook(repo: Repo, name: str, script: str) -> Path:
    """Install a shell script as a hook, of a bare repository too."""
    folder = repo.path / (".git/hooks" if (repo.path / ".git").exists() else "hooks")
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def fuse(repo: Repo, name: str, script: str, after: int = 1) -> Path:
    """Install a hook that does nothing but once, at its so-manieth call; give its file."""
    count = 'echo >> "$0.calls"; n=$(wc -l < "$0.calls")'
    return hook(repo, name, f'{count}; if [ "$n" = {after} ]; then {script}; fi')


def defuse(*hooks: Path) -> None:
    """Take hooks away again, and how often they were called."""
    for file in hooks:
        file.unlink()
        Path(f"{file}.calls").unlink(missing_ok=True)


def clear_locks(repo: Repo) -> list[str]:
    """Delete the locks that a git which was killed has left, as its user is told to do."""
    folder = repo.path / ".git"
    found = sorted(folder.rglob("*.lock"))
    for lock in found:
        os.unlink(lock)
    return [str(lock.relative_to(folder)) for lock in found]
