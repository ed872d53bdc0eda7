"""The project's own tool: what of it can be tried without building anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.repositories import Repo

DEV = Path(__file__).parents[1] / "dev"


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A project with the tool, a CHANGELOG and a source, and a branch of work on it."""
    shutil.copy(DEV, repo.path / "dev")
    repo.write("CHANGELOG.md", "# Changelog\n")
    repo.write("src/a.py", "one\n")
    repo.commit()
    repo.git("switch", "--quiet", "--create", "work")
    return repo


def changelog(repo: Repo, *args: str, **variables: str) -> tuple[int, str]:
    """Run the check; give its exit status and its words."""
    command = [sys.executable, "dev", "changelog", *args]
    environment = os.environ | variables
    done = subprocess.run(
        command, cwd=repo.path, env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("path", ["src/a.py", "action.yml"])
def test_a_change_that_users_may_see_takes_a_line(project: Repo, path: str) -> None:
    """A change of the source or the action without a line in CHANGELOG.md fails, committed or not."""
    project.write(path, "two\n")
    project.git("add", path)
    for _ in range(2):
        code, words = changelog(project)
        assert (code, path in words, "Changelog: none" in words) == (1, True, True)
        project.commit()
    project.write("CHANGELOG.md", "# Changelog\n\n- two\n")
    assert changelog(project) == (0, "")


def test_a_commit_may_say_that_users_see_nothing(project: Repo) -> None:
    """A line ``Changelog: none`` in a message of the branch, and nothing that is only like it, is enough."""
    project.write("src/a.py", "two\n")
    project.commit("Move\n\nThere was no Changelog: none yet.")
    assert changelog(project)[0] == 1
    project.commit("Say why\n\nNames only.\n\nChangelog: none")
    assert changelog(project) == (0, "")


def test_what_main_has_is_not_asked_about(project: Repo) -> None:
    """What changed on main meanwhile counts for nothing; with a base, what changed since it does."""
    project.git("switch", "--quiet", "main")
    project.write("src/a.py", "theirs\n")
    project.commit()
    project.git("switch", "--quiet", "work")
    project.write("tests/test_a.py", "ours\n")
    project.commit()
    assert changelog(project) == (0, "")
    project.git("merge", "--quiet", "main")
    assert changelog(project) == (0, "")
    assert changelog(project, "work~1")[0] == 1
    assert changelog(project, "nothing") == (1, "dev: there is no commit 'nothing' here.\n")


def test_without_history_it_says_so_and_passes(project: Repo, tmp_path: Path) -> None:
    """Without a main branch, git or a repository there is nothing to compare with: said, and no failure."""
    project.write("src/a.py", "two\n")
    project.commit()
    clone = project.clone(tmp_path / "clone", "--depth=1", "--branch=work")
    clone.git("remote", "remove", "origin")
    clone.git("switch", "--quiet", "--detach")
    clone.git("branch", "--quiet", "-D", "work")
    assert changelog(clone)[0] == 0
    assert "not checked" in changelog(clone)[1]
    assert "not checked" in changelog(project, PATH="")[1]
    shutil.rmtree(project.path / ".git")
    assert changelog(project)[0] == 0
