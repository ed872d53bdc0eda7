"""The project's own tool: what of it can be tried without building anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tomlkit

import mutate

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


def test_the_help_has_every_command() -> None:
    """``./dev`` alone lists the commands, with what they take."""
    done = subprocess.run([sys.executable, DEV], stdout=subprocess.PIPE, text=True, check=True)
    for words in ("fuzz       [TARGET...] [--seconds N]: ", "mutate     [AREA | PATH...] [--every N]: "):
        assert f"\n  {words}" in done.stdout


# --- mutants ----------------------------------------------------------------------------------

SETTINGS = tomlkit.parse((DEV.parent / "pyproject.toml").read_text(encoding="utf-8")).unwrap()
AREAS = SETTINGS["tool"]["mutmut"]["areas"]


@pytest.mark.parametrize("name", AREAS)
def test_an_area_has_files_and_tests(name: str) -> None:
    """What is mutated is there, and so is each test that is to hold it."""
    assert all([*DEV.parent.glob(pattern)] for pattern in AREAS[name]["files"])
    assert [test for test in AREAS[name]["tests"] if not (DEV.parent / test).exists()] == []


@pytest.mark.parametrize(
    ("targets", "chosen"),
    [
        (["edits"], {"edits": ["src/krow_versions/edits.py"]}),
        (["src/krow_versions/formats/proof.py"], {"formats": ["src/krow_versions/formats/proof.py"]}),
        ([], {name: area["files"] for name, area in AREAS.items()}),
    ],
)
def test_an_area_or_a_file_can_be_chosen(
    monkeypatch: pytest.MonkeyPatch, targets: list[str], chosen: dict[str, list[str]]
) -> None:
    """A file is mutated with the tests of its area."""
    monkeypatch.chdir(DEV.parent)
    assert mutate.choose(targets, AREAS) == chosen


@pytest.mark.parametrize(
    ("target", "words"),
    [("nothing", "the areas are version, bump_rule,"), ("src/krow_versions/lazy.py", "no area of")],
)
def test_what_is_in_no_area_is_refused(monkeypatch: pytest.MonkeyPatch, target: str, words: str) -> None:
    """What has no tests named for it would only survive."""
    monkeypatch.chdir(DEV.parent)
    with pytest.raises(SystemExit, match=words):
        mutate.choose([target], AREAS)


@pytest.mark.parametrize(
    ("before", "after", "of_words"),
    [
        ('    hint="write it down",', '    hint="XXwrite it downXX",', True),
        ('    hint="write it down",', "    hint=None,", False),
        ('    if kind == "build":', '    if kind == "BUILD":', False),
        ("    return a < b", "    return a <= b", False),
    ],
)
def test_a_change_of_words_is_known_from_one_of_a_rule(before: str, after: str, of_words: bool) -> None:
    """Of what survives, a literal with a space in it is a text for people."""
    assert mutate.is_of_words(f"--- a.py\n+++ a.py\n@@ -1 +1 @@\n-{before}\n+{after}\n") is of_words
