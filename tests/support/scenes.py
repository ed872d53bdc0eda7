"""A checkout with its remote, in which a hotfix is not begun yet, or is ready to be merged."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from krow_versions.hotfix import Approval, read_record, record_text
from support.clocks import NOW
from support.commands import MODULE, approve, at_terminal, done, run
from support.krow import SLUG, checkout
from support.repositories import Repo, executable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.child import Result

NAME, WEB_SLUG = "worker-mobile", "krow-withus-web"
BASE, TAG, BRANCH = f"{SLUG}/prod-v0.1.0", f"{SLUG}/prod-v0.1.1", f"hotfix/{SLUG}-v0.1.1"
STAFF_LOG, CODE = "apps/mobile/apps/staff/CHANGELOG.md", "apps/mobile/apps/staff/lib/login.dart"
WEB_LOG, WEB_CODE = "apps/web/CHANGELOG.md", "apps/web/login.ts"
DECLARED = ("--issue", "Crash on login", "--severity", "critical", "--impact", "nobody can log in")
CONFIG = """\
[products.worker-mobile]
deploy = ["./scripts/deploy.sh", "{tag}", "{version}"]

[products.web]

[products.client-mobile]

[products.backend]

[hotfix]
contacts = { "Release Engineer" = "+49 1 23" }
channel = "#emergency-releases"
"""
DEPLOY = '#!/bin/sh\necho "deploying $*"; exit "${DEPLOY_FAILS:-0}"\n'
TABLE = "# Changelog\n\n| Date | Version | Change |\n|---|---|---|\n| 2026-02-12 | {} | First release |\n"
# An editor: fills in the template of a fix, and calls any other commit a chore.
EDITOR = """\
#!/bin/sh
if grep -q '^Solution:' "$1"; then
  sed -i 's/^Solution:.*/Solution: Ask for the token first/; s/^Tested:.*/Tested: By hand, twice/' "$1"
else
  echo 'chore: version' > "$1"
