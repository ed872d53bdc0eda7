"""The demo: a workspace made on the spot, whatever the user's git and folders are like."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from support.commands import RAW, assert_refused, run, shell
from support.krow import STAFF
from support.untouched import state

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo


def test_demo_shows_the_main_job(tmp_path: Path) -> None:
    """The transcript shows a dry run, a run, and one that finds nothing to do; the files agree."""
    result = run("demo", "made/here", cwd=tmp_path)
    assert result.code == 0
    assert result.out.count(f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n") == 2
    assert result.out.count(f"{STAFF}: already 0.1.1+6\n") == 1
    made = tmp_path / "made/here"
    assert str(made) in result.out
    assert run("bump-patch", "worker-mobile", "--check", cwd=made).code == 0
    assert run("show", cwd=made).code == 0
    status = subprocess.run(["git", "status", "--porcelain"], cwd=made, capture_output=True, check=True)
    assert status.stdout.decode() == f" M {STAFF}\n"


def test_demo_without_a_folder_uses_the_temporary_one(tmp_path: Path) -> None:
    """Without DIR a new folder in TMPDIR is made, another one each time, and nothing else anywhere."""
    temporary, home, here = (tmp_path / name for name in ("tmp", "home", "here"))
    for folder in (temporary, home, here):
        folder.mkdir()
    env = {"TMPDIR": str(temporary), "HOME": str(home), "XDG_CONFIG_HOME": None, "GIT_CONFIG_GLOBAL": None}
    assert [run("demo", cwd=here, env=env).code for _ in range(2)] == [0, 0]
    assert len(os.listdir(temporary)) == 2
    assert (os.listdir(home), os.listdir(here)) == ([], [])


def test_demo_refuses_a_folder_with_something_in_it(tmp_path: Path) -> None:
    """A folder that is not empty, the one of an earlier demo too, is wrong usage; nothing in it changes."""
    assert run("demo", "x", cwd=tmp_path).code == 0
    before = state(tmp_path)
    assert_refused(run("demo", "x", cwd=tmp_path), "not empty", code=2)
    (tmp_path / "file").write_text("mine")
    assert_refused(run("demo", "file", cwd=tmp_path), "file", code=2)
    (tmp_path / "file").unlink()
    assert state(tmp_path) == before


def test_demo_takes_an_empty_folder(tmp_path: Path) -> None:
    """An empty folder is fine, the current one too."""
    assert run("demo", ".", cwd=tmp_path).code == 0
    assert (tmp_path / STAFF).is_file()


@pytest.mark.parametrize(
    "config",
    [
        "[commit]\ngpgSign = true\n[tag]\nforceSignAnnotated = true\n[gpg]\nprogram = false\n",
        "[tag]\ngpgSign = true\n[gpg]\nprogram = false\n",
        "[core]\nhooksPath = {hooks}\n",
        "[init]\ntemplateDir = {template}\ndefaultBranch = trunk\n",
        "[user]\nuseConfigOnly = true\n[commit]\ntemplate = {hooks}/none\ncleanup = verbatim\n",
        "[core]\nautocrlf = true\nsafecrlf = true\neol = crlf\nfsmonitor = {hooks}/pre-commit\n",
        "[core]\nexcludesFile = {hooks}/ignore\n",
        '[core]\nattributesFile = {hooks}/attributes\n[filter "x"]\nclean = false\nrequired = true\n',
        "[color]\nui = always\n[column]\nui = always\n[core]\npager = false\neditor = false\n",
    ],
)
def test_demo_under_a_hostile_configuration(tmp_path: Path, config: str) -> None:
    """Signing, hooks, templates, filters and ignore rules of the user neither stop nor enter the demo."""
    home, hooks = tmp_path / "home", tmp_path / "hooks"
    template = tmp_path / "template/hooks"
    for folder in (home, hooks, template):
        folder.mkdir(parents=True)
    for name in ("pre-commit", "commit-msg", "reference-transaction", "post-commit", "prepare-commit-msg"):
        for folder in (hooks, template):
            (folder / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/canary\nexit 1\n")
            (folder / name).chmod(0o755)
    (hooks / "ignore").write_text("*.yaml\npackage-lock.json\n")
    (hooks / "attributes").write_text("* text eol=crlf filter=x\n")
    text = config.replace("{hooks}", str(hooks)).replace("{template}", str(template.parent))
    (home / ".gitconfig").write_text(text)
    env = {"HOME": str(home), "XDG_CONFIG_HOME": None, "GIT_CONFIG_GLOBAL": None}
    result = run("demo", "x", cwd=tmp_path, env=env)
    assert result.code == 0, result
    assert not (tmp_path / "canary").exists()
    assert sorted(os.listdir(home)) == [".gitconfig"]
    again = run("bump-patch", "worker-mobile", "web", "backend", cwd=tmp_path / "x", env=env)
    assert again.code == 0, again


def test_demo_inside_a_repository_leaves_it_alone(repo: Repo) -> None:
    """Made inside another repository, even as from its hook, the demo has its own history."""
    repo.commit()
    refs, env = (
        repo.git("for-each-ref"),
        {"GIT_DIR": str(repo.path / ".git"), "GIT_INDEX_FILE": "/dev/null/x"},
    )
    assert run("demo", "demo", cwd=repo.path, env=env).code == 0
    assert repo.git("for-each-ref") == refs
    assert (repo.path / "demo/.git").is_dir()


def test_demo_is_not_made_below_a_configuration(repo: Repo) -> None:
    """Its products would not be those of the demo: nothing is made, and the configuration is named."""
    repo.write("krow-versions.toml", '[products.web]\nslug = "web"\nfiles = ["VERSION"]\n')
    for args, env in ((("demo", "a/b"), {}), (("demo",), {"TMPDIR": str(repo.path)})):
        result = run(*args, cwd=repo.path, env=env)
        assert (result.code, str(repo.path / "krow-versions.toml") in result.err) == (2, True)
        assert "name a folder outside of it" in result.err
    assert sorted(os.listdir(repo.path)) == [".git", "krow-versions.toml"]


@pytest.mark.parametrize("name", ["a b", "-x", "é漢", "a\x1b[2J\u202eb", "line\nbreak", "q'uo\"te$(id)"])
def test_demo_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    """Any name works, is printed escaped, and what is said to be typed can be typed."""
    result = run("demo", "--", name, cwd=tmp_path)
    assert result.code == 0, result
    assert (tmp_path / name / ".git").is_dir()
    assert not RAW.search(result.out + result.err)
    if name.isprintable():
        command = result.out.splitlines()[-1].partition("look around: ")[2]
        assert "0.1.1+6" in shell(command, cwd=tmp_path).out


def test_demo_without_git_leaves_nothing(tmp_path: Path) -> None:
    """Without a git program the demo fails with exit 4, says so, and what it began is gone."""
    result = run("demo", "x", cwd=tmp_path, env={"PATH": "/nonexistent"})
    assert_refused(result, "git", code=4)
    assert os.listdir(tmp_path) == []


def test_demo_where_nothing_can_be_made(tmp_path: Path) -> None:
    """A folder that cannot be made is an error of the file system that names it."""
    result = run("demo", "/proc/none", cwd=tmp_path)
    assert (result.code, result.out) == (4, "")
    assert "/proc/none" in result.err


def test_demo_with_a_closed_output(tmp_path: Path) -> None:
    """A reader that leaves early does not stop the demo."""
    result = shell("set -o pipefail; $KV demo x | true", cwd=tmp_path)
    assert (result.code, "Traceback" in result.err) == (0, False)
    assert "0.1.1+6" in (tmp_path / "x" / STAFF).read_text()
