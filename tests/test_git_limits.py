"""A small clone can hold huge files and messages: sizes are read first, and output is limited."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions import git
from krow_versions.errors import FileTooLarge, GitError
from krow_versions.git.repository import FILE_LIMIT, TOTAL_LIMIT
from support.commands import run
from support.krow import SLUG, STAFF, checkout, pubspec
from support.repositories import executable, opened

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

HUGE = 300 << 20
# Of the address space of a command, git's processes included: less than one huge file in each.
SMALL = 250 << 20
LIMIT = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({SMALL}, {SMALL}))"
LIMITED = [sys.executable, "-c", f"{LIMIT}; from krow_versions.cli import main; main()"]


def commit_huge(repo: Repo, path: str, size: int) -> None:
    """Commit a file of zeros without having it on disk."""
    pipe = f"head -c {size} /dev/zero | git -c core.compression=1 hash-object -w --stdin"
    zeros = subprocess.run(["sh", "-c", pipe], cwd=repo.path, capture_output=True, text=True, check=True)
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{zeros.stdout.strip()},{path}")
    repo.git("commit", "--quiet", "--message=huge")


@pytest.mark.parametrize("tagged", [True, False])
def test_a_huge_file_in_a_commit_is_never_read(repo: Repo, tagged: bool) -> None:
    """No command reads it into memory; it is named with its size, or is not needed."""
    checkout(repo)
    commit_huge(repo, STAFF, HUGE)
    if tagged:
        repo.tag(f"{SLUG}/prod-v0.1.1")
    repo.git("restore", "--source=HEAD~1", "--", STAFF)
    revision = f"{SLUG}/prod-v0.1.1" if tagged else "HEAD"
    said = f"{revision}:{STAFF}: {HUGE} bytes, over the limit of {1 << 20}"
    for command, codes in {
        ("show",): {3} if tagged else {0},
        ("bump-patch", "worker-mobile", "-n"): {3} if tagged else {0},
        ("audit",): {1} if tagged else {0},
        ("audit", "--history"): {1} if tagged else {0},
        ("history", "worker-mobile"): {0},
    }.items():
        result = run(*command, cwd=repo.path, program=LIMITED)
        assert result.code in codes, (command, result)
        if result.code == 3:
            assert said in result.err
    repo.tag(f"{SLUG}/staging-v0.1.2")
    result = run("bump-patch", "worker-mobile", "-n", cwd=repo.path, program=LIMITED)
    assert tagged or (result.code, "its build is not counted" in result.err) == (0, True)


def test_the_limit_is_the_formats_own(repo: Repo) -> None:
    """A size at the limit is read, one byte more is an error with both numbers."""
    repo.write("a", "x" * 10)
    repo.write("b", "x" * 11)
    repo.commit()
    limits = {"a": 10, "b": 10}
    content, error = opened(repo).blobs([("HEAD", "a"), ("HEAD", "b")], limits=limits)
    assert content == b"x" * 10
    assert isinstance(error, FileTooLarge)
    assert error.message == "11 bytes, over the limit of 10 for such a file"
    assert opened(repo).blobs([("HEAD", "b")]) == (b"x" * 11,)


def test_many_files_together_are_bounded(repo: Repo) -> None:
    """Each may be below its limit, and all together too large for a machine."""
    sizes = range(FILE_LIMIT - TOTAL_LIMIT // FILE_LIMIT, FILE_LIMIT + 1)
    assert sum(sizes) > TOTAL_LIMIT
    for size in sizes:
        commit_huge(repo, str(size), size)
    with pytest.raises(
        FileTooLarge, match=f"{len(sizes)} versions of the files .* over the limit of 511 MiB"
    ):
        opened(repo).blobs([("HEAD", str(size)) for size in sizes])
    assert opened(repo).blobs([("HEAD", str(sizes[0]))] * 20) == (bytes(sizes[0]),) * 20


def test_a_huge_message_is_not_made_text(repo: Repo) -> None:
    """One commit of a few kilobytes can have a subject that is larger than a CHANGELOG may be."""
    checkout(repo)
    repo.write("apps/web/CHANGELOG.md", "# C\n\n| Date | Version | Change |\n|---|---|---|\n")
    repo.write("x", "1")
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--file=-", stdin="fix: " + "x" * (40 << 20))
    result = run("bump-patch", "web", "-n", cwd=repo.path)
    assert (result.code, "git printed more than 32 MiB" in result.err) == (4, True)


@pytest.mark.fault(46)
def test_a_long_name_of_a_tag_is_no_release(repo: Repo) -> None:
    """Names longer than any release's are not matched: a pattern can take quadratic time."""
    name = "000" + "-v" * 32_000 + "!"
    assert kv.NamePattern("{slug}-v{version}-x").parse(name) is None
    fitting = "web-v" + "1" * 500 + ".0.0-x"
    assert len(fitting) > 500
    assert kv.NamePattern("{slug}-v{version}-x").parse(fitting) is None


def test_what_git_prints_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git that prints without an end is stopped, and its memory is not ours."""
    executable(tmp_path / "bin" / "git", "#!/bin/sh\nexec head -c 1000000000 /dev/zero\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(GitError, match="git printed more than 512 MiB"):
        git.run(["for-each-ref"], cwd=str(tmp_path))


def test_a_pipe_that_fails_is_an_error_of_git(repo: Repo) -> None:
    """A failure of the pipe from git has nothing to do with our own output: exit 4, and nothing is done."""
    checkout(repo)
    fault = (
        "import os, sys\n"
        "real = os.read\n"
        "def read(fd, size):\n"
        "    if size == 1 << 16: raise OSError(5, 'Input/output error')\n"
        "    return real(fd, size)\n"
        "os.read = read\n"
        "from krow_versions.cli import main\n"
        "main()\n"
    )
    result = run("bump-patch", "web", cwd=repo.path, program=[sys.executable, "-c", fault])
    assert (result.code, result.out) == (4, "")
    assert "git rev-parse could not be read from: Input/output error" in result.err
    assert "hint:" in result.err
    assert (repo.path / STAFF).read_text() == pubspec("0.1.0+5")