fi
"""


@attrs.frozen
class Scene:
    """Our clone, and the bare remote that it was pushed to; programs that tests put on PATH; the clock."""

    ours: Repo
    remote: Repo
    bin: Path
    later: dt.timedelta = NOW

    def run(self, *args: str, cwd: Path | None = None, **env: str | None) -> Result:
        """Run the program without a terminal, with our programs in front."""
        return run(*args, cwd=cwd or self.ours.path, env=self.env(env), later=self.later)

    def after(self, **duration: float) -> Scene:
        """The same scene, when more time has passed."""
        return attrs.evolve(self, later=self.later + dt.timedelta(**duration))

    def hotfix(self, command: str, *args: str, **env: str | None) -> Result:
        """Run a command of ``hotfix`` on Worker Mobile."""
        return self.run("hotfix", command, NAME, *args, cwd=None, **env)

    def approve(self, name: str = NAME) -> Result:
        """Say that the tip of a hotfix is approved."""
        return approve(self.ours.path, name, self.env())

    def unapprove(self) -> None:
        """Take all approvals out of the record, as if nobody had said anything."""
        path = self.ours.path / ".git/krow-versions/hotfix" / f"{SLUG}-v0.1.1.toml"
        read = read_record(path.read_text(encoding="utf-8"))
        others = tuple(each for each in read.entries if not isinstance(each, Approval))
        path.write_text(record_text(attrs.evolve(read, entries=others)), encoding="utf-8")

    def env(self, changes: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
        """The environment of every call: only git, and what tests put there, is on PATH."""
        return {"PATH": f"{self.bin}{os.pathsep}/usr/bin{os.pathsep}/bin"} | dict(changes or {})

    def program(self, name: str, script: str) -> Path:
        """Put a program on PATH."""
        return executable(self.bin / name, script)

    def at_terminal(self, *args: str, answer: str = "y\n", **env: str | None) -> Result:
        """Run the program on a terminal, and type *answer*."""
        return at_terminal([*MODULE, *args], answer, self.ours.path, self.env(env))

    def record(self, name: str = f"{SLUG}-v0.1.1") -> dict[str, Any]:
        """What counts of a record at present: the declaration, ticks, the last deployment."""
        path = self.ours.path / ".git/krow-versions/hotfix" / f"{name}.toml"
        read = read_record(path.read_text(encoding="utf-8"))
        found: dict[str, Any] = {"product": read.product, "version": str(read.version)}
        if read.declaration:
            found |= attrs.asdict(read.declaration, recurse=False)
        if read.ticks:
            found["done"] = {box: each.at for box, each in read.ticks.items()}
        if read.last_attempt:
            found["deploy"] = {"at": read.last_attempt.ended, "exit_code": read.last_attempt.exit_code}
        return found

    def there(self, ref: str) -> str:
        """What a ref of the remote names, or nothing."""
        return self.remote.git("for-each-ref", "--format=%(objectname)", ref)


def fill(ours: Repo) -> Repo:
    """Commit the four products with CHANGELOGs, code, a configuration and production tags."""
    for path, version in ((STAFF_LOG, "0.1.0"), (WEB_LOG, "1.4.0")):
        ours.write(path, TABLE.format(version))
    for path in (CODE, WEB_CODE):
        ours.write(path, "login();\n")
    ours.write("krow-versions.toml", CONFIG)
    executable(ours.path / "scripts/deploy.sh", DEPLOY)
    return checkout(ours)


def fix(repo: Repo, path: str = CODE, slug: str = SLUG, version: str = "0.1.1") -> str:
    """Fix the code, and commit it with the template of the hotfix."""
    repo.write(path, "askForToken();\nlogin();\n")
    template = repo.path / ".git/krow-versions/hotfix" / f"{slug}-v{version}.commit.txt"
    text = template.read_text(encoding="utf-8")
    text = text.replace("Solution: ", "Solution: Ask first").replace("Tested: ", "Tested: By hand")
    return repo.commit(text)


def make(folder: Path) -> Scene:
    """A checkout, pushed to a bare remote."""
    remote = Repo(folder / "remote.git", bare=True)
    ours = fill(Repo(folder / "krow"))
    ours.git("remote", "add", "origin", remote.path.as_uri())
    ours.git("push", "--quiet", "--tags", "--set-upstream", "origin", "main")
    return Scene(ours, remote, folder / "bin")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders to copy: nothing begun; and a hotfix that is ready to be merged."""
    fresh, ready = tmp_path_factory.mktemp("fresh"), tmp_path_factory.mktemp("ready")
    make(fresh)
    scene = make(ready)
    done(scene.hotfix("start", *DECLARED))
    fix(scene.ours)
    done(scene.run("bump-patch", NAME, "-m", "Crash on login", "--date", "2026-03-05"))
    scene.ours.commit("chore: version")
    done(scene.hotfix("check"))
    scene.approve()
    return fresh, ready


def copy(folder: Path, to: Path) -> Scene:
    """Copy a scene, and let the clone know where its remote is now."""
    shutil.copytree(folder, to, symlinks=True, dirs_exist_ok=True)
    scene = Scene(Repo(to / "krow"), Repo(to / "remote.git"), to / "bin")
    scene.ours.git("remote", "set-url", "origin", scene.remote.path.as_uri())
    scene.ours.git("status")  # Git notes the new times of the files in the index.
    return scene


@pytest.fixture
def fresh(made: tuple[Path, Path], tmp_path: Path) -> Scene:
    """A checkout with a remote; nothing is begun."""
    return copy(made[0], tmp_path)


@pytest.fixture
def ready(made: tuple[Path, Path], tmp_path: Path) -> Scene:
    """A hotfix of Worker Mobile that is ready to be merged; its branch is not pushed yet."""
    return copy(made[1], tmp_path)


@pytest.fixture
def finished(ready: Scene) -> Scene:
    """A hotfix that is merged, tagged and pushed."""
    done(ready.hotfix("finish", "--yes"))
    ready.ours.git("status")
    return ready
