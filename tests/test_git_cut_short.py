"""A git that lists only a part of the refs and reports success is not believed."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING

import pytest

from krow_versions.errors import GitError
from krow_versions.git import list_refs
from krow_versions.git.ancestry import read_graph
from krow_versions.git.remotes import ask_remote
from support.commands import assert_refused, run
from support.krow import SLUG, hotfix
from support.repositories import opened
from support.untouched import untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.repositories import Repo

CUT = """
import os, subprocess, sys
args = [{git!r}, *sys.argv[1:]]
if {command!r} not in args:
    os.execv(args[0], args)
asked = subprocess.run(args, stdout=subprocess.PIPE, check=True)
with open(os.path.join(os.path.dirname(__file__), "size")) as size:
    sys.stdout.buffer.write(asked.stdout[:int(size.read())])
"""
TAGS = f"refs/tags/{SLUG}/"


@pytest.fixture
def cut(program: Callable[[str], Path]) -> Callable[[int], None]:
    """Puts a git on PATH whose listing of refs ends after so many bytes, with success."""
    return cutting("for-each-ref", program)


def cutting(command: str, program: Callable[[str], Path]) -> Callable[[int], None]:
    folder = program(CUT.format(git=shutil.which("git"), command=command))

    def at(size: int) -> None:
        (folder / "size").write_text(str(size))

    return at


def released(repo: Repo) -> Repo:
    """Three releases: two packed, one in a file of its own; and a branch that leads nowhere."""
    hotfix(repo)
    for version in ("0.0.8", "0.0.9"):
        repo.tag(f"{SLUG}/prod-v{version}")
    repo.git("pack-refs", "--all")
    repo.tag(f"{SLUG}/prod-v0.0.7")
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    return repo


def test_every_listing_that_is_cut_short_is_noticed(repo: Repo, cut: Callable[[int], None]) -> None:
    """Wherever a listing ends, between two refs or in the middle of one, the others are missed."""
    repository = opened(released(repo))
    cut(1 << 20)
    whole = list_refs(str(repo.path), [TAGS, "refs/remotes/"], common=repository.common_dir)
    assert len(whole) == len(list_refs(str(repo.path), [TAGS])) == len(repo.git("tag").split())
    for size in itertools.count(0, 61):
        cut(size)
        try:
            found = list_refs(str(repo.path), [TAGS], common=repository.common_dir)
        except GitError as error:
            reason = error.message
        else:
            break
        assert "only a part of the refs" in reason
    assert found == whole
    assert size > len(whole) * 61


@pytest.mark.fault(93)
@pytest.mark.parametrize(
    "command", [["show"], ["bump-patch", "worker-mobile"], ["audit"], ["history", "worker-mobile"]]
)
def test_no_command_takes_an_older_release_for_production(
    repo: Repo, cut: Callable[[int], None], command: list[str]
) -> None:
    """No answer is given, nothing is written, and the exit code is that of a git that fails."""
    released(repo)
    cut(0)
    with untouched(repo):
        assert_refused(run(*command, cwd=repo.path), "only a part of the refs", code=4)


def test_refs_in_files_of_their_own_are_missed_too(repo: Repo, cut: Callable[[int], None]) -> None:
    """Also where git lists nothing, and nothing again when it is asked by name."""
    hotfix(repo)
    cut(0)
    with pytest.raises(GitError, match="only a part of the refs"):
        list_refs(str(repo.path), [TAGS], common=str(repo.path / ".git"))


def test_a_history_that_is_cut_short_is_noticed(repo: Repo, program: Callable[[str], Path]) -> None:
    """Wherever it ends: its newest commits come last."""
    hotfix(repo)
    tips = []
    for number in range(2):
        repo.write("file", f"{number}\n")
        tips.append(repo.commit())
    whole = read_graph(str(repo.path), tips).parents
    cut = cutting("rev-list", program)
    size = sum(41 * (1 + len(parents)) for parents in whole.values())
    for shorter in (0, 41, size - 82, size - 41, size - 1):
        cut(shorter)
        with pytest.raises(GitError, match="unexpected answer"):
            read_graph(str(repo.path), tips)
    cut(size)
    assert read_graph(str(repo.path), tips).parents == whole


def test_an_answer_of_a_remote_without_its_end_is_noticed(
    repo: Repo, tmp_path: Path, program: Callable[[str], Path]
) -> None:
    """Its last line is not whole."""
    hotfix(repo).git("clone", "--quiet", "--bare", str(repo.path), str(tmp_path / "there.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "there.git"))
    cut = cutting("ls-remote", program)
    cut(1 << 20)
    whole = ask_remote(opened(repo.path), "origin", [f"{TAGS}*"])
    assert len(whole.refs) == 1
    for size in (20, 41, 70):
        cut(size)
        with pytest.raises(GitError, match="unexpected answer"):
            ask_remote(opened(repo.path), "origin", [f"{TAGS}*"])
