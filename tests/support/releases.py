"""Production as a hotfix finds it: a bare remote with a release, our clone, a colleague's clone.

Here is also what a release engineer does by hand in them: the fix, and the commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs

from support.krow import SLUG, STAFF, WEB, package, pubspec
from support.repositories import Repo

if TYPE_CHECKING:
    from pathlib import Path

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
