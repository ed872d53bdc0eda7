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
WITHOUT = """
import os, subprocess, sys
args = [{git!r}, *sys.argv[1:]]
if "for-each-ref" not in args:
    os.execv(args[0], args)
rows = subprocess.run(args, stdout=subprocess.PIPE, check=True).stdout.split(b"\\0\\n")
sys.stdout.buffer.write(b"\\0\\n".join(row for row in rows if {ref!r} not in row))
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


@pytest.mark.parametrize("packed", [False, True])
def test_a_release_that_is_left_out_is_missed(
    repo: Repo, program: Callable[[str], Path], *, packed: bool
) -> None:
    """Whether it is in a file of its own, as the newest one mostly is, or packed."""
    repository = opened(released(repo))
    newest = f"{TAGS}prod-v9.0.0"
    repo.tag(newest.removeprefix("refs/tags/"))
    if packed:
        repo.git("pack-refs", "--all")
    program(WITHOUT.format(git=shutil.which("git"), ref=newest.encode()))
    for wanted in ([TAGS], [newest], [TAGS, newest]):
        with pytest.raises(GitError, match=f"only a part of the refs: '{newest}'"):
            list_refs(str(repo.path), wanted, common=repository.common_dir)


def test_what_git_does_not_list_either_is_not_missed(repo: Repo) -> None:
    """Files of other programs, locks, and links and symbolic refs that lead nowhere are no refs."""
    repository = opened(released(repo))
    whole = list_refs(str(repo.path), [TAGS, "refs/remotes/"], common=repository.common_dir)
    folder = repo.path / ".git" / TAGS
    for name in (".DS_Store", "prod-v9.0.0.lock"):
        (folder / name).touch()
    (folder / "gone").symlink_to("nowhere")
    found = list_refs(str(repo.path), [TAGS, "refs/remotes/"], common=repository.common_dir)
    assert found == whole == list_refs(str(repo.path), [TAGS, "refs/remotes/"])


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


@pytest.mark.parametrize("name", ["packed-refs", "refs"])
def test_a_git_folder_of_links_is_read_as_git_reads_it(repo: Repo, tmp_path: Path, name: str) -> None:
    """Some tools share what is in git's folder by links: Android's repo, git-new-workdir."""
    repository = opened(released(repo))
    whole = list_refs(str(repo.path), [TAGS, "refs/remotes/"], common=repository.common_dir)
    (repo.path / ".git" / name).rename(tmp_path / name)
    (repo.path / ".git" / name).symlink_to(tmp_path / name)
    repo.git("tag", "--list")
    assert list_refs(str(repo.path), [TAGS, "refs/remotes/"], common=repository.common_dir) == whole
