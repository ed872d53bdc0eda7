"""A scene whose remote is on GitHub, and the programs ``gh`` that tests run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

from support.github import ADDRESS, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.child import Result
    from support.github import GitHub
    from support.scenes import Scene

# The newest is installed with what tests need; `./dev gh` gets that of the distribution.
PROGRAMS = {
    "newest": Path(sys.executable).with_name("gh"),
    "distribution": Path(__file__).parents[2] / "build/gh/usr/bin/gh",
}


@attrs.frozen
class Hosted:
    """A scene whose remote is a repository on GitHub, with ``gh`` on PATH."""

    scene: Scene
    github: GitHub

    def run(self, *args: str, **env: str | None) -> Result:
        return self.scene.run(*args, cwd=None, **(self.github.env | env))

    def hotfix(self, command: str, *args: str, **env: str | None) -> Result:
        return self.scene.hotfix(command, *args, **(self.github.env | env))

    def push(self, branch: str) -> str:
        """Push a branch as it is here; give its commit."""
        self.scene.ours.git("push", "--quiet", "origin", branch)
        return self.scene.ours.git("rev-parse", branch)


@pytest.fixture(params=PROGRAMS)
def gh(request: pytest.FixtureRequest) -> Path:
    """The program ``gh``: the newest, and an older one."""
    program: Path = PROGRAMS[request.param]
    if not program.is_file():
        pytest.skip(f"there is no {program.name} of the kind {request.param!r} here")
    return program


@pytest.fixture
def hosted(ready: Scene, gh: Path) -> Iterator[Hosted]:
    """A hotfix that is ready for its pull request; nothing is pushed yet."""
    with serving(ready.remote) as github:
        yield host(ready, github, gh)


def host(scene: Scene, github: GitHub, program: Path) -> Hosted:
    """Give a scene's remote an address on GitHub, which git finds on the disk, and put ``gh`` on PATH."""
    scene.bin.mkdir(exist_ok=True)
    (scene.bin / "gh").symlink_to(program)
    scene.ours.git("remote", "set-url", "origin", ADDRESS)
    scene.ours.git("config", f"url.{scene.remote.path.as_uri()}.insteadOf", ADDRESS)
    return Hosted(scene, github)
