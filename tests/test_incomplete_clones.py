"""Clones that lack history or tags, as CI makes them: it is said what cannot be known, and what helps."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from support.audits import clean
from support.commands import run

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

KINDS = {"shallow": ("--depth=1",), "without tags": ("--no-tags",)}
COMMANDS = {
    "history": (("history", "web"), 3),
    "history --json": (("history", "web", "--json"), 3),
    "show": (("show", "web"), 3),
    "bump-patch": (("bump-patch", "web", "-n"), 3),
    "audit": (("audit", "web"), 1),
    "audit --fail-on": (("audit", "web", "--fail-on", "error"), 1),
}


@pytest.fixture
def server(repo: Repo) -> Repo:
    """A repository in which everything agrees, with a commit after its releases."""
    clean(repo).commit("docs: more")
    return repo


@pytest.mark.parametrize(("args", "code"), COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_known_is_said_and_the_hint_helps(
    server: Repo, tmp_path: Path, kind: str, args: tuple[str, ...], code: int
) -> None:
    """No command concludes from missing tags that nothing was released; what it hints is typed, and helps."""
    here = server.clone(tmp_path / "here", *KINDS[kind])
    before = run(*args, cwd=here.path)
    assert before.code == code
    said = before.out + before.err
    assert kind in said
    assert "no releases yet" not in said
    assert "never released" not in said
    words = "git fetch --tags" + (" --unshallow" if kind == "shallow" else "")
    assert words in said
    subprocess.run(shlex.split(words), cwd=here.path, check=True, capture_output=True)
    after = run(*args, cwd=here.path)
    assert after.code == 0
    assert kind not in after.out + after.err


@pytest.mark.parametrize("kind", KINDS)
def test_a_proposal_from_a_part_of_the_tags_says_so_and_the_hint_helps(
    server: Repo, tmp_path: Path, kind: str
) -> None:
    """``init`` writes, but says what it cannot know; after the hint it proposes what a whole clone does."""
    here, whole = server.clone(tmp_path / "here", *KINDS[kind]), server.clone(tmp_path / "whole")
    assert "warning" not in run("init", cwd=whole.path).err
    before = run("init", cwd=here.path)
    assert before.code == 0
    assert "warning: this clone " in before.err
    assert kind in before.err
    (hint,) = re.findall("^  hint: (.*)$", before.err, re.MULTILINE)
    for command in re.findall("(git [^,]*|rm .*?)(?=,| and )", hint):
        subprocess.run(shlex.split(command), cwd=here.path, check=True, capture_output=True)
    assert hint.endswith(" and krow-versions init again")
    after = run("init", cwd=here.path)
    assert "warning" not in after.err
    texts = [(each.path / "krow-versions.toml").read_text(encoding="utf-8") for each in (here, whole)]
    assert texts[0] == texts[1]


def test_a_shallow_clone_with_its_tags_has_a_history(server: Repo, tmp_path: Path) -> None:
    """What is here is listed."""
    here = server.clone(tmp_path / "here", "--depth=1")
    here.git("fetch", "--quiet", "--depth=1", "--tags")
    assert "krow-withus-web/prod-v1.4.0" in run("history", "web", cwd=here.path).out


def test_it_is_said_once_for_a_repository(server: Repo, tmp_path: Path) -> None:
    """What is about a whole repository is one finding, however many products it has."""
    here = server.clone(tmp_path / "here", "--depth=1")
    assert run("audit", cwd=here.path).out.count("[KV002]") == 1
    server.git("branch", "--move", "work")
    server.git("branch", "also")
    assert run("audit", cwd=server.path).out.count("[KV003]") == 1


@pytest.mark.parametrize("name", ["main", "master", "trunk", "develop"])
@pytest.mark.parametrize("has_head", [True, False])
def test_main_is_the_head_of_the_remote(server: Repo, tmp_path: Path, name: str, has_head: bool) -> None:
    """In a clone main is what the remote's HEAD names; without it, a usual name, or the only branch."""
    server.git("branch", "--move", name)
    here = server.clone(tmp_path / "here")
    if not has_head:
        here.git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    assert "[KV003]" not in run("audit", cwd=here.path).out


def test_a_partial_clone_says_what_it_lacks(server: Repo, tmp_path: Path) -> None:
    """Contents of files at tags are not fetched by looking: the hint says how to have them."""
    server.git("config", "uploadpack.allowFilter", "true")
    here = server.clone(tmp_path / "here", "--filter=blob:none")
    for args in (("history", "web"), ("audit", "web", "--history")):
        done = run(*args, cwd=here.path)
        assert done.code in {0, 3}
        assert "partial" in done.err or done.code == 0
