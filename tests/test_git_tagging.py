"""The object of a tag is made in a folder of its own; who tags and merges is who commits here."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from krow_versions import files
from krow_versions.errors import Busy, GitError, UnsafePath
from krow_versions.git.merging import merge
from krow_versions.git.own_folder import FOLDER
from krow_versions.git.tagging import tag_object
from support.repositories import Repo, executable, opened
from support.untouched import as_before

if TYPE_CHECKING:
    from pathlib import Path

TAG = "refs/tags/app/prod-v1"
CONDITIONS = ["gitdir:{}/.git", "gitdir:{}/", "onbranch:main"]


def head(repo: Repo) -> str:
    return repo.git("rev-parse", "HEAD")


@pytest.fixture
def forked(repo: Repo) -> Repo:
    repo.write("one", "1\n")
    repo.commit("release")
    repo.git("switch", "--quiet", "--create", "fix")
    repo.write("two", "2\n")
    repo.commit("fix: crash")
    repo.git("switch", "--quiet", "main")
    repo.write("three", "3\n")
    repo.commit("feat: more")
    return repo


def include(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, condition: str, settings: str
) -> None:
    """Let the user's configuration include *settings* in this repository only."""
    for key in ("user.name", "user.email"):
        if repo.git("config", "--local", "--default", "", "--get", key):
            repo.git("config", "--local", "--unset-all", key)
    included, user = tmp_path / "work.cfg", tmp_path / "user.cfg"
    included.write_text(settings)
    private = "[user]\n\tname = Private\n\temail = me@private.example\n"
    user.write_text(f'{private}[includeIf "{condition.format(repo.path)}"]\n\tpath = {included}\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(user))
    for name in ("AUTHOR", "COMMITTER"):
        for part in ("NAME", "EMAIL"):
            monkeypatch.delenv(f"GIT_{name}_{part}", raising=False)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_who_tags_and_merges_is_who_commits_here(
    forked: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    """An identity that the user includes for this repository alone is that of a tag and of a merge."""
    include(forked, tmp_path, monkeypatch, condition, "[user]\n\tname = Work\n\temail = me@work.example\n")
    made = tag_object(opened(forked), TAG, head(forked), "text")
    assert "tagger Work <me@work.example> " in forked.git("cat-file", "tag", made)
    fix = forked.git("rev-parse", "fix")
    commit = merge(opened(forked), head(forked), fix, "Merge\n", {})
    assert forked.git("log", "-1", "--format=%an %ae %cn %ce", commit) == (
        "Work me@work.example Work me@work.example"
    )


def test_a_key_without_a_value_that_is_included_signs(
    forked: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``gpgSign`` alone on its line is true, as git takes it; program and key are those of the include."""
    program = executable(tmp_path / "signer", f'#!/bin/sh\necho "$*" > {tmp_path}/called\nexit 1\n')
    settings = f"[user]\n\tsigningKey = WORK\n[gpg]\n\tprogram = {program}\n[tag]\n\tgpgSign\n"
    include(forked, tmp_path, monkeypatch, CONDITIONS[0], settings)
    with as_before(forked), pytest.raises(GitError):
        tag_object(opened(forked), TAG, head(forked), "text")
    assert "WORK" in (tmp_path / "called").read_text()


def test_a_hook_in_an_included_folder_runs(
    forked: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absolute ``core.hooksPath`` of the include holds for the merge, too."""
    executable(tmp_path / "hooks/commit-msg", '#!/bin/sh\necho "Checked: yes" >> "$1"\n')
    include(forked, tmp_path, monkeypatch, CONDITIONS[0], f"[core]\n\thooksPath = {tmp_path}/hooks\n")
    commit = merge(opened(forked), head(forked), forked.git("rev-parse", "fix"), "Merge\n", {})
    assert "Checked: yes" in forked.git("log", "-1", "--format=%B", commit)


LOOP = """
import sys
from krow_versions.git import open_repository, tag_object
repository = open_repository(sys.argv[1])
for number in range(8):
    tag_object(repository, f"refs/tags/{sys.argv[3]}-{number}", sys.argv[2], "text")
"""


def test_two_runs_do_not_take_the_folder_from_each_other(forked: Repo) -> None:
    """Two processes that make tags at once both end well, and leave nothing."""
    arguments = [sys.executable, "-c", LOOP, str(forked.path), head(forked)]
    runs = [subprocess.Popen([*arguments, name], stderr=subprocess.PIPE) for name in ("web", "api")]
    assert [run.communicate()[1] for run in runs] == [b"", b""]
    assert [*(forked.path / ".git" / FOLDER).iterdir()] == []


def test_a_tag_waits_for_another_run(forked: Repo) -> None:
    """While another run holds the folder no tag is made."""
    (forked.path / ".git" / FOLDER).mkdir()
    with files.locked(str(forked.path / ".git" / FOLDER)), as_before(forked), pytest.raises(Busy):
        tag_object(opened(forked), TAG, head(forked), "text")


@pytest.mark.parametrize("place", [FOLDER, f"{FOLDER}/tagging"])
def test_a_link_in_place_of_the_folder_is_not_followed(forked: Repo, tmp_path: Path, place: str) -> None:
    """Nothing is made or removed where a link leads: it is refused, or replaced."""
    outside = tmp_path / "outside"
    (outside / "tagging").mkdir(parents=True)
    (outside / "tagging/mine").write_text("mine\n")
    link = forked.path / ".git" / place
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    if place == FOLDER:
        with pytest.raises(UnsafePath):
            tag_object(opened(forked), TAG, head(forked), "text")
    else:
        tag_object(opened(forked), TAG, head(forked), "text")
    assert [path.name for path in outside.rglob("*")] == ["tagging", "mine"]
