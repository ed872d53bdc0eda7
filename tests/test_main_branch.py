"""The default branch of a repository, as far as a clone knows it without asking the remote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from krow_versions.git import default_branch
from support.repositories import opened

if TYPE_CHECKING:
    from support.repositories import Repo

# Branches here; remote-tracking branches; the remote's HEAD; init.defaultBranch; the answer.
ROWS = {
    "the remote's HEAD, before all else": (["main"], ["main", "master"], "master", "main", "master"),
    "a remote's HEAD that is not here": (["master"], ["x"], "gone", None, "master"),
    "the only one with a usual name": (["work", "trunk"], [], None, "work", "trunk"),
    "only known from the remote": (["hotfix/a-v1.0.1"], ["main"], None, None, "main"),
    "the configured one of several": (["main", "master"], [], None, "master", "master"),
    "the first of several": (["master", "trunk"], [], None, "develop", "master"),
    "the configured one": (["develop", "work"], [], None, "develop", "develop"),
    "the only branch": (["develop"], ["develop"], None, None, "develop"),
    "none": (["one", "two"], [], None, None, "main"),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_default_branch(repo: Repo, row: str) -> None:
    """The remote's HEAD counts first, then usual names, then the configuration, then the only branch."""
    here, there, head, configured, expected = ROWS[row]
    first = repo.commit()
    repo.git("checkout", "--quiet", "--detach")
    repo.git("branch", "--quiet", "--delete", "--force", "main")
    for name in here:
        repo.git("update-ref", f"refs/heads/{name}", first)
    for name in there:
        repo.git("update-ref", f"refs/remotes/origin/{name}", first)
    if head:
        repo.git("symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{head}")
    if configured:
        repo.git("config", "init.defaultBranch", configured)
    assert default_branch(opened(repo), "origin") == expected
    if not there:
        assert default_branch(opened(repo), None) == expected
